import type { LineFormat, LineOptions } from './line-format.ts';
import { LineReader } from './line-reader.ts';
import type { RecordSink } from './record.ts';
import { Scanner } from './scanner.ts';

const NEWLINE = 0x0a;
/** Bytes that are read line by line after a line that is not usual, and at most where hardly any line is. */
const FIRST_DOUBT = 64;
const MOST_DOUBT = 65_536;

/** One is enough while no sink reads another file. */
const idle: Scanner[] = [];

/**
 * Reads a text flow log: what {@link LineReader} says it is, many times faster. Usual lines, as AWS writes them, are read many at a
 * time by the {@link Scanner}; any other line is read by the LineReader, in its turn.
 *
 * @throws FlowLogError from `push` or `end` when the file is not a VPC flow log. What was handed on before is then void.
 */
export class TextReader {
  readonly #sink: RecordSink;
  readonly #lines: LineReader;
  #doubt = 0;

  constructor(sink: RecordSink, options?: LineOptions) {
    this.#sink = sink;
    this.#lines = new LineReader(sink, options);
  }

  /** Whether the lines tell of skipped records; undefined before the first line. */
  get tellsGaps(): boolean | undefined {
    return this.#lines.tellsGaps;
  }

  /** Undefined before the first line. */
  get format(): LineFormat | undefined {
    return this.#lines.format;
  }

  /** The chunk is the caller's again when this returns. */
  push(chunk: Uint8Array): void {
    const scanner = idle.pop() ?? new Scanner();
    scanner.hold(chunk);
    try {
      for (let at = 0; at < chunk.length;) at = this.#readSome(scanner, chunk, at);
    } finally {
      scanner.release();
      idle.push(scanner);
    }
  }

  /** The last line may lack its newline. */
  end(): void {
    this.#lines.end();
  }

  /** Reads lines from `at` on; returns where those begin that were not read. */
  #readSome(scanner: Scanner, chunk: Uint8Array, at: number): number {
    const lines = this.#lines;
    if (lines.isMidLine || !lines.format) return this.#readSlowly(chunk, at);
    scanner.use(lines.format.columns, lines.format.count);
    scanner.scan(at);
    for (let row = 0; row < scanner.size;) {
      const next = this.#sink.rows?.(scanner, row) ?? row;
      lines.pass(next - row);
      row = next;
      if (row === scanner.size) break;
      scanner.fill(row++, lines.record);
      lines.handOn();
    }
    if (scanner.size > 0) this.#doubt = 0;
    return scanner.isOdd ? this.#readSlowly(chunk, scanner.next) : scanner.next;
  }

  /** At least a line: the more, the longer no usual line was met. */
  #readSlowly(chunk: Uint8Array, at: number): number {
    const newline = chunk.indexOf(NEWLINE, at + this.#doubt);
    const end = newline < 0 ? chunk.length : newline + 1;
    this.#lines.push(chunk.subarray(at, end));
    this.#doubt = Math.min(2 * this.#doubt + FIRST_DOUBT, MOST_DOUBT);
    return end;
  }
}
