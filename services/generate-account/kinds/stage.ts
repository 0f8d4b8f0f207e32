import type { Plan } from '../connections/connection.ts';
import { ephemeralPort, type PortRange } from '../connections/ephemeral-ports.ts';
import type { Span } from '../options/slots.ts';
import type { Random } from '../random/random.ts';
import type { World } from '../world/build-world.ts';
import type { Cast } from '../world/cast.ts';
import type { Endpoint, Interface } from '../world/entities.ts';
import { Outsiders } from './outsiders.ts';

/** Seconds between two exchanges of a pair that has no ports to tell them apart: no window holds both. */
const PAIR_PAUSE_SECONDS = 130;

/** How records come about: the scheduler's part, behind the recipes' backs. Both return the records written. */
export interface Recorder {
  open(plan: Plan): number;
  /** Notes an interface that no inventory shows, and when it lived (UNIX seconds). */
  hidden(iface: Interface, from: number, until: number): void;
  gap(iface: Interface, status: 'NODATA' | 'SKIPDATA', time: number): number;
}

/** The rest of a plan. */
export type Details = Omit<Partial<Plan>, 'opener' | 'server' | 'protocol' | 'serverPort'> & {
  /** Default `linux`. */
  readonly ports?: PortRange;
  /** How long it lasts, in seconds; default 0 to 5. */
  readonly seconds?: number;
};

/** What recipes play on: the world, a source of chance, the present slot of time, and ways to open connections. */
export class Stage {
  readonly world: World;
  readonly cast: Cast;
  readonly random: Random;
  readonly outsiders: Outsiders;
  readonly #recorder: Recorder;
  readonly #pairs = new Map<string, number>();
  #slot: Span = { from: 0, to: 0 };
  readonly #turns = new Map<string, number>();
  readonly #turnsOfRun = new Map<string, number>();

  constructor(world: World, random: Random, recorder: Recorder) {
    this.world = world;
    this.cast = world.cast;
    this.random = random;
    this.#recorder = recorder;
    this.outsiders = new Outsiders(random);
  }

  get slot(): Span {
    return this.#slot;
  }

  get isFirstSlot(): boolean {
    return this.#slot.from === this.world.start;
  }

  beginSlot(slot: Span): void {
    this.#slot = slot;
    this.#pairs.clear();
    this.#turns.clear();
  }

  open(plan: Plan): number {
    return this.#recorder.open(plan);
  }

  gap(iface: Interface, status: 'NODATA' | 'SKIPDATA', time: number): number {
    return this.#recorder.gap(iface, status, time);
  }

  /** A task that lives between two snapshots. */
  newTask(from: number, until: number): Interface {
    const task = this.world.newTask();
    this.#recorder.hidden(task, from, until);
    return task;
  }

  /** Another interface that no inventory shows, which lives for some time (UNIX seconds). */
  newUnknown(from: number, until: number, ...what: Parameters<World['newUnknown']>): Interface {
    const unknown = this.world.newUnknown(...what);
    this.#recorder.hidden(unknown, from, until);
    return unknown;
  }

  /** A time of the slot, UNIX seconds, early enough for something to be logged. */
  moment(): number {
    return this.#slot.from + this.random.below(this.#slot.to - this.#slot.from - 5);
  }

  tcp(opener: Endpoint, server: Endpoint, serverPort: number, details: Details = {}): number {
    return this.#talk(6, opener, server, serverPort, details);
  }

  /** A datagram or a few, and as many back unless the details say otherwise. */
  udp(opener: Endpoint, server: Endpoint, serverPort: number, details: Details = {}): number {
    const { random } = this;
    return this.#talk(17, opener, server, serverPort, {
      seconds: 0,
      forward: 1,
      backward: 1,
      forwardSize: random.between(60, 90),
      backwardSize: random.between(90, 400),
      ...details,
    });
  }

  /**
   * An exchange of a pair that has no port of its own for it: equal ports (`port`), or a protocol without (0). Such
   * exchanges follow each other at a distance; 0 where the slot has no room for another.
   */
  pairwise(
    opener: Endpoint,
    server: Endpoint,
    protocol: number,
    port: number,
    seconds: number,
    plan: Partial<Plan> = {},
  ): number {
    const key = opener.text < server.text ? `${opener.text} ${server.text}` : `${server.text} ${opener.text}`;
    const pair = `${key} ${protocol} ${port}`;
    const opened = (this.#pairs.get(pair) ?? this.#slot.from) + this.random.below(20);
    if (opened + seconds > this.#slot.to - PAIR_PAUSE_SECONDS) return 0;
    this.#pairs.set(pair, opened + seconds + PAIR_PAUSE_SECONDS);
    return this.open({
      opener,
      server,
      protocol,
      openerPort: port,
      serverPort: port,
      opened,
      closed: opened + seconds,
      forward: 1,
      backward: 1,
      forwardSize: 84,
      backwardSize: 84,
      ...plan,
    });
  }

  #talk(protocol: number, opener: Endpoint, server: Endpoint, serverPort: number, details: Details): number {
    const { ports = 'linux', seconds = this.random.below(6), ...rest } = details;
    const opened = details.opened ?? this.moment();
    const openerPort = ephemeralPort(opener, ports, this.random);
    return this.open({ opener, server, protocol, serverPort, openerPort, opened, closed: opened + seconds, ...rest });
  }

  /** Counts from 0 within the slot. */
  turn(name: string): number {
    return countUp(this.#turns, name);
  }

  /** Counts from 0 over the whole run. */
  turnOfRun(name: string): number {
    return countUp(this.#turnsOfRun, name);
  }
}

function countUp(turns: Map<string, number>, name: string): number {
  const turn = turns.get(name) ?? 0;
  turns.set(name, turn + 1);
  return turn;
}

export function primary(iface: Interface): Endpoint {
  return iface.endpoints[0]!;
}

export function ipv6(iface: Interface): Endpoint {
  if (!iface.ipv6) throw new Error(`no IPv6 address on ${iface.id}`);
  return iface.ipv6;
}

/** The primary address of any machine but one. */
export function machineBut({ random, cast }: Stage, one: Interface): Endpoint {
  for (;;) {
    const machine = random.pick(cast.machines);
    if (machine !== one) return primary(machine);
  }
}
