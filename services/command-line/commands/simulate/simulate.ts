import { withAdded } from '../../../../shared/code/rule-changes.ts';
import { daysInRange, type ChosenDays } from '../../../../shared/evidence/evidence-source.ts';
import { simulateRemoval, type Simulation } from '../../../../shared/evidence/simulate-removal.ts';
import type { Rule } from '../../../../shared/inventory/inventory.ts';
import { mustBeKnown, openPlace, type EvidencePlace, type PlaceOptions } from '../../evidence/evidence-place.ts';
import type { EvidenceRule } from '../../evidence/evidence-rules.ts';
import { unseenOf } from '../../evidence/reported-gaps.ts';

export interface SimulateOptions extends PlaceOptions {
  /** Rule ids. */
  readonly remove: readonly string[];
}

export interface Simulated {
  /** Where the evidence is. */
  readonly evidence: string;
  readonly chosen: ChosenDays;
  readonly removed: readonly EvidenceRule[];
  readonly simulation: Simulation;
  /** What the evidence cannot show of it, a line each. */
  readonly unseen: readonly string[];
  /** Whether a report told of it; without one `unseen` says nothing. */
  readonly hasReport: boolean;
}

/**
 * What removing the rules would have cut of what was seen. Removes nothing.
 *
 * @throws Error that names the ids no rule has
 */
export async function simulateCommandLine(options: SimulateOptions): Promise<Simulated> {
  const place = await openPlace(options);
  try {
    const ruleIds = [...new Set(options.remove)];
    mustBeKnown(ruleIds, place);
    return await simulateIn(place, options, ruleIds);
  } finally {
    place.close();
  }
}

/**
 * The same in evidence that is open.
 *
 * @param ruleIds of rules that are known
 * @param added rules that stand afterwards and do not now; only where an inventory is known
 */
export async function simulateIn(
  place: EvidencePlace,
  options: PlaceOptions,
  ruleIds: readonly string[],
  added: readonly Rule[] = [],
): Promise<Simulated> {
  const { source, standing, rules } = place;
  const inventory = place.inventory && withAdded(place.inventory, added);
  const chosen = await daysInRange(source, options);
  const simulation = await simulateRemoval(source, chosen.days, standing, new Set(ruleIds), inventory);
  const unseen = await unseenOf(place, options, new Set(ruleIds), simulation.seen);
  return {
    evidence: source.name,
    chosen,
    removed: ruleIds.map((id) => rules.get(id)!),
    simulation,
    unseen: unseen ?? [],
    hasReport: unseen !== undefined,
  };
}
