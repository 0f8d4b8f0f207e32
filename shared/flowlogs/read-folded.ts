import { absentAddress, parseAddress, type Address } from '../addresses/address.ts';
import type { FoldedRow } from './folded-record.ts';
import { emptyRecord, type FlowRecord } from './record.ts';

/** What a folded row becomes. */
export interface FoldedSink {
  /** One object is handed out again and again, as readers do. */
  record(record: FlowRecord, row: FoldedRow): void;
  /** Records that could not be read. */
  malformed(row: FoldedRow): void;
}

const ABSENT = absentAddress();

/**
 * Reads the rows of the nightly fold as records that stand for many. What the fold has not looked into is read here as
 * strictly as in a log file: a row with an unreadable address holds malformed records.
 */
export class FoldedReader {
  readonly #record = emptyRecord();
  readonly #sink: FoldedSink;

  constructor(sink: FoldedSink) {
    this.#sink = sink;
  }

  read(row: FoldedRow): void {
    if (row.kind === 'malformed' || !this.#fill(row)) this.#sink.malformed(row);
    else this.#sink.record(this.#record, row);
  }

  #fill(row: FoldedRow): boolean {
    const record = this.#record;
    const isOk = row.kind === 'ok';
    record.status = isOk ? 'OK' : row.kind === 'nodata' ? 'NODATA' : 'SKIPDATA';
    record.accountId = row.account_id ?? '';
    record.interfaceId = row.interface_id ?? '';
    record.resourceId = row.resource_id ?? '';
    record.vpcId = row.vpc_id ?? '';
    record.start = row.first_start;
    record.end = row.last_end;
    record.times = row.records;
    record.accepted = isOk && row.action === 'ACCEPT';
    if (!isOk) return true;
    record.sourcePort = row.srcport;
    record.destinationPort = row.dstport;
    record.protocol = row.protocol;
    record.packets = row.packets;
    record.bytes = row.bytes;
    record.opener = row.opener ?? undefined;
    record.synSeen = row.syn_seen;
    record.paired = row.paired ?? undefined;
    record.service = row.service ?? undefined;
    record.direction =
      row.flow_direction === 'ingress' || row.flow_direction === 'egress' ? row.flow_direction : undefined;
    record.rejectReason = row.reject_reason ?? '';
    record.packetSource = addressIn(row.pkt_srcaddr) ?? ABSENT;
    record.packetDestination = addressIn(row.pkt_dstaddr) ?? ABSENT;
    const [source, destination] = [addressIn(row.srcaddr), addressIn(row.dstaddr)];
    if (!source || !destination) return false;
    record.source = source;
    record.destination = destination;
    return true;
  }
}

/** Undefined where there is none, or it cannot be read. */
function addressIn(cell: FoldedRow['srcaddr']): Address | undefined {
  return typeof cell === 'string' ? parseAddress(cell) : (cell ?? undefined);
}
