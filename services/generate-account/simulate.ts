import type { Connection } from './connections/connection.ts';
import { ConnectionLogger } from './connections/log-connection.ts';
import { ConnectionOpener } from './connections/open-connection.ts';
import { TrueAdmission } from './connections/true-admission.ts';
import type { PlayedKind } from './kinds/recipe.ts';
import { type Recorder, Stage } from './kinds/stage.ts';
import type { Delivery } from './logs/delivery.ts';
import type { KindCount } from './options/mix.ts';
import { Random } from './random/random.ts';
import { isOfWholeDays, slotsOf, type Span } from './options/slots.ts';
import type { HiddenInterfaces } from './truth/hidden-interfaces.ts';
import type { Tally } from './truth/tally.ts';
import type { World } from './world/build-world.ts';
import type { FlowLog, Interface } from './world/entities.ts';

/** Bounds the memory: connections that last beyond a slot. Above it, kinds that last give way to others. */
const MAX_LASTING = 30_000;
/** Connections between two looks at whether the compressors keep up. */
const LOOK_EVERY = 400;

export interface Simulated {
  readonly connections: number;
  /** In the order of the traffic. */
  readonly counts: readonly KindCount[];
}

/**
 * Plays the traffic until as many records are written as were asked for, slot of time by slot of time. Which kind comes
 * next is the one that lags most behind its share, so that even a short run has every kind.
 */
export async function simulate(
  world: World,
  traffic: readonly PlayedKind[],
  options: { readonly seed: number; readonly records: number },
  delivery: Delivery,
  tally: Tally,
  hidden: HiddenInterfaces,
): Promise<Simulated> {
  const counts = traffic.map((): KindCount => ({ connections: 0, records: 0, requests: 0, replies: 0 }));
  const logs: Span = { from: world.start, to: world.end };
  const logger = new ConnectionLogger(delivery, tally, logs, counts, world.cast.alb);
  const opener = new ConnectionOpener(new TrueAdmission(world.built.contents), world.built.middleboxes);
  let lasting: Connection[] = [];
  let slot = logs;
  let kindIndex = 0;
  let connections = 0;
  /** Records to come of connections that opened late in a slot: their kind is not behind for lack of these. */
  const toCome = traffic.map(() => 0);

  const recorder: Recorder = {
    open(plan) {
      const connection = opener.open(plan, traffic[kindIndex]!.kind, kindIndex);
      connections++;
      counts[kindIndex]!.connections++;
      const written = logger.log(connection, slot, true);
      if (connection.closed >= slot.to) {
        lasting.push(connection);
        const perSecond = written / (slot.to - Math.max(plan.opened, slot.from));
        const missed = Math.max(0, plan.opened - slot.from);
        toCome[kindIndex]! += perSecond * Math.min(missed, connection.closed - slot.to);
      }
      return written;
    },
    gap: (iface, status, time) => logger.logGap(iface, status, time, traffic[kindIndex]!.kind, kindIndex),
    hidden: (iface, from, until) => hidden.add(iface, from, until),
  };
  const stage = new Stage(world, new Random(options.seed, 'traffic'), recorder);

  const byShare = [...traffic.keys()].filter((i) => traffic[i]!.played === 'byShare');
  const slots = slotsOf(logs, options.records);
  const quiet = isOfWholeDays(logs) ? new QuietLogs(world.built, delivery, logger, logs) : undefined;
  for (const [i, each] of slots.entries()) {
    slot = each;
    stage.beginSlot(slot);
    const before = lasting;
    lasting = before.filter((connection) => connection.closed >= slot.to);
    for (const [n, connection] of before.entries()) {
      logger.log(connection, slot, false);
      if (n % LOOK_EVERY === 0) await delivery.drained();
    }
    const quota = Math.round((options.records * (i + 1)) / slots.length);
    for (const [k, { played, recipe }] of traffic.entries()) {
      if (played !== 'everySlot') continue;
      kindIndex = k;
      recipe(stage);
    }
    const open = new Set(byShare);
    for (let n = 1; delivery.recordCount - (quiet?.records ?? 0) < quota && open.size > 0; n++) {
      kindIndex = mostBehind(traffic, counts, toCome, open);
      const { kind, recipe } = traffic[kindIndex]!;
      const isFull = lasting.length >= MAX_LASTING && RECIPES_THAT_LAST.has(kind);
      if (isFull || recipe(stage) === 0) open.delete(kindIndex);
      if (n % LOOK_EVERY === 0) await delivery.drained();
    }
    const next = slots[i + 1]?.from;
    quiet?.upTo(next ?? logs.to);
    await delivery.closeDue(next ?? Infinity);
  }
  return { connections, counts };
}

/**
 * In runs of a day or more: lets flow logs of accepted traffic say that there was none, wherever they would deliver nothing.
 * Of what a log of rejects alone does then AWS says nothing.
 */
class QuietLogs {
  records = 0;
  readonly #delivery: Delivery;
  readonly #logger: ConnectionLogger;
  readonly #logs: readonly (readonly [FlowLog, readonly Interface[]])[];
  /** All that was to be delivered before is, UNIX seconds. */
  #since: number;

  constructor({ flowLogs, interfaces }: World['built'], delivery: Delivery, logger: ConnectionLogger, { from }: Span) {
    this.#delivery = delivery;
    this.#logger = logger;
    this.#logs = flowLogs
      .filter(({ delivers, trafficType }) => delivers && trafficType === 'ALL')
      .map((log) => [log, interfaces.filter((one) => one.flowLogs.includes(log))]);
    this.#since = delivery.earliestDue(from);
  }

  /** All that ends before the time, UNIX seconds, has been added. */
  upTo(time: number): void {
    const until = this.#delivery.earliestDue(time);
    for (const [log, interfaces] of this.#logs) {
      for (const due of this.#delivery.emptyHanded(log, this.#since, until)) {
        this.records += this.#logger.logNoTraffic(log, interfaces, due);
      }
    }
    this.#since = until;
  }
}

const RECIPES_THAT_LAST: ReadonlySet<string> = new Set(['databasePool', 'brokerFromLowPorts', 'sshFromOffice']);

function mostBehind(
  traffic: readonly PlayedKind[],
  counts: readonly KindCount[],
  toCome: readonly number[],
  open: ReadonlySet<number>,
): number {
  let best = -1;
  let least = Infinity;
  for (const i of open) {
    const done = (counts[i]!.records + toCome[i]!) / traffic[i]!.share;
    if (done < least) {
      least = done;
      best = i;
    }
  }
  return best;
}
