import { FlowLogError } from './record.ts';
import { quoted } from '../text/plain.ts';

/** CloudWatch Logs and Firehose send a megabyte or so, packed, at a time: https://docs.aws.amazon.com/firehose/latest/dev/limits.html */
const MAX_OBJECT_BYTES = 16 * 1024 * 1024;
const MAX_DEPTH = 16;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const BLANK = 0x20;

/**
 * Cuts JSON objects out of chunks of any size, cut anywhere: one after the other, with line ends, blanks or nothing between them.
 * One of them is held at a time.
 */
export class JsonObjects {
  readonly #onObject: (value: unknown) => void;
  #parts: Uint8Array[] = [];
  #held = 0;
  #depth = 0;
  #inText = false;
  #isEscaped = false;

  constructor(onObject: (value: unknown) => void) {
    this.#onObject = onObject;
  }

  /** @throws FlowLogError where something else stands there, or an object is larger or deeper than any that AWS sends */
  push(chunk: Uint8Array): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.#inText) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#inText = false;
      } else if (byte === QUOTE && this.#depth > 0) this.#inText = true;
      else if (byte === OPEN || (byte === OPEN_LIST && this.#depth > 0)) {
        if (this.#depth === 0) from = at;
        if (++this.#depth > MAX_DEPTH)
          throw new FlowLogError(`not a VPC flow log: JSON deeper than ${String(MAX_DEPTH)}`);
      } else if ((byte === CLOSE || byte === CLOSE_LIST) && this.#depth > 0) {
        if (--this.#depth > 0) continue;
        this.#hold(chunk.subarray(from, at + 1));
        this.#read();
      } else if (this.#depth === 0 && byte > BLANK) {
        throw new FlowLogError(`not a VPC flow log: between JSON objects stands ${quoted(String.fromCharCode(byte))}`);
      }
    }
    if (this.#depth > 0) this.#hold(Uint8Array.from(chunk.subarray(from)));
  }

  end(): void {
    if (this.#depth > 0) throw new FlowLogError('its last JSON object has no end: the file is cut short');
  }

  #hold(part: Uint8Array): void {
    this.#held += part.length;
    if (this.#held > MAX_OBJECT_BYTES) {
      throw new FlowLogError(`not a VPC flow log: a JSON object of more than ${String(MAX_OBJECT_BYTES)} bytes`);
    }
    this.#parts.push(part);
  }

  #read(): void {
    const text = Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.#held = 0;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new FlowLogError(`not a VPC flow log: no JSON: ${quoted(text, 80)}`);
    }
    this.#onObject(value);
  }
}
