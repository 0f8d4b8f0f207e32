import type { Inventory } from '../inventory/inventory.ts';
import type { EvidenceSource } from './evidence-source.ts';
import { FlowSums } from './flow-sums.ts';
import { MarkedFlows } from './flow-marks.ts';
import { PresentRules } from './admitting-today.ts';
import type { StandingRules } from './current-rule-ids.ts';
import type { Day } from '../time.ts';

/** The service flows that have to do with one rule. The rules told with them are the others, which admit them too. */
export interface FlowsOfRule {
  readonly admitted: FlowSums;
  /** Of these, those that no other rule that stands admits, as things are now. */
  readonly sole: FlowSums;
  /** No rule is known to admit them, and this one could. */
  readonly possible: FlowSums;
  /** It may have admitted some of their records, were these read the wrong way. */
  readonly unclear: FlowSums;
  /** Their replies pass by it: connections that security groups do not track. */
  readonly untracked: FlowSums;
}

/** @param inventory as for `simulateRemoval` */
export async function flowsOfRule(
  source: EvidenceSource,
  days: readonly Day[],
  standing: StandingRules,
  ruleId: string,
  inventory?: Inventory,
): Promise<FlowsOfRule> {
  const present = inventory && new PresentRules(inventory);
  const [admitted, sole, possible] = [new FlowSums(), new FlowSums(), new FlowSums()];
  const [unclear, untracked] = [new FlowSums(), new FlowSums()];
  const [unclearFlows, untrackedFlows] = [new MarkedFlows(), new MarkedFlows()];
  const ownOf = (ids: readonly string[]): string[] => standing.idsOfAll(ids).filter((id) => id === ruleId);
  const othersOf = (ids: readonly string[]): string[] => standing.idsOfAll(ids).filter((id) => id !== ruleId);
  for (const day of days) {
    for await (const flow of source.flows(day)) {
      const { ruleIds, possibleRuleIds, unclearRuleIds, untrackedRuleIds, replies } = flow;
      if (ownOf(ruleIds).length > 0) {
        const former = standing.idsOfAll(ruleIds);
        const others = (present?.idsOf(flow, former) ?? former).filter((id) => id !== ruleId);
        admitted.add(day, flow, others);
        if (others.length === 0) sole.add(day, flow, []);
      }
      if (ownOf(possibleRuleIds).length > 0) possible.add(day, flow, othersOf(possibleRuleIds));
      unclearFlows.mark(flow, ownOf(unclearRuleIds));
      if (replies > 0) untrackedFlows.mark(flow, ownOf(untrackedRuleIds));
    }
  }
  const found = { admitted, sole, possible, unclear, untracked };
  if (unclearFlows.isEmpty && untrackedFlows.isEmpty) return found;
  for (const day of days) {
    for await (const flow of source.flows(day)) {
      const ids = standing.idsOfAll(flow.ruleIds);
      if (unclearFlows.rulesOf(flow).length > 0) unclear.add(day, flow, ids);
      if (untrackedFlows.rulesOf(flow).length > 0) untracked.add(day, flow, ids);
    }
  }
  return found;
}
