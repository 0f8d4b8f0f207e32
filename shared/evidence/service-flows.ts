import type { FoldedFlow } from '../attribution/flow-fold.ts';
import type { Admission } from '../matching/answer.ts';
import { seedOf } from '../matching/compiled-inventory.ts';
import type { Day } from '../time.ts';
import { FlowGroup, type DatedFlow } from './flow-group.ts';
import { FlowNames, type NamesOfRows } from './flow-names.ts';
import { FlowRows, type RowRun } from './flow-rows.ts';
import {
  ANSWER,
  DAY,
  INGRESS_BIT,
  INTERFACE,
  MORE,
  PEER,
  PORT_BIT,
  PROTOCOL_BIT,
  ROW_BYTES,
  SERVICE,
  SIX,
  SOURCE_NUMBER,
  SUMS,
} from './rows/layout.ts';

/** What service flows are told from, and how. */
export interface AskedFlows {
  /** Rows that were taken out before. */
  readonly runs?: readonly RowRun[];
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
  readonly #names = new FlowNames();
  #made: FlowRows | undefined;
  #size = 0;
  #counts: Required<AskedFlows>['counts'] = () => true;

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
    const row = this.#rows.at(this.#size++);
    const { words, numbers } = this.#rows;
    const at = row >>> 2;
    words[at + DAY] = flow.day;
    words[at + INTERFACE] = this.#names.interface(interfaceId);
    words[at + SERVICE] =
      (direction === 'ingress' ? 1 << INGRESS_BIT : 0) |
      (protocol << PROTOCOL_BIT) |
      (port << PORT_BIT) |
      (peer.family === 6 ? SIX : 0);
    words[at + PEER] = peer.w0;
    words[at + PEER + 1] = peer.w1;
    words[at + PEER + 2] = peer.w2;
    words[at + PEER + 3] = peer.w3;
    words[at + ANSWER] = this.#names.answerOf(admission);
    let others = 0;
    for (const { rules } of flow.possible) others = this.#names.union(others, this.#names.listOf(rules));
    words[at + MORE] = (others << 1) | (flow.isCredited && admission?.lone ? 1 : 0);
    words[at + SOURCE_NUMBER] = source;
    const sums = (row >>> 3) + SUMS;
    numbers[sums] = flow.requests;
    numbers[sums + 1] = flow.replies;
    numbers[sums + 2] = flow.inferred;
    numbers[sums + 3] = flow.packets;
    numbers[sums + 4] = flow.bytes;
    numbers[sums + 5] = flow.first;
    numbers[sums + 6] = flow.last;
  }

  /** The bytes of all rows in order, some at a time, which are there until the next ones are asked for: a {@link RowRun}. */
  *taken(): Generator<Uint8Array> {
    if (this.#size === 0) return;
    this.#begin([], true);
    const { wasm } = this.#rows;
    for (const rows of this.#rows.groups()) yield this.#rows.bytes(wasm.GROUP.value, rows * ROW_BYTES);
  }

  /**
   * By day, interface, direction, protocol, port, peer and rules: equal values lie together, which keeps files small. Each group is
   * there until the next one is asked for.
   */
  *groups({ runs = [], counts = () => true, nameOf = (id) => id }: AskedFlows = {}): Generator<FlowGroup> {
    if (this.#size === 0 && runs.length === 0) return;
    this.#counts = counts;
    this.#begin(runs, false);
    const idsOf = this.#names.teller(nameOf);
    const { values } = this.#names.interfaces;
    for (const rows of this.#rows.groups()) yield new FlowGroup(this.#rows, rows, values, idsOf);
  }

  /** The same one by one: one object, which says something else once the next one is asked for. */
  *flows(asked?: AskedFlows): Generator<DatedFlow> {
    for (const group of this.groups(asked)) for (let i = 0; i < group.size; i++) yield group.flow(i);
  }

  /** How many {@link flows} are told. */
  count(): number {
    let count = 0;
    for (const { size } of this.groups()) count += size;
    return count;
  }

  /** Rows that were taken out of this one can still be told. Their memory is kept for those to come. */
  clear(): void {
    this.#size = 0;
  }

  /** What the numbers in its rows stand for, once they were {@link taken}. */
  get names(): NamesOfRows {
    return this.#names.told;
  }

  /**
   * Turns rows of another one into rows of this one.
   *
   * @param sourceOf this one's number of a source, by the other one's
   */
  adopting(other: NamesOfRows, sourceOf: (source: number) => number): (run: RowRun) => RowRun {
    const names = this.#names;
    const interfaces = other.interfaces.map((id) => names.interface(id));
    const answers = other.answers.map((answer) => names.answer(answer));
    const lists = other.lists.map((ids) => names.list(ids));
    return (run) => ({
      read: (into) => {
        const bytes = run.read(into);
        const words = new Int32Array(into.buffer, into.byteOffset, bytes / 4);
        for (let at = 0; at < words.length; at += ROW_BYTES / 4) {
          words[at + INTERFACE] = interfaces[words[at + INTERFACE]!]!;
          words[at + ANSWER] = answers[words[at + ANSWER]!]!;
          words[at + MORE] = (lists[words[at + MORE]! >> 1]! << 1) | (words[at + MORE]! & 1);
          words[at + SOURCE_NUMBER] = sourceOf(words[at + SOURCE_NUMBER]!);
        }
        return bytes;
      },
    });
  }

  get #rows(): FlowRows {
    return (this.#made ??= new FlowRows({
      counts: (day, source) => this.#counts(day, source),
      moreOfBoth: (a, b) => (this.#names.union(a >> 1, b >> 1) << 1) | ((a | b) & 1),
    }));
  }

  #begin(runs: readonly RowRun[], isApart: boolean): void {
    const { interfaces, answers } = this.#names;
    const ranks = [interfaces.ranks(), answers.ranks()] as const;
    this.#rows.begin({ held: this.#size, ranks, runs, isApart, seed: seedOf(interfaces.texts) });
  }
}
