import type { NamesOfRows } from '../../../shared/evidence/flow-names.ts';
import type { RowRun } from '../../../shared/evidence/flow-rows.ts';
import { DAY, INTERFACE } from '../../../shared/evidence/rows/layout.ts';
import { ServiceFlows } from '../../../shared/evidence/service-flows.ts';
import { compareText } from '../../../shared/text/compare.ts';
import type { Day } from '../../../shared/time.ts';
import type { Source } from '../../../shared/usage/source.ts';
import { RunReader, type WrittenRuns } from './flow-runs.ts';

/** All flows that one thread heard of, for others to read. */
export interface SharedFlows extends WrittenRuns {
  readonly names: NamesOfRows;
  readonly sources: readonly Source[];
}

/** Between the flows of one interface on one day and those before them. */
export interface Cut {
  readonly day: Day;
  readonly interfaceId: string;
}

/** Flows from the first cut on, and before the second; undefined where there is no bound. */
export interface FlowRange {
  readonly from: Cut | undefined;
  readonly until: Cut | undefined;
}

/** Rows looked at in each run. */
const LOOKED_AT = 200;

function compareCuts(a: Cut, b: Cut): number {
  return a.day - b.day || compareText(a.interfaceId, b.interfaceId);
}

function cutAt(words: Int32Array, { interfaces }: NamesOfRows): Cut {
  return { day: words[DAY]!, interfaceId: interfaces[words[INTERFACE]!]! };
}

/** Cuts all flows into so many ranges at most, of about as many rows each: what is one flow is in one range, and most days are. */
export function rangesOf(shared: readonly SharedFlows[], ranges: number): FlowRange[] {
  const found: { readonly cut: Cut; readonly rows: number }[] = [];
  for (const flows of shared) {
    const reader = new RunReader(flows);
    for (const run of flows.runs) {
      const rows = Math.ceil(run.rows / LOOKED_AT);
      for (const words of reader.sample(run, rows)) found.push({ cut: cutAt(words, flows.names), rows });
    }
    reader.close();
  }
  found.sort((a, b) => compareCuts(a.cut, b.cut));
  const all = found.reduce((sum, { rows }) => sum + rows, 0);
  const cuts: Cut[] = [];
  let before = 0;
  for (const { cut, rows } of found) {
    if (before >= (all * (cuts.length + 1)) / ranges && cuts.length < ranges - 1) cuts.push(cut);
    before += rows;
  }
  return [undefined, ...cuts].map((from, i) => ({ from, until: cuts[i] }));
}

/**
 * Has the flows of a range told, of all threads together.
 *
 * @param tell is given what to tell them from; the files of all threads must be there until it returns
 */
export function withFlowsOf<T>(
  shared: readonly SharedFlows[],
  { from, until }: FlowRange,
  numberOf: (source: Source) => number,
  tell: (flows: ServiceFlows, runs: readonly RowRun[]) => T,
): T {
  const flows = new ServiceFlows();
  const readers = shared.map((one) => new RunReader(one));
  try {
    const runs = shared.flatMap((one, i) => {
      const isBefore = (words: Int32Array): boolean =>
        from !== undefined && compareCuts(cutAt(words, one.names), from) < 0;
      const isBehind = (words: Int32Array): boolean =>
        until !== undefined && compareCuts(cutAt(words, one.names), until) >= 0;
      const sources = one.sources.map(numberOf);
      const adopt = flows.adopting(one.names, (source) => sources[source]!);
      return one.runs.map((run) => adopt(readers[i]!.rows(readers[i]!.between(run, isBefore, isBehind))));
    });
    return tell(flows, runs);
  } finally {
    for (const reader of readers) reader.close();
  }
}
