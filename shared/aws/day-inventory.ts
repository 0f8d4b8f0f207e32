import { FactsOfDay, type DayFacts } from '../history/day-facts.ts';
import { withInterfaces } from '../inventory/union.ts';
import { withVersionedRules } from '../inventory/versioned-rules.ts';
import { CompiledInventory } from '../matching/compiled-inventory.ts';
import type { InterfaceObservations } from './interface-observations.ts';
import type { SnapshotArchive } from './snapshot-archive.ts';
import type { SnapshotReference } from './snapshot-index.ts';
import { type Day, secondsFromIso } from '../time.ts';

/**
 * The inventory that a day is matched against: the union of these snapshots and of the interfaces that were looked up on
 * the day, under versioned rule ids.
 */
export async function dayInventory(
  day: Day,
  references: readonly SnapshotReference[],
  archive: Pick<SnapshotArchive, 'union'>,
  observations: Pick<InterfaceObservations, 'of'>,
): Promise<CompiledInventory> {
  const union = await archive.union(day, references);
  return new CompiledInventory(withVersionedRules(withInterfaces(union, await observations.of(day))));
}

/**
 * What verdicts need to know of the inventory of a day.
 *
 * @param assumed the oldest of the snapshots stands in for what the day began with
 */
export async function dayFacts(
  { day, assumed }: Pick<DayFacts, 'day' | 'assumed'>,
  references: readonly SnapshotReference[],
  archive: Pick<SnapshotArchive, 'read'>,
  observations: Pick<InterfaceObservations, 'of'>,
): Promise<DayFacts> {
  const facts = new FactsOfDay({ day, assumed });
  // One after the other: a busy day has nearly a hundred, and each may take as much memory as all facts.
  for (const reference of references) {
    const { inventory } = await archive.read(reference);
    facts.add({ takenAt: secondsFromIso(reference.takenAt), inventory });
  }
  return facts.finish(await observations.of(day));
}
