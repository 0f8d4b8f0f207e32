import type { FlowLogFileName } from '../flowlogs/file-name.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
import { compareText } from '../text/compare.ts';
import { DAY_SECONDS } from '../time.ts';
import { namesIn } from '../record-of.ts';

/** What was read of one flow log on one UTC day. */
export interface LogDay {
  /** Bit h is set where a record of any kind that ended in UTC hour h was read. */
  hours: number;
  /**
   * 24 numbers, one for each UTC hour: bit s of one is set where a file was read whose name says that AWS delivered it in
   * the five minutes from minute 5 s on, s from 0 to 11. Files with other names set none, and nor did programs of before.
   */
  readonly slots: number[];
  /** What its records told of, as a sum of {@link TOLD}. */
  told: number;
  /** All lines, those included that could not be read. */
  lines: number;
  /** Those that could not be read, on the day of their file's name or, where it tells none, of the record before. */
  malformed: number;
}

const MINUTES_PER_SLOT = 5;
const SLOTS_PER_HOUR = 12;
const SLOTS: readonly number[] = Array.from({ length: SLOTS_PER_HOUR }, (_, slot) => slot);
const HOURS: readonly number[] = Array.from({ length: 24 }, (_, hour) => hour);

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

/** What tells when a flow log was heard, and of what it told. */
export type HeardLog = Pick<LogDay, 'hours' | 'slots' | 'told'>;

/** The flow logs of one day, by id. */
export type LogsOfDay = ReadonlyMap<string, HeardLog>;

export function emptyLogDay(): LogDay {
  return { hours: 0, slots: HOURS.map(() => 0), told: 0, lines: 0, malformed: 0 };
}

/** Notes a file of that log with a line in it, which is named by that day. */
export function noteFile(log: Pick<LogDay, 'slots'>, { hour, minute }: Pick<FlowLogFileName, 'hour' | 'minute'>): void {
  noteSlot(log, SLOTS_PER_HOUR * hour + Math.floor(minute / MINUTES_PER_SLOT));
}

/** @param slot of the day, 0 to 287 */
export function noteSlot({ slots }: Pick<LogDay, 'slots'>, slot: number): void {
  slots[Math.floor(slot / SLOTS_PER_HOUR)]! |= 1 << (slot % SLOTS_PER_HOUR);
}

/** Slots of the day, 0 to 287, in order: the other way round than {@link noteSlot}. */
export function slotsHeard({ slots }: Pick<LogDay, 'slots'>): number[] {
  return HOURS.flatMap((hour) =>
    SLOTS.filter((slot) => (slots[hour]! & (1 << slot)) !== 0).map((slot) => SLOTS_PER_HOUR * hour + slot),
  );
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

export function addLogDay(into: LogDay, from: LogDay): void {
  into.hours |= from.hours;
  addSlots(into, from);
  into.told |= from.told;
  into.lines += from.lines;
  into.malformed += from.malformed;
}

export function addSlots(into: Pick<LogDay, 'slots'>, { slots }: Pick<LogDay, 'slots'>): void {
  for (const hour of HOURS) into.slots[hour]! |= slots[hour]!;
}

/**
 * Hours of the day, 0 to 24, in which the log was heard. Where files come several times an hour, each hour counts by the
 * share of them that there is.
 */
export function hoursHeard({ hours, slots }: Pick<LogDay, 'hours' | 'slots'>): number {
  const counts = slots.map(countBits);
  const beat = beatOf(counts);
  if (beat === 1) return countBits(hours);
  return counts.reduce((sum, count) => sum + Math.min(count, beat), 0) / beat;
}

/** How often an hour files may come: AWS delivers every five minutes, of windows of a minute or of ten. */
const BEATS = [1, 2, 3, 4, 6, 12] as const;

/**
 * How often an hour the files of a log come on a day, by the slots of each hour: the slowest beat that gives as many as a third of
 * the hours with files have. Of a log of which nine or three in four files are left, whichever, the median hour has 11 or
 * 9 of 12, and by that hardly any would be missed; no hour by itself may make the others look empty, as the fullest would.
 * Each day by itself: a flow log may have got more interfaces since the day before, which fill more slots.
 */
function beatOf(counts: readonly number[]): number {
  const some = counts.filter((count) => count > 0).sort((a, b) => b - a);
  const usual = some[Math.ceil(some.length / 3) - 1] ?? 1;
  return BEATS.find((beat) => beat >= usual)!;
}

/** Of a number of up to 32 bits. */
export function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/**
 * Of flow logs that all should tell of the same traffic, the one whose records count on a day: of those heard in the most
 * hours the one that tells most, then the smallest id. Undefined where none of them was heard.
 */
export function countingLog(flowLogIds: readonly string[], logs: LogsOfDay): string | undefined {
  const heard = flowLogIds.flatMap((id) => {
    const log = logs.get(id);
    return log && log.hours !== 0 ? [{ id, hours: Math.round(hoursHeard(log)), told: log.told }] : [];
  });
  heard.sort((a, b) => b.hours - a.hours || b.told - a.told || compareText(a.id, b.id));
  return heard[0]?.id;
}
