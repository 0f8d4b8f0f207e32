import * as z from 'zod';
import { quoted } from '../text/plain.ts';
import { JsonObjects } from './json-objects.ts';
import { fieldsOfGroup, type GivenFormats, type LineFormat } from './line-format.ts';
import { BLANK, Lines, MAX_LINE_BYTES } from './lines.ts';
import { FlowLogError, type RecordSink } from './record.ts';
import { TextReader } from './text-reader.ts';
import type { Day } from '../time.ts';

/**
 * In what form the lines of a text flow log lie in its file.
 *
 * - `lines`: as they are, as AWS delivers them to S3, and Firehose writes those that it takes out of messages
 * - `stamped`: each behind the time of its event, as CloudWatch Logs exports them
 * - `events`: in JSON objects, as subscriptions of CloudWatch Logs and flow logs to Firehose have them
 */
export type TextForm = 'lines' | 'stamped' | 'events';

/**
 * How an export begins its lines.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3ExportTasksConsole.html
 */
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /;
const STAMP_LENGTH = '2026-01-05T00:00:00.000Z '.length;

/** Bytes of lines that are read together. */
const ROOM_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
const OBJECT = 0x7b;

const message = z.object({ message: z.string() });
/**
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-firehose.html
 */
const EVENTS = z.union([
  z.object({ messageType: z.literal('CONTROL_MESSAGE') }),
  z.object({ messageType: z.literal('DATA_MESSAGE'), logGroup: z.string().optional(), logEvents: z.array(message) }),
  message,
]);

/**
 * Reads a text flow log in whatever form it has, which its first bytes tell. What stamps and JSON hold are lines without a header:
 * of the format that is given, else of the default one, and a line with another number of fields is refused with its file, since
 * nobody knows what it holds.
 */
export class ContentReader {
  readonly #sink: RecordSink;
  readonly #day: Day | undefined;
  readonly #given: GivenFormats;
  readonly #readers = new Map<string, LinesOfFormat>();
  readonly #plain: TextReader;
  #head: Uint8Array = new Uint8Array(0);
  #form: TextForm | undefined;
  #unwrap: { push(chunk: Uint8Array): void; end(): void } | undefined;

  /** @param day of the file, for records without traffic whose own times cannot be read */
  constructor(sink: RecordSink, day?: Day, given: GivenFormats = {}) {
    this.#sink = sink;
    this.#day = day;
    this.#given = given;
    this.#plain = new TextReader(sink, { day, fields: given.fields });
  }

  /** Undefined while nothing but blanks was read. */
  get form(): TextForm | undefined {
    return this.#form;
  }

  /** Whether the lines tell of skipped records; undefined before the first line. */
  get tellsGaps(): boolean | undefined {
    if (this.#readers.size === 0) return this.#plain.tellsGaps;
    return [...this.#readers.values()].every(({ reader }) => reader.tellsGaps !== false);
  }

  /** Of each kind of lines that was met. */
  get formats(): LineFormat[] {
    return [this.#plain, ...[...this.#readers.values()].map(({ reader }) => reader)].flatMap(
      ({ format }) => format ?? [],
    );
  }

  /** The chunk is the caller's again when this returns. */
  push(chunk: Uint8Array): void {
    if (this.#form === 'lines') this.#plain.push(chunk);
    else if (this.#unwrap) this.#unwrap.push(chunk);
    else this.#begin(chunk, false);
  }

  end(): void {
    if (!this.#form) this.#begin(new Uint8Array(0), true);
    this.#unwrap?.end();
    for (const lines of this.#readers.values()) lines.end();
    this.#plain.end();
  }

  /** Blank lines before the first one are none: whatever the form is, they change nothing. */
  #begin(chunk: Uint8Array, isEnd: boolean): void {
    let bytes = chunk;
    if (this.#head.length > 0) bytes = Buffer.concat([this.#head, chunk]);
    else {
      const first = chunk.findIndex((byte) => byte > BLANK);
      if (first < 0) {
        this.#plain.push(chunk);
        return;
      }
    }
    const form = formOf(bytes, isEnd);
    if (!form) {
      this.#head = Uint8Array.from(bytes);
      return;
    }
    this.#head = new Uint8Array(0);
    this.#form = form;
    if (form === 'events') this.#unwrap = new JsonObjects((value) => this.#readObject(value));
    if (form === 'stamped') this.#unwrap = this.#unstamp();
    this.push(bytes);
  }

  #readObject(value: unknown): void {
    const { success, data } = EVENTS.safeParse(value);
    if (!success) {
      const text = quoted(JSON.stringify(value), 80);
      throw new FlowLogError(`not a VPC flow log: JSON with neither a "message" nor "logEvents" with some: ${text}`);
    }
    if ('message' in data) this.#linesOf(undefined).add(data.message);
    else if (data.messageType === 'DATA_MESSAGE') {
      const lines = this.#linesOf(data.logGroup);
      for (const event of data.logEvents) lines.add(event.message);
    }
  }

  #unstamp(): Lines & { end(): void } {
    const lines = this.#linesOf(undefined);
    return new Lines({
      line: (bytes, from, to) => {
        const start = isStamped(bytes.subarray(from, Math.min(to, from + STAMP_LENGTH))) ? from + STAMP_LENGTH : from;
        lines.addBytes(bytes.subarray(start, to));
      },
      tooLong: () => {
        throw new FlowLogError(`a line longer than ${String(MAX_LINE_BYTES)} bytes`);
      },
      blank: () => undefined,
    });
  }

  #linesOf(group: string | undefined): LinesOfFormat {
    const fields = fieldsOfGroup(this.#given, group);
    const key = fields.join(' ');
    const known = this.#readers.get(key);
    if (known) return known;
    const made = new LinesOfFormat(new TextReader(this.#sink, { day: this.#day, fields, mustFit: true }));
    this.#readers.set(key, made);
    return made;
  }
}

/** Undefined while there are too few bytes to tell. */
export function formOf(bytes: Uint8Array, isAll: boolean): TextForm | undefined {
  const first = bytes.findIndex((byte) => byte > BLANK);
  if (first < 0) return isAll ? 'lines' : undefined;
  if (bytes[first] === OBJECT) return 'events';
  const begin = bytes.subarray(first, first + STAMP_LENGTH);
  if (isStamped(begin)) return 'stamped';
  const isKnown = isAll || begin.length === STAMP_LENGTH || begin.some((byte) => byte <= BLANK);
  return isKnown ? 'lines' : undefined;
}

function isStamped(bytes: Uint8Array): boolean {
  return bytes.length === STAMP_LENGTH && STAMP.test(Buffer.from(bytes).toString('latin1'));
}

/** Lines of one format, put together before they are read. */
class LinesOfFormat {
  readonly reader: TextReader;
  #room = Buffer.allocUnsafe(ROOM_BYTES);
  #used = 0;

  constructor(reader: TextReader) {
    this.reader = reader;
  }

  /** One line, whatever is in it: of two of them the number of fields is that of none. */
  add(message: string): void {
    this.addBytes(Buffer.from(message.trimEnd().replaceAll('\n', ' '), 'utf8'));
  }

  addBytes(line: Uint8Array): void {
    if (this.#used + line.length + 1 > ROOM_BYTES) this.#flush();
    if (line.length + 1 > ROOM_BYTES) {
      this.reader.push(line);
      this.#used = 0;
    } else {
      this.#room.set(line, this.#used);
      this.#used += line.length;
    }
    this.#room[this.#used++] = NEWLINE;
  }

  end(): void {
    this.#flush();
    this.reader.end();
  }

  #flush(): void {
    if (this.#used > 0) this.reader.push(this.#room.subarray(0, this.#used));
    this.#used = 0;
  }
}
