import * as z from 'zod';
import { NEAR_SECONDS } from '../../shared/history/day-facts.ts';
import type { Inventory } from '../../shared/inventory/inventory.ts';
import { CLOCK_SECONDS, KEPT_DAYS, LATE_SECONDS } from '../../shared/inventory/past/event-names.ts';
import { NOTHING_REMEMBERED } from '../../shared/inventory/past/past.ts';
import { pastTold, rulesAskedUntil, wholeSince } from '../../shared/inventory/past/past-of.ts';
import type { RecalledPast } from '../../shared/inventory/past/past-file.ts';
import { DAY_SECONDS, dayOf, secondsFromIso, type Day } from '../../shared/time.ts';
import { Pace, type Clock } from './pace.ts';
import { EventRecall, type EventHistory } from './recall-events.ts';
import { NOT_RECORDED, recallStates, type StateHistory } from './recall-states.ts';
import { RecalledPages, type PageStore } from './recalled-pages.ts';

/** Of each of the two histories in a round: at two a second, twelve of the fifteen minutes that a function lives. */
const CALLS_A_ROUND = 1400;
/** Some 400,000 events in a night, in an hour and a quarter; what is left is asked by the next night. */
const ROUNDS = 6;
/** A snapshot is read within this time: `infra/snapshot-groups.ts`. */
const READING_SECONDS = 5 * 60;
/** What is kept of a round's time, to put together and write what all pages tell. */
const RESERVE_MS = 3 * 60_000;

const MISSING_SHOWN = 10;
const MESSAGE_SHOWN = 300;
const INTERFACE_ID = /^eni-[0-9a-f]{8,17}$/;

const EVENT = z.object({ startedAt: z.iso.datetime(), round: z.int().min(1) });

export interface TakenSnapshot {
  /** When its reading began, UNIX seconds. */
  readonly takenAt: number;
  /** When a reading last found it true. */
  readonly lookedAt: number;
  readonly inventory: Inventory;
}

export interface NightRecallPorts {
  readonly events: EventHistory;
  readonly states: StateHistory;
  readonly pages: PageStore;
  readonly clock: Clock;
  /** Milliseconds that are left of the invocation. */
  timeLeft(): number;
  /** The last snapshot that was taken by this time, UNIX seconds, else the first. */
  snapshotBy(time: number): Promise<TakenSnapshot>;
  /** Interfaces of which records were streamed on the day, and that no snapshot shows. */
  unknownOn(day: Day): Promise<readonly string[]>;
  publish(recalled: RecalledPast): Promise<void>;
  report(figures: RecallFigures): void;
}

export interface RecallFigures {
  readonly round: number;
  readonly calls: number;
  /** In words, what could not be asked for. */
  readonly missing: readonly string[];
  readonly interfaces: number;
  readonly ages: number;
}

/** What the state machine goes by. */
export interface RecallRound {
  readonly round: number;
  readonly again: boolean;
  readonly waitSeconds: number;
}

/**
 * A round of a night: asks both histories for what was not answered yet, up to a quarter of an hour before the night began (of what
 * came later something may be missing), keeps the answers, and makes what follows from all of them what others read. Done
 * again it asks only for what is left.
 *
 * What is asked for is held against a snapshot that was read before that time.
 *
 * @throws Error that names what is wrong with the event, and what AWS answers but that something is not allowed
 */
export async function recallNight(event: unknown, ports: NightRecallPorts): Promise<RecallRound> {
  const { success, data, error } = EVENT.safeParse(event);
  if (!success) throw new Error(`nothing to recall: ${z.prettifyError(error)}`);
  const { round } = data;
  const startedAt = Math.floor(secondsFromIso(data.startedAt));
  const { clock } = ports;
  const snapshot = await ports.snapshotBy(startedAt - LATE_SECONDS - READING_SECONDS);
  const until = Math.max(startedAt - LATE_SECONDS, snapshot.takenAt + READING_SECONDS);
  const early = until + LATE_SECONDS - Math.floor(clock.now() / 1000);
  // In the first minutes of a deployment.
  if (early > 0) return { round: round + 1, again: round < ROUNDS, waitSeconds: early };

  const pages = new RecalledPages(ports.pages, () => clock.now() / 1000);
  await pages.load();
  // Ids in a log are text of others.
  const unknown = (await ports.unknownOn(dayOf(startedAt) - 1)).filter((id) => INTERFACE_ID.test(id));
  const { calls, isCut, said, failure } = await ask(pages, { until, inventory: snapshot.inventory, unknown }, ports);
  const recalled = await toldBy(pages, snapshot, until, ports);
  const missing = [...inShort(said), ...pages.missing];
  await ports.publish({ ...recalled, missing });
  const { ages, interfaces } = recalled.past;
  ports.report({ round, calls, missing, interfaces: interfaces.length, ages: ages.size });
  // What was answered counts, and the other one is asked again.
  if (failure) throw failure;
  return { round: round + 1, again: isCut && round < ROUNDS, waitSeconds: 1 };
}

interface Wanted {
  /** UNIX seconds. */
  readonly until: number;
  readonly inventory: Inventory;
  readonly unknown: readonly string[];
}

/** Asks both histories, beside each other: neither waits for what the other lacks. Returns what is missing, in words. */
async function ask(pages: RecalledPages, { until, inventory, unknown }: Wanted, ports: NightRecallPorts) {
  const { clock } = ports;
  const signal = AbortSignal.timeout(Math.max(0, ports.timeLeft() - RESERVE_MS / 2));
  const pace = (): Pace => new Pace(CALLS_A_ROUND, clock, signal, clock.now() + ports.timeLeft() - RESERVE_MS);
  const [ofEvents, ofStates] = [pace(), pace()];
  const tell = (): void => undefined;
  const events = new EventRecall(
    { history: ports.events, pace: ofEvents, keep: (page) => pages.keep(page), tell },
    // It asks a little beyond.
    { takenAt: until - CLOCK_SECONDS, days: KEPT_DAYS, unknown, read: pages.parts },
  );
  const states = recallStates(
    {
      history: ports.states,
      pace: ofStates,
      isKept: (type, id) => pages.has(type, id),
      keep: (type, id, page) => pages.keepStates(type, id, page),
      tell,
    },
    {
      from: until - KEPT_DAYS * DAY_SECONDS,
      resources: {
        'AWS::EC2::SecurityGroup': [...inventory.groups.keys()],
        'AWS::EC2::PrefixList': [...inventory.prefixLists.keys()],
        'AWS::EC2::NetworkInterface': [...unknown, ...inventory.interfaces.keys()],
      },
    },
  );
  const outcomes = await Promise.allSettled([events.begin().then(() => [...events.missing]), states]);
  await pages.flush();
  const failures = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
  const missing = outcomes.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  return {
    calls: ofEvents.made + ofStates.made,
    isCut: ofEvents.isSpent || ofStates.isSpent,
    said: [
      ...failures.map(({ name, message }) => `asking failed: ${name}: ${message.slice(0, MESSAGE_SHOWN)}`),
      ...missing.filter((what) => what !== NOT_RECORDED),
    ],
    failure: failures[0],
  };
}

/**
 * What all pages tell together. Where a night could not ask what made rules, it is what the last one knew that could: held against
 * the snapshot of then, since silence of which nobody asked the end tells nothing. Where snapshots had stopped by then, what was made
 * since and still stands is in none: no day is known whole by it.
 */
async function toldBy(
  { told }: RecalledPages,
  snapshot: TakenSnapshot,
  until: number,
  ports: Pick<NightRecallPorts, 'snapshotBy'>,
): Promise<Omit<RecalledPast, 'missing'>> {
  const asked = rulesAskedUntil(told) ?? until;
  const former = asked < until ? await ports.snapshotBy(asked - READING_SECONDS) : snapshot;
  const [held, upTo] = former.takenAt + READING_SECONDS <= asked ? [former, Math.min(asked, until)] : [snapshot, until];
  const past = pastTold(told, held.inventory, upTo) ?? NOTHING_REMEMBERED;
  const isOld = held.lookedAt < upTo - NEAR_SECONDS;
  return { past, until: upTo, wholeSince: isOld ? undefined : wholeSince(told, upTo) };
}

function inShort(all: readonly string[]): string[] {
  const more = all.length - MISSING_SHOWN;
  return more > 0
    ? [...all.slice(0, MISSING_SHOWN), `and ${String(more)} more, which the next night asks for`]
    : [...all];
}
