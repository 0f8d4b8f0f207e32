import type { Family } from '../addresses/address.ts';
import { hasPorts } from '../flowlogs/fields.ts';
import type { Direction } from '../flowlogs/record.ts';
import type { PortRange, Rule } from '../inventory/inventory.ts';
import { ALL_PORTS, type CompiledInventory, type CompiledRule, type GroupSet } from './compiled-inventory.ts';
import { PeerClasses, type Candidate, type PeerClass } from './peer-classes.ts';
import type { PrefixNode } from './prefix-index.ts';

/**
 * The answer for all service flows that no rule tells apart: same groups, direction and protocol, peers of one class,
 * ports that the same rules admit and that are counted in one bucket. Worked out once, then shared.
 */
export interface Admission {
  /** Dense, counted from 0 since the last {@link Admissions.forget}. */
  readonly slot: number;
  readonly groupSet: GroupSet;
  readonly direction: Direction;
  readonly protocol: number;
  /** Counting bucket of the service port; undefined for protocols without ports. */
  readonly bucket: PortRange | undefined;
  /** Every rule that admits the flow, by ascending rule id. */
  readonly admitting: readonly Rule[];
  /** Every rule that could admit it but is not known to. */
  readonly could: readonly Rule[];
  /** Of the admitting: longest prefix, then narrowest ports, then named protocol, then smallest id. */
  readonly primary: Rule | undefined;
  /** Of the most specific rule that admits or could; Infinity where there is none. */
  readonly specificity: number;
  /** Rules of the other direction by which the replies pass, since the connection is not tracked. */
  readonly untrackedBy: readonly Rule[];
}

/** What is asked of one class of peers and one protocol, and what was answered. */
interface Service {
  readonly groupSet: GroupSet;
  readonly direction: Direction;
  readonly protocol: number;
  readonly family: Family;
  /** Best first: the first one that fits the port is the primary rule. */
  readonly candidates: readonly Candidate[];
  readonly could: readonly CompiledRule[];
  readonly byElement: Map<number, Admission>;
  readonly distinct: Map<string, Admission>;
}

/** Which rules admit a service flow: the question asked once or twice for every record. */
export class Admissions {
  readonly #compiled: CompiledInventory;
  /** By group set and direction. */
  #classes: PeerClasses[] = [];
  /** By class, then protocol. */
  #services = new Map<PeerClass, Map<number, Service>>();
  #slots = 0;
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
    this.#classes = [];
    this.#services = new Map();
    this.#slots = 0;
    this.#answers = 0;
  }

  /** @param port service port; ignored for protocols without ports. */
  find(groupSet: GroupSet, direction: Direction, protocol: number, node: PrefixNode, port: number): Admission {
    const side = groupSet.id * 2 + (direction === 'egress' ? 1 : 0);
    const classes = (this.#classes[side] ??= new PeerClasses(this.#compiled, groupSet, direction));
    const peers = classes.find(node);
    let services = this.#services.get(peers);
    if (!services) this.#services.set(peers, (services = new Map<number, Service>()));
    let service = services.get(protocol);
    if (!service) services.set(protocol, (service = serviceOf(peers, groupSet, direction, protocol)));
    const element = hasPorts(protocol) ? this.#compiled.ports.elementOf[port]! : 0;
    let answer = service.byElement.get(element);
    if (!answer) {
      answer = this.#workOut(service, element);
      service.byElement.set(element, answer);
      this.#answers++;
    }
    return answer;
  }

  #workOut(service: Service, element: number): Admission {
    const { ports } = this.#compiled;
    const { groupSet, direction, protocol } = service;
    const port = ports.firstPort[element]!;
    const bucket = hasPorts(protocol) ? ports.bucketOf(port) : undefined;
    const matched = service.candidates.filter(({ compiled }) => fitsPort(compiled.rule, port));
    const could = service.could.filter(({ rule }) => fitsPort(rule, port));
    const all = [...matched.map(({ compiled }) => compiled), ...could];
    const key = `${String(bucket?.from)} ${String(bucket?.to)} ${all.map(({ index }) => index).join(' ')}`;
    let answer = service.distinct.get(key);
    if (!answer) {
      answer = {
        slot: this.#slots++,
        groupSet,
        direction,
        protocol,
        bucket,
        admitting: rulesById(matched.map(({ compiled }) => compiled)),
        could: rulesById(could),
        primary: matched[0]?.compiled.rule,
        specificity: all.reduce((best, { specificity }) => Math.min(best, specificity), Infinity),
        untrackedBy: rulesById(untrackedBy(service, matched)),
      };
      service.distinct.set(key, answer);
    }
    return answer;
  }
}

function serviceOf(peers: PeerClass, groupSet: GroupSet, direction: Direction, protocol: number): Service {
  const candidates = peers.candidates.filter(({ compiled }) => fitsProtocol(compiled.rule, protocol)).sort(byPrimacy);
  const could = peers.could.filter(({ rule }) => fitsProtocol(rule, protocol));
  const { family } = peers;
  return { groupSet, direction, protocol, family, candidates, could, byElement: new Map(), distinct: new Map() };
}

function byPrimacy(a: Candidate, b: Candidate): number {
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
function untrackedBy(service: Service, matched: readonly Candidate[]): CompiledRule[] {
  const { groupSet, direction, protocol, family } = service;
  if (!hasPorts(protocol)) return [];
  const openHere = new Set(groupSet.groups.flatMap((group) => group[direction].open[family]));
  if (!matched.some(({ compiled }) => openHere.has(compiled))) return [];
  const other = direction === 'ingress' ? 'egress' : 'ingress';
  return groupSet.groups
    .flatMap((group) => group[other].open[family])
    .filter((compiled) => compiled.width === ALL_PORTS && fitsProtocol(compiled.rule, protocol));
}

function rulesById(compiled: readonly CompiledRule[]): Rule[] {
  return [...new Set(compiled)].map(({ rule }) => rule).sort((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
}
