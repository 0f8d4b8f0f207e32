import type { FlowRecord } from '../flowlogs/record.ts';
import type { CompiledInventory } from '../matching/compiled-inventory.ts';
import { STREAM, type Source } from '../usage/source.ts';
import type { RecordOrigin } from './attribution.ts';
import { noDuplicates, rivalLogs } from './duplicate-log.ts';

/** A source and the origin with which a record is counted under it. */
export interface CountingContext {
  readonly source: Source;
  readonly origin: RecordOrigin;
}

/**
 * A function that tells in which contexts each record of one file is counted, always by the same object for the same
 * source. Asked without a record, it gives the one context of unreadable lines.
 */
export function countingContexts(compiled: CompiledInventory, file: Omit<RecordOrigin, 'isDuplicate'>) {
  const { flowLogId } = file;
  const counted: RecordOrigin = { ...file, isDuplicate: noDuplicates };
  const setAside: RecordOrigin = { ...file, isDuplicate: () => true };
  const main: readonly [CountingContext] = [{ source: STREAM, origin: counted }];
  const twins = new Map<string, readonly [CountingContext, CountingContext]>();
  return (record?: FlowRecord): readonly [CountingContext, ...CountingContext[]] => {
    if (flowLogId === undefined || record?.status !== 'OK') return main;
    const owner = compiled.interfaceOf(record.interfaceId);
    const rivals = owner ? rivalLogs(record, owner, flowLogId) : [];
    if (rivals.length === 0) return main;
    const ids = rivals.join(' ');
    let twin = twins.get(ids);
    if (!twin) {
      twin = [
        { source: { kind: 'streamUnless', flowLogId, rivals }, origin: counted },
        { source: { kind: 'streamIf', flowLogId, rivals }, origin: setAside },
      ];
      twins.set(ids, twin);
    }
    return twin;
  };
}
