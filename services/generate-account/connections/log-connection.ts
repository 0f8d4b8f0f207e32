import { hashPair } from '../random/random.ts';
import type { KindCount } from '../options/mix.ts';
import type { Delivery } from '../logs/delivery.ts';
import { emptyRow, type Row } from '../logs/row.ts';
import { truthOfGap } from '../truth/record-truth.ts';
import { hourOf, type Span } from '../options/slots.ts';
import { setAsideIn } from '../truth/set-aside.ts';
import type { Tally } from '../truth/tally.ts';
import type { FlowLog, Interface } from '../world/entities.ts';
import { type Sight, watch } from './activity.ts';
import type { Connection, Leg } from './connection.ts';

/** Writes what the interfaces on a connection's way log of it, window by window. */
export class ConnectionLogger {
  readonly #delivery: Delivery;
  readonly #tally: Tally;
  readonly #logs: Span;
  readonly #counts: readonly KindCount[];
  readonly #seen: Sight = { forward: 0, backward: 0, forwardFlags: 0, backwardFlags: 0 };
  readonly #row: Row;
  /** Whose turn it is to have had no traffic. */
  #turn = 0;

  constructor(delivery: Delivery, tally: Tally, logs: Span, counts: readonly KindCount[], anyInterface: Interface) {
    this.#delivery = delivery;
    this.#tally = tally;
    this.#logs = logs;
    this.#counts = counts;
    this.#row = emptyRow(anyInterface);
  }

  /**
   * Writes the windows that begin inside the slot; of a connection that is new, also the one in which it opened.
   * Returns the number of records written.
   */
  log(connection: Connection, slot: Span, isNew: boolean): number {
    let written = 0;
    for (const leg of connection.legs) {
      const { windowSeconds: length, windowOffset: offset } = leg.iface;
      const begin = isNew
        ? Math.floor((connection.opened - offset) / length)
        : Math.ceil((slot.from - offset) / length);
      const first = Math.max(begin, Math.floor((this.#logs.from - offset) / length));
      const last = Math.min(
        Math.floor((connection.closed - offset) / length),
        Math.ceil((slot.to - offset) / length) - 1,
      );
      for (let window = first; window <= last; window++) {
        const from = Math.max(window * length + offset, this.#logs.from);
        const to = Math.min((window + 1) * length + offset, this.#logs.to);
        if (from < to) written += this.#window(connection, leg, from, to);
      }
    }
    this.#counts[connection.kindIndex]!.records += written;
    return written;
  }

  /** A NODATA or SKIPDATA record for the window of an interface that holds `time`. Returns the number written. */
  logGap(iface: Interface, status: 'NODATA' | 'SKIPDATA', time: number, kind: string, kindIndex: number): number {
    const { windowSeconds: length, windowOffset: offset } = iface;
    const begin = Math.floor((time - offset) / length) * length + offset;
    const row = this.#row;
    row.status = status;
    row.iface = iface;
    row.start = Math.max(begin, this.#logs.from);
    row.end = Math.min(begin + length, this.#logs.to) - 1;
    const before = this.#delivery.recordCount;
    for (const flowLog of iface.flowLogs) {
      if (!isHeard(flowLog, row.end)) continue;
      this.#delivery.add(flowLog, row, truthOfGap(kind), setAsideIn(flowLog, iface, status, true));
    }
    const written = this.#delivery.recordCount - before;
    this.#counts[kindIndex]!.records += written;
    return written;
  }

  /**
   * Where the flow log has nothing to deliver at a time: NODATA of a window that would be in no other file than this one.
   * AWS writes it of every such window, here it is one, of each interface in turn. Returns the number of records written.
   *
   * @param interfaces that the flow log covers
   * @param due UNIX seconds
   */
  logNoTraffic(flowLog: FlowLog, interfaces: readonly Interface[], due: number): number {
    const row = this.#row;
    for (const [i] of interfaces.entries()) {
      const iface = interfaces[(i + this.#turn) % interfaces.length]!;
      const { windowSeconds: length, windowOffset: offset, attachedAt = -Infinity } = iface;
      const oldest = Math.max(this.#delivery.earliestEnd(due) - length, this.#logs.from, attachedAt);
      const latest = Math.min(due, this.#logs.to);
      for (let to = Math.floor((latest - offset) / length) * length + offset; to - length >= oldest; to -= length) {
        setBounds(row, iface, to - length, to);
        if (this.#delivery.dueAt(iface.index, row.end) !== due || !isHeard(flowLog, row.end)) continue;
        this.#turn++;
        row.status = 'NODATA';
        row.iface = iface;
        this.#delivery.addAlone(due, flowLog, row, truthOfGap('noTraffic'));
        return 1;
      }
    }
    return 0;
  }

  #window(connection: Connection, leg: Leg, from: number, to: number): number {
    const seen = this.#seen;
    watch(connection, from, to, seen);
    if (!leg.accepted) seen.backward = 0;
    if (seen.forward === 0 && seen.backward === 0) return 0;
    const row = this.#row;
    row.status = 'OK';
    row.iface = leg.iface;
    row.protocol = connection.protocol;
    row.isIpv6 = connection.isIpv6;
    row.accepted = leg.accepted;
    row.rejectReason = leg.rejectReason;
    row.trafficPath = leg.trafficPath;
    setBounds(row, leg.iface, from, to);
    let written = 0;
    if (seen.forward > 0) written += this.#request(connection, leg);
    if (seen.backward > 0) written += this.#reply(connection, leg);
    return written;
  }

  #request(connection: Connection, leg: Leg): number {
    const row = this.#row;
    row.source = leg.opener;
    row.packetSource = leg.openerPacket;
    row.sourcePort = leg.openerPort;
    row.destination = leg.server;
    row.packetDestination = leg.serverPacket;
    row.destinationPort = leg.serverPort;
    row.packets = this.#seen.forward;
    row.bytes = leg.rejectReason === 'BPA' ? -1 : row.packets * connection.forwardSize;
    row.tcpFlags = this.#seen.forwardFlags;
    row.isEgress = leg.ownOpens;
    row.sourceService = leg.ownOpens ? '-' : leg.peerService;
    row.destinationService = leg.ownOpens ? leg.peerService : '-';
    return this.#write(connection, leg, true);
  }

  #reply(connection: Connection, leg: Leg): number {
    const row = this.#row;
    row.source = leg.server;
    row.packetSource = leg.serverPacket;
    row.sourcePort = leg.serverPort;
    row.destination = leg.opener;
    row.packetDestination = leg.openerPacket;
    row.destinationPort = leg.openerPort;
    row.packets = this.#seen.backward;
    row.bytes = row.packets * connection.backwardSize;
    row.tcpFlags = this.#seen.backwardFlags;
    row.isEgress = !leg.ownOpens;
    row.sourceService = leg.ownOpens ? leg.peerService : '-';
    row.destinationService = leg.ownOpens ? '-' : leg.peerService;
    return this.#write(connection, leg, false);
  }

  /** The filled row, into each flow log that records it. */
  #write(connection: Connection, leg: Leg, isRequest: boolean): number {
    const row = this.#row;
    const count = this.#counts[connection.kindIndex]!;
    if (connection.isSkipped || leg.destinations.length === 0) {
      if (isRequest) this.#tally.request(leg.admitted, row.start, row.end, 'unlogged');
      return 0;
    }
    const truth = isRequest ? leg.requestTruth : leg.replyTruth;
    let written = 0;
    for (const { flowLog, setAside } of leg.destinations) {
      if (!isHeard(flowLog, row.end)) {
        if (isRequest) this.#tally.request(leg.admitted, row.start, row.end, 'unlogged');
        continue;
      }
      this.#delivery.add(flowLog, row, truth, setAside);
      written++;
      if (isRequest) this.#tally.request(leg.admitted, row.start, row.end, setAside === '' ? 'counted' : 'setAside');
      else if (setAside === '') this.#tally.reply(leg.admitted, leg.passingReplies);
    }
    if (isRequest) count.requests += written;
    else count.replies += written;
    return written;
  }
}

/** The bounds of a capture window are the same for all flows of the interface. */
function setBounds(row: Row, { index }: Interface, from: number, to: number): void {
  const jitter = hashPair(index, from);
  row.start = Math.min(from + (jitter % 3), to - 1);
  row.end = Math.max(to - 1 - ((jitter >>> 8) % 3), row.start);
}

/** Whether there are files of the hour. */
function isHeard({ heardHours }: FlowLog, time: number): boolean {
  if (!heardHours) return true;
  const hour = hourOf(time);
  return heardHours.from <= hour && hour < heardHours.until;
}
