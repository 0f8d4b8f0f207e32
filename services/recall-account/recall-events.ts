import * as z from 'zod';
import { secondsFromAws } from '../../shared/inventory/aws-time.ts';
import {
  CLOCK_SECONDS,
  GROUP_EVENTS,
  KEPT_DAYS,
  LATE_SECONDS,
  OTHER_EVENTS,
  RULE_EVENTS,
} from '../../shared/inventory/past/event-names.ts';
import { DAY_SECONDS, isoTime } from '../../shared/time.ts';
import { BudgetSpent, CallDenied, type Pace } from './pace.ts';

/** Events of one name, or about one resource; times in UNIX seconds, both inclusive. */
export interface EventQuery {
  readonly key: 'EventName' | 'ResourceName';
  readonly value: string;
  readonly from: number;
  readonly until: number;
}

export interface EventPage {
  /** As `aws cloudtrail lookup-events` prints them, the most recent first. */
  readonly events: readonly { readonly EventTime?: Date | undefined }[];
  readonly nextToken: string | undefined;
}

export interface EventHistory {
  /** @throws CallDenied */
  page(query: EventQuery, token: string | undefined, signal: AbortSignal): Promise<EventPage>;
}

/** A part of the history that was read whole. */
export interface ReadPart extends EventQuery {
  /** UNIX seconds. */
  readonly askedAt: number;
}

export interface RecallPorts {
  readonly history: EventHistory;
  readonly pace: Pace;
  /** Keeps one page, as the reader of inventories reads it. */
  readonly keep: (page: object) => Promise<void>;
  readonly tell: (line: string) => void;
}

export interface RecallRequest {
  /** When the snapshot was taken that the history is for, UNIX seconds. */
  readonly takenAt: number;
  readonly days: number;
  /** Interfaces that no snapshot shows, those with the most traffic first. */
  readonly unknown: readonly string[];
  /** What is there already, of a run that was stopped. */
  readonly read: readonly ReadPart[];
}

/** Pages that are kept together: what a run that is killed has to read again. */
const PAGES_KEPT_TOGETHER = 20;
/** The last look at what makes rules takes a call each, and is worth more than all before. */
export const RESERVED_CALLS = RULE_EVENTS.length;

/** Reads the event history. What was read whole is kept at once, so that a later run goes on from there. */
export class EventRecall {
  readonly #ports: RecallPorts;
  readonly #request: RecallRequest;
  readonly #read: ReadPart[];
  readonly #from: number;
  /** Behind the snapshot by as much as a clock may be slow: what came after it is of no harm. */
  readonly #until: number;
  /** In words; empty for nothing. */
  readonly missing = new Set<string>();
  #isDenied = false;

  constructor(ports: RecallPorts, request: RecallRequest) {
    const { takenAt, days, read } = request;
    this.#ports = ports;
    this.#request = request;
    this.#read = [...read];
    this.#until = takenAt + CLOCK_SECONDS;
    this.#from = Math.max(takenAt - days * DAY_SECONDS, ports.pace.now - KEPT_DAYS * DAY_SECONDS + 60);
  }

  /**
   * First what tells how old rules are, then unknown interfaces one by one, behind the events without which nobody knows
   * that these kept their groups, then all other events by name.
   */
  async begin(): Promise<void> {
    for (const name of RULE_EVENTS) await this.#ask('EventName', name, RESERVED_CALLS);
    for (const name of this.#request.unknown.length > 0 ? GROUP_EVENTS : []) {
      await this.#ask('EventName', name, RESERVED_CALLS);
    }
    for (const id of this.#request.unknown) await this.#ask('ResourceName', id, RESERVED_CALLS);
    for (const name of OTHER_EVENTS) await this.#ask('EventName', name, RESERVED_CALLS);
  }

  /** When nothing can come late any more: what made rules in the last minutes, once more. */
  async end(): Promise<void> {
    if (this.#isDenied) return;
    const { pace, tell } = this.#ports;
    const told = this.#until + LATE_SECONDS;
    if (told > pace.now) tell(`CloudTrail tells of a call some minutes after it: waiting until ${isoTime(told)}`);
    await pace.waitUntil(told);
    for (const name of RULE_EVENTS) await this.#ask('EventName', name, 0);
  }

  async #ask(key: EventQuery['key'], value: string, reserve: number): Promise<void> {
    try {
      for (const hole of holesIn(this.#read, { key, value, from: this.#from, until: this.#until })) {
        if (this.#isDenied) return;
        const isWhole = await readPart(this.#ports, hole, reserve, this.#read);
        if (!isWhole) this.missing.add(`all ${value} before ${isoTime(hole.until)}`);
      }
    } catch (error) {
      if (!(error instanceof CallDenied)) throw error;
      this.#isDenied = true;
      this.missing.add(`cloudtrail:LookupEvents is not allowed (${error.message})`);
    }
  }
}

/** Reads a part, the most recent events first; false where no call was left for all of it. */
async function readPart(
  { history, pace, keep, tell }: RecallPorts,
  query: EventQuery,
  reserve: number,
  read: ReadPart[],
): Promise<boolean> {
  const askedAt = pace.now;
  let { until } = query;
  let events: EventPage['events'][number][] = [];
  let token: string | undefined;
  const keepSince = async (from: number): Promise<void> => {
    const part = { ...query, from, until, askedAt };
    await keep(pageOf(part, events));
    read.push(part);
    [events, until] = [[], from - 1];
  };
  for (let pages = 1; ; pages++) {
    const page = await pace.call((signal) => history.page(query, token, signal), reserve).catch(noCallLeft);
    if (!page) {
      const oldest = oldestOf(events);
      // Of the second of the oldest one some may be missing.
      if (oldest < until) await keepSince(oldest + 1);
      return false;
    }
    events.push(...page.events);
    if (page.nextToken && page.nextToken === token) throw new Error('CloudTrail gave the same NextToken twice');
    tell(`${query.value}: ${String(pages)} pages, ${String(pace.made)} calls`);
    token = page.nextToken;
    if (token === undefined || token === '') break;
    const oldest = oldestOf(events);
    if (pages % PAGES_KEPT_TOGETHER === 0 && oldest < until) {
      const ofSecond = events.filter((event) => secondOf(event) === oldest);
      await keepSince(oldest + 1);
      events = ofSecond;
    }
  }
  await keepSince(query.from);
  return true;
}

function noCallLeft(error: unknown): undefined {
  if (!(error instanceof BudgetSpent)) throw error;
}

function secondOf({ EventTime }: EventPage['events'][number]): number {
  return EventTime ? Math.floor(EventTime.getTime() / 1000) : Infinity;
}

/** Infinity for none: then nothing was read. */
function oldestOf(events: EventPage['events']): number {
  return events.reduce((oldest, event) => Math.min(oldest, secondOf(event)), Infinity);
}

function pageOf({ key, value, from, until, askedAt }: ReadPart, Events: EventPage['events']): object {
  const [StartTime, EndTime, AskedAt] = [from, until, askedAt].map(isoTime);
  return { Events, Lookup: { [key]: value, StartTime, EndTime, AskedAt, Complete: true } };
}

const time = z.string().transform((text) => secondsFromAws(text) ?? Number.NaN);

/** What a page that is kept was asked for. */
export const LOOKUP = z.object({
  EventName: z.string().optional(),
  ResourceName: z.string().optional(),
  StartTime: time,
  EndTime: time,
  AskedAt: time,
  Complete: z.boolean(),
});

/** Undefined for a page that says only that somebody began to ask. */
export function partOf(lookup: z.output<typeof LOOKUP>): ReadPart | undefined {
  const { EventName, ResourceName, StartTime: from, EndTime: until, AskedAt: askedAt, Complete } = lookup;
  const value = EventName ?? ResourceName;
  if (!Complete || value === undefined) return undefined;
  return { key: EventName === undefined ? 'ResourceName' : 'EventName', value, from, until, askedAt };
}

/** What of the query is not answered yet, the most recent first: of the minutes before a part was read, something may be missing. */
function holesIn(read: readonly ReadPart[], query: EventQuery): EventQuery[] {
  const parts = read
    .filter(({ key, value }) => key === query.key && value === query.value)
    .map(({ from, until, askedAt }) => ({ from, until: Math.min(until, askedAt - LATE_SECONDS) }))
    .sort((a, b) => b.until - a.until);
  const holes: EventQuery[] = [];
  let until = query.until;
  for (const part of parts) {
    if (part.until < until) holes.push({ ...query, from: Math.max(query.from, part.until + 1), until });
    until = Math.min(until, part.from - 1);
  }
  if (until >= query.from) holes.push({ ...query, until });
  return holes.filter(({ from, until: last }) => last >= from);
}
