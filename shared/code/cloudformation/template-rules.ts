import * as z from 'zod';
import type { Rule } from '../../inventory/inventory.ts';
import { ruleFromAws } from '../../inventory/rule-from-aws.ts';

/**
 * What a change set shows of a value that is only known once it is carried out. Seen in its answers; AWS's pages do not
 * tell of it.
 */
export const LATER = '{{changeSet:KNOWN_AFTER_APPLY}}';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
/** Templates may write numbers as text. */
const port = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+$/)
      .transform(Number),
    z.literal(LATER),
  ])
  .nullish();

/**
 * A rule in a list of a group, or a resource of its own.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-securitygroup-ingress.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupegress.html
 */
const ruleProperties = z.object({
  GroupId: text,
  IpProtocol: z
    .union([z.string(), z.number().transform(String)])
    .nullish()
    .transform((value) => value ?? ''),
  FromPort: port,
  ToPort: port,
  CidrIp: text,
  CidrIpv6: text,
  SourcePrefixListId: text,
  DestinationPrefixListId: text,
  SourceSecurityGroupId: text,
  SourceSecurityGroupName: text,
  SourceSecurityGroupOwnerId: text,
  DestinationSecurityGroupId: text,
});
type RuleProperties = z.output<typeof ruleProperties>;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html */
const groupProperties = z.object({
  SecurityGroupIngress: z.array(z.unknown()).nullish(),
  SecurityGroupEgress: z.array(z.unknown()).nullish(),
});

/** Types of CloudFormation that are rules, or have some. */
const TYPES = ['AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress'] as const;
export type RuleResourceType = (typeof TYPES)[number];

export function isRuleResourceType(type: string): type is RuleResourceType {
  return (TYPES as readonly string[]).includes(type);
}

export interface TemplateRules {
  /** By id `''`; those of which all is known. */
  readonly rules: readonly Rule[];
  /** Whether some are not told: not known yet, or not as the reference has them. */
  readonly isPart: boolean;
}

/**
 * The rules that properties of a resource make.
 *
 * @param groupId of the group, where the properties do not tell
 */
export function templateRules(type: RuleResourceType, properties: unknown, groupId: string): TemplateRules {
  if (type !== 'AWS::EC2::SecurityGroup') return rulesOf([properties], type.endsWith('Egress'), groupId);
  const { success, data } = groupProperties.safeParse(properties);
  if (!success) return { rules: [], isPart: true };
  const lists = [
    rulesOf(data.SecurityGroupIngress ?? [], false, groupId),
    rulesOf(data.SecurityGroupEgress ?? [], true, groupId),
  ];
  return { rules: lists.flatMap(({ rules }) => rules), isPart: lists.some(({ isPart }) => isPart) };
}

function rulesOf(all: readonly unknown[], isEgress: boolean, groupId: string): TemplateRules {
  const rules = all.flatMap((raw) => {
    const { success, data } = ruleProperties.safeParse(raw);
    const rule = success ? ruleOfProperties(data, isEgress, groupId) : undefined;
    return rule ?? [];
  });
  return { rules, isPart: rules.length < all.length };
}

/** Undefined where something that says what it admits is not known yet, or named by what is no id. */
function ruleOfProperties(raw: RuleProperties, isEgress: boolean, groupId: string): Rule | undefined {
  const own = raw.GroupId === '' ? groupId : raw.GroupId;
  const source = isEgress ? raw.DestinationSecurityGroupId : raw.SourceSecurityGroupId;
  const list = isEgress ? raw.DestinationPrefixListId : raw.SourcePrefixListId;
  const { FromPort, ToPort } = raw;
  if (FromPort === LATER || ToPort === LATER) return undefined;
  const isLater = [own, raw.IpProtocol, raw.CidrIp, raw.CidrIpv6, source, list].includes(LATER);
  if (isLater || own === '' || raw.SourceSecurityGroupName !== '') return undefined;
  const rule = ruleFromAws(
    {
      SecurityGroupRuleId: '',
      GroupId: own,
      GroupOwnerId: '',
      SecurityGroupRuleArn: '',
      IsEgress: isEgress,
      IpProtocol: raw.IpProtocol,
      FromPort,
      ToPort,
      CidrIpv4: raw.CidrIp,
      CidrIpv6: raw.CidrIpv6,
      PrefixListId: list,
      ReferencedGroupInfo:
        source === ''
          ? undefined
          : { GroupId: source, UserId: raw.SourceSecurityGroupOwnerId, VpcPeeringConnectionId: '', PeeringStatus: '' },
      Description: '',
      Tags: [],
    },
    '',
  );
  return rule.unmatchable === undefined ? rule : undefined;
}
