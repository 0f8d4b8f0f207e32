import type { Address } from '../addresses/address.ts';
import type { PortRange, Rule } from '../inventory/inventory.ts';
import { ClassCache } from './class-cache.ts';
import type { CompiledInventory, GroupSet } from './compiled-inventory.ts';
import { PeerClasses, type Candidate, type PeerClass, type Service } from './peer-classes.ts';
import { hasPorts, type Direction } from '../protocols.ts';
import { ALL_PORTS, type CompiledRule } from './group-side.ts';

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
  /** Answers that classes of peers have in common. */
  readonly distinct: Map<string, Admission>;
  /** A bit for each port of {@link GroupSide.namedPorts} of all groups; made when asked for. */
  named: Uint8Array | undefined;
}

/** Which rules admit a service flow: the question asked once or twice for every record. */
export class Admissions {
  readonly #compiled: CompiledInventory;
  #sides: Side[] = [];
  #bySlot: Admission[] = [];
  #cache = new ClassCache();
  #answers = 0;

  constructor(compiled: CompiledInventory) {
    this.#compiled = compiled;
  }

  /** A measure of the memory held. */
  get size(): number {
    return this.#answers;
  }

  /** Drops all answers; their slots will be given anew. */
  forget(): void {
    this.#sides = [];
    this.#bySlot = [];
    this.#cache = new ClassCache();
    this.#answers = 0;
  }

  /** The one with this {@link Admission.slot}. */
  at(slot: number): Admission {
    return this.#bySlot[slot]!;
  }

  /**
   * @param port service port; ignored for protocols without ports
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
    const side = this.#sideOf(groupSet, direction);
    const peers = side.classes.find(peer, time);
    const service = (peers.services[protocol] ??= serviceOf(peers, protocol));
    const { cuts, answers } = service;
    let at = 0;
    for (let end = cuts.length; end - at > 1;) {
      const middle = (at + end) >>> 1;
      if (cuts[middle]! <= port) at = middle;
      else end = middle;
    }
    return (answers[at] ??= this.#workOut(side, service, cuts[at]!));
  }

  /** Whether a TCP rule of at most {@link NAMED_PORTS} ports names the port, whatever its peer. */
  namesPort(groupSet: GroupSet, direction: Direction, port: number): boolean {
    const side = this.#sideOf(groupSet, direction);
    const named = (side.named ??= bitsOf(groupSet.groups.flatMap((group) => group[direction].namedPorts)));
    return (named[port >> 3]! & (1 << (port & 7))) !== 0;
  }

  #sideOf(groupSet: GroupSet, direction: Direction): Side {
    const at = groupSet.id * 2 + (direction === 'egress' ? 1 : 0);
    let side = this.#sides[at];
    if (!side) {
      const classes = new PeerClasses(this.#compiled, groupSet, direction, this.#cache);
      this.#sides[at] = side = { groupSet, direction, classes, distinct: new Map(), named: undefined };
    }
    return side;
  }

  #workOut(side: Side, service: Service, port: number): Admission {
    const { groupSet, direction } = side;
    const { protocol, family } = service;
    const matched = service.candidates.map(({ compiled }) => compiled).filter(({ rule }) => fitsPort(rule, port));
    const could = service.could.filter(({ rule }) => fitsPort(rule, port));
    const [only, ...others] = could;
    const isLone = matched.length === 0 && others.length === 0 && only?.namesCarriedGroup === true;
    const indexes = [matched, could].map((rules) => rules.map(({ index }) => index).join(' '));
    const key = [family, protocol, ...indexes].join('/');
    this.#answers++;
    let answer = side.distinct.get(key);
    if (!answer) {
      answer = {
        slot: this.#bySlot.length,
        groupSet,
        direction,
        protocol,
        admitting: rulesById(matched),
        could: rulesById(could),
        lone: isLone ? only.rule : undefined,
        primary: matched[0]?.rule,
        specificity: [...matched, ...could].reduce((best, { specificity }) => Math.min(best, specificity), Infinity),
        untrackedBy: rulesById(untrackedBy(side, service, matched)),
      };
      side.distinct.set(key, answer);
      this.#bySlot.push(answer);
    }
    return answer;
  }
}

function serviceOf(peers: PeerClass, protocol: number): Service {
  const candidates = peers.candidates.filter(({ compiled }) => fitsProtocol(compiled.rule, protocol)).sort(byPrimacy);
  const could = peers.could.filter(({ rule }) => fitsProtocol(rule, protocol));
  const { family } = peers;
  const all = [...candidates.map(({ compiled }) => compiled), ...could];
  const ends = hasPorts(protocol)
    ? all.flatMap(({ rule: { ports } }) => (ports ? [ports.from, ports.to + 1] : []))
    : [];
  const cuts = [...new Set([0, ...ends])].sort((a, b) => a - b);
  return { protocol, family, candidates, could, cuts, answers: [] };
}

/** The tie-break among rules that admit: longest prefix, narrowest ports, named protocol, smallest id. */
export function byPrimacy(a: Candidate, b: Candidate): number {
  return (
    b.length - a.length ||
    a.compiled.specificity - b.compiled.specificity ||
    (a.compiled.rule.ruleId < b.compiled.rule.ruleId ? -1 : 1)
  );
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
function untrackedBy(side: Side, service: Service, matched: readonly CompiledRule[]): CompiledRule[] {
  const { groups } = side.groupSet;
  const { protocol, family } = service;
  if (!hasPorts(protocol)) return [];
  const isOpen = matched.some((rule) => groups.some((group) => group[side.direction].open[family].includes(rule)));
  if (!isOpen) return [];
  const other = side.direction === 'ingress' ? 'egress' : 'ingress';
  return groups
    .flatMap((group) => group[other].open[family])
    .filter(({ rule, width }) => width === ALL_PORTS && fitsProtocol(rule, protocol));
}

const NO_BITS = new Uint8Array(ALL_PORTS / 8);

/** A bit for each port of the ranges. */
function bitsOf(ranges: readonly PortRange[]): Uint8Array {
  if (ranges.length === 0) return NO_BITS;
  const bits = new Uint8Array(ALL_PORTS / 8);
  for (const { from, to } of ranges) for (let port = from; port <= to; port++) bits[port >> 3]! |= 1 << (port & 7);
  return bits;
}

function rulesById(compiled: readonly CompiledRule[]): Rule[] {
  return [...new Set(compiled)].map(({ rule }) => rule).sort((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
}
