import type { FlowRecord } from '../flowlogs/record.ts';
import type { CompiledInventory } from '../matching/compiled-inventory.ts';
import { STREAM, type Source } from '../usage/source.ts';
import type { RecordOrigin } from './attribution.ts';
import { isDuplicate } from './duplicate-log.ts';

/** A source and the origin with which a record is counted under it. */
export interface CountingContext {
  readonly source: Source;
  readonly origin: RecordOrigin;
}

/**
 * A function that tells in which contexts each record of one file is counted, always by the same object for the same
 * source. Asked without a record, it gives the one context of unreadable lines.
 */
export function countingContexts(compiled: CompiledInventory, file: Omit<RecordOrigin, 'delivered'>) {
  const { flowLogId } = file;
  const originWith = (...delivered: string[]): RecordOrigin => ({ ...file, delivered: new Set(delivered) });
  const main: readonly [CountingContext] = [{ source: STREAM, origin: originWith() }];
  const alone = new Map<string, RecordOrigin>();
  const twins = new Map<string, readonly [CountingContext, CountingContext]>();
  return (record?: FlowRecord): readonly [CountingContext, ...CountingContext[]] => {
    if (flowLogId === undefined || record?.status !== 'OK') return main;
    const owner = compiled.interfaceOf(record.interfaceId);
    if (!owner || owner.flowLogs.length < 2) return main;
    const flowLogIds = owner.flowLogs
      .map((log) => log.flowLogId)
      .filter((id) => {
        let origin = alone.get(id);
        if (!origin) alone.set(id, (origin = originWith(id)));
        return isDuplicate(record, owner, origin);
      });
    if (flowLogIds.length === 0) return main;
    const ids = flowLogIds.join(' ');
    let twin = twins.get(ids);
    if (!twin) {
      twin = [
        { source: { kind: 'streamUnless', flowLogIds }, origin: originWith() },
        { source: { kind: 'streamIf', flowLogIds }, origin: originWith(...flowLogIds) },
      ];
      twins.set(ids, twin);
    }
    return twin;
  };
}
