import type { FlowRecord } from '../flowlogs/record.ts';
import type { CompiledInterface } from '../matching/compiled-inventory.ts';
import type { RecordOrigin } from './attribution.ts';

/** Longest aggregation interval: the first window of a new flow log may be cut short. */
const MAX_AGGREGATION_SECONDS = 600;

/**
 * Whether another flow log over the same interface tells of this record too. Of several, the one with the smallest id
 * counts. Since setting aside a record that stands nowhere else would make a used rule look unused, the other log must
 * be active, record this action, have existed before the record's window, and its files must be among those counted.
 */
export function isDuplicate(record: FlowRecord, owner: CompiledInterface, origin: RecordOrigin): boolean {
  const { flowLogId, delivered } = origin;
  if (owner.flowLogs.length < 2 || flowLogId === undefined) return false;
  if (!owner.flowLogs.some((log) => log.flowLogId === flowLogId)) return false;
  const action = record.accepted ? 'ACCEPT' : 'REJECT';
  return owner.flowLogs.some(
    (log) =>
      log.flowLogId < flowLogId &&
      delivered.has(log.flowLogId) &&
      (log.trafficType === 'ALL' || log.trafficType === action) &&
      log.createdAt + MAX_AGGREGATION_SECONDS <= record.start,
  );
}
