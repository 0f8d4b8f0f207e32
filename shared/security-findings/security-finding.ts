import { createHash } from 'node:crypto';
import { CAVEAT_TEXTS } from '../advice/narrowing/narrower.ts';
import { isTooWide } from '../reports/doable.ts';
import type { RuleReport, UsageReport } from '../reports/schema.ts';
import { nameAndId } from '../text/name-and-id.ts';
import { percent } from '../text/numbers.ts';
import { plainText } from '../text/plain.ts';
import { ruleText } from '../text/rule-text.ts';

/** What may be wrong with a rule, for tools that collect such things. The keys are what a person writes. */
export const SECURITY_FINDINGS = {
  openToWorld: {
    name: 'OpenToWorld',
    title: 'Rule lets every address reach a service that is not meant for strangers',
    remedy: 'Admit only who needs it: stale-sg explain lists the peers that were seen.',
  },
  stale: {
    name: 'StaleRule',
    title: 'Rule that nothing used',
    remedy: 'Remove it by stale-sg plan: what may go together, in stages, each with its undo.',
  },
  redundant: {
    name: 'RedundantRule',
    title: 'Rule all of whose use others admitted as well',
    remedy: 'Remove it by stale-sg plan: of rules that stand in for each other one must stay.',
  },
  tooWide: {
    name: 'TooWideRule',
    title: 'Rule that admits much more than was seen',
    remedy: 'Put narrower rules in its place.',
  },
} as const satisfies Readonly<Record<string, { name: string; title: string; remedy: string }>>;

export type SecurityFindingKind = keyof typeof SECURITY_FINDINGS;
export const SECURITY_FINDING_KINDS = Object.keys(SECURITY_FINDINGS) as readonly SecurityFindingKind[];

export type FindingSeverity = 'low' | 'medium' | 'high';

export interface SecurityFinding {
  readonly kind: SecurityFindingKind;
  /**
   * 32 hexadecimal digits, the same for the same kind and content of a rule whatever its id: a rule that is made again as it was
   * is no new finding.
   */
  readonly id: string;
  readonly rule: RuleReport;
  /** 0 to 100; larger comes first. */
  readonly priority: number;
  readonly severity: FindingSeverity;
  /** What is wrong, and why that is said. One line; holds text of others. */
  readonly detail: string;
  /** What to do. One line; holds text of others. */
  readonly remedy: string;
}

/**
 * All that a report says to act on, the highest priority first. Rules that are kept on purpose have none, and those of which
 * nothing is known neither: silence is no finding.
 */
export function securityFindings({ rules, findings }: Pick<UsageReport, 'rules' | 'findings'>): SecurityFinding[] {
  const open = new Map(
    findings.flatMap((ranked) =>
      ranked.finding.kind === 'openToWorld' ? [[ranked.finding.ruleId, ranked] as const] : [],
    ),
  );
  return rules
    .filter(({ verdict }) => verdict.kind !== 'exempt')
    .flatMap((rule) => {
      const { kind } = rule.verdict;
      const says = `${ruleText(rule)} of ${nameAndId(rule.groupName, rule.groupId)}`;
      const world = open.get(rule.ruleId);
      return [
        ...(world ? [findingOf('openToWorld', rule, world.text, world.rank)] : []),
        ...(kind === 'stale' || kind === 'redundant' ? [findingOf(kind, rule, `${says}: ${rule.why}`)] : []),
        ...(rule.narrower && isTooWide(rule) ? [tooWide(rule, rule.narrower, says)] : []),
      ];
    })
    .sort((a, b) => b.priority - a.priority || kindOf(a) - kindOf(b));
}

function findingOf(
  kind: SecurityFindingKind,
  rule: RuleReport,
  detail: string,
  priority = rule.rank.score,
  remedy: string = SECURITY_FINDINGS[kind].remedy,
): SecurityFinding {
  const severity = severityOf(priority);
  return { kind, id: idOf(kind, rule), rule, priority, severity, detail: plainText(detail), remedy: plainText(remedy) };
}

function tooWide(rule: RuleReport, narrower: NonNullable<RuleReport['narrower']>, says: string): SecurityFinding {
  const { rules, givesUp, serviceFlows, days, caveats } = narrower;
  const proposed = rules.map((one) => ruleText({ ...one, direction: rule.direction })).join('; ');
  const mind = caveats.map((caveat) => `. Mind: ${CAVEAT_TEXTS[caveat]}`).join('');
  const gain = `would admit what was seen (${String(serviceFlows)} service flows, ${String(days)} days) and give up ${percent(givesUp)}`;
  const detail = `${says}: ${rules.length === 1 ? 'a narrower rule' : 'narrower rules'} ${gain}`;
  return findingOf('tooWide', rule, detail, rule.rank.score, `Put in its place: ${proposed}${mind}`);
}

function severityOf(priority: number): FindingSeverity {
  return priority >= 70 ? 'high' : priority >= 40 ? 'medium' : 'low';
}

function kindOf({ kind }: SecurityFinding): number {
  return SECURITY_FINDING_KINDS.indexOf(kind);
}

function idOf(kind: SecurityFindingKind, rule: RuleReport): string {
  const { groupId, direction, protocol, fromPort, toPort, icmp, peer } = rule;
  const content = [kind, groupId, direction, protocol, fromPort, toPort, icmp?.type, icmp?.code, peer.type, peer.value];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
}
