import type { Address } from '../addresses/address.ts';
import type { Rule } from '../inventory/inventory.ts';
import { AnswerRows } from './answer-rows.ts';
import { Answer, fitsProtocol, NOBODY_ELSE, type Admission, type AskedOf, type Others } from './answer.ts';
import type { CompiledInventory, GroupSet } from './compiled-inventory.ts';
import { PeerClasses, type PeerClass } from './peer-classes.ts';
import type { Direction } from '../protocols.ts';
import type { Candidate, CompiledRule } from './group-side.ts';
import { ListNumbers } from './list-numbers.ts';
import { RowCache } from './row-cache.ts';

/** One direction of one group set. */
interface Side {
  readonly groupSet: GroupSet;
  readonly direction: Direction;
  readonly classes: PeerClasses;
  /** By the class of the peers and the protocol: {@link PeerClass.id} * 256 + protocol. */
  readonly rows: Map<number, number>;
}

/** What is asked of one class of peers and one protocol. */
interface Service extends AskedOf {
  /** Of {@link PeerClass.own} those that fit the protocol. */
  readonly own: readonly Candidate[];
  /** The row of the wider class, which knows all other rules that hold the peers; 0 where there is none. */
  readonly wider: number;
  readonly could: readonly CompiledRule[];
  readonly unsure: readonly CompiledRule[];
}

/** Which rules admit a service flow: the question asked once or twice for every record. */
export class Admissions {
  readonly #compiled: CompiledInventory;
  readonly #sides: Side[] = [];
  #bySlot: Answer[] = [];
  /** By slot: whether any rule admits. */
  #admits = new Uint8Array(64);
  #cache = new RowCache();
  #rows = new AnswerRows();
  /** By side, the row of {@link namesPort}: 1 is no, 2 is yes. 0 is not made yet. */
  #namedRows: number[] = [];
  /** By row. */
  #services = new Map<number, Service>();
  readonly #lists: ListNumbers;
  /** By the list of side and protocol, and of the rules that admit and could: slots plus 1. */
  #byRules: number[] = [];
  /** What all sides hold of peers: {@link PeerClasses.size}. */
  #peers = 0;
  /** When all answers since {@link beginSpan} hold: from then, inclusive, until then, exclusive, in UNIX seconds. */
  #since = -Infinity;
  #until = Infinity;

  constructor(compiled: CompiledInventory) {
    this.#compiled = compiled;
    this.#lists = new ListNumbers(compiled.seed);
  }

  /** A measure of the memory held: answers, rows of them, and what is known of peers; some 300 bytes each. */
  get size(): number {
    return this.#bySlot.length + this.#services.size + this.#peers;
  }

  /** Drops all answers; their slots will be given anew. */
  forget(): void {
    this.#sides.length = 0;
    this.#bySlot = [];
    this.#cache = new RowCache();
    this.#rows = new AnswerRows();
    this.#namedRows = [];
    this.#services = new Map();
    this.#lists.clear();
    this.#byRules = [];
    this.#peers = 0;
  }

  /** From now on {@link heldSince} speaks of the answers to come. */
  beginSpan(): void {
    this.#since = -Infinity;
    this.#until = Infinity;
  }

  /**
   * From when on, in UNIX seconds, all answers since {@link beginSpan} would have been the same; Infinity where they hold for a
   * while only, until another has the peer's address.
   */
  get heldSince(): number {
    return this.#until === Infinity ? this.#since : Infinity;
  }

  /** The one with this {@link Admission.slot}. */
  at(slot: number): Answer {
    return this.#bySlot[slot]!;
  }

  /** Whether any rule of the one with this slot admits: `at(slot).admitting.length > 0`. */
  admitsAt(slot: number): boolean {
    return this.#admits[slot] === 1;
  }

  /**
   * @param port service port; ignored for protocols without ports. Below 0 where nobody knows it: taken as 0, which rules for
   *   all ports admit
   * @param time UNIX seconds: an interface that was attached later had not the peer's address yet; by default now
   */
  find(
    groupSet: GroupSet,
    direction: Direction,
    protocol: number,
    peer: Readonly<Address>,
    port: number,
    time = Infinity,
  ): Admission {
    return this.at(this.slotOf(groupSet, direction, protocol, peer, port, time));
  }

  /** The same, as its {@link Admission.slot}. */
  slotOf(
    groupSet: GroupSet,
    direction: Direction,
    protocol: number,
    peer: Readonly<Address>,
    port: number,
    time: number,
  ): number {
    let row = this.#cache.get(groupSet.id, direction, protocol, peer, time);
    if (row === 0) row = this.#findRow(groupSet, direction, protocol, peer, time);
    else if (this.#cache.since > this.#since) this.#since = this.#cache.since;
    return this.#answerAt(row, Math.max(0, port)) - 1;
  }

  /** The slot plus 1. */
  #answerAt(row: number, port: number): number {
    const place = this.#rows.placeOf(row, port);
    const answer = this.#rows.answers[place]!;
    return answer === 0 ? (this.#rows.answers[place] = this.#workOut(row, port)) : answer;
  }

  /** Whether a TCP rule of at most {@link NAMED_PORTS} ports names the port, whatever its peer. */
  namesPort(groupSet: GroupSet, direction: Direction, port: number): boolean {
    const row = (this.#namedRows[sideOf(groupSet, direction)] ||= this.#namedRow(groupSet, direction));
    return this.#rows.answers[this.#rows.placeOf(row, port)] === 2;
  }

  #namedRow(groupSet: GroupSet, direction: Direction): number {
    const ranges = groupSet.groups.flatMap((group) => group[direction].namedPorts);
    ranges.sort((a, b) => a.from - b.from);
    const row = this.#rows.add([0, ...ranges.flatMap(({ from, to }) => [from, to + 1])]);
    let [next, last] = [0, -1];
    this.#rows.fill(row, (port) => {
      for (; next < ranges.length && ranges[next]!.from <= port; next++) last = Math.max(last, ranges[next]!.to);
      return port <= last ? 2 : 1;
    });
    return row;
  }

  #sideOf(groupSet: GroupSet, direction: Direction): Side {
    const at = sideOf(groupSet, direction);
    let side = this.#sides[at];
    if (!side) {
      const classes = new PeerClasses(this.#compiled, groupSet, direction);
      this.#sides[at] = side = { groupSet, direction, classes, rows: new Map() };
    }
    return side;
  }

  #findRow(groupSet: GroupSet, direction: Direction, protocol: number, peer: Readonly<Address>, time: number): number {
    const side = this.#sideOf(groupSet, direction);
    const { classes } = side;
    const before = classes.size;
    const { peers, since, until } = classes.find(peer, time);
    this.#peers += classes.size - before;
    const row = this.#rowOf(side, peers, protocol);
    // What was so until another got the address is asked for too rarely to be kept.
    if (until === Infinity) this.#cache.set(groupSet.id, direction, protocol, peer, since, row);
    if (since > this.#since) this.#since = since;
    if (until < this.#until) this.#until = until;
    return row;
  }

  #rowOf(side: Side, peers: PeerClass, protocol: number): number {
    const key = peers.id * 256 + protocol;
    let row = side.rows.get(key);
    if (row === undefined) side.rows.set(key, (row = this.#addRow(side, peers, protocol)));
    return row;
  }

  #addRow(side: Side, peers: PeerClass, protocol: number): number {
    const { family, unsure } = peers;
    const wider = peers.wider ? this.#rowOf(side, peers.wider, protocol) : 0;
    const own = thatFit(peers.own, protocol, fitsProtocol);
    if (wider !== 0 && own.length === 0) return wider;
    const could = peers.could.filter(({ rule }) => fitsProtocol(rule, protocol));
    const cuts = [0];
    for (const { compiled } of own) addCuts(cuts, compiled);
    if (wider === 0) for (const compiled of could) addCuts(cuts, compiled);
    const row = this.#rows.add(cuts, wider);
    const { groupSet, direction } = side;
    this.#services.set(row, { groupSet, direction, protocol, family, own, wider, could, unsure });
    return row;
  }

  /** @returns the slot plus 1 */
  #workOut(row: number, port: number): number {
    const service = this.#services.get(row)!;
    const own = thatFit(service.own, port, fitsPort);
    if (service.wider !== 0) {
      const wider = this.#answerAt(service.wider, port);
      return own.length === 0 ? wider : this.#narrower(service, own, this.at(wider - 1));
    }
    const could = service.could.filter(
      (one) => fitsPort(one.rule, port) && !own.some(({ compiled }) => compiled === one),
    );
    // Of which family the peers are needs no place: rules that are open to all addresses name one.
    let list = this.#lists.next(this.#lists.begin(2 * sideOf(service.groupSet, service.direction)), service.protocol);
    list = this.#listOf(list, own);
    list = this.#lists.next(list, NO_RULE);
    for (const { index } of could) list = this.#lists.next(list, index);
    const unsure =
      service.unsure.length === 0
        ? []
        : [...own.map(({ compiled }) => compiled), ...could].filter((one) => service.unsure.includes(one));
    for (const { index } of unsure) list = this.#lists.next(list, NO_RULE - 1 - index);
    return (this.#byRules[list] ??= this.#add(service, own, undefined, { could, unsure }));
  }

  /** Rules with a prefix of their own are sure to hold their peers: none is among those that could. */
  #narrower(service: Service, own: readonly Candidate[], wider: Answer): number {
    const list = this.#listOf(this.#lists.begin(2 * wider.slot + 1), own);
    return (this.#byRules[list] ??= this.#add(service, own, wider, NOBODY_ELSE));
  }

  /** Of rules by primacy: the length of the first one's prefix tells how they stand to others. */
  #listOf(begin: number, own: readonly Candidate[]): number {
    let list = this.#lists.next(begin, own[0]?.length ?? 0);
    for (const { compiled } of own) list = this.#lists.next(list, compiled.index);
    return list;
  }

  #add(service: Service, own: readonly Candidate[], wider: Answer | undefined, others: Others): number {
    const slot = this.#bySlot.length;
    const answer = new Answer(slot, service, own, wider, others, this.#compiled.rules);
    this.#bySlot.push(answer);
    if (slot === this.#admits.length) {
      const admits = new Uint8Array(slot * 2);
      admits.set(this.#admits);
      this.#admits = admits;
    }
    this.#admits[slot] = answer.admits ? 1 : 0;
    return slot + 1;
  }
}

/** A number for the groups and the direction. */
export function sideOf({ id }: GroupSet, direction: Direction): number {
  return id * 2 + (direction === 'egress' ? 1 : 0);
}

/** Port 0 is a port; both ends of a range are inclusive. Rules without ports fit any. */
function fitsPort({ ports }: Rule, port: number): boolean {
  return !ports || (port >= ports.from && port <= ports.to);
}

/** Those whose rule fits; the list itself where all do. */
function thatFit(
  candidates: readonly Candidate[],
  what: number,
  fits: (rule: Rule, what: number) => boolean,
): readonly Candidate[] {
  let count = 0;
  for (const { compiled } of candidates) if (fits(compiled.rule, what)) count++;
  if (count === candidates.length) return candidates;
  const fitting: Candidate[] = [];
  if (count > 0) for (const one of candidates) if (fits(one.compiled.rule, what)) fitting.push(one);
  return fitting;
}

function addCuts(cuts: number[], { rule: { ports } }: CompiledRule): void {
  if (ports) cuts.push(ports.from, ports.to + 1);
}

/** Between two lists of rules: no {@link CompiledRule.index}. */
const NO_RULE = -1;
