import type { Finding, RankedFinding } from '../advice/findings/finding.ts';
import { count } from '../text/numbers.ts';
import type { RuleReport } from './schema.ts';

/** AWS gives no other group this name: https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html */
const DEFAULT = 'default';
/** As owners of interfaces are told. */
const LOAD_BALANCER = 'load balancer ';
const EVERYBODY: ReadonlySet<string> = new Set(['0.0.0.0/0', '::/0']);
const WEB_PORTS: ReadonlySet<number> = new Set([80, 443]);

/** Something narrower would do for all that was seen, and it is no door that is meant for strangers. */
export function isTooWide(
  rule: Pick<RuleReport, 'narrower' | 'direction' | 'fromPort' | 'toPort' | 'peer' | 'attachedTo'>,
): boolean {
  return rule.narrower !== null && !isForStrangers(rule);
}

/** The web's ports of a load balancer, open to all: who comes next is not who came. */
function isForStrangers({
  direction,
  fromPort,
  toPort,
  peer,
  attachedTo = [],
}: Pick<RuleReport, 'direction' | 'fromPort' | 'toPort' | 'peer' | 'attachedTo'>): boolean {
  return (
    direction === 'ingress' &&
    fromPort !== null &&
    fromPort === toPort &&
    WEB_PORTS.has(fromPort) &&
    EVERYBODY.has(peer.value) &&
    attachedTo.some((what) => what.startsWith(LOAD_BALANCER))
  );
}

/** Of a default group, which nobody can delete: {@link defaultGroupsText} speaks of all of them at once. */
export function isOfDefaultGroup({ finding }: Pick<RankedFinding, 'finding'>): boolean {
  return finding.kind === 'groupOnNoInterface' && finding.groupName === DEFAULT;
}

/** Findings that somebody can do something about. */
export function canBeDone(found: { readonly finding: Finding }): boolean {
  const { finding } = found;
  return !isOfDefaultGroup(found) && !(finding.kind === 'coveredByRules' && finding.mustStay);
}

/**
 * One sentence on all default groups that have rules; undefined where none has. What it cites is in the CIS AWS Foundations
 * Benchmark, and control EC2.2 of Security Hub: https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html
 */
export function defaultGroupsText(rules: readonly Pick<RuleReport, 'groupId' | 'groupName'>[]): string | undefined {
  const found = rules.filter(({ groupName }) => groupName === DEFAULT);
  if (found.length === 0) return undefined;
  const groups = new Set(found.map(({ groupId }) => groupId)).size;
  const [have, them, own] =
    groups === 1 ? ['has', 'it', 'a group of its own'] : ['have', 'them', 'groups of their own'];
  return (
    `${count(groups, 'default group')} ${have} ${count(found.length, 'rule')}. Nobody can delete ${them}; the CIS AWS Foundations ` +
    `Benchmark asks that ${groups === 1 ? 'it restricts' : 'they restrict'} all traffic: move what uses ${them} to ${own}, then ` +
    'remove the rules.'
  );
}
