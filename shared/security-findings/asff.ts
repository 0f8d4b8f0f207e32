import { partitionOf } from '../console-links.ts';
import { shorten } from '../text/plain.ts';
import { SECURITY_FINDINGS, type SecurityFinding, type FindingSeverity } from './security-finding.ts';

/** What AWS has to be told of where a finding is. */
export interface AsffPlace {
  readonly accountId: string;
  readonly region: string;
  /**
   * Which deployment says it, by what its names begin with: two in one account and region say, and archive, nothing of each
   * other. None where somebody imports it by hand.
   */
  readonly deployment?: string | undefined;
}

/** https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-type-taxonomy.html */
const TYPE = 'Software and Configuration Checks/AWS Security Best Practices/Network Reachability';
const LABELS: Readonly<Record<FindingSeverity, 'LOW' | 'MEDIUM' | 'HIGH'>> = {
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
};

/** How the generators of findings begin: what a deployment imports can be told from what others do, other deployments too. */
export function generatorPrefix({ deployment }: Pick<AsffPlace, 'deployment'>): string {
  return deployment === undefined ? 'stale-sg/' : `stale-sg/${deployment}/`;
}

/** Of whatever an account imports for itself. */
export function productArn({ accountId, region }: AsffPlace): string {
  return `arn:${partitionOf(region)}:securityhub:${region}:${accountId}:product/${accountId}/default`;
}

/**
 * The finding in the AWS Security Finding Format, for `BatchImportFindings`. Severity and type are the provider's: Security Hub leaves
 * alone what a person has set. Lengths are bounds of the format.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html
 *
 * @param time ISO 8601, UTC: as of when that is said
 */
export function asffOf(finding: SecurityFinding, place: AsffPlace, time: string) {
  const { kind, id, rule, priority, severity, detail, remedy } = finding;
  const { accountId, region } = place;
  const { groupId, groupName, vpcId, ruleId } = rule;
  const text = (value: string): string => shorten(value, 2048);
  return {
    SchemaVersion: '2018-10-08',
    Id: `${region}/${accountId}/${generatorPrefix(place)}${id}`,
    ProductArn: productArn(place),
    GeneratorId: `${generatorPrefix(place)}${kind}`,
    AwsAccountId: accountId,
    CreatedAt: time,
    UpdatedAt: time,
    Title: SECURITY_FINDINGS[kind].title,
    Description: shorten(detail, 1024),
    Remediation: { Recommendation: { Text: shorten(remedy, 512) } },
    FindingProviderFields: { Severity: { Label: LABELS[severity], Original: String(priority) }, Types: [TYPE] },
    ProductFields: { 'stale-sg/ruleId': ruleId, 'stale-sg/priority': String(priority) },
    Resources: [
      {
        Type: 'AwsEc2SecurityGroup',
        Id: `arn:${partitionOf(region)}:ec2:${region}:${accountId}:security-group/${groupId}`,
        Partition: partitionOf(region),
        Region: region,
        Details: {
          AwsEc2SecurityGroup: {
            GroupId: groupId,
            OwnerId: accountId,
            ...(groupName !== '' && { GroupName: text(groupName) }),
            ...(vpcId !== undefined && { VpcId: vpcId }),
          },
        },
      },
    ],
    RecordState: 'ACTIVE' as const,
  };
}

export type AsffFinding = ReturnType<typeof asffOf>;
