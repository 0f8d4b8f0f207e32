import { parseAddressInto, type Address } from '../addresses/address.ts';
import { hasPorts } from '../protocols.ts';
import { recordOf } from '../record-of.ts';
import { quoted } from '../text/plain.ts';
import { startOfDay, type Day } from '../time.ts';
import {
  LIMITS,
  MAX_ID_LENGTH,
  noId,
  noNumber,
  TRAFFIC_FIELDS,
  USED_FIELDS,
  type NumericField,
  type UsedField,
} from './fields.ts';
import type { Cell } from './parquet-column.ts';
import type { ColumnPages } from './parquet-pages.ts';
import { emptyRecord, type FlowRecord } from './record.ts';

/** In the order of the used columns. */
export type Pages = readonly ColumnPages[];

/** Makes records of rows. One object is handed out again and again, as readers do. */
export class RowReader {
  readonly record: FlowRecord = emptyRecord();
  readonly #fields: readonly UsedField[];
  readonly #hasStatus: boolean;
  readonly #fileTime: number;
  /** By field, those of the row at hand; null where the file has no such column. */
  readonly #row: Record<UsedField, Cell>;
  #reason: string | undefined;

  constructor(fields: readonly UsedField[], day: Day | undefined) {
    this.#fields = fields;
    this.#hasStatus = fields.includes('log-status');
    this.#fileTime = day === undefined ? -1 : startOfDay(day);
    this.#row = recordOf(USED_FIELDS, (): Cell => null);
  }

  /** Fills the record from the next row; returns why it is malformed, or undefined. */
  read(pages: Pages): string | undefined {
    for (const [i, field] of this.#fields.entries()) {
      try {
        this.#row[field] = pages[i]!.next();
      } catch (error) {
        throw new Error(`column ${field}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
    }
    this.#reason = undefined;
    const { record } = this;
    record.vpcId = this.#word('vpc-id');
    record.accountId = this.#word('account-id');
    record.resourceId = this.#row['interface-id'] === null ? this.#word('resource-id') : '';
    record.status = this.#status();
    record.accepted = false;
    if (record.status === 'OK') this.#readTraffic();
    else this.#readWithoutTraffic();
    return this.#reason;
  }

  #readTraffic(): void {
    const { record } = this;
    const interfaceId = this.#text('interface-id');
    if (interfaceId.length > MAX_ID_LENGTH) {
      this.#fail(noId(interfaceId));
      return;
    }
    record.interfaceId = interfaceId;
    record.start = this.#number('start');
    record.end = this.#number('end');
    const action = this.#text('action');
    if (action !== 'ACCEPT' && action !== 'REJECT') {
      this.#fail(`action ${quoted(action || '-')} is neither ACCEPT nor REJECT`);
      return;
    }
    record.accepted = action === 'ACCEPT';
    record.protocol = this.#number('protocol');
    const portAbsent = hasPorts(record.protocol) ? undefined : 0;
    record.sourcePort = this.#number('srcport', portAbsent);
    record.destinationPort = this.#number('dstport', portAbsent);
    // A REJECT by VPC Block Public Access comes without its size.
    const sizeAbsent = record.accepted ? undefined : 0;
    record.packets = this.#number('packets', sizeAbsent);
    record.bytes = this.#number('bytes', sizeAbsent);
    this.#address('srcaddr', record.source);
    this.#address('dstaddr', record.destination);
    // What is optional and cannot be read is absent.
    const flags = this.#row['tcp-flags'];
    record.tcpFlags = flags === null ? -1 : readNumber('tcp-flags', flags);
    this.#packetAddress('pkt-srcaddr', record.packetSource);
    this.#packetAddress('pkt-dstaddr', record.packetDestination);
    const direction = this.#text('flow-direction');
    record.direction = direction === 'ingress' || direction === 'egress' ? direction : undefined;
    record.rejectReason = this.#word('reject-reason');
  }

  /** The status alone makes it what it is. Times that cannot be read are those of the file. */
  #readWithoutTraffic(): void {
    const { record } = this;
    record.interfaceId = this.#word('interface-id');
    const end = readNumber('end', this.#row.end);
    record.end = end < 0 ? this.#fileTime : end;
    if (record.end < 0) this.#number('end');
    const start = readNumber('start', this.#row.start);
    record.start = start < 0 ? record.end : start;
  }

  #status(): FlowRecord['status'] {
    if (!this.#hasStatus) return TRAFFIC_FIELDS.every((field) => this.#row[field] === null) ? 'NODATA' : 'OK';
    const status = this.#row['log-status'];
    return status === 'NODATA' || status === 'SKIPDATA' ? status : 'OK';
  }

  #text(field: UsedField): string {
    const found = this.#row[field];
    return typeof found === 'string' ? found : '';
  }

  /** `''` where it is longer than any id. */
  #word(field: UsedField): string {
    const text = this.#text(field);
    return text.length > MAX_ID_LENGTH ? '' : text;
  }

  #number(field: NumericField, absent?: number): number {
    const found = this.#row[field];
    if (found === null && absent !== undefined) return absent;
    const value = readNumber(field, found);
    if (value < 0) this.#fail(noNumber(field, found === null ? '-' : String(found)));
    return value;
  }

  #address(field: UsedField, into: Address): void {
    const shown = this.#text(field) || '-';
    if (!parseAddressInto(shown, into)) this.#fail(`${field} ${quoted(shown)} is not an address`);
  }

  #packetAddress(field: UsedField, into: Address): void {
    const text = this.#text(field);
    if (text === '' || !parseAddressInto(text, into)) into.family = 0;
  }

  /** The first reason found is the one told. */
  #fail(reason: string): void {
    this.#reason ??= reason;
  }
}

/** A whole number within the field's limits; -1 for anything else. */
function readNumber(field: NumericField, found: Cell): number {
  if (found === null || (typeof found === 'string' && !/^\d{1,16}$/.test(found))) return -1;
  const value = Number(found);
  return Number.isInteger(value) && value >= 0 && value <= LIMITS[field] ? value : -1;
}
