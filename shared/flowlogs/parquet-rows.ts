import { copyAddress, type Address } from '../addresses/address.ts';
import { hasPorts } from '../protocols.ts';
import { quoted } from '../text/plain.ts';
import { startOfDay, type Day } from '../time.ts';
import {
  MAX_ID_LENGTH,
  noId,
  noNumber,
  TRAFFIC_FIELDS,
  USED_FIELDS,
  type NumericField,
  type UsedField,
} from './fields.ts';
import type { Cell, CellColumn } from './parquet-cells.ts';
import { emptyRecord, type FlowRecord } from './record.ts';

const PLACE = Object.fromEntries(USED_FIELDS.map((field, place) => [field, place])) as Record<UsedField, number>;

/** Makes records of rows. One object is handed out again and again, as readers do. */
export class RowReader {
  readonly record: FlowRecord = emptyRecord();
  readonly #hasStatus: boolean;
  readonly #fileTime: number;
  /** By {@link PLACE}; undefined where the file has no such column. */
  readonly #columns: readonly (CellColumn | undefined)[];
  #row = 0;
  #reason: string | undefined;

  constructor(columns: ReadonlyMap<UsedField, CellColumn>, day: Day | undefined) {
    this.#hasStatus = columns.has('log-status');
    this.#fileTime = day === undefined ? -1 : startOfDay(day);
    this.#columns = USED_FIELDS.map((field) => columns.get(field));
  }

  /** Fills the record from the row of that number, from 0; returns why it is malformed, or undefined. */
  read(row: number): string | undefined {
    this.#row = row;
    this.#reason = undefined;
    const { record } = this;
    record.vpcId = this.#word(PLACE['vpc-id']);
    record.accountId = this.#word(PLACE['account-id']);
    record.resourceId = this.#cell(PLACE['interface-id']) === null ? this.#word(PLACE['resource-id']) : '';
    record.status = this.#status();
    record.accepted = false;
    if (record.status === 'OK') this.#readTraffic();
    else this.#readWithoutTraffic();
    return this.#reason;
  }

  #readTraffic(): void {
    const { record } = this;
    const interfaceId = this.#text(PLACE['interface-id']);
    if (interfaceId.length > MAX_ID_LENGTH) {
      this.#fail(noId(interfaceId));
      return;
    }
    record.interfaceId = interfaceId;
    record.start = this.#number(PLACE.start);
    record.end = this.#number(PLACE.end);
    const action = this.#text(PLACE.action);
    if (action !== 'ACCEPT' && action !== 'REJECT') {
      this.#fail(`action ${quoted(action || '-')} is neither ACCEPT nor REJECT`);
      return;
    }
    record.accepted = action === 'ACCEPT';
    record.protocol = this.#number(PLACE.protocol);
    const portAbsent = hasPorts(record.protocol) ? undefined : 0;
    record.sourcePort = this.#number(PLACE.srcport, portAbsent);
    record.destinationPort = this.#number(PLACE.dstport, portAbsent);
    // A REJECT by VPC Block Public Access comes without its size.
    const sizeAbsent = record.accepted ? undefined : 0;
    record.packets = this.#number(PLACE.packets, sizeAbsent);
    record.bytes = this.#number(PLACE.bytes, sizeAbsent);
    this.#address(PLACE.srcaddr, record.source);
    this.#address(PLACE.dstaddr, record.destination);
    // What is optional and cannot be read is absent.
    record.tcpFlags = this.#whole(PLACE['tcp-flags']);
    this.#packetAddress(PLACE['pkt-srcaddr'], record.packetSource);
    this.#packetAddress(PLACE['pkt-dstaddr'], record.packetDestination);
    const direction = this.#text(PLACE['flow-direction']);
    record.direction = direction === 'ingress' || direction === 'egress' ? direction : undefined;
    record.rejectReason = this.#word(PLACE['reject-reason']);
  }

  /** The status alone makes it what it is. Times that cannot be read are those of the file. */
  #readWithoutTraffic(): void {
    const { record } = this;
    record.interfaceId = this.#word(PLACE['interface-id']);
    const end = this.#whole(PLACE.end);
    record.end = end < 0 ? this.#fileTime : end;
    if (record.end < 0) this.#number(PLACE.end);
    const start = this.#whole(PLACE.start);
    record.start = start < 0 ? record.end : start;
  }

  #status(): FlowRecord['status'] {
    if (!this.#hasStatus) return TRAFFIC_FIELDS.every((field) => this.#cell(PLACE[field]) === null) ? 'NODATA' : 'OK';
    const status = this.#cell(PLACE['log-status']);
    return status === 'NODATA' || status === 'SKIPDATA' ? status : 'OK';
  }

  #text(place: number): string {
    const found = this.#cell(place);
    return typeof found === 'string' ? found : '';
  }

  /** `''` where it is longer than any id. */
  #word(place: number): string {
    const text = this.#text(place);
    return text.length > MAX_ID_LENGTH ? '' : text;
  }

  #number(place: number, absent?: number): number {
    const value = this.#whole(place);
    if (value >= 0) return value;
    const found = this.#cell(place);
    if (found === null && absent !== undefined) return absent;
    this.#fail(noNumber(USED_FIELDS[place] as NumericField, typeof found === 'object' ? '-' : String(found)));
    return value;
  }

  /** -1 where there is none, or none that can be. */
  #whole(place: number): number {
    const column = this.#columns[place];
    return column ? Math.max(-1, column.cells.numbers[column.codes[this.#row]!]!) : -1;
  }

  #address(place: number, into: Address): void {
    const found = this.#cell(place);
    if (isAddress(found)) copyAddress(into, found);
    else this.#fail(`${USED_FIELDS[place]!} ${quoted(this.#text(place) || '-')} is not an address`);
  }

  #packetAddress(place: number, into: Address): void {
    const found = this.#cell(place);
    if (isAddress(found)) copyAddress(into, found);
    else into.family = 0;
  }

  #cell(place: number): Cell {
    return this.#columns[place]?.get(this.#row) ?? null;
  }

  /** The first reason found is the one told. */
  #fail(reason: string): void {
    this.#reason ??= reason;
  }
}

function isAddress(cell: Cell): cell is Address {
  return typeof cell === 'object' && cell !== null;
}
