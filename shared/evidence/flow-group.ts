import { absentAddress, type Address } from '../addresses/address.ts';
import type { Direction } from '../protocols.ts';
import type { Day } from '../time.ts';
import type { FlowRows } from './flow-rows.ts';
import type { ToldIds } from './flow-names.ts';
import {
  DAY,
  INGRESS_BIT,
  INTERFACE,
  PEER,
  PORT_BIT,
  PROTOCOL_BIT,
  ROW_BYTES,
  SERVICE,
  SIX,
  SUMS,
} from './rows/layout.ts';
import type { HandedFlow } from './service-flow.ts';

/** By the bit of a row. */
export const DIRECTIONS: readonly Direction[] = ['egress', 'ingress'];

/** A service flow and its day. */
export type DatedFlow = HandedFlow & { readonly day: Day; readonly peer: Address };

/** Some service flows of one day, in order, as their rows lie in memory until the next ones are told. */
export class FlowGroup {
  readonly rows: FlowRows;
  readonly size: number;
  readonly day: Day;
  /** By number. */
  readonly interfaces: readonly string[];
  /** What is told of ids, by the number that SAID has of each row. */
  readonly said: readonly ToldIds[];
  readonly #told: { -readonly [K in keyof DatedFlow]: DatedFlow[K] };
  /** The first row, and of each its number in {@link said}: places among words. */
  readonly #first: number;
  readonly #numbers: number;

  /** @param idsOf what is told by an answer and what else is to be told */
  constructor(
    rows: FlowRows,
    size: number,
    interfaces: readonly string[],
    idsOf: (answer: number, more: number) => ToldIds,
  ) {
    const { wasm, words } = rows;
    this.rows = rows;
    this.size = size;
    this.interfaces = interfaces;
    this.#first = wasm.GROUP.value >>> 2;
    this.#numbers = wasm.SAID.value >>> 2;
    this.day = words[this.#first + DAY]!;
    wasm.takeSaid(size);
    const said = Array.from({ length: wasm.numberValues(size, 0) }, (_, i) => (wasm.DISTINCT.value >>> 2) + 2 * i);
    wasm.keepSaid(size);
    this.said = said.map((at) => idsOf(words[at]!, words[at + 1]!));
    const sums = { requests: 0, replies: 0, inferred: 0, packets: 0, bytes: 0, first: 0, last: 0 };
    const service = { direction: DIRECTIONS[0]!, protocol: 0, peer: absentAddress(), port: 0 };
    this.#told = { day: this.day, interfaceId: '', ...service, ...this.said[0]!, ...sums };
  }

  /** @returns always the same object, which says something else then */
  flow(i: number): DatedFlow {
    const { words, numbers } = this.rows;
    const told = this.#told;
    const { peer } = told;
    const at = this.#first + (i * ROW_BYTES) / 4;
    const service = words[at + SERVICE]!;
    told.interfaceId = this.interfaces[words[at + INTERFACE]!]!;
    told.direction = DIRECTIONS[(service >>> INGRESS_BIT) & 1]!;
    told.protocol = (service >>> PROTOCOL_BIT) & 0xff;
    told.port = (service >>> PORT_BIT) & 0xffff;
    peer.family = (service & SIX) === 0 ? 4 : 6;
    peer.w0 = words[at + PEER]!;
    peer.w1 = words[at + PEER + 1]!;
    peer.w2 = words[at + PEER + 2]!;
    peer.w3 = words[at + PEER + 3]!;
    const ids = this.said[words[this.#numbers + i]!]!;
    told.ruleIds = ids.ruleIds;
    told.possibleRuleIds = ids.possibleRuleIds;
    told.unclearRuleIds = ids.unclearRuleIds;
    told.untrackedRuleIds = ids.untrackedRuleIds;
    const sums = (at >>> 1) + SUMS;
    told.requests = numbers[sums]!;
    told.replies = numbers[sums + 1]!;
    told.inferred = numbers[sums + 2]!;
    told.packets = numbers[sums + 3]!;
    told.bytes = numbers[sums + 4]!;
    told.first = numbers[sums + 5]!;
    told.last = numbers[sums + 6]!;
    return told;
  }
}
