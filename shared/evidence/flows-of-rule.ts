import type { Day } from '../usage/usage.ts';
import type { EvidenceSource } from './evidence-source.ts';
import { FlowSums } from './flow-sums.ts';
import type { StandingRules } from './standing-rules.ts';

/** The service flows that have to do with one rule. The rules told with them are the others, which admit them too. */
export interface FlowsOfRule {
  readonly admitted: FlowSums;
  /** Of these, those that no other rule that stands admits. */
  readonly sole: FlowSums;
  /** No rule is known to admit them, and this one could. */
  readonly possible: FlowSums;
  /** It may have admitted some of their records, were these read the wrong way. */
  readonly unclear: FlowSums;
  /** Their replies pass by it: connections that security groups do not track. */
  readonly untracked: FlowSums;
}

export async function flowsOfRule(
  source: EvidenceSource,
  days: readonly Day[],
  standing: StandingRules,
  ruleId: string,
): Promise<FlowsOfRule> {
  const found = {
    ...{ admitted: new FlowSums(), sole: new FlowSums(), possible: new FlowSums() },
    ...{ unclear: new FlowSums(), untracked: new FlowSums() },
  };
  for (const day of days) {
    for await (const flow of source.flows(day)) {
      const ids = standing.idsOfAll(flow.ruleIds);
      const others = ids.filter((id) => id !== ruleId);
      if (others.length < ids.length) {
        found.admitted.add(day, flow, others);
        if (others.length === 0) found.sole.add(day, flow, []);
      }
      const could = standing.idsOfAll(flow.possibleRuleIds);
      if (could.includes(ruleId)) {
        const rest = could.filter((id) => id !== ruleId);
        found.possible.add(day, flow, rest);
      }
      if (standing.idsOfAll(flow.unclearRuleIds).includes(ruleId)) found.unclear.add(day, flow, ids);
      if (flow.replies > 0 && standing.idsOfAll(flow.untrackedRuleIds).includes(ruleId))
        found.untracked.add(day, flow, ids);
    }
  }
  return found;
}
