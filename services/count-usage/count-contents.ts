import { total } from '../../shared/usage/missing-records.ts';
import { usagesIn, type Addition } from '../../shared/usage/addition.ts';
import type { BatchFigures, EventOutcome } from './batch-figures.ts';
import { countObjects, type CountPorts, type Outcome } from './count-objects.ts';
import { OtherLogError } from '../../shared/flowlogs/record.ts';
import { ContentLost, type FlowLogObject } from './flow-log-object.ts';
import type { Inventories, LogObject } from './fold-object.ts';
import { isLater } from './object-events.ts';
import { OBJECTS_AT_ONCE, type ObjectName } from './ports/usage-store.ts';
import { inParts } from '../../shared/in-parallel.ts';
import { type Day, startOfDay } from '../../shared/time.ts';

export interface CountContentsPorts extends Required<CountPorts> {
  readonly store: CountPorts['store'] & {
    /** Has the night run this day, or run it again. */
    markDay(day: Day, reason: string): Promise<void>;
  };
  /** UNIX seconds. */
  readonly now: () => number;
  /** Reading fails with {@link ContentLost} where the content is not there any more. */
  readonly open: (object: FlowLogObject) => LogObject;
  readonly inventories: Inventories & {
    /** Takes newer snapshots in, where there are some. */
    refresh(): Promise<void>;
  };
}

/** What became of objects, of each of which one content was tried. */
export interface Counting {
  readonly tried: ReadonlyMap<ObjectName, FlowLogObject>;
  readonly fates: ReadonlyMap<ObjectName, Fate>;
  readonly sums: Pick<BatchFigures, 'records' | 'unknownInterfaceRecords' | 'conflicts'>;
}

type Fate =
  | { readonly kind: 'counted' | 'left' }
  /** Counted before, with the content of this ETag. */
  | { readonly kind: 'known'; readonly version: string }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Hours after a day's end from which on a night may have read it: what comes then must be read by another. */
const NIGHT_FROM_HOURS = 2;
/** Of the day of a file, days that the night finds it for: AWS delivers two days later at most, and up to the last hour before. */
const DELIVERED_WITHIN_DAYS = [-1, 0, 1, 2] as const;

function isLate(day: Day, nowSeconds: number): boolean {
  return nowSeconds > startOfDay(day + 1) + NIGHT_FROM_HOURS * 3600;
}

/** Counts the latest content of each object. Never fails: what does is the fate of the objects it is about. */
export async function countContents(contents: readonly FlowLogObject[], ports: CountContentsPorts): Promise<Counting> {
  const tried = latestOf(contents);
  const delivered = new Set(contents.map(({ day }) => day));
  const fates = new Map<ObjectName, Fate>();
  const sums = { records: 0, unknownInterfaceRecords: 0, conflicts: 0 };
  const store: CountPorts['store'] = {
    counted: (name) => ports.store.counted(name),
    addOnce: async (notes, addition) => {
      // Before they are in: dies between, and a night runs once more than it need.
      for (const [day, { sources }] of addition.days) {
        // A file may say no more of the day of its name than when it was delivered.
        const isOfDay = sources.usages().some((usage) => total(usage) > 0);
        // The night of a day that a broken clock tells of would find nothing, and fail.
        const isFound = DELIVERED_WITHIN_DAYS.some((later) => delivered.has(day + later));
        if (isOfDay && isFound && isLate(day, ports.now())) await ports.store.markDay(day, 'late');
      }
      const taken = await ports.store.addOnce(notes, addition);
      if (taken.length === 0) sums.unknownInterfaceRecords += unknownInterfaceRecords(addition);
      return taken;
    },
  };
  for (const group of inParts([...tried.values()], OBJECTS_AT_ONCE)) {
    try {
      await ports.inventories.refresh();
      const outcome = await countObjects(group.map(ports.open), { ...ports, store });
      keepFates(fates, outcome);
      sums.records += outcome.records;
      sums.conflicts += outcome.conflicts;
    } catch (error) {
      for (const { name } of group) fates.set(name, { kind: 'failed', error });
    }
  }
  return { tried, fates, sums };
}

function latestOf(contents: readonly FlowLogObject[]): Map<ObjectName, FlowLogObject> {
  const latest = new Map<ObjectName, FlowLogObject>();
  for (const content of contents) {
    const other = latest.get(content.name);
    if (!other || isLater(content, other)) latest.set(content.name, content);
  }
  return latest;
}

function keepFates(fates: Map<ObjectName, Fate>, { counted, before, failed, left }: Outcome): void {
  for (const name of counted) fates.set(name, { kind: 'counted' });
  for (const { name, version } of before) fates.set(name, { kind: 'known', version });
  for (const { name, error } of failed) fates.set(name, { kind: 'failed', error });
  for (const name of left) fates.set(name, { kind: 'left' });
}

function unknownInterfaceRecords(addition: Addition): number {
  return usagesIn(addition).reduce((sum, { fates }) => sum + fates.unknownInterface, 0);
}

/**
 * What became of the event of one content. An object is its bucket and key, so of a key that was written twice one
 * content is counted, whichever is first read whole. Say A was written, then B:
 * - A is noted, and the event of B comes: the note has another ETag, so B is `overwritten`.
 * - The event of A comes when B is there: S3 refuses to read A. A is `overwritten`; B has an event of its own, as every
 *   write has, and is counted by that. Reading B at once was rejected: it would be noted under the ETag of A.
 * - Both events are in one batch: the later content was tried. Was it read, or known, the other is overwritten. Was it
 *   overwritten too, then perhaps by the other, so that one comes again and is tried by itself.
 */
export function endingOf(content: FlowLogObject, { tried, fates }: Counting): EventOutcome {
  const { name, etag } = content;
  const wasTried = tried.get(name)!;
  const fate = fates.get(name)!;
  const isOther = (version: string): EventOutcome | undefined =>
    version === etag ? undefined : { kind: 'skipped', reason: 'overwritten', object: content };
  switch (fate.kind) {
    case 'counted':
      return (
        isOther(wasTried.etag) ?? (content === wasTried ? { kind: 'counted', object: content } : { kind: 'duplicate' })
      );
    case 'known':
      return isOther(fate.version) ?? { kind: 'duplicate' };
    case 'left':
      return { kind: 'left', error: new Error(`${name}: no time was left to read it`) };
    case 'failed':
      if (fate.error instanceof OtherLogError) return { kind: 'skipped', reason: 'otherLog' };
      if (!(fate.error instanceof ContentLost)) return { kind: 'failed', error: named(name, fate.error) };
      if (fate.error.how === 'overwritten' && wasTried.etag !== etag) {
        return { kind: 'left', error: new Error(`${name}: another content of it was tried first`) };
      }
      return { kind: 'skipped', reason: fate.error.how, object: content };
  }
}

function named(name: ObjectName, error: unknown): Error {
  return new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
