import type { Address, Family } from '../addresses/address.ts';
import type { Rule } from '../inventory/inventory.ts';
import { AnswerRows } from './answer-rows.ts';
import type { CompiledInventory, GroupSet } from './compiled-inventory.ts';
import { byPrimacy, PeerClasses, type Candidate, type PeerClass } from './peer-classes.ts';
import { hasPorts, type Direction } from '../protocols.ts';
import { ALL_PORTS, type CompiledRule } from './group-side.ts';
import { ListNumbers } from './list-numbers.ts';
import { RowCache } from './row-cache.ts';

/**
 * The answer for all service flows that no rule tells apart: same groups, direction and protocol, peers of one class,
 * ports that the same rules admit. Worked out once, then shared.
 */
export interface Admission {
  /** Dense, counted from 0 since the last {@link Admissions.forget}. */
  readonly slot: number;
  readonly groupSet: GroupSet;
  readonly direction: Direction;
  readonly protocol: number;
  /** Every rule that admits the flow, by ascending rule id. */
  readonly admitting: readonly Rule[];
  /** Every rule that could admit it but is not known to. */
  readonly could: readonly Rule[];
  /** Of both, those that may have admitted it beside others, or in their place: see {@link PeerClass.unsure}. */
  readonly unsure: readonly Rule[];
  /**
   * Where no rule admits it: the only one that could, if that names a group that an interface here carries. A connection
   * that is known to have been accepted was accepted by this rule.
   */
  readonly lone: Rule | undefined;
  /** Of the admitting: longest prefix, then narrowest ports, then named protocol, then smallest id. */
  readonly primary: Rule | undefined;
  /** Of the most specific rule that admits or could; Infinity where there is none. */
  readonly specificity: number;
  /** Rules of the other direction by which the replies pass, since the connection is not tracked. */
  readonly untrackedBy: readonly Rule[];
}

/** One direction of one group set. */
interface Side {
  readonly groupSet: GroupSet;
  readonly direction: Direction;
  readonly classes: PeerClasses;
  /** The rows of a class of peers, by protocol. */
  readonly rows: Map<PeerClass, Map<number, number>>;
}

/** What is asked of one class of peers and one protocol. */
interface Service {
  readonly side: Side;
  readonly protocol: number;
  readonly family: Family;
  /** Of {@link PeerClass.own} those that fit the protocol. */
  readonly own: readonly Candidate[];
  /** The row of the wider class, which knows all other rules that hold the peers; 0 where there is none. */
  readonly wider: number;
  readonly could: readonly CompiledRule[];
  readonly unsure: readonly CompiledRule[];
}

/** What the rules say of a port. */
interface Answer {
  readonly matched: readonly CompiledRule[];
  readonly could: readonly CompiledRule[];
  readonly unsure: readonly CompiledRule[];
}

/** Which rules admit a service flow: the question asked once or twice for every record. */
export class Admissions {
  readonly #compiled: CompiledInventory;
  readonly #sides: Side[] = [];
  #bySlot: Admission[] = [];
  /** By slot: whether any rule admits. */
  #admits = new Uint8Array(64);
  #cache = new RowCache();
  #rows = new AnswerRows();
  /** By side, the row of {@link namesPort}: 1 is no, 2 is yes. 0 is not made yet. */
  #namedRows: number[] = [];
  /** By row. */
  #services = new Map<number, Service>();
  /** By the place of an answer, the candidates that fit the port, best first: the first one is the primary rule. */
  #matched = new Map<number, readonly Candidate[]>();
  readonly #lists: ListNumbers;
  /** By the list of side and protocol, and of the rules that admit and could: slots plus 1. */
  #byRules: number[] = [];
  #answers = 0;
  /** When all answers since {@link beginSpan} hold: from then, inclusive, until then, exclusive, in UNIX seconds. */
  #since = -Infinity;
  #until = Infinity;

  constructor(compiled: CompiledInventory) {
    this.#compiled = compiled;
    this.#lists = new ListNumbers(compiled.seed);
  }

  /** A measure of the memory held. */
  get size(): number {
    return this.#answers;
  }

  /** Drops all answers; their slots will be given anew. */
  forget(): void {
    this.#sides.length = 0;
    this.#bySlot = [];
    this.#cache = new RowCache();
    this.#rows = new AnswerRows();
    this.#namedRows = [];
    this.#services = new Map();
    this.#matched = new Map();
    this.#lists.clear();
    this.#byRules = [];
    this.#answers = 0;
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
  at(slot: number): Admission {
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
    const row = this.#rows.add([0, ...ranges.flatMap(({ from, to }) => [from, to + 1])]);
    this.#rows.fill(row, (port) => (ranges.some(({ from, to }) => port >= from && port <= to) ? 2 : 1));
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
    const { peers, since, until } = side.classes.find(peer, time);
    const row = this.#rowOf(side, peers, protocol);
    // What was so until another got the address is asked for too rarely to be kept.
    if (until === Infinity) this.#cache.set(groupSet.id, direction, protocol, peer, since, row);
    if (since > this.#since) this.#since = since;
    if (until < this.#until) this.#until = until;
    return row;
  }

  #rowOf(side: Side, peers: PeerClass, protocol: number): number {
    let rows = side.rows.get(peers);
    if (!rows) side.rows.set(peers, (rows = new Map<number, number>()));
    let row = rows.get(protocol);
    if (row === undefined) rows.set(protocol, (row = this.#addRow(side, peers, protocol)));
    return row;
  }

  #addRow(side: Side, peers: PeerClass, protocol: number): number {
    const { family, unsure } = peers;
    const wider = peers.wider ? this.#rowOf(side, peers.wider, protocol) : 0;
    const own = peers.own.filter(({ compiled }) => fitsProtocol(compiled.rule, protocol));
    if (wider !== 0 && own.length === 0) return wider;
    const could = peers.could.filter(({ rule }) => fitsProtocol(rule, protocol));
    const cuts = new Set(wider === 0 ? [0] : this.#rows.cutsOf(wider));
    for (const { rule } of [...own.map(({ compiled }) => compiled), ...(wider === 0 ? could : [])]) {
      if (rule.ports) cuts.add(rule.ports.from).add(rule.ports.to + 1);
    }
    const row = this.#rows.add(cuts);
    this.#services.set(row, { side, protocol, family, own, wider, could, unsure });
    return row;
  }

  #matchedAt(row: number, port: number): readonly Candidate[] {
    const place = this.#rows.placeOf(row, port);
    let matched = this.#matched.get(place);
    if (!matched) {
      const { own, wider } = this.#services.get(row)!;
      const fitting = own.filter(({ compiled }) => fitsPort(compiled.rule, port));
      const others = wider === 0 ? [] : this.#matchedAt(wider, port);
      // A list may hold the peers by several entries: the longest counts.
      const rules = new Set(fitting.map(({ compiled }) => compiled));
      matched =
        fitting.length === 0
          ? others
          : [...fitting, ...others.filter(({ compiled }) => !rules.has(compiled))].sort(byPrimacy);
      this.#matched.set(place, matched);
    }
    return matched;
  }

  /** @returns the slot plus 1 */
  #workOut(row: number, port: number): number {
    const service = this.#services.get(row)!;
    const { side, protocol, own, wider } = service;
    if (wider !== 0 && !own.some(({ compiled }) => fitsPort(compiled.rule, port))) return this.#answerAt(wider, port);
    const matched = this.#matchedAt(row, port).map(({ compiled }) => compiled);
    const could = service.could.filter((one) => fitsPort(one.rule, port) && !matched.includes(one));
    this.#answers++;
    // Of which family the peers are needs no place: rules that are open to all addresses name one.
    let list = this.#lists.next(this.#lists.begin(sideOf(side.groupSet, side.direction)), protocol);
    for (const { index } of matched) list = this.#lists.next(list, index);
    list = this.#lists.next(list, NO_RULE);
    for (const { index } of could) list = this.#lists.next(list, index);
    const unsure =
      service.unsure.length === 0 ? [] : [...matched, ...could].filter((one) => service.unsure.includes(one));
    for (const { index } of unsure) list = this.#lists.next(list, NO_RULE - 1 - index);
    return (this.#byRules[list] ??= this.#add(service, { matched, could, unsure }));
  }

  #add({ side, protocol, family }: Service, { matched, could, unsure }: Answer): number {
    const { groupSet, direction } = side;
    const [only, ...others] = could;
    const isLone = matched.length === 0 && others.length === 0 && only?.namesCarriedGroup === true;
    const slot = this.#bySlot.length;
    this.#bySlot.push({
      slot,
      groupSet,
      direction,
      protocol,
      admitting: rulesById(matched),
      could: rulesById(could),
      unsure: rulesById(unsure),
      lone: isLone ? only.rule : undefined,
      primary: matched[0]?.rule,
      specificity: Math.min(leastSpecificity(matched), leastSpecificity(could)),
      untrackedBy: hasPorts(protocol) ? rulesById(untrackedBy(side, protocol, family, matched)) : [],
    });
    if (slot === this.#admits.length) {
      const admits = new Uint8Array(slot * 2);
      admits.set(this.#admits);
      this.#admits = admits;
    }
    this.#admits[slot] = matched.length > 0 ? 1 : 0;
    return slot + 1;
  }
}

function sideOf({ id }: GroupSet, direction: Direction): number {
  return id * 2 + (direction === 'egress' ? 1 : 0);
}

function fitsProtocol({ protocolNumber }: Rule, protocol: number): boolean {
  return protocolNumber === undefined || protocolNumber === protocol;
}

/** Port 0 is a port; both ends of a range are inclusive. Rules without ports fit any. */
function fitsPort({ ports }: Rule, port: number): boolean {
  return !ports || (port >= ports.from && port <= ports.to);
}

/**
 * Connections that security groups do not track: TCP or UDP, admitted by a rule open to all addresses, where the other
 * direction has a rule open to all addresses of the family for all ports. Their replies pass by that other rule.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
 */
function untrackedBy(
  { groupSet: { groups }, direction }: Side,
  protocol: number,
  family: Family,
  matched: readonly CompiledRule[],
): CompiledRule[] {
  if (!matched.some((rule) => rule.openTo[family])) return [];
  const other = direction === 'ingress' ? 'egress' : 'ingress';
  return groups
    .flatMap((group) => group[other].open[family])
    .filter(({ rule, width }) => width === ALL_PORTS && fitsProtocol(rule, protocol));
}

function leastSpecificity(rules: readonly CompiledRule[]): number {
  let least = Infinity;
  for (const { specificity } of rules) if (specificity < least) least = specificity;
  return least;
}

const NO_RULES: readonly Rule[] = [];
/** Between two lists of rules: no {@link CompiledRule.index}. */
const NO_RULE = -1;

function rulesById(compiled: readonly CompiledRule[]): readonly Rule[] {
  if (compiled.length === 0) return NO_RULES;
  return [...new Set(compiled)].sort((a, b) => a.index - b.index).map(({ rule }) => rule);
}
