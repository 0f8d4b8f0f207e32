import type { RuleReport } from '../../../shared/reports/schema.ts';
import { reportOf, ruleOf } from '../send-report/reports.ts';

export const PLACE = { accountId: '111122223333', region: 'eu-central-1', deployment: 'sg-analysis' };

/** A stale rule of a port by itself, of some priority. */
export function staleRule(port: number, score = 50, more: Partial<RuleReport> = {}): RuleReport {
  const rank = { score, exposure: 0.5, idleness: 1 };
  return ruleOf(`sgr-${String(port)}`, { fromPort: port, toPort: port, rank, ...more });
}

/** The same rule, in use. */
export function usedRule(port: number): RuleReport {
  return staleRule(port, 50, { verdict: { kind: 'active', neverAnswered: false } as never });
}

export function reportOfPorts(...ports: readonly number[]) {
  return reportOf(ports.map((port) => staleRule(port)));
}
