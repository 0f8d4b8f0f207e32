import type { Inventory } from '../inventory/inventory.ts';
import type { EvidenceSource } from './evidence-source.ts';
import { FlowSums } from './flow-sums.ts';
import { MarkedFlows } from './flow-marks.ts';
import { PresentRules } from './admitting-today.ts';
import { FlowKeepers } from './flow-keepers.ts';
import type { StandingRules } from './current-rule-ids.ts';
import type { Day } from '../time.ts';

/** What removing some rules would have cut, as far as the evidence goes. No proof for what was not seen. */
export interface Simulation {
  /** Flows that some rule admits, and after the removal none that stands. With the rules removed. */
  readonly lost: FlowSums;
  /** Flows that no rule is known to admit, and after the removal none even could. */
  readonly possible: FlowSums;
  /**
   * Flows some of whose records may have been read the wrong way; if so, a removed rule may have admitted them. They are
   * among `lost` too where it admits them as they were read.
   */
  readonly unclear: FlowSums;
  /**
   * Flows that rules which stay admit, but none of which is known to stand in for the removed ones: references to groups
   * that were not seen to work there, other types of ICMP, prefix lists.
   */
  readonly unsure: FlowSums;
  /** Removed rules that some flow names, in whatever way. */
  readonly seen: ReadonlySet<string>;
  /** By removed rule, flows of untracked connections whose replies pass by it: open ones are cut once. */
  readonly untracked: ReadonlyMap<string, FlowSums>;
}

/**
 * @param removed ids of rules that stand
 * @param inventory of now: it tells which rules admit a flow today. Without it, those that did when it was seen and stand
 */
export async function simulateRemoval(
  source: EvidenceSource,
  days: readonly Day[],
  standing: StandingRules,
  removed: ReadonlySet<string>,
  inventory?: Inventory,
): Promise<Simulation> {
  const present = inventory && new PresentRules(inventory);
  const [lost, possible, unclear, unsure] = [new FlowSums(), new FlowSums(), new FlowSums(), new FlowSums()];
  const seen = new Set<string>();
  const untracked = new Map([...removed].map((ruleId) => [ruleId, new FlowSums()]));
  const [unclearFlows, untrackedFlows] = [new MarkedFlows(), new MarkedFlows()];
  const removedOf = (ids: readonly string[]): string[] => standing.idsOfAll(ids).filter((id) => removed.has(id));
  const isAllRemoved = (ids: readonly string[]): boolean => ids.length > 0 && ids.every((id) => removed.has(id));
  const keepers = inventory && (await FlowKeepers.of(source, days, standing, inventory));
  for (const day of days) {
    for await (const flow of source.flows(day)) {
      const [former, could] = [standing.idsOfAll(flow.ruleIds), standing.idsOfAll(flow.possibleRuleIds)];
      const admitting = present?.idsOf(flow, former) ?? former;
      for (const id of former) if (removed.has(id)) seen.add(id);
      if (isAllRemoved(admitting)) lost.add(day, flow, admitting);
      else if (keepers?.isUnsure(flow, admitting, removed, days[0] ?? day)) {
        const going = admitting.filter((id) => removed.has(id));
        unsure.add(day, flow, going);
      }
      // A flow whose admitting rules are all gone was cut earlier, not by this removal.
      else if (flow.ruleIds.length === 0 && admitting.length === 0 && isAllRemoved(could))
        possible.add(day, flow, could);
      unclearFlows.mark(flow, removedOf(flow.unclearRuleIds));
      if (flow.replies > 0) untrackedFlows.mark(flow, removedOf(flow.untrackedRuleIds));
    }
  }
  if (unclearFlows.isEmpty && untrackedFlows.isEmpty) return { lost, possible, unclear, unsure, seen, untracked };
  for (const day of days) {
    for await (const flow of source.flows(day)) {
      const perhaps = unclearFlows.rulesOf(flow);
      if (perhaps.length > 0) unclear.add(day, flow, perhaps);
      for (const id of untrackedFlows.rulesOf(flow)) untracked.get(id)!.add(day, flow, [id]);
    }
  }
  return { lost, possible, unclear, unsure, seen, untracked };
}

/** Whether there are flows of which it says that they are, or may be, cut. */
export function isAnyCut({ lost, possible, unclear, unsure }: Simulation): boolean {
  return [lost, possible, unclear, unsure].some(({ totals }) => totals.flows > 0);
}
