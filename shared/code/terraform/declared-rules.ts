import { ruleFromAws } from '../../inventory/rule-from-aws.ts';
import type { Rule } from '../../inventory/inventory.ts';
import type { Direction } from '../../protocols.ts';
import type { Permission, RuleValues } from './values.ts';

/** Lists of a resource or block whose elements stand for a rule each. */
export type ElementList =
  | 'cidr_blocks'
  | 'ipv6_cidr_blocks'
  | 'prefix_list_ids'
  | 'security_groups'
  | 'source_security_group_id'
  | 'self';

/** Where in its resource a rule is declared. */
export interface DeclaredPlace {
  /** Undefined where the whole resource is that one rule. */
  readonly element?: { readonly list: ElementList; readonly value: string };
  /** Of a rule in a block of its group: the block's direction and its number in the state, which is in no order. */
  readonly block?: { readonly direction: Direction; readonly number: number };
}

export interface DeclaredRule {
  /** Its id is `''` where the resource does not tell; it has no name or tags, and a description only in a block or list. */
  readonly rule: Rule;
  readonly place: DeclaredPlace;
}

/** Ids of groups that the values do not tell, since a plan does not know them yet. */
export interface GroupNames {
  /** Of the group that the rules are of. */
  readonly own?: string | undefined;
  /** Of the group that they name. */
  readonly source?: string | undefined;
}

/**
 * The rules that a resource stands for, one for each source, as AWS makes them. Rules of which the group is not
 * told are left out.
 */
export function declaredRules(resource: RuleValues, names: GroupNames = {}): DeclaredRule[] {
  switch (resource.type) {
    case 'aws_security_group':
    case 'aws_default_security_group': {
      const groupId = resource.values.id ?? names.own;
      if (groupId === undefined) return [];
      return (['ingress', 'egress'] as const).flatMap((direction) =>
        (resource.values[direction] ?? []).flatMap((block, number) =>
          block === null
            ? []
            : ofPermission(block, groupId, direction).map(({ rule, place }) => ({
                rule,
                place: { ...place, block: { direction, number } },
              })),
        ),
      );
    }
    case 'aws_security_group_rule': {
      const { type, security_group_id, security_group_rule_id, source_security_group_id } = resource.values;
      const groupId = security_group_id ?? names.own;
      if (groupId === undefined || (type !== 'ingress' && type !== 'egress')) return [];
      const source = source_security_group_id ?? names.source ?? '';
      const rules = ofPermission(resource.values, groupId, type, source);
      // Set by the provider where the resource is one rule; what it says of several would be of one of them.
      const ruleId = rules.length === 1 ? (security_group_rule_id ?? '') : '';
      return rules.map(({ rule, place }) => ({ rule: { ...rule, ruleId }, place }));
    }
    case 'aws_vpc_security_group_ingress_rule':
    case 'aws_vpc_security_group_egress_rule': {
      const { values } = resource;
      const groupId = values.security_group_id ?? names.own;
      if (groupId === undefined) return [];
      const group = values.referenced_security_group_id ?? names.source ?? '';
      const rule = ruleOf(groupId, resource.type.endsWith('_egress_rule'), {
        protocol: values.ip_protocol,
        from_port: values.from_port,
        to_port: values.to_port,
        source: {
          CidrIpv4: values.cidr_ipv4 ?? '',
          CidrIpv6: values.cidr_ipv6 ?? '',
          PrefixListId: values.prefix_list_id ?? '',
          group,
        },
      });
      return [{ rule: { ...rule, ruleId: values.security_group_rule_id ?? values.id ?? '' }, place: {} }];
    }
    case 'aws_vpc_security_group_rules_exclusive':
      return [];
  }
}

function ofPermission(values: Permission, groupId: string, direction: Direction, sourceGroup = ''): DeclaredRule[] {
  const { cidr_blocks, ipv6_cidr_blocks, prefix_list_ids, security_groups, self } = values;
  // The provider computes a source for `self`.
  const isItself = self === true && sourceGroup === groupId;
  const lists: (readonly [ElementList, Permission['cidr_blocks'], keyof Source])[] = [
    ['cidr_blocks', cidr_blocks, 'CidrIpv4'],
    ['ipv6_cidr_blocks', ipv6_cidr_blocks, 'CidrIpv6'],
    ['prefix_list_ids', prefix_list_ids, 'PrefixListId'],
    ['security_groups', security_groups, 'group'],
    ['source_security_group_id', sourceGroup === '' || isItself ? [] : [sourceGroup], 'group'],
    ['self', self === true ? [groupId] : [], 'group'],
  ];
  return lists.flatMap(([list, elements, field]) =>
    (elements ?? []).flatMap((value) => {
      if (value === null || value === '') return [];
      const source = { ...NO_SOURCE, [field]: value };
      const rule = ruleOf(groupId, direction === 'egress', { ...values, source });
      return [{ rule, place: { element: { list, value: list === 'self' ? 'true' : value } } }];
    }),
  );
}

interface Source {
  readonly CidrIpv4: string;
  readonly CidrIpv6: string;
  readonly PrefixListId: string;
  /** Of another account with its number before it: `111122223333/sg-0abc`. */
  readonly group: string;
}
const NO_SOURCE: Source = { CidrIpv4: '', CidrIpv6: '', PrefixListId: '', group: '' };

type Traffic = Pick<Permission, 'protocol' | 'from_port' | 'to_port'> & {
  readonly description?: Permission['description'];
  readonly source: Source;
};

function ruleOf(
  groupId: string,
  isEgress: boolean,
  { protocol, from_port, to_port, description, source }: Traffic,
): Rule {
  const { group, ...others } = source;
  const [GroupId = '', UserId = ''] = group.split('/').reverse();
  const referenced = { GroupId, UserId, VpcPeeringConnectionId: '', PeeringStatus: '' };
  const raw = {
    ...others,
    SecurityGroupRuleId: '',
    GroupId: groupId,
    GroupOwnerId: '',
    SecurityGroupRuleArn: '',
    IsEgress: isEgress,
    // `all` is what some write for -1.
    IpProtocol: protocol === 'all' ? '-1' : (protocol ?? ''),
    FromPort: from_port,
    ToPort: to_port,
    ReferencedGroupInfo: GroupId === '' ? undefined : referenced,
    Description: description ?? '',
    Tags: [],
  };
  return ruleFromAws(raw, '');
}
