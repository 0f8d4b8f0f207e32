import { formatAddress } from '../addresses/address.ts';
import type { FoldedFlow } from '../attribution/flow-fold.ts';
import { KeyNumbers } from '../matching/key-numbers.ts';
import type { Rule } from '../inventory/inventory.ts';
import type { Admission } from '../matching/admission.ts';
import type { Direction } from '../protocols.ts';
import { compareText } from '../text/compare.ts';

/** What a request and its replies fold into, of one UTC day: nothing that was accepted is left out or rounded. */
export interface ServiceFlow {
  readonly interfaceId: string;
  /** Of the rules: that of the connection's first packet. */
  readonly direction: Direction;
  readonly protocol: number;
  readonly peer: string;
  /** Service port; 0 for protocols without ports. */
  readonly port: number;
  /** The rules that admit it, by ascending id; empty where none does. */
  readonly ruleIds: readonly string[];
  /** The rules that could admit it, where none is known to. */
  readonly possibleRuleIds: readonly string[];
  /**
   * By ascending id: other rules that may have admitted some of its records, were these read the wrong way (another
   * opener, the other address). They got possible use by it.
   */
  readonly unclearRuleIds: readonly string[];
  /** Rules of the other direction by which its replies pass, since security groups do not track its connections. */
  readonly untrackedRuleIds: readonly string[];
  requests: number;
  replies: number;
  /** Of the requests and replies, those whose reading does not rest on a SYN. */
  inferred: number;
  packets: number;
  bytes: number;
  /** UNIX seconds: smallest `start` and largest `end`. */
  first: number;
  last: number;
}

/** What the flows of one admission have in common; their number is that of answers, not of flows. */
interface RuleIds extends Pick<ServiceFlow, 'ruleIds' | 'possibleRuleIds' | 'untrackedRuleIds'> {
  readonly number: number;
  /** All of them. */
  readonly text: string;
}

const NONE: readonly string[] = [];
const NO_SUMS = { requests: 0, replies: 0, inferred: 0, packets: 0, bytes: 0, first: Infinity, last: -1 };
const SUMS = 7;
const FEWEST = 64;
/** Direction, protocol, port and family in one word, in this order. */
const INGRESS = 1 << 25;
const SIX = 1;

/**
 * Gathers the service flows of one day, of which there may be several sums each, by the source that they were counted under.
 * Of a flow of which the rules said more than one thing, since an address changed hands on the day, there is one for each.
 */
export class ServiceFlows {
  /** Interface, direction, protocol and port, rules, the words of the peer's address, and the source. */
  readonly #keys = new KeyNumbers(8, 0x9e3779b9);
  /** Of each: requests, replies, inferred, packets, bytes, first, last. */
  #sums = new Float64Array(FEWEST * SUMS);
  /** Those of which a lone rule was credited, though none is known to admit them. */
  readonly #lone = new Map<number, readonly string[]>();
  readonly #unclear = new Map<number, Set<string>>();
  readonly #interfaces = new NumberedTexts();
  readonly #ids: RuleIds[] = [];
  readonly #byText = new Map<string, RuleIds>();
  readonly #byAdmission = new WeakMap<Admission, RuleIds>();

  get size(): number {
    return this.#keys.size;
  }

  /**
   * @param admission undefined where nobody could ask the rules
   * @param source the caller's number for it
   */
  add(flow: FoldedFlow, interfaceId: string, admission: Admission | undefined, source = 0): void {
    const { direction, protocol, port, peer } = flow;
    const { key, size } = this.#keys;
    key[0] = this.#interfaces.numberOf(interfaceId);
    key[1] = (direction === 'ingress' ? INGRESS : 0) | (protocol << 17) | (port << 1) | (peer.family === 6 ? SIX : 0);
    key[2] = this.#idsOf(admission).number;
    key[3] = peer.w0;
    key[4] = peer.w1;
    key[5] = peer.w2;
    key[6] = peer.w3;
    key[7] = source;
    const at = this.#keys.number();
    if (at === size) this.#begin(at);
    const sums = this.#sums;
    const from = at * SUMS;
    sums[from]! += flow.requests;
    sums[from + 1]! += flow.replies;
    sums[from + 2]! += flow.inferred;
    sums[from + 3]! += flow.packets;
    sums[from + 4]! += flow.bytes;
    sums[from + 5] = Math.min(sums[from + 5]!, flow.first);
    sums[from + 6] = Math.max(sums[from + 6]!, flow.last);
    if (flow.isCredited && admission?.lone) this.#lone.set(at, [admission.lone.ruleId]);
    if (flow.possible.length === 0) return;
    let unclear = this.#unclear.get(at);
    if (!unclear) this.#unclear.set(at, (unclear = new Set()));
    for (const { rules } of flow.possible) for (const { ruleId } of rules) unclear.add(ruleId);
  }

  /**
   * By interface, direction, protocol, port, peer and rules: equal values lie together, which keeps files small.
   *
   * @param counts which sources are told of, together; by default all
   */
  sorted(counts: (source: number) => boolean = () => true): ServiceFlow[] {
    const word = (at: number, i: number): number => this.#keys.word(at, i);
    const ranks = this.#interfaces.ranks();
    const rankOfIds = ranksOf(this.#ids.map(({ text }) => text));
    const compare = (a: number, b: number): number =>
      ranks[word(a, 0)]! - ranks[word(b, 0)]! ||
      word(a, 1) - word(b, 1) ||
      (word(a, 3) >>> 0) - (word(b, 3) >>> 0) ||
      (word(a, 4) >>> 0) - (word(b, 4) >>> 0) ||
      (word(a, 5) >>> 0) - (word(b, 5) >>> 0) ||
      (word(a, 6) >>> 0) - (word(b, 6) >>> 0) ||
      rankOfIds[word(a, 2)]! - rankOfIds[word(b, 2)]!;
    const order = Uint32Array.from({ length: this.size }, (_, i) => i)
      .filter((at) => counts(word(at, 7)))
      .sort(compare);
    const flows: ServiceFlow[] = [];
    for (let i = 0; i < order.length;) {
      const from = i++;
      while (i < order.length && compare(order[from]!, order[i]!) === 0) i++;
      flows.push(this.#flow(order.subarray(from, i)));
    }
    return flows;
  }

  /** @param alike numbers of flows that differ in their source alone: what they say together */
  #flow(alike: Uint32Array): ServiceFlow {
    const at = alike[0]!;
    const service = this.#keys.word(at, 1);
    const [w0, w1, w2, w3] = [3, 4, 5, 6].map((i) => this.#keys.word(at, i)) as [number, number, number, number];
    const { untrackedRuleIds, ...ids } = this.#ids[this.#keys.word(at, 2)]!;
    const lone = alike.length === 1 ? this.#lone.get(at) : [...alike].map((one) => this.#lone.get(one)).find(Boolean);
    const [ruleIds, possibleRuleIds] = lone ? [lone, NONE] : [ids.ruleIds, ids.possibleRuleIds];
    const flow = {
      interfaceId: this.#interfaces.values[this.#keys.word(at, 0)]!,
      direction: (service & INGRESS) === 0 ? ('egress' as const) : ('ingress' as const),
      protocol: (service >> 17) & 255,
      peer: formatAddress({ family: (service & SIX) === 0 ? 4 : 6, w0, w1, w2, w3 }),
      port: (service >> 1) & 0xffff,
      ruleIds,
      possibleRuleIds,
      unclearRuleIds: this.#unclearOf(alike, ruleIds, possibleRuleIds),
      untrackedRuleIds,
      ...NO_SUMS,
    };
    for (const one of alike) this.#addSums(flow, one * SUMS);
    return flow;
  }

  #addSums(flow: Pick<ServiceFlow, keyof typeof NO_SUMS>, from: number): void {
    const sums = this.#sums;
    flow.requests += sums[from]!;
    flow.replies += sums[from + 1]!;
    flow.inferred += sums[from + 2]!;
    flow.packets += sums[from + 3]!;
    flow.bytes += sums[from + 4]!;
    flow.first = Math.min(flow.first, sums[from + 5]!);
    flow.last = Math.max(flow.last, sums[from + 6]!);
  }

  #unclearOf(alike: Uint32Array, ...told: readonly (readonly string[])[]): readonly string[] {
    const unclear = new Set<string>();
    for (const one of alike) for (const id of this.#unclear.get(one) ?? NONE) unclear.add(id);
    if (unclear.size === 0) return NONE;
    for (const id of told.flat()) unclear.delete(id);
    return [...unclear].sort(compareText);
  }

  #begin(at: number): void {
    if (at * SUMS === this.#sums.length) {
      const sums = new Float64Array(this.#sums.length * 2);
      sums.set(this.#sums);
      this.#sums = sums;
    }
    this.#sums[at * SUMS + 5] = Infinity;
    this.#sums[at * SUMS + 6] = -1;
  }

  #idsOf(admission: Admission | undefined): RuleIds {
    const known = admission && this.#byAdmission.get(admission);
    if (known) return known;
    const { admitting = [], could = [], untrackedBy = [] } = admission ?? {};
    const said = [admitting, admitting.length > 0 ? [] : could, untrackedBy].map(idsOf);
    const [ruleIds, possibleRuleIds, untrackedRuleIds] = said as [string[], string[], string[]];
    const text = said.join('/');
    let ids = this.#byText.get(text);
    if (!ids) {
      ids = { number: this.#ids.length, text, ruleIds, possibleRuleIds, untrackedRuleIds };
      this.#ids.push(ids);
      this.#byText.set(text, ids);
    }
    if (admission) this.#byAdmission.set(admission, ids);
    return ids;
  }
}

/** Distinct texts, numbered from 0 as they come. */
class NumberedTexts {
  readonly values: string[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(value: string): number {
    let number = this.#numbers.get(value);
    if (number === undefined) this.#numbers.set(value, (number = this.values.push(value) - 1));
    return number;
  }

  ranks(): Uint32Array {
    return ranksOf(this.values);
  }
}

/** Of each text, how many others come before it. */
function ranksOf(texts: readonly string[]): Uint32Array {
  const ranks = new Uint32Array(texts.length);
  const order = texts.map((text, i) => ({ text, i })).sort((a, b) => compareText(a.text, b.text));
  order.forEach(({ i }, rank) => (ranks[i] = rank));
  return ranks;
}

function idsOf(rules: readonly Rule[]): string[] {
  return rules.map(({ ruleId }) => ruleId);
}
