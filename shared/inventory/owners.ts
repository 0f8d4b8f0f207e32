import { compareText } from '../text/compare.ts';
import type { Group, Inventory, NetworkInterface, Rule } from './inventory.ts';

/** Whom to ask about a rule. Text of others. */
export interface RuleOwner {
  readonly name: string;
  /** Which tag says so. */
  readonly from: string;
}

/** The tag that this program asks for before any other. */
const OWNER_TAG = 'stale-sg:owner';

/** Keys of tags that name who answers for a thing, the surest first; what stands before `:` or `/` is a name space. */
const OWNER_KEYS: readonly RegExp[] = [
  /^(?:(?:service|app(?:lication)?|product|technical|tech|business|system|resource|data)[-_ ]?)?owner(?:[-_ ]?(?:name|e?mail|team))?$/i,
  /^owned[-_ ]?by$|^responsible(?:[-_ ]?(?:team|party|person))?$|^maintain(?:er|ed[-_ ]?by)$/i,
  /^(?:team|squad|tribe|crew)(?:[-_ ]?(?:name|e?mail))?$/i,
  /^(?:technical[-_ ]?)?contact(?:[-_ ]?e?mail)?$|^point[-_ ]?of[-_ ]?contact$|^poc$|^e?mail$/i,
  /^(?:department|dept|business[-_ ]?unit|bu|organi[sz]ation[-_ ]?unit|cost[-_ ]?cent(?:er|re))$/i,
];

/** By tags of the rule, then of its group; undefined where none says. Who made the rule is told beside. */
export function ownerOf(
  rule: Pick<Rule, 'tags'>,
  group: Pick<Group, 'tags'> | undefined,
  ownerTag?: string,
): RuleOwner | undefined {
  let owner: RuleOwner | undefined;
  let surest = Infinity;
  for (const [what, tags] of [
    ['rule', rule.tags],
    ['group', group?.tags ?? {}],
  ] as const) {
    for (const [key, value] of Object.entries(tags)) {
      const place = value.trim() === '' ? Infinity : placeOf(key, ownerTag);
      if (place >= surest) continue;
      surest = place;
      owner = { name: value.trim(), from: `the tag ${key} of its ${what}` };
    }
  }
  return owner;
}

/** Of a key among those that name owners, the surest first; Infinity if it is none of them. */
function placeOf(key: string, ownerTag: string | undefined): number {
  if (key === ownerTag) return -2;
  if (key === OWNER_TAG) return -1;
  const named = key.slice(Math.max(key.lastIndexOf(':'), key.lastIndexOf('/')) + 1);
  const place = /^aws:/i.test(key) ? -1 : OWNER_KEYS.findIndex((pattern) => pattern.test(named));
  return place < 0 ? Infinity : place;
}

/** What AWS writes into the description of an interface that a service makes, and what that is to people. */
const DESCRIBED: readonly (readonly [pattern: RegExp, what: (match: RegExpExecArray) => string])[] = [
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
  [/^ELB (?:app|net|gwy)\/([^/]+)\//, ([, name]) => `load balancer ${name!}`],
  [/^ELB (.+)$/, ([, name]) => `load balancer ${name!}`],
  [
    /^AWS Lambda VPC ENI[-: ]+(.+?)(?:-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?$/,
    ([, name]) => `function ${name!}`,
  ],
  [/^arn:[\w-]+:ecs:/, () => 'ECS task'],
  [/^RDSNetworkInterface$/, () => 'RDS database'],
  [/^ElastiCache (.+)$/, ([, name]) => `ElastiCache ${name!}`],
  [/^EFS mount target for (fs-[0-9a-f]+)/, ([, id]) => `file system ${id!}`],
  [/^VPC Endpoint Interface (vpce-[0-9a-f]+)/, ([, id]) => `VPC endpoint ${id!}`],
  [/^Amazon EKS (.+)$/, ([, name]) => `EKS cluster ${name!}`],
  [/^aws-K8S-(i-[0-9a-f]+)/, ([, id]) => `pods of ${id!}`],
  [/^RedshiftNetworkInterface$/, () => 'Redshift cluster'],
  [/^DMSNetworkInterface$/, () => 'DMS'],
];

function usedBy({ type, description, interfaceId }: NetworkInterface): string {
  for (const [pattern, what] of DESCRIBED) {
    const match = pattern.exec(description);
    if (match) return what(match);
  }
  if (type !== '' && type !== 'interface') return type.replaceAll('_', ' ');
  return description === '' || description === 'Primary network interface'
    ? interfaceId
    : `${interfaceId} (${description})`;
}

/** Things shown of a group. */
const SHOWN = 3;

/** What carries each group, a few of it, by group: whom a change would touch. Text of others. */
export function attachedTo({ interfaces }: Pick<Inventory, 'interfaces'>): ReadonlyMap<string, readonly string[]> {
  const byGroup = new Map<string, Set<string>>();
  for (const one of interfaces.values()) {
    for (const groupId of one.groupIds) {
      const things = byGroup.get(groupId) ?? new Set();
      byGroup.set(groupId, things.add(usedBy(one)));
    }
  }
  return new Map(
    [...byGroup].map(([groupId, things]) => {
      const sorted = [...things].sort(compareText);
      const more = sorted.length > SHOWN ? [`${String(sorted.length - SHOWN)} more`] : [];
      return [groupId, [...sorted.slice(0, SHOWN), ...more]];
    }),
  );
}
