import type { Address } from '../addresses/address.ts';
import type { FoldedFlow } from '../attribution/flow-fold.ts';
import type { Admission } from '../matching/answer.ts';
import type { Day } from '../time.ts';
import { FlowNames, type NamesOfRows } from './flow-names.ts';
import {
  addSums,
  ANSWER,
  copyRow,
  DAY,
  emptyRow,
  INTERFACE,
  rowsInOrder,
  MORE,
  PEER,
  SERVICE,
  sortedBy,
  RowChunk,
  SOURCE,
  type FlowRow,
  type RowOrder,
} from './flow-rows.ts';
import type { HandedFlow } from './service-flow.ts';

/** Rows of a chunk, as a power of 2. */
const CHUNK_BITS = 12;
const CHUNK = 1 << CHUNK_BITS;
/** Direction, protocol, port and family in one word, in this order. */
const INGRESS = 1 << 25;
const SIX = 1;

/** What service flows are told from, and how. */
export interface AskedFlows {
  /** Rows that were taken out before, each run of them in order. */
  readonly runs?: readonly Iterable<FlowRow>[];
  /** Whether what was counted under a source on a day counts; by default all does. */
  readonly counts?: (day: Day, source: number) => boolean;
  /** How the id of a rule is written. */
  readonly nameOf?: (ruleId: string) => string;
}

/**
 * Gathers service flows as rows of 96 bytes, one behind the other: whoever adds has folded most of what is alike, and what is left
 * of it comes together when all is put in order. Of a flow of which the rules said more than one thing, since an address changed
 * hands on the day, there is one for each.
 */
export class ServiceFlows {
  readonly #chunks: RowChunk[] = [];
  #size = 0;
  readonly #names = new FlowNames();
  readonly #adding = emptyRow();

  /** Rows held: at least as many as flows. */
  get size(): number {
    return this.#size;
  }

  /**
   * @param admission undefined where nobody could ask the rules
   * @param source the caller's number for it
   */
  add(flow: FoldedFlow, interfaceId: string, admission: Admission | undefined, source = 0): void {
    const { direction, protocol, port, peer } = flow;
    const { words, sums } = this.#adding;
    words[DAY] = flow.day;
    words[INTERFACE] = this.#names.interface(interfaceId);
    words[SERVICE] =
      (direction === 'ingress' ? INGRESS : 0) | (protocol << 17) | (port << 1) | (peer.family === 6 ? SIX : 0);
    words[PEER] = peer.w0;
    words[PEER + 1] = peer.w1;
    words[PEER + 2] = peer.w2;
    words[PEER + 3] = peer.w3;
    words[ANSWER] = this.#names.answerOf(admission);
    words[SOURCE] = source;
    let others = 0;
    for (const { rules } of flow.possible) others = this.#names.union(others, this.#names.listOf(rules));
    words[MORE] = (others << 1) | (flow.isCredited && admission?.lone ? 1 : 0);
    sums[0] = flow.requests;
    sums[1] = flow.replies;
    sums[2] = flow.inferred;
    sums[3] = flow.packets;
    sums[4] = flow.bytes;
    sums[5] = flow.first;
    sums[6] = flow.last;
    this.#add(this.#adding);
  }

  /** All that is held, in order; each row is there until the next one is asked for. */
  *rows({ interfaces, answers } = this.#ranks()): Generator<FlowRow> {
    const word = (i: number, ranks?: Uint32Array) => (into: Uint32Array) => {
      for (let from = 0; from < into.length; from += CHUNK) {
        this.#chunks[from >> CHUNK_BITS]!.words(i, into.subarray(from, from + CHUNK), ranks);
      }
    };
    const order = sortedBy(this.#size, [
      word(DAY),
      word(INTERFACE, interfaces),
      ...[SERVICE, PEER, PEER + 1, PEER + 2, PEER + 3].map((i) => word(i)),
      word(ANSWER, answers),
    ]);
    const row = emptyRow();
    for (const at of order) {
      this.#chunks[at >> CHUNK_BITS]!.read(at & (CHUNK - 1), row);
      yield row;
    }
  }

  /**
   * By day, interface, direction, protocol, port, peer and rules: equal values lie together, which keeps files small. What is told
   * is one object, which says something else once the next one is asked for.
   */
  *flows({ runs = [], counts = () => true, nameOf = (id) => id }: AskedFlows = {}): Generator<Told> {
    const ranks = this.#ranks();
    const order = orderBy(ranks);
    const tell = this.#teller(nameOf);
    const held = emptyRow();
    let isHeld = false;
    const own = this.rows(ranks);
    for (const row of runs.length === 0 ? own : rowsInOrder([own, ...runs], order)) {
      if (!counts(row.words[DAY]!, row.words[SOURCE]!)) continue;
      if (isHeld && order(held, row) === 0) {
        addSums(held, row);
        held.words[MORE] = this.#moreOfBoth(held.words[MORE]!, row.words[MORE]!);
        continue;
      }
      if (isHeld) yield tell(held);
      copyRow(held, row);
      isHeld = true;
    }
    if (isHeld) yield tell(held);
  }

  /** How many {@link flows} are told. */
  count(): number {
    let count = 0;
    for (const _ of this.flows()) count++;
    return count;
  }

  /** Rows that were taken out of this one can still be told. Their memory is kept for those to come. */
  clear(): void {
    this.#size = 0;
  }

  /** What the numbers in its rows stand for. */
  get names(): NamesOfRows {
    return this.#names.told;
  }

  /**
   * Turns rows of another one into rows of this one.
   *
   * @param sourceOf this one's number of a source, by the other one's
   */
  adopting(other: NamesOfRows, sourceOf: (source: number) => number): (row: FlowRow) => FlowRow {
    const names = this.#names;
    const interfaces = other.interfaces.map((id) => names.interface(id));
    const answers = other.answers.map((answer) => names.answer(answer));
    const lists = other.lists.map((ids) => names.list(ids));
    return (row) => {
      const { words } = row;
      words[INTERFACE] = interfaces[words[INTERFACE]!]!;
      words[ANSWER] = answers[words[ANSWER]!]!;
      words[SOURCE] = sourceOf(words[SOURCE]!);
      words[MORE] = (lists[words[MORE]! >> 1]! << 1) | (words[MORE]! & 1);
      return row;
    };
  }

  #add(row: FlowRow): void {
    const chunk = this.#size >> CHUNK_BITS;
    if (chunk === this.#chunks.length) this.#chunks.push(new RowChunk(CHUNK));
    this.#chunks[chunk]!.put(this.#size++ & (CHUNK - 1), row);
  }

  #moreOfBoth(a: number, b: number): number {
    return a === b ? a : (this.#names.union(a >> 1, b >> 1) << 1) | ((a | b) & 1);
  }

  /** In the order of their texts. */
  #ranks(): Ranks {
    return { interfaces: this.#names.interfaces.ranks(), answers: this.#names.answers.ranks() };
  }

  #teller(nameOf: (ruleId: string) => string): (row: FlowRow) => Told {
    const idsOf = this.#names.teller(nameOf);
    const interfaces = this.#names.interfaces.values;
    const told: { -readonly [K in keyof Told]: Told[K] } = {
      day: 0,
      interfaceId: '',
      direction: 'ingress',
      protocol: 0,
      peer: { family: 0, w0: 0, w1: 0, w2: 0, w3: 0 },
      port: 0,
      ruleIds: [],
      possibleRuleIds: [],
      unclearRuleIds: [],
      untrackedRuleIds: [],
      requests: 0,
      replies: 0,
      inferred: 0,
      packets: 0,
      bytes: 0,
      first: 0,
      last: 0,
    };
    const { peer } = told;
    return ({ words, sums }) => {
      const service = words[SERVICE]!;
      told.day = words[DAY]!;
      told.interfaceId = interfaces[words[INTERFACE]!]!;
      told.direction = (service & INGRESS) === 0 ? 'egress' : 'ingress';
      told.protocol = (service >> 17) & 255;
      told.port = (service >> 1) & 0xffff;
      peer.family = (service & SIX) === 0 ? 4 : 6;
      peer.w0 = words[PEER]!;
      peer.w1 = words[PEER + 1]!;
      peer.w2 = words[PEER + 2]!;
      peer.w3 = words[PEER + 3]!;
      const ids = idsOf(words[ANSWER]!, words[MORE]! >> 1, (words[MORE]! & 1) === 1);
      told.ruleIds = ids.ruleIds;
      told.possibleRuleIds = ids.possibleRuleIds;
      told.unclearRuleIds = ids.unclearRuleIds;
      told.untrackedRuleIds = ids.untrackedRuleIds;
      told.requests = sums[0]!;
      told.replies = sums[1]!;
      told.inferred = sums[2]!;
      told.packets = sums[3]!;
      told.bytes = sums[4]!;
      told.first = sums[5]!;
      told.last = sums[6]!;
      return told;
    };
  }
}

/** A service flow and its day. */
type Told = HandedFlow & { readonly day: Day; readonly peer: Address };

interface Ranks {
  readonly interfaces: Uint32Array;
  readonly answers: Uint32Array;
}

/** Rows that differ in their source alone are alike. */
function orderBy({ interfaces, answers }: Ranks): RowOrder {
  return ({ words: a }, { words: b }) => {
    if (a[DAY] !== b[DAY]) return a[DAY]! - b[DAY]!;
    if (a[INTERFACE] !== b[INTERFACE]) return interfaces[a[INTERFACE]!]! - interfaces[b[INTERFACE]!]!;
    for (let i: number = SERVICE; i < ANSWER; i++) if (a[i] !== b[i]) return (a[i]! >>> 0) - (b[i]! >>> 0);
    return answers[a[ANSWER]!]! - answers[b[ANSWER]!]!;
  };
}
