import { compareText } from '../inventory/compare-text.ts';
import type { Rule } from '../inventory/inventory.ts';
import type { MalformedSample } from '../reports/usage-report.ts';
import type { Source } from '../attribution/source.ts';
import { addUsage } from './merge.ts';
import { emptyUsage, type Day, type Usage } from './usage.ts';

/** What the records of one UTC day add, by source. */
export interface DayAddition {
  readonly sources: ReadonlyMap<Source, Usage>;
  /** The first few by object and line, at most {@link MALFORMED_KEPT}. */
  readonly malformedSamples: readonly MalformedSample[];
}

export type RuleFacts = Pick<Rule, 'groupId' | 'protocol' | 'direction'>;

/** What objects add to the counters. */
export interface Addition {
  /** Unreadable lines, which have no `end`, are on the day of the object's name. */
  readonly days: ReadonlyMap<Day, DayAddition>;
  /** Of all rules that are in it, by id. */
  readonly rules: ReadonlyMap<string, RuleFacts>;
}

export const MALFORMED_KEPT = 20;

/** One addition of all: the same whatever their order. */
export function mergeAdditions(additions: readonly Addition[]): Addition {
  const days = new Map<Day, { sources: Map<Source, Usage>; malformedSamples: MalformedSample[] }>();
  for (const [day, { sources, malformedSamples }] of additions.flatMap((addition) => [...addition.days])) {
    let sums = days.get(day);
    if (!sums) days.set(day, (sums = { sources: new Map(), malformedSamples: [] }));
    sums.malformedSamples = firstSamples([...sums.malformedSamples, ...malformedSamples]);
    for (const [source, usage] of sources) {
      let sum = sums.sources.get(source);
      if (!sum) sums.sources.set(source, (sum = emptyUsage()));
      addUsage(sum, usage);
    }
  }
  return { days, rules: new Map(additions.flatMap(({ rules }) => [...rules])) };
}

export function firstSamples(samples: readonly MalformedSample[]): MalformedSample[] {
  return [...samples].sort((a, b) => compareText(a.file, b.file) || a.line - b.line).slice(0, MALFORMED_KEPT);
}
