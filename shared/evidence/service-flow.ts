import { formatAddress, type Address } from '../addresses/address.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
import { isInferred } from '../attribution/admission-sums.ts';
import type { FlowReading } from '../attribution/attribution.ts';
import { openerShown, opposite, peersOf } from '../attribution/orient.ts';
import type { PossibleUse } from '../attribution/possible-use.ts';
import type { Rule } from '../inventory/inventory.ts';
import type { Admission } from '../matching/admission.ts';
import { hasPorts, type Direction, type Opener } from '../protocols.ts';

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

/** A service flow while its records come in. */
interface Gathered {
  flow: ServiceFlow;
  /** Ids of {@link ServiceFlow.unclearRuleIds}; made with the first. */
  unclear: Set<string> | undefined;
  /** Which rules got possible use last: for most records of a flow they are the same. */
  last: PossibleUse | undefined;
}

/** What the flows of one admission have in common; their number is that of answers, not of flows. */
type RuleIds = Pick<ServiceFlow, 'ruleIds' | 'possibleRuleIds' | 'untrackedRuleIds'>;

/** Gathers the service flows of the records of one day. */
export class ServiceFlows {
  readonly #flows = new Map<string, Gathered>();
  readonly #ids = new WeakMap<Admission, RuleIds>();

  get size(): number {
    return this.#flows.size;
  }

  add(record: FlowRecord, { direction, orientation, possible }: FlowReading): void {
    const isRequest = (orientation?.opener ?? guessedOpener(record)) === 'request';
    const peer = orientation?.peer ?? peersOf(record, direction).packet;
    const port = hasPorts(record.protocol) ? (isRequest ? record.destinationPort : record.sourcePort) : 0;
    const ruleDirection = isRequest ? direction : opposite(direction);
    const key = keyOf(record.interfaceId, ruleDirection, record.protocol, port, peer);
    let gathered = this.#flows.get(key);
    if (!gathered) {
      const ids = orientation ? this.#idsOf(orientation.hypotheses[orientation.opener]!) : NO_IDS;
      this.#flows.set(key, (gathered = gather(record, ruleDirection, port, peer, ids)));
    }
    const { flow } = gathered;
    if (isRequest) flow.requests += record.times;
    else flow.replies += record.times;
    if (!orientation || isInferred(orientation)) flow.inferred += record.times;
    flow.packets += record.packets;
    flow.bytes += record.bytes;
    flow.first = Math.min(flow.first, record.start);
    flow.last = Math.max(flow.last, record.end);
    const lone = orientation?.credited.length === 1 && flow.ruleIds.length === 0;
    if (lone) gathered.flow = { ...flow, ruleIds: idsOf(orientation.credited), possibleRuleIds: NONE };
    if (!possible || possible === gathered.last) return;
    gathered.last = possible;
    gathered.unclear ??= new Set();
    for (const { ruleId } of possible.rules) gathered.unclear.add(ruleId);
  }

  /** By interface, direction, protocol, port and peer: equal values lie together, which keeps files small. */
  sorted(): ServiceFlow[] {
    return [...this.#flows.values()]
      .map(({ flow, unclear }) => (unclear ? withUnclear(flow, unclear) : flow))
      .sort(
        (a, b) =>
          compare(a.interfaceId, b.interfaceId) ||
          compare(a.direction, b.direction) ||
          a.protocol - b.protocol ||
          a.port - b.port ||
          compare(a.peer, b.peer),
      );
  }

  #idsOf(admission: Admission): RuleIds {
    let ids = this.#ids.get(admission);
    if (!ids) {
      const { admitting, could, untrackedBy } = admission;
      ids = {
        ruleIds: idsOf(admitting),
        possibleRuleIds: admitting.length > 0 ? [] : idsOf(could),
        untrackedRuleIds: idsOf(untrackedBy),
      };
      this.#ids.set(admission, ids);
    }
    return ids;
  }
}

function idsOf(rules: readonly Rule[]): readonly string[] {
  return rules.map(({ ruleId }) => ruleId);
}

/** Asked for every record, so by numbers. */
function keyOf(interfaceId: string, direction: Direction, protocol: number, port: number, peer: Address): string {
  const service = (protocol * 65_536 + port) * 2 + (direction === 'ingress' ? 1 : 0);
  const { family, w0, w1, w2, w3 } = peer;
  return family === 4 ? `${interfaceId} ${service} ${w0}` : `${interfaceId} ${service} ${w0} ${w1} ${w2} ${w3}`;
}

const NONE: readonly string[] = [];
const NO_IDS: RuleIds = { ruleIds: NONE, possibleRuleIds: NONE, untrackedRuleIds: NONE };

function gather(
  { interfaceId, protocol, start, end }: FlowRecord,
  direction: Direction,
  port: number,
  peer: Address,
  ids: RuleIds,
): Gathered {
  const { ruleIds, possibleRuleIds, untrackedRuleIds } = ids;
  const flow = {
    interfaceId,
    direction,
    protocol,
    peer: formatAddress(peer),
    port,
    ruleIds,
    possibleRuleIds,
    unclearRuleIds: NONE,
    untrackedRuleIds,
    requests: 0,
    replies: 0,
    inferred: 0,
    packets: 0,
    bytes: 0,
    first: start,
    last: end,
  };
  return { flow, unclear: undefined, last: undefined };
}

/** Without those that are told apart already: they admit it, or could. */
function withUnclear(flow: ServiceFlow, unclear: ReadonlySet<string>): ServiceFlow {
  const { ruleIds, possibleRuleIds } = flow;
  const others = [...unclear].filter((id) => !ruleIds.includes(id) && !possibleRuleIds.includes(id));
  return { ...flow, unclearRuleIds: others.sort(compare) };
}

/** Who opened the connection, where no rules can be asked: by the flags, else by the smaller port. */
function guessedOpener(record: FlowRecord): Opener {
  const { protocol, sourcePort, destinationPort } = record;
  return openerShown(record) ?? (hasPorts(protocol) && sourcePort < destinationPort ? 'reply' : 'request');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
