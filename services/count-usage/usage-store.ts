import { compareText } from '../../shared/inventory/compare-text.ts';
import type { MalformedSample } from '../../shared/reports/usage-report.ts';
import { addUsage } from '../../shared/usage/merge.ts';
import { emptyUsage, type Usage } from '../../shared/usage/usage.ts';
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

/** What objects add to the counters. */
export interface Addition {
  readonly bySource: ReadonlyMap<Source, Usage>;
  /** The first few by object and line, at most {@link MALFORMED_KEPT}. */
  readonly malformedSamples: readonly MalformedSample[];
}

/** All that was counted. */
export interface Counters {
  readonly usage: Usage;
  readonly objects: number;
  readonly malformedSamples: readonly MalformedSample[];
}

/** Where counters live. Several workers may use one store at a time. */
export interface UsageStore {
  /**
   * Either adds everything, notes the objects in the same commit and returns none; or adds nothing and returns those of
   * the objects that were counted before. If it throws, or never returns, nobody knows which: call it again with the
   * same objects.
   */
  addOnce(objects: readonly ObjectNote[], addition: Addition): Promise<readonly ObjectName[]>;
  /** The note of an object that was counted. */
  counted(name: ObjectName): Promise<ObjectNote | undefined>;
  /** The sums of whole commits, as of one moment. */
  read(): Promise<Counters>;
}

export const MALFORMED_KEPT = 20;

/** One addition of all: the same whatever their order. */
export function mergeAdditions(additions: readonly Addition[]): Addition {
  const bySource = new Map<Source, Usage>();
  for (const addition of additions) {
    for (const [source, usage] of addition.bySource) {
      let sums = bySource.get(source);
      if (!sums) bySource.set(source, (sums = emptyUsage()));
      addUsage(sums, usage);
    }
  }
  return { bySource, malformedSamples: firstSamples(additions.flatMap((addition) => addition.malformedSamples)) };
}

export function firstSamples(samples: readonly MalformedSample[]): MalformedSample[] {
  return [...samples].sort((a, b) => compareText(a.file, b.file) || a.line - b.line).slice(0, MALFORMED_KEPT);
}
