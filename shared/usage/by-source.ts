import { addLogDay, emptyLogDay, type LogDay } from './log-days.ts';
import { addUsage } from './merge.ts';
import { isCounted, sourceText, type Source } from './source.ts';
import { emptyUsage, FATES, type Usage } from './usage.ts';
import type { Day } from '../time.ts';

/** Usage by the source under which it was counted, each source once. */
export class UsageBySource {
  readonly #entries = new Map<string, readonly [Source, Usage]>();

  constructor(entries: Iterable<readonly [Source, Usage]> = []) {
    for (const [source, usage] of entries) this.#entries.set(sourceText(source), [source, usage]);
  }

  /** That of the source, to be added to; empty where it is new. */
  of(source: Source): Usage {
    const text = sourceText(source);
    let entry = this.#entries.get(text);
    if (!entry) this.#entries.set(text, (entry = [source, emptyUsage()]));
    return entry[1];
  }

  usages(): Usage[] {
    return [...this].map(([, usage]) => usage);
  }

  [Symbol.iterator](): IterableIterator<readonly [Source, Usage]> {
    return this.#entries.values();
  }
}

/** Records that were read, unreadable ones too: what was counted on two conditions, of which one holds, was read once. */
export function recordsIn(sources: Iterable<readonly [Source, Usage]>): number {
  const once = [...sources].filter(([{ kind }]) => kind !== 'streamIf');
  return once.reduce((sum, [, { fates }]) => FATES.reduce((all, fate) => all + fates[fate], sum), 0);
}

/** Adds what all sources say of one day to `whole`: what `analyze` says of the same files. */
export function addResolved(whole: Usage, ofOneDay: Iterable<readonly [Source, Usage]>): void {
  const sources = [...ofOneDay];
  const counts = decideSources(sources);
  for (const [source, usage] of sources) if (counts(source)) addUsage(whole, usage);
}

/**
 * Tells which sources of one day count, by what all of them were told of flow logs.
 *
 * @param day needed where what they were told is of more than one
 */
export function decideSources(sources: Iterable<readonly [Source, Usage]>, day?: Day): (source: Source) => boolean {
  const logs = new Map<string, LogDay>();
  for (const [flowLogId, days] of [...sources].flatMap(([, usage]) => [...usage.logs])) {
    let sums = logs.get(flowLogId);
    if (!sums) logs.set(flowLogId, (sums = emptyLogDay()));
    for (const [of, log] of days) if (day === undefined || of === day) addLogDay(sums, log);
  }
  return (source) => isCounted(source, logs);
}
