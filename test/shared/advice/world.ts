import type { JudgedRule } from '../../../shared/advice/judged-rule.ts';
import type { Inventory, Rule } from '../../../shared/inventory/inventory.ts';
import { awsRule, inventoryOf } from '../inventory/aws-shorthand.ts';

const ACCOUNT = '111122223333';

/** What advice is asked of, in shorthand. */
export interface World {
  /** `sg-a`, with VPC and name if they matter: `sg-a vpc-2 default`. Groups of rules are there without being named. */
  readonly groups?: readonly string[];
  /** `r1 sg-a in tcp 22 10.0.0.0/8`: rule id, group, then as in `awsRule`. */
  readonly rules: readonly string[];
  /** `sg-a,sg-b`: the groups of an interface; its addresses behind, if they matter: `sg-a 10.0.0.9`. */
  readonly interfaces?: readonly string[];
  /** Entries of a prefix list, or 4 or 6 for the family of one whose entries are unknown. */
  readonly lists?: Readonly<Record<string, readonly string[] | 4 | 6>>;
  readonly associations?: readonly string[];
  readonly vpcs?: readonly string[];
}

export function inventoryOfWorld({ groups = [], rules, interfaces = [], lists = {}, ...more }: World): Inventory {
  const named = new Map(rules.map((text) => [text.split(' ')[1]!, ['vpc-1', text.split(' ')[1]!.slice(3)]]));
  for (const text of groups) {
    const [groupId = '', vpcId = 'vpc-1', name = groupId.slice(3)] = text.split(' ');
    named.set(groupId, [vpcId, name]);
  }
  const known = Object.entries(lists).filter((list): list is [string, readonly string[]] => Array.isArray(list[1]));
  return inventoryOf({
    groups: [...named].map(([GroupId, [VpcId, GroupName]]) => ({ GroupId, VpcId, GroupName, OwnerId: ACCOUNT })),
    rules: rules.map((text) => {
      const [SecurityGroupRuleId, GroupId, ...rest] = text.split(' ');
      return awsRule(rest.join(' '), { SecurityGroupRuleId, GroupId });
    }),
    interfaces: interfaces.map((text, i) => {
      const [ids = '', ...addresses] = text.split(' ');
      return {
        NetworkInterfaceId: `eni-${String(i + 1)}`,
        InterfaceType: 'interface',
        VpcId: 'vpc-1',
        SubnetId: 'subnet-1',
        Groups: ids.split(',').map((GroupId) => ({ GroupId })),
        PrivateIpAddress: addresses[0] ?? `10.9.0.${String(i + 1)}`,
      };
    }),
    prefixLists: Object.entries(lists).map(([PrefixListId, list]) => {
      const isFour = typeof list === 'number' ? list === 4 : !list.some((cidr) => cidr.includes(':'));
      return { PrefixListId, PrefixListName: PrefixListId, AddressFamily: isFour ? 'IPv4' : 'IPv6' };
    }),
    entries: Object.fromEntries(known.map(([id, cidrs]) => [id, [...cidrs]])),
    associations: (more.associations ?? []).map((text) => {
      const [GroupId, VpcId, State = 'associated'] = text.split(' ');
      return { GroupId, VpcId, State };
    }),
    vpcs: (more.vpcs ?? []).map((VpcId) => ({ VpcId, CidrBlock: '10.0.0.0/8' })),
  });
}

/** Of which nothing was seen, on as many days as a plan wants. */
export function unusedRule(rule: Rule): JudgedRule {
  return {
    rule,
    report: {
      verdict: { kind: 'stale', ageUnknown: false },
      why: 'unused',
      lastUsed: null,
      usedTimes: 0,
      soleTimes: 0,
      replyTimes: 0,
      possibleTimes: 0,
      untrackedReplies: 0,
      evidence: { watchedDays: 30, young: null },
    },
  };
}
