import { foldObject, type Folded, type Inventories, type LogObject } from './fold-object.ts';
import { mergeAdditions } from '../../shared/usage/addition.ts';
import type { ObjectName, ObjectNote, UsageStore } from './ports/usage-store.ts';

export interface CountPorts {
  readonly store: Pick<UsageStore, 'addOnce' | 'counted'>;
  readonly inventories: Inventories;
  /** Whether there is time to read one more object. */
  readonly hasTime?: () => boolean;
}

/** Every object is in exactly one of the four lists. */
export interface Outcome {
  /** Counted by this call. */
  readonly counted: readonly ObjectName[];
  /** Counted before, by whomever. */
  readonly before: readonly ObjectNote[];
  readonly failed: readonly { readonly name: ObjectName; readonly error: unknown }[];
  /** Not looked at, for want of time. */
  readonly left: readonly ObjectName[];
  /** Records of those counted by this call, unreadable ones too. */
  readonly records: number;
  /** Additions that were called off because another worker had taken some of the objects meanwhile. */
  readonly conflicts: number;
}

/**
 * Counts objects, each exactly once, however often and by however many workers this is called. What if it dies?
 * Nothing is told to anybody before `addOnce`, and that adds all or nothing: see the lines.
 */
export async function countObjects(objects: readonly LogObject[], ports: CountPorts): Promise<Outcome> {
  const { store, inventories, hasTime = () => true } = ports;
  const known: ObjectNote[] = [];
  const failed: { name: ObjectName; error: unknown }[] = [];
  const left: ObjectName[] = [];
  let folded: Folded[] = [];
  // A queue may name one object twice in one batch.
  const distinct = new Map(objects.map((object) => [object.note.name, object]));
  for (const [name, object] of distinct) {
    if (!hasTime()) {
      left.push(name);
      continue;
    }
    // Saves the reading, no more: the answer may be out of date by the next line, and addOnce asks again.
    const note = await store.counted(name);
    if (note) {
      known.push(note);
      continue;
    }
    // Dies here: the sums are in memory alone and no note was made. Whoever finds the object next reads it anew.
    try {
      folded.push(await foldObject(object, inventories, hasTime));
    } catch (error) {
      // Half an object was read: its sums go with it, and those of the others never met them.
      failed.push({ name, error });
    }
  }
  folded = await withInterfacesFound(folded, distinct, ports, failed);

  let conflicts = 0;
  while (folded.length > 0) {
    // Made from the parts in every round: sums of a round that was called off are in nothing that is added later.
    const merged = mergeAdditions(folded.map(({ addition }) => addition));
    // Dies in here before the store has it: as above. After it: sums and notes are in the store together, and the
    // objects, found again because nobody learned of it, come back as known. There is no moment between the two.
    const taken = await store.addOnce(
      folded.map(({ note }) => note),
      merged,
    );
    // Dies here, or anywhere below: the store holds all there is to know.
    if (taken.length === 0) break;
    // Nothing was added. A note is never taken back, so each round has fewer objects than the one before.
    conflicts++;
    known.push(...taken);
    const names = new Set(taken.map(({ name }) => name));
    folded = folded.filter(({ note }) => !names.has(note.name));
  }
  return {
    counted: folded.map(({ note }) => note.name),
    before: known,
    failed,
    left,
    records: folded.reduce((sum, { records }) => sum + records, 0),
    conflicts,
  };
}

/** Asks once, for all objects together, who the unknown interfaces are, and reads anew the objects that knew too little. */
async function withInterfacesFound(
  folded: readonly Folded[],
  objects: ReadonlyMap<ObjectName, LogObject>,
  { inventories, hasTime = () => true }: CountPorts,
  failed: { name: ObjectName; error: unknown }[],
): Promise<Folded[]> {
  const unknown = new Map<number, Set<string>>();
  for (const [day, { sources }] of folded.flatMap(({ addition }) => [...addition.days])) {
    for (const usage of sources.usages()) {
      for (const [, id] of usage.unknownInterfaces.entries()) unknown.set(day, (unknown.get(day) ?? new Set()).add(id));
    }
  }
  const changed = new Set<number>();
  for (const [day, ids] of unknown) if (await inventories.lookUpMissing(day, [...ids])) changed.add(day);
  const result: Folded[] = [];
  for (const one of folded) {
    const isPoor = [...one.addition.days].some(
      ([day, { sources }]) => changed.has(day) && sources.usages().some((usage) => usage.fates.unknownInterface > 0),
    );
    try {
      result.push(isPoor && hasTime() ? await foldObject(objects.get(one.note.name)!, inventories, hasTime) : one);
    } catch (error) {
      failed.push({ name: one.note.name, error });
    }
  }
  return result;
}
