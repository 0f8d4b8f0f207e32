import { closeSync, fchmodSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { namedError } from '../text/named-error.ts';

export interface OutputOptions {
  /** Permission bits; by default those of any new file. */
  readonly mode?: number | undefined;
  /** What errors call the file; by default its path. */
  readonly name?: string;
}

/**
 * A file that is being written. The operating system may take fewer bytes than it is given, without an error, where a
 * disk is nearly full; here each byte is written, or a call fails and names the file.
 */
export class OutputFile {
  readonly path: string;
  readonly #name: string;
  readonly #handle: number;
  #isOpen = true;

  /** @throws Error that names the file, if it cannot be made */
  constructor(path: string, { mode, name = path }: OutputOptions = {}) {
    this.path = path;
    this.#name = name;
    this.#handle = this.#named(() => openSync(path, 'w'));
    if (mode !== undefined) this.#named(() => fchmodSync(this.#handle, mode));
  }

  /** @throws Error that names the file, if not all of it could be written */
  write(content: string | Uint8Array): void {
    // Unlike `writeSync`, it goes on until all is written; given a handle, it writes where the last call ended.
    this.#named(() => writeFileSync(this.#handle, content));
  }

  /** All of it is on the disk afterwards, also if the machine stops. */
  finish(): void {
    this.#named(() => fsyncSync(this.#handle));
    this.close();
  }

  /** For what is of no use after this run: without waiting for the disk. */
  close(): void {
    this.#isOpen = false;
    this.#named(() => closeSync(this.#handle));
  }

  /** Takes it away. */
  discard(): void {
    try {
      if (this.#isOpen) this.close();
    } catch {
      // Bytes that cannot be written are not wanted.
    }
    rmSync(this.path, { force: true });
  }

  #named<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw namedError(this.#name, error, this.path);
    }
  }
}

/**
 * Writes a file at once, where nobody looks for it yet. It is whole and on the disk afterwards, or not there.
 *
 * @throws Error that names the file
 */
export function writeWhole(path: string, content: string | Uint8Array, options: OutputOptions = {}): void {
  const file = new OutputFile(path, options);
  try {
    file.write(content);
    file.finish();
  } catch (error) {
    file.discard();
    throw error;
  }
}
