import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip, type Gzip, gzipSync } from 'node:zlib';
import { OutputFile } from '../../../shared/disk/output-file.ts';
import { namedError } from '../../../shared/text/named-error.ts';

const CHUNK_BYTES = 64 * 1024;
/** Of the first chunk: most files hold a few lines. */
const FIRST_BYTES = 4 * 1024;
/** How much may wait for the compressor before {@link GzipLines.congested} says so. */
const WAITING_BYTES = 512 * 1024;
/** Half the size of level 1's output would cost four times its time. */
const OPTIONS = { level: 1, chunkSize: CHUNK_BYTES };
/** Zlib's streams take what all streams do, which its types do not say. */
const STREAM_OPTIONS = { ...OPTIONS, highWaterMark: WAITING_BYTES };

/** A gzip file of ASCII lines, compressed beside the main thread. Small files are compressed at once when closed. */
export class GzipLines {
  readonly #path: string;
  #chunk = Buffer.allocUnsafe(FIRST_BYTES);
  #used = 0;
  #gzip: Gzip | undefined;
  #written: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether whoever adds lines should first wait for {@link drained}. */
  get congested(): boolean {
    return this.#gzip?.writableNeedDrain ?? false;
  }

  /** ASCII, at most 64 KiB. */
  add(line: string): void {
    if (this.#used + line.length > this.#chunk.length) this.#makeRoom(line.length);
    this.#used += this.#chunk.write(line, this.#used, 'latin1');
  }

  async drained(): Promise<void> {
    if (this.#gzip && this.congested) await Promise.race([once(this.#gzip, 'drain'), this.#written]);
  }

  async close(): Promise<void> {
    const rest = this.#chunk.subarray(0, this.#used);
    if (!this.#gzip) {
      const file = new OutputFile(this.#path);
      file.write(gzipSync(rest, rest.length <= FIRST_BYTES ? { ...OPTIONS, chunkSize: FIRST_BYTES } : OPTIONS));
      file.close();
      return;
    }
    this.#gzip.end(rest);
    await this.#written;
  }

  #makeRoom(bytes: number): void {
    if (this.#used + bytes > CHUNK_BYTES) {
      this.#pass();
      return;
    }
    const larger = Buffer.allocUnsafe(CHUNK_BYTES);
    this.#chunk.copy(larger, 0, 0, this.#used);
    this.#chunk = larger;
  }

  #pass(): void {
    if (!this.#gzip) {
      this.#gzip = createGzip(STREAM_OPTIONS);
      this.#written = pipeline(this.#gzip, createWriteStream(this.#path)).catch((error: unknown) => {
        throw namedError(this.#path, error);
      });
      // Whoever waits for it, in drained or close, learns of the error; nobody may be waiting yet.
      this.#written.catch(() => undefined);
    }
    this.#gzip.write(this.#chunk.subarray(0, this.#used));
    this.#chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    this.#used = 0;
  }
}
