import type { FlowRecord } from '../flowlogs/record.ts';
import type { CompiledInterface } from '../matching/compiled-inventory.ts';
import { dayOf, type Day } from '../time.ts';
import { countingLog, type LogsOfDay } from '../usage/log-days.ts';
import { within } from '../usage/usage.ts';

/** Longest aggregation interval: the first window of a new flow log may be cut short. */
const MAX_AGGREGATION_SECONDS = 600;

export type IsDuplicate = (record: FlowRecord, owner: CompiledInterface) => boolean;

/** The rivals of the records of one action of an interface that start in between. */
interface Known {
  readonly rivals: readonly string[];
  /** UNIX seconds, inclusive. */
  readonly since: number;
  /** UNIX seconds, exclusive. */
  readonly until: number;
}

/** Where no other flow log should tell of a record: always this list. */
export const NO_RIVALS: readonly string[] = [];

/**
 * The other flow logs over the interface that should tell of a record of this one too. Since setting aside a record that
 * stands nowhere else would make a used rule look unused, they must be active, record this action, and have existed before
 * the record's window. In the order of their ids; one list for the same ids.
 */
export type RivalsOf = (record: FlowRecord, owner: CompiledInterface) => readonly string[];

/** Tells the rivals of records of one flow log; none where its id is not known. */
export function rivalsOf(flowLogId: string | undefined): RivalsOf {
  if (flowLogId === undefined) return () => NO_RIVALS;
  const lists = new Map<string, readonly string[]>([['', NO_RIVALS]]);
  // Most records follow one with the same rivals.
  const [accepted, rejected] = [new Map<CompiledInterface, Known>(), new Map<CompiledInterface, Known>()];
  return (record, owner) => {
    if (owner.flowLogs.length < 2) return NO_RIVALS;
    const last = record.accepted ? accepted : rejected;
    let known = last.get(owner);
    if (!known || record.start < known.since || record.start >= known.until) {
      const found = knownOf(record, owner, flowLogId);
      const ids = found.rivals.join(' ');
      const rivals = lists.get(ids) ?? found.rivals;
      lists.set(ids, rivals);
      last.set(owner, (known = { ...found, rivals }));
    }
    return known.rivals;
  };
}

function knownOf({ accepted, start }: FlowRecord, { flowLogs }: CompiledInterface, flowLogId: string): Known {
  if (!flowLogs.some((log) => log.flowLogId === flowLogId)) return { rivals: [], since: -Infinity, until: Infinity };
  const action = accepted ? 'ACCEPT' : 'REJECT';
  const others = flowLogs
    .filter(({ flowLogId: id, trafficType }) => id !== flowLogId && (trafficType === 'ALL' || trafficType === action))
    .map(({ flowLogId: id, createdAt }) => ({ id, since: createdAt + MAX_AGGREGATION_SECONDS }));
  return {
    rivals: others.filter(({ since }) => since <= start).map(({ id }) => id),
    since: Math.max(-Infinity, ...others.map(({ since }) => since).filter((since) => since <= start)),
    until: Math.min(Infinity, ...others.map(({ since }) => since).filter((since) => since > start)),
  };
}

/**
 * Tells of records of one flow log whether another counts in their place.
 *
 * @param logsOn what was read of each flow log on a day, of all files that are counted together
 */
export function duplicatesAmong(flowLogId: string | undefined, logsOn: (day: Day) => LogsOfDay): IsDuplicate {
  if (flowLogId === undefined) return noDuplicates;
  const rivalsOfRecord = rivalsOf(flowLogId);
  const decided = new Map<readonly string[], Map<Day, boolean>>();
  return (record, owner) => {
    const rivals = rivalsOfRecord(record, owner);
    if (rivals.length === 0) return false;
    return within(decided, rivals, dayOf(record.end), () => {
      const counting = countingLog([flowLogId, ...rivals], logsOn(dayOf(record.end)));
      return counting !== undefined && counting !== flowLogId;
    });
  };
}

/** Where no other flow log is known of. */
export const noDuplicates: IsDuplicate = () => false;
