import type { ServiceFlow } from './service-flow.ts';
import type { Day } from '../time.ts';

type Sums = Pick<ServiceFlow, 'requests' | 'replies' | 'inferred' | 'packets' | 'bytes' | 'first' | 'last'>;

/** One service flow over all days that were looked at. */
export interface FlowSum
  extends Pick<ServiceFlow, 'interfaceId' | 'direction' | 'protocol' | 'peer' | 'port'>, Readonly<Sums> {
  /** Rules that stand, by ascending id: which ones is said where the flow was added. */
  readonly ruleIds: readonly string[];
  /** UTC days on which it was seen. */
  readonly days: number;
}

/** Service flows of the same rules, protocol and port, of whatever interfaces and peers. */
export interface ServiceSum extends Pick<FlowSum, 'direction' | 'protocol' | 'port' | 'ruleIds'>, Readonly<Sums> {
  readonly flows: number;
  readonly interfaces: number;
  readonly peers: number;
}

export interface FlowTotals extends Readonly<Sums> {
  readonly flows: number;
  /** False where there are more flows than are told apart: `flows` is what was, the sums are of all. */
  readonly isComplete: boolean;
}

/** Distinct flows that are told apart: some 200 MB. */
const MAX_FLOWS = 500_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface Held {
  readonly sum: Mutable<FlowSum>;
  lastDay: Day;
}

/** Adds up service flows over days. */
export class FlowSums {
  readonly #flows = new Map<string, Held>();
  readonly #totals = noSums();
  readonly #maxFlows: number;
  #isComplete = true;

  constructor(maxFlows = MAX_FLOWS) {
    this.#maxFlows = maxFlows;
  }

  /** All pieces of a day before those of the next. */
  add(day: Day, flow: ServiceFlow, ruleIds: readonly string[]): void {
    addSums(this.#totals, flow);
    const { interfaceId, direction, protocol, peer, port } = flow;
    const key = flowKey(flow);
    let held = this.#flows.get(key);
    if (!held) {
      if (this.#flows.size >= this.#maxFlows) {
        this.#isComplete = false;
        return;
      }
      held = { sum: { interfaceId, direction, protocol, peer, port, ruleIds: [], days: 0, ...noSums() }, lastDay: -1 };
      this.#flows.set(key, held);
    }
    const { sum } = held;
    addSums(sum, flow);
    if (day !== held.lastDay) sum.days++;
    held.lastDay = day;
    if (ruleIds.some((id) => !sum.ruleIds.includes(id))) {
      sum.ruleIds = [...new Set([...sum.ruleIds, ...ruleIds])].sort();
    }
  }

  get totals(): FlowTotals {
    return { flows: this.#flows.size, ...this.#totals, isComplete: this.#isComplete };
  }

  /** Most requests first, then the latest use. */
  flows(): FlowSum[] {
    return [...this.#flows.values()]
      .map(({ sum }): FlowSum => sum)
      .sort((a, b) => worstFirst(a, b) || compare(flowKey(a), flowKey(b)));
  }

  services(): ServiceSum[] {
    const all = [...this.#flows.values()].map(({ sum }) => sum);
    const groups = Map.groupBy(all, ({ direction, protocol, port, ruleIds }) =>
      [direction, protocol, port, ...ruleIds].join(' '),
    );
    const sums = [...groups.values()].map((flows): ServiceSum => {
      const { direction, protocol, port, ruleIds } = flows[0]!;
      const sums = noSums();
      for (const flow of flows) addSums(sums, flow);
      const [interfaces, peers] = [
        new Set(flows.map(({ interfaceId }) => interfaceId)).size,
        new Set(flows.map(({ peer }) => peer)).size,
      ];
      return { direction, protocol, port, ruleIds, flows: flows.length, interfaces, peers, ...sums };
    });
    return sums.sort((a, b) => worstFirst(a, b) || a.protocol - b.protocol || a.port - b.port);
  }
}

function noSums(): Mutable<Sums> {
  return { requests: 0, replies: 0, inferred: 0, packets: 0, bytes: 0, first: Infinity, last: -1 };
}

function addSums(into: Mutable<Sums>, more: Readonly<Sums>): void {
  into.requests += more.requests;
  into.replies += more.replies;
  into.inferred += more.inferred;
  into.packets += more.packets;
  into.bytes += more.bytes;
  into.first = Math.min(into.first, more.first);
  into.last = Math.max(into.last, more.last);
}

function worstFirst(a: Sums, b: Sums): number {
  return b.requests - a.requests || b.last - a.last;
}

/** What makes it the same flow. */
export function flowKey(flow: Pick<FlowSum, 'interfaceId' | 'direction' | 'protocol' | 'peer' | 'port'>): string {
  const { interfaceId, direction, protocol, peer, port } = flow;
  return `${interfaceId} ${direction} ${protocol} ${peer} ${port}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
