/** Flow log files in memory, to be shuffled, cut and rewritten. */
import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { LogFile } from '../../services/command-line/files/log-files.ts';
import { parquetOf, type Form } from '../shared/flowlogs/parquet-of.ts';
import { flowLogIdOf } from '../../shared/flowlogs/file-name.ts';

/** The records of one file as fields in text; a malformed one may have any number of fields. */
export interface Log {
  readonly name: string;
  readonly flowLogId: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function logsOf(files: readonly LogFile[]): Log[] {
  return files.map(({ name }) => {
    const [header, ...rows] = gunzipSync(readFileSync(name))
      .toString('latin1')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '));
    return { name, flowLogId: flowLogIdOf(name)!, header: header!, rows };
  });
}

export function textOf({ header, rows }: Log): Uint8Array {
  return Buffer.from([header, ...rows].map((fields) => `${fields.join(' ')}\n`).join(''));
}

export function plainFile(log: Log): LogFile {
  return fileOf(log.name, textOf(log));
}

export function gzipFile(log: Log, level = 6): LogFile {
  return fileOf(log.name, gzipSync(textOf(log), { level }));
}

export function parquetFile(log: Log, form: Form): LogFile {
  return fileOf(log.name.replace(/\.gz$/, '.parquet'), parquetOf([log.header, ...log.rows], form));
}

/** The same file, its bytes arriving in pieces: cut before each of these positions, in any order, where they exist. */
export function inPieces(file: LogFile, cuts: readonly number[]): LogFile {
  const at = [...new Set(cuts)].sort((a, b) => a - b);
  return {
    ...file,
    async *chunks() {
      for await (const bytes of file.chunks()) {
        let from = 0;
        for (const to of [...at.filter((cut) => cut > 0 && cut < bytes.length), bytes.length]) {
          // A piece of its own memory, which is wiped once the next one is asked for: nobody may lean on it.
          const piece = new Uint8Array(bytes.subarray(from, to));
          yield piece;
          piece.fill(0);
          from = to;
        }
      }
    },
  };
}

function fileOf(name: string, bytes: Uint8Array): LogFile {
  const { buffer, byteOffset, length } = bytes;
  return {
    name,
    size: length,
    async *chunks() {
      yield bytes;
    },
    withBuffer: (read) =>
      read({
        byteLength: length,
        slice: async (from, to = length) => buffer.slice(byteOffset + from, byteOffset + to) as ArrayBuffer,
      }),
  };
}
