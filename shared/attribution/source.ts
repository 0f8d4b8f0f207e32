import type { RecordOrigin } from './attribution.ts';
import { isDuplicate } from './duplicate-log.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
import type { CompiledInventory } from '../matching/compiled-inventory.ts';
import { addUsage } from '../usage/merge.ts';
import { emptyUsage, type Usage } from '../usage/usage.ts';

/**
 * Under what a record is counted: `stream`; or, for one that other flow logs may tell of too, twice, under
 * `stream unless fl-a fl-b` as if they did not, and under `stream if fl-a fl-b` as the duplicate it is if they do.
 * Whether they do is known only once a file of fl-a or fl-b has come, before or after: {@link settle} takes the one or
 * the other when the sums are read. What a file adds thus never depends on what came before.
 */
export type Source = string;

export const STREAM: Source = 'stream';

/** Starts the sources of nightly runs, `night <run>`: all that a run says of a day, in place of what was streamed. */
export const NIGHT: Source = 'night';

/** Under what the figures of a nightly run are kept. */
export function nightOf(run: string): Source {
  return `${NIGHT} ${run}`;
}

/** A source and the origin with which a record is counted under it. */
export interface Lane {
  readonly source: Source;
  readonly origin: RecordOrigin;
}

/** A function that says of each record of one file under what it is counted. The first is that of unreadable lines. */
export function lanesOf(compiled: CompiledInventory, flowLogId: string | undefined) {
  const originWith = (...delivered: string[]): RecordOrigin => ({ flowLogId, delivered: new Set(delivered) });
  const main: readonly [Lane] = [{ source: STREAM, origin: originWith() }];
  const alone = new Map<string, RecordOrigin>();
  const twins = new Map<string, readonly [Lane, Lane]>();
  return (record?: FlowRecord): readonly [Lane, ...Lane[]] => {
    if (flowLogId === undefined || record?.status !== 'OK') return main;
    const owner = compiled.interfaceOf(record.interfaceId);
    if (!owner || owner.flowLogs.length < 2) return main;
    const others = owner.flowLogs
      .map((log) => log.flowLogId)
      .filter((id) => {
        let origin = alone.get(id);
        if (!origin) alone.set(id, (origin = originWith(id)));
        return isDuplicate(record, owner, origin);
      });
    if (others.length === 0) return main;
    const ids = others.join(' ');
    let twin = twins.get(ids);
    if (!twin) {
      twin = [
        { source: `${STREAM} unless ${ids}`, origin: originWith() },
        { source: `${STREAM} if ${ids}`, origin: originWith(...others) },
      ];
      twins.set(ids, twin);
    }
    return twin;
  };
}

/** One usage of all sources: what `analyze` says of the same files, those of the flow logs `delivered`. */
export function settle(bySource: ReadonlyMap<Source, Usage>, delivered: ReadonlySet<string>): Usage {
  const usage = emptyUsage();
  for (const [source, sums] of bySource) {
    const [, condition, ...ids] = source.split(' ');
    const hasCome = ids.some((id) => delivered.has(id));
    if (condition === undefined || (condition === 'if') === hasCome) addUsage(usage, sums);
  }
  return usage;
}
