import type { FlowLogObject } from './flow-log-object.ts';
import type { ObjectName } from './ports/usage-store.ts';

/** Why an event needs nothing done, now or ever. The last three mark days for the night. */
export const SKIP_REASONS = [
  'testEvent',
  'otherEvent',
  'notAFlowLog',
  /** The flow log of a transit gateway or of Cloud WAN, delivered among those of VPCs. */
  'otherLog',
  'otherAccount',
  'otherRegion',
  'tooOld',
  'gone',
  'overwritten',
] as const;

export type SkipReason = (typeof SKIP_REASONS)[number];

/** What became of one event of one object. */
export type EventOutcome =
  | { readonly kind: 'counted'; readonly object: FlowLogObject }
  /** Its content was counted before, or is counted for another event of this batch. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'skipped'; readonly reason: Exclude<SkipReason, 'tooOld' | 'gone' | 'overwritten'> }
  | { readonly kind: 'skipped'; readonly reason: 'tooOld' | 'gone' | 'overwritten'; readonly object: FlowLogObject }
  /** To be tried again: there was no time for it, or it failed. */
  | { readonly kind: 'left' | 'failed'; readonly error: Error };

/** One batch of messages in figures. */
export interface BatchFigures {
  /** Events, by what became of them. */
  readonly endings: Readonly<Record<EventOutcome['kind'], number>>;
  /** Events that need nothing done, by reason. */
  readonly skipped: Readonly<Record<SkipReason, number>>;
  /** Messages that could not be read. */
  readonly unreadable: number;
  /** Of the objects counted; records that cannot be read are records too. */
  readonly records: number;
  readonly unknownInterfaceRecords: number;
  readonly bytes: number;
  /** Additions that were called off because another worker was faster with some of the objects. */
  readonly conflicts: number;
  /** Since the newest of the objects counted was written; undefined if none was. */
  readonly secondsBehind: number | undefined;
  /** Objects whose days are marked. */
  readonly leftToTheNight: readonly { readonly name: ObjectName; readonly reason: SkipReason }[];
}

/** The figures that endings tell. */
export function figuresOf(
  endings: readonly EventOutcome[],
  rest: Pick<BatchFigures, 'unreadable' | 'records' | 'unknownInterfaceRecords' | 'conflicts'>,
  nowSeconds: number,
): BatchFigures {
  const byKind = { counted: 0, duplicate: 0, skipped: 0, left: 0, failed: 0 };
  const skipped = Object.fromEntries(SKIP_REASONS.map((reason) => [reason, 0])) as Record<SkipReason, number>;
  const leftToTheNight: { name: ObjectName; reason: SkipReason }[] = [];
  const counted: FlowLogObject[] = [];
  for (const ending of endings) {
    byKind[ending.kind]++;
    if (ending.kind === 'counted') counted.push(ending.object);
    if (ending.kind !== 'skipped') continue;
    skipped[ending.reason]++;
    if ('object' in ending) leftToTheNight.push({ name: ending.object.name, reason: ending.reason });
  }
  const newest = Math.max(...counted.map(({ eventTime }) => eventTime));
  return {
    ...rest,
    endings: byKind,
    skipped,
    bytes: counted.reduce((sum, { size }) => sum + size, 0),
    secondsBehind: counted.length > 0 ? Math.max(0, nowSeconds - newest) : undefined,
    leftToTheNight,
  };
}
