import type { FlowRecord } from '../flowlogs/record.ts';
import type { CompiledInterface } from '../matching/compiled-inventory.ts';
import { dayOf, type Day } from '../time.ts';
import { countingLog, type LogsOfDay } from '../usage/log-days.ts';
import { within } from '../usage/usage.ts';

/** Longest aggregation interval: the first window of a new flow log may be cut short. */
const MAX_AGGREGATION_SECONDS = 600;

export type IsDuplicate = (record: FlowRecord, owner: CompiledInterface) => boolean;

/**
 * The other flow logs over an interface that should tell of its records of one action too, of those that start in between. Since
 * setting aside a record that stands nowhere else would make a used rule look unused, they must be active, record this action,
 * and have existed before the record's window.
 */
export interface Rivals {
  /** In order; one list for the same ids. */
  readonly ids: readonly string[];
  /** UNIX seconds, inclusive. */
  readonly since: number;
  /** UNIX seconds, exclusive. */
  readonly until: number;
}

/** Where no other flow log should tell of a record: always this list. */
export const NO_RIVALS: readonly string[] = [];

const NONE: Rivals = { ids: NO_RIVALS, since: -Infinity, until: Infinity };

/** What of a record decides who its rivals are. */
type Recorded = Pick<FlowRecord, 'accepted' | 'start'>;

export type RivalsOf = (record: Recorded, owner: CompiledInterface) => Rivals;

/** Tells the rivals of records of one flow log; none where its id is not known. */
export function rivalsOf(flowLogId: string | undefined): RivalsOf {
  if (flowLogId === undefined) return () => NONE;
  const lists = new Map<string, readonly string[]>([['', NO_RIVALS]]);
  // Most records follow one with the same rivals.
  const [accepted, rejected] = [new Map<CompiledInterface, Rivals>(), new Map<CompiledInterface, Rivals>()];
  return (record, owner) => {
    if (owner.flowLogs.length < 2) return NONE;
    const last = record.accepted ? accepted : rejected;
    let known = last.get(owner);
    if (!known || record.start < known.since || record.start >= known.until) {
      const found = findRivals(record, owner, flowLogId);
      const key = found.ids.join(' ');
      const ids = lists.get(key) ?? found.ids;
      lists.set(key, ids);
      last.set(owner, (known = { ...found, ids }));
    }
    return known;
  };
}

function findRivals({ accepted, start }: Recorded, { flowLogs }: CompiledInterface, flowLogId: string): Rivals {
  if (!flowLogs.some((log) => log.flowLogId === flowLogId)) return NONE;
  const action = accepted ? 'ACCEPT' : 'REJECT';
  const others = flowLogs
    .filter(({ flowLogId: id, trafficType }) => id !== flowLogId && (trafficType === 'ALL' || trafficType === action))
    .map(({ flowLogId: id, createdAt }) => ({ id, since: createdAt + MAX_AGGREGATION_SECONDS }));
  return {
    ids: others.filter(({ since }) => since <= start).map(({ id }) => id),
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
    const rivals = rivalsOfRecord(record, owner).ids;
    if (rivals.length === 0) return false;
    return within(decided, rivals, dayOf(record.end), () => {
      const counting = countingLog([flowLogId, ...rivals], logsOn(dayOf(record.end)));
      return counting !== undefined && counting !== flowLogId;
    });
  };
}

/** Where no other flow log is known of. */
export const noDuplicates: IsDuplicate = () => false;
