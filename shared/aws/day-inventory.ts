import { FactsOfDay, type DayBasis, type DayFacts } from '../history/day-facts.ts';
import { withInterfaces } from '../inventory/union.ts';
import { withVersionedRules } from '../inventory/versioned-rules.ts';
import { CompiledInventory } from '../matching/compiled-inventory.ts';
import type { InterfaceObservations } from './interface-observations.ts';
import { isKnownOn, isKnownSince, type Recalled } from './recalled-account.ts';
import type { SnapshotArchive } from './snapshot-archive.ts';
import type { SnapshotReference } from './snapshot-index.ts';
import { type Day, secondsFromIso } from '../time.ts';

/** What tells what stood on days. */
export interface DaySources<Read extends keyof SnapshotArchive> {
  readonly archive: Pick<SnapshotArchive, Read>;
  readonly observations: Pick<InterfaceObservations, 'of'>;
  /** What the account remembers, if it was asked. */
  readonly recalled: Recalled | undefined;
}

/**
 * The inventory that a day is matched against: the union of these snapshots, of what the account remembers, and of the
 * interfaces that were looked up on the day, under versioned rule ids.
 */
export async function dayInventory(
  day: Day,
  references: readonly SnapshotReference[],
  { archive, observations, recalled }: DaySources<'union'>,
): Promise<CompiledInventory> {
  const inventory = await archive.union(day, references);
  const moment = { takenAt: secondsFromIso(references[0]?.takenAt ?? ''), inventory };
  const union = recalled?.days.of(day).on(moment) ?? inventory;
  return new CompiledInventory(withVersionedRules(withInterfaces(union, await observations.of(day))));
}

/**
 * What verdicts need to know of the inventory of a day.
 *
 * @param assumed the oldest of the snapshots stands in for what the day began with: no matter where all since is remembered
 * @param outdated they are too old for the day: no matter where all that happened since is remembered
 */
export async function dayFacts(
  { day, assumed, outdated }: DayBasis,
  references: readonly SnapshotReference[],
  { archive, observations, recalled }: DaySources<'read'>,
): Promise<DayFacts> {
  const past = recalled?.days.of(day);
  const facts = new FactsOfDay({
    day,
    assumed: assumed && !isKnownSince(recalled, day),
    outdated: outdated && !isKnownOn(recalled, day),
  });
  // One after the other: a busy day has nearly a hundred, and each may take as much memory as all facts.
  for (const reference of references) {
    const { inventory } = await archive.read(reference);
    const moment = { takenAt: secondsFromIso(reference.takenAt), inventory };
    facts.add(moment, past?.on(moment));
  }
  return facts.finish(await observations.of(day));
}
