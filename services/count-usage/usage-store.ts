import { compareText } from '../../shared/inventory/compare-text.ts';
import type { Rule } from '../../shared/inventory/inventory.ts';
import type { MalformedSample } from '../../shared/reports/usage-report.ts';
import { addUsage } from '../../shared/usage/merge.ts';
import { emptyUsage, type Day, type Usage } from '../../shared/usage/usage.ts';
import type { Source } from './source.ts';

/** What an object is: its path below the logs folder, or bucket and key. Written twice, it is the same object. */
export type ObjectName = string;

/** That an object was counted. */
export interface ObjectNote {
  readonly name: ObjectName;
  /** Tells one content under this name from another: size, time and digest of a file, or an ETag. Nothing reads it here. */
  readonly version: string;
  /** The flow log it was delivered for; undefined where its name does not say. */
  readonly flowLogId: string | undefined;
}

/** What a store knows of an object. */
export interface KnownObject extends ObjectNote {
  /** What it adds is not all added yet: another worker is at it, or died at it and somebody will finish. */
  readonly open: boolean;
}

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

/** All that was counted. */
export interface Counters {
  readonly usage: Usage;
  readonly objects: number;
  /** Objects that are noted, and whose sums are only partly in here. */
  readonly openObjects: number;
  readonly malformedSamples: readonly MalformedSample[];
}

/** Where counters live. Several workers may use one store at a time. */
export interface UsageStore {
  /**
   * Either adds everything, notes the objects with it and returns none; or adds nothing and returns those of the objects
   * that are noted. If it throws, or never returns, nobody knows which: call it again with the same objects.
   */
  addOnce(objects: readonly ObjectNote[], addition: Addition): Promise<readonly KnownObject[]>;
  /** The note of an object that was counted, or is being counted. */
  counted(name: ObjectName): Promise<KnownObject | undefined>;
  /** The sums of whole additions as of one moment, but for those of `openObjects`. */
  read(): Promise<Counters>;
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
