import { parseAddressBytes, type Address } from '../addresses/address.ts';
import { KNOWN_FIELDS, LIMITS, MAX_ID_LENGTH, noId, noNumber, type Columns, type NumericField } from './fields.ts';
import { INTERNED, latin1, type Interner } from './interner.ts';
import {
  formatOf,
  formatWithoutHeader,
  isHeader,
  isName,
  rememberFormat,
  rememberedFormat,
  type LineFormat,
  type LineOptions,
} from './line-format.ts';
import { afterMark, BLANK, Lines, MAX_LINE_BYTES } from './lines.ts';
import { emptyRecord, FlowLogError, type FlowRecord, type LogStatus, type RecordSink } from './record.ts';
import { MAX_COLUMNS } from './scan/layout.ts';
import { hasPorts, type Direction } from '../protocols.ts';
import { quoted } from '../text/plain.ts';
import { startOfDay } from '../time.ts';

const DASH = 0x2d;
/** For a field that may not be absent. */
const NOT_ALLOWED = -1;

const shownCount = (count: number): string =>
  count > MAX_COLUMNS ? `more than ${String(MAX_COLUMNS)}` : String(count);

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const ACCEPT = ascii('ACCEPT');
const REJECT = ascii('REJECT');
const NODATA = ascii('NODATA');
const SKIPDATA = ascii('SKIPDATA');
const INGRESS = ascii('ingress');
const EGRESS = ascii('egress');

/** Bounds of the fields of the line at hand: of all readers, since no line is read while another is. */
const starts = new Int32Array(MAX_COLUMNS + 1);
const ends = new Int32Array(MAX_COLUMNS + 1);

/**
 * Says what every line of a text flow log means, from chunks of any size, cut anywhere; `TextReader` reads usual lines faster,
 * and to the same effect. Columns go by the header; a header may repeat; without one the file must be of the default 14
 * fields. Any byte up to 0x20 but the newline is a blank, and runs of blanks are one separator. Blank lines are not lines,
 * and a byte order mark before a line is not part of it.
 *
 * @throws FlowLogError from `push` or `end` when the file is not a VPC flow log. What was handed on before is then void.
 */
export class LineReader {
  /** The one record that is handed on, again and again. */
  readonly record: FlowRecord = emptyRecord();
  readonly #sink: RecordSink;
  readonly #lines = new Lines({
    line: (bytes, from, to) => this.#readLine(bytes, from, to),
    tooLong: () => this.#tooLong(),
    blank: (lines) => {
      this.#line += lines;
    },
  });
  #line = 0;
  #format: LineFormat | undefined;
  readonly #options: LineOptions;
  readonly #fileTime: number;
  #bytes: Uint8Array = new Uint8Array(0);
  /** Why the record at hand is malformed; `''` while it is not. */
  #reason = '';

  constructor(sink: RecordSink, options: LineOptions = {}) {
    this.#sink = sink;
    this.#options = options;
    this.#fileTime = options.day === undefined ? -1 : startOfDay(options.day);
  }

  /** Whether the lines tell of skipped records; undefined before the first line. */
  get tellsGaps(): boolean | undefined {
    return this.#format && this.#format.columns['log-status'] >= 0;
  }

  /** Undefined before the first line. */
  get format(): LineFormat | undefined {
    return this.#format;
  }

  /** Whether what was pushed last ends in a line. */
  get isMidLine(): boolean {
    return this.#lines.isMidLine;
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  /** The last line may lack its newline. */
  end(): void {
    this.#lines.end();
  }

  /** Hands on `record` as the next line, which somebody else has read into it. */
  handOn(): void {
    this.#sink.record(this.record, ++this.#line);
  }

  /** Notes lines that somebody else has read and handed on. */
  pass(lines: number): void {
    this.#line += lines;
  }

  #tooLong(): void {
    this.#line++;
    const reason = `the line is longer than ${String(MAX_LINE_BYTES)} bytes`;
    if (!this.#format) throw new FlowLogError(`not a VPC flow log: line ${String(this.#line)}: ${reason}`);
    this.#sink.malformed(this.#line, reason);
  }

  #readLine(bytes: Uint8Array, from: number, to: number): void {
    this.#line++;
    this.#bytes = bytes;
    if (!this.#format) {
      this.#format = rememberedFormat(bytes.subarray(from, to));
      if (this.#format) return;
    }
    const count = this.#split(afterMark(bytes, from, to), to);
    if (count === 0) return;
    if (!this.#format) {
      if (this.#readFirstHeader(count)) {
        rememberFormat(bytes.subarray(from, to), this.#format!);
        return;
      }
    } else if (this.#isHeader(count)) {
      this.#format = formatOf(this.#texts(count));
      return;
    }
    const format = this.#format!;
    if (count !== format.count) {
      if (this.#options.mustFit) formatWithoutHeader(this.#options.fields, this.#line, shownCount(count));
      this.#sink.malformed(this.#line, `${shownCount(count)} fields instead of ${String(format.count)}`);
      return;
    }
    this.#reason = '';
    if (this.#readRecord(format.columns)) this.#sink.record(this.record, this.#line);
    else this.#sink.malformed(this.#line, this.#reason);
  }

  /** Finds the fields of a line; returns their number, MAX_COLUMNS + 1 standing for any larger one. */
  #split(from: number, to: number): number {
    const bytes = this.#bytes;
    let count = 0;
    let i = from;
    for (;;) {
      while (i < to && bytes[i]! <= BLANK) i++;
      if (i === to) return count;
      starts[count] = i;
      while (i < to && bytes[i]! > BLANK) i++;
      ends[count] = i;
      if (++count > MAX_COLUMNS) return count;
    }
  }

  #texts(count: number): string[] {
    return Array.from({ length: count }, (_, k) => this.#text(k));
  }

  #text(column: number): string {
    return latin1(this.#bytes, starts[column]!, ends[column]!);
  }

  /** True when the first line was a header. A first line that is not one must be a record of the format that is given. */
  #readFirstHeader(count: number): boolean {
    const names = this.#texts(Math.min(count, MAX_COLUMNS));
    for (let i = starts[0]!; i < ends[names.length - 1]!; i++) {
      const b = this.#bytes[i]!;
      if (b < 0x09 || b > 0x7e) throw new FlowLogError('not a VPC flow log: binary data');
    }
    if (names.every(isName) && names.some((name) => KNOWN_FIELDS.has(name) || name.includes('-'))) {
      if (count > MAX_COLUMNS) throw new FlowLogError(`not a VPC flow log: more than ${String(MAX_COLUMNS)} columns`);
      this.#format = formatOf(names);
      return true;
    }
    this.#format = formatWithoutHeader(this.#options.fields, this.#line, shownCount(count));
    return false;
  }

  /**
   * Whether it is a header in mid-file. The first byte and the digits tell records that start with a lower-case letter
   * (`eni-0ab…`, `use1-az2`) apart without building a string.
   */
  #isHeader(count: number): boolean {
    const from = starts[0]!;
    const to = ends[0]!;
    const first = this.#bytes[from]!;
    if (first < 0x61 || first > 0x7a || count > MAX_COLUMNS) return false;
    for (let i = from; i < to - 1; i++) {
      if (this.#bytes[i]! < 0x61 && this.#bytes[i]! !== DASH) return false;
    }
    return isHeader(this.#texts(count));
  }

  #readRecord(columns: Columns): boolean {
    const record = this.record;
    record.vpcId = this.#id(INTERNED.vpcs, columns['vpc-id']);
    record.accountId = this.#id(INTERNED.accounts, columns['account-id']);
    record.resourceId = this.#isAbsent(columns['interface-id'])
      ? this.#id(INTERNED.resources, columns['resource-id'])
      : '';
    record.status = this.#status(columns['log-status']);
    record.accepted = false;
    if (record.status !== 'OK') return this.#readWithoutTraffic(columns);

    if (this.#isTooLong(columns['interface-id'])) return this.#fail(noId(this.#text(columns['interface-id'])));
    record.interfaceId = this.#id(INTERNED.interfaces, columns['interface-id']);
    record.start = this.#number('start', columns.start);
    record.end = this.#number('end', columns.end);
    if (this.#failed()) return false;

    if (this.#is(columns.action, ACCEPT)) record.accepted = true;
    else if (!this.#is(columns.action, REJECT)) {
      return this.#fail(`action ${quoted(this.#text(columns.action))} is neither ACCEPT nor REJECT`);
    }

    record.protocol = this.#number('protocol', columns.protocol);
    if (record.protocol < 0) return false;
    const ports = hasPorts(record.protocol);
    record.sourcePort = this.#numberOr('srcport', columns.srcport, ports ? NOT_ALLOWED : 0);
    record.destinationPort = this.#numberOr('dstport', columns.dstport, ports ? NOT_ALLOWED : 0);
    // A REJECT by VPC Block Public Access comes without its size.
    const size = record.accepted ? NOT_ALLOWED : 0;
    record.packets = this.#numberOr('packets', columns.packets, size);
    record.bytes = this.#numberOr('bytes', columns.bytes, size);
    if (this.#failed()) return false;

    // What is optional and cannot be read is absent.
    record.tcpFlags = this.#isAbsent(columns['tcp-flags']) ? -1 : this.#parse('tcp-flags', columns['tcp-flags']);
    record.direction = this.#direction(columns['flow-direction']);
    const reason = columns['reject-reason'];
    record.rejectReason = this.#isAbsent(reason) || this.#isTooLong(reason) ? '' : this.#text(reason);
    return this.#readAddresses(columns);
  }

  /** The status alone makes it what it is. Times that cannot be read are those of the file. */
  #readWithoutTraffic(columns: Columns): boolean {
    const record = this.record;
    record.interfaceId = this.#id(INTERNED.interfaces, columns['interface-id']);
    const end = this.#parse('end', columns.end);
    record.end = end < 0 ? this.#fileTime : end;
    if (record.end < 0) return this.#fail(noNumber('end', this.#text(columns.end)));
    const start = this.#parse('start', columns.start);
    record.start = start < 0 ? record.end : start;
    return true;
  }

  /** Anything but the two known words is a record like any other: its fields decide. */
  #status(column: number): LogStatus {
    const traffic = this.#format?.traffic;
    if (traffic) return traffic.every((field) => this.#isAbsent(field)) ? 'NODATA' : 'OK';
    if (this.#is(column, NODATA)) return 'NODATA';
    return this.#is(column, SKIPDATA) ? 'SKIPDATA' : 'OK';
  }

  #readAddresses(columns: Columns): boolean {
    const { source, destination, packetSource, packetDestination } = this.record;
    this.#packetAddress(columns['pkt-srcaddr'], packetSource);
    this.#packetAddress(columns['pkt-dstaddr'], packetDestination);
    return this.#address('srcaddr', columns.srcaddr, source) && this.#address('dstaddr', columns.dstaddr, destination);
  }

  /** AWS calls this field best effort: any other value counts as absent. */
  #direction(column: number): Direction | undefined {
    if (column < 0) return undefined;
    if (this.#is(column, INGRESS)) return 'ingress';
    return this.#is(column, EGRESS) ? 'egress' : undefined;
  }

  #failed(): boolean {
    return this.#reason !== '';
  }

  /** The first reason found is the one told. */
  #fail(reason: string): false {
    if (this.#reason === '') this.#reason = reason;
    return false;
  }

  #isAbsent(column: number): boolean {
    if (column < 0) return true;
    const from = starts[column]!;
    return ends[column]! - from === 1 && this.#bytes[from] === DASH;
  }

  #is(column: number, text: Uint8Array): boolean {
    const from = starts[column]!;
    if (ends[column]! - from !== text.length) return false;
    for (let i = 0; i < text.length; i++) {
      if (this.#bytes[from + i] !== text[i]) return false;
    }
    return true;
  }

  #isTooLong(column: number): boolean {
    return ends[column]! - starts[column]! > MAX_ID_LENGTH;
  }

  /** `''` where it is absent, or longer than any id. */
  #id(interner: Interner, column: number): string {
    if (this.#isAbsent(column) || this.#isTooLong(column)) return '';
    return interner.get(this.#bytes, starts[column]!, ends[column]!);
  }

  #numberOr(field: NumericField, column: number, absent: number): number {
    if (absent >= 0 && this.#isAbsent(column)) return absent;
    return this.#number(field, column);
  }

  /** As `parse`, but sets the reason where it is not a number. */
  #number(field: NumericField, column: number): number {
    const value = this.#parse(field, column);
    if (value < 0) this.#fail(noNumber(field, this.#text(column)));
    return value;
  }

  /** A decimal number without sign, blank or fraction, within the field's limits; else -1. */
  #parse(field: NumericField, column: number): number {
    const from = starts[column]!;
    const to = ends[column]!;
    let value = to - from > 16 ? Infinity : 0;
    for (let i = from; i < to; i++) {
      const digit = this.#bytes[i]! - 0x30;
      if (digit < 0 || digit > 9) value = Infinity;
      value = value * 10 + digit;
    }
    return value <= LIMITS[field] ? value : -1;
  }

  #address(field: string, column: number, into: Address): boolean {
    return (
      parseAddressBytes(this.#bytes, starts[column]!, ends[column]!, into) ||
      this.#fail(`${field} ${quoted(this.#text(column))} is not an address`)
    );
  }

  /** Absent where it cannot be read. */
  #packetAddress(column: number, into: Address): void {
    into.family = 0;
    if (this.#isAbsent(column)) return;
    if (!parseAddressBytes(this.#bytes, starts[column]!, ends[column]!, into)) into.family = 0;
  }
}
