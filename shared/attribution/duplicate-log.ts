import type { FlowRecord } from '../flowlogs/record.ts';
import type { CompiledInterface } from '../matching/compiled-inventory.ts';
import { dayOf, type Day } from '../time.ts';
import { countingLog, type LogsOfDay } from '../usage/log-days.ts';

/** Longest aggregation interval: the first window of a new flow log may be cut short. */
const MAX_AGGREGATION_SECONDS = 600;

export type IsDuplicate = (record: FlowRecord, owner: CompiledInterface) => boolean;

/**
 * The other flow logs over the interface that should tell of a record of this one too. Since setting aside a record that
 * stands nowhere else would make a used rule look unused, they must be active, record this action, and have existed before
 * the record's window. In the order of their ids.
 */
export function rivalLogs(record: FlowRecord, owner: CompiledInterface, flowLogId: string | undefined): string[] {
  if (owner.flowLogs.length < 2 || flowLogId === undefined) return [];
  if (!owner.flowLogs.some((log) => log.flowLogId === flowLogId)) return [];
  const action = record.accepted ? 'ACCEPT' : 'REJECT';
  return owner.flowLogs
    .filter(
      ({ flowLogId: id, trafficType, createdAt }) =>
        id !== flowLogId &&
        (trafficType === 'ALL' || trafficType === action) &&
        createdAt + MAX_AGGREGATION_SECONDS <= record.start,
    )
    .map((log) => log.flowLogId);
}

/**
 * Tells of records of one flow log whether another counts in their place.
 *
 * @param logsOn what was read of each flow log on a day, of all files that are counted together
 */
export function duplicatesAmong(flowLogId: string | undefined, logsOn: (day: Day) => LogsOfDay): IsDuplicate {
  return (record, owner) => {
    const rivals = rivalLogs(record, owner, flowLogId);
    if (rivals.length === 0) return false;
    const counting = countingLog([flowLogId!, ...rivals], logsOn(dayOf(record.end)));
    return counting !== undefined && counting !== flowLogId;
  };
}

/** Where no other flow log is known of. */
export const noDuplicates: IsDuplicate = () => false;
