import { formatAddress } from '../addresses/address.ts';
import { hasPorts } from '../flowlogs/fields.ts';
import type { Direction, FlowRecord } from '../flowlogs/record.ts';
import type { Orientation } from '../attribution/orient.ts';

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

/** Gathers the service flows of the records of one day. */
export class ServiceFlows {
  readonly #flows = new Map<string, ServiceFlow>();

  get size(): number {
    return this.#flows.size;
  }

  /** @param direction of the record's packets, seen from the interface */
  add(record: FlowRecord, direction: Direction, { opener, ground, peer, refused, hypotheses }: Orientation): void {
    const isRequest = opener === 'request';
    const port = hasPorts(record.protocol) ? (isRequest ? record.destinationPort : record.sourcePort) : 0;
    const ruleDirection = isRequest ? direction : direction === 'ingress' ? 'egress' : 'ingress';
    const text = formatAddress(peer);
    const key = `${record.interfaceId} ${ruleDirection} ${record.protocol} ${text} ${port}`;
    let flow = this.#flows.get(key);
    if (!flow) {
      const { admitting, could } = hypotheses[opener]!;
      flow = {
        interfaceId: record.interfaceId,
        direction: ruleDirection,
        protocol: record.protocol,
        peer: text,
        port,
        ruleIds: admitting.map(({ ruleId }) => ruleId),
        possibleRuleIds: admitting.length > 0 ? [] : could.map(({ ruleId }) => ruleId),
        requests: 0,
        replies: 0,
        inferred: 0,
        packets: 0,
        bytes: 0,
        first: record.start,
        last: record.end,
      };
      this.#flows.set(key, flow);
    }
    if (isRequest) flow.requests += record.times;
    else flow.replies += record.times;
    if (ground !== 'syn' || refused) flow.inferred += record.times;
    flow.packets += record.packets;
    flow.bytes += record.bytes;
    flow.first = Math.min(flow.first, record.start);
    flow.last = Math.max(flow.last, record.end);
  }

  /** By interface, direction, protocol, port and peer: equal values lie together, which keeps files small. */
  sorted(): ServiceFlow[] {
    return [...this.#flows.values()].sort(
      (a, b) =>
        compare(a.interfaceId, b.interfaceId) ||
        compare(a.direction, b.direction) ||
        a.protocol - b.protocol ||
        a.port - b.port ||
        compare(a.peer, b.peer),
    );
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
