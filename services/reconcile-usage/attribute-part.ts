import { Attribution, type RecordOrigin } from '../../shared/attribution/attribution.ts';
import { ServiceFlows } from '../../shared/evidence/service-flows.ts';
import type { FoldedRow } from '../../shared/flowlogs/folded-record.ts';
import { FoldedReader } from '../../shared/flowlogs/read-folded.ts';
import type { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { dayOf } from '../../shared/time.ts';
import { emptyUsage, type Usage } from '../../shared/usage/usage.ts';
import { addSlots, type LogsOfDay } from '../../shared/usage/log-days.ts';
import { duplicatesAmong } from '../../shared/attribution/duplicate-log.ts';

/** What the records of some of a day's interfaces say. */
export interface AttributedPart {
  readonly usage: Usage;
  readonly flows: ServiceFlows;
  /** Rows of the fold, and the records they stand for. */
  readonly rows: number;
  readonly records: number;
  /** Files that are not of the declared format: what was read of them means nothing. */
  readonly foreignFiles: readonly string[];
}

/**
 * Attributes the rows of the fold by the same core as streamed records. Parts of a day are cut by interface, so a
 * service flow is in one part; their usages are to be added up.
 *
 * @param rows some at a time
 * @param logs what there is of each flow log on the day
 */
export async function attributePart(
  rows: AsyncIterable<readonly FoldedRow[]> | Iterable<readonly FoldedRow[]>,
  compiled: CompiledInventory,
  logs: LogsOfDay,
): Promise<AttributedPart> {
  const usage = emptyUsage();
  const flows = new ServiceFlows();
  const attribution = new Attribution(compiled, usage, {
    onFlow: (flow, interfaceId, admission) => {
      flows.add(flow, interfaceId, admission);
    },
  });
  const counts = { rows: 0, records: 0 };
  const origins = new Map<string | undefined, RecordOrigin>();
  const originOf = (flowLogId: string | undefined): RecordOrigin => {
    let origin = origins.get(flowLogId);
    if (!origin) {
      origins.set(flowLogId, (origin = { flowLogId, isDuplicate: duplicatesAmong(flowLogId, () => logs) }));
    }
    return origin;
  };
  let firstEnd = -1;
  const reader = new FoldedReader({
    record: (record, row) => {
      if (firstEnd < 0 || row.first_end < firstEnd) firstEnd = row.first_end;
      attribution.add(record, originOf(row.flow_log_id ?? undefined));
    },
    malformed: (row) => {
      const flowLogId = row.flow_log_id ?? undefined;
      attribution.malformed({ flowLogId }, row.last_end < 0 ? undefined : dayOf(row.last_end), row.records);
    },
  });
  const foreignFiles = new Set<string>();
  for await (const some of rows) {
    for (const row of some) {
      if (row.kind === 'header') {
        foreignFiles.add(row.file ?? '');
        continue;
      }
      counts.rows++;
      counts.records += row.records;
      reader.read(row);
    }
  }
  attribution.finish();
  // Rows show no flags and no files: what a flow log can tell, and when it was delivered, is known from its files.
  for (const [flowLogId, days] of usage.logs) {
    const read = logs.get(flowLogId);
    if (!read) continue;
    for (const log of days.values()) {
      log.told |= read.told;
      addSlots(log, read);
    }
  }
  // A row tells of its records' latest end; the first of all is asked for once.
  usage.firstEnd = firstEnd;
  return { usage, flows, ...counts, foreignFiles: [...foreignFiles].sort() };
}
