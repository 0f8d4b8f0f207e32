import { join } from 'node:path';
import { daysInRange, type ChosenDays } from '../../../../shared/evidence/evidence-source.ts';
import { simulateRemoval, type Simulation } from '../../../../shared/evidence/simulate-removal.ts';
import { mustBeKnown, openPlace, type PlaceOptions } from '../../evidence/evidence-place.ts';
import type { EvidenceRule } from '../../evidence/evidence-rules.ts';
import { reportedGaps } from '../../evidence/reported-gaps.ts';

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
    const { source, standing, rules, inventory } = place;
    const chosen = await daysInRange(source, options);
    const simulation = await simulateRemoval(source, chosen.days, standing, new Set(ruleIds), inventory);
    const { evidence, report = evidence === undefined ? undefined : join(evidence, 'usage.json') } = options;
    const unseen = report === undefined ? [] : await reportedGaps(report, new Set(ruleIds));
    return { evidence: source.name, chosen, removed: ruleIds.map((id) => rules.get(id)!), simulation, unseen };
  } finally {
    place.close();
  }
}
