import type { FlowRecord } from '../flowlogs/record.ts';
import { compareText } from '../text/compare.ts';
import { DAY_SECONDS } from '../time.ts';
import { namesIn } from '../record-of.ts';

/** What was read of one flow log on one UTC day. */
export interface LogDay {
  /** Bit h is set where a record of any kind that ended in UTC hour h was read. */
  hours: number;
  /** What its records told of, as a sum of {@link TOLD}. */
  told: number;
  /** All lines, those included that could not be read. */
  lines: number;
  /** Those that could not be read, on the day of their file's name or, where it tells none, of the record before. */
  malformed: number;
}

/** Optional fields by what they are worth where two flow logs tell of the same traffic: a larger sum tells more. */
export const TOLD = { tcpFlags: 4, packetAddresses: 2, flowDirection: 1 } as const;

export const TOLD_NAMES = namesIn(TOLD);

/** What records with these fields can tell of. */
export function toldByFields(fields: readonly string[]): number {
  const packet = fields.includes('pkt-srcaddr') || fields.includes('pkt-dstaddr') ? TOLD.packetAddresses : 0;
  const flags = fields.includes('tcp-flags') ? TOLD.tcpFlags : 0;
  return flags | packet | (fields.includes('flow-direction') ? TOLD.flowDirection : 0);
}

export function toldNames(told: number): (keyof typeof TOLD)[] {
  return TOLD_NAMES.filter((name) => (told & TOLD[name]) !== 0);
}

/** Fields with other names add nothing. */
export function toldOf(names: readonly string[]): number {
  return TOLD_NAMES.reduce((told, name) => (names.includes(name) ? told | TOLD[name] : told), 0);
}

/** The flow logs of one day, by id. */
export type LogsOfDay = ReadonlyMap<string, Pick<LogDay, 'hours' | 'told'>>;

export function emptyLogDay(): LogDay {
  return { hours: 0, told: 0, lines: 0, malformed: 0 };
}

/** Notes a record of that log which ended on that day. */
export function noteRecord(log: LogDay, record: FlowRecord): void {
  log.hours |= 1 << Math.floor((record.end % DAY_SECONDS) / 3600);
  log.lines += record.times;
  if (record.status !== 'OK') return;
  if (record.tcpFlags >= 0 || record.opener !== undefined) log.told |= TOLD.tcpFlags;
  if (record.packetSource.family !== 0 || record.packetDestination.family !== 0) log.told |= TOLD.packetAddresses;
  if (record.direction !== undefined) log.told |= TOLD.flowDirection;
}

export function addLogDay(into: LogDay, { hours, told, lines, malformed }: LogDay): void {
  into.hours |= hours;
  into.told |= told;
  into.lines += lines;
  into.malformed += malformed;
}

/** Hours of the day, 0 to 24, in which the log was heard. */
export function hoursHeard({ hours }: Pick<LogDay, 'hours'>): number {
  let count = 0;
  for (let rest = hours; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/**
 * Of flow logs that all should tell of the same traffic, the one whose records count on a day: of those heard in the most
 * hours the one that tells most, then the smallest id. Undefined where none of them was heard.
 */
export function countingLog(flowLogIds: readonly string[], logs: LogsOfDay): string | undefined {
  const heard = flowLogIds.flatMap((id) => {
    const log = logs.get(id);
    return log && log.hours !== 0 ? [{ id, hours: hoursHeard(log), told: log.told }] : [];
  });
  heard.sort((a, b) => b.hours - a.hours || b.told - a.told || compareText(a.id, b.id));
  return heard[0]?.id;
}
