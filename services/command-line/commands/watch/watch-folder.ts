import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { flowLogFileName, flowLogIdOf } from '../../../../shared/flowlogs/file-name.ts';
import { readParquet } from '../../../../shared/flowlogs/read-parquet.ts';
import { readText } from '../../../../shared/flowlogs/read-text.ts';
import type { RecordSink } from '../../../../shared/flowlogs/record.ts';
import { compareText } from '../../../../shared/text/compare.ts';
import type { LogObject } from '../../../count-usage/fold-object.ts';
import type { ObjectNote } from '../../../count-usage/ports/usage-store.ts';
import { isFlowLogName, localLogFiles, refuseLinkedFolders } from '../../files/log-files.ts';
import { namedError } from '../../files/named-error.ts';

/** A flow log in the folder, as it was when it was looked at. */
export interface SeenFile {
  /** Below the folder, with `/` between the parts: its identity. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** Size and time of the last change: another stamp, another content (or the same, written again). */
  readonly stamp: string;
}

/**
 * The flow logs in a folder, by name. One that goes while it is looked at was not there.
 *
 * @throws Error that names the folder if it cannot be read
 */
export async function lookAt(folder: string): Promise<SeenFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw namedError(folder, error);
  });
  await refuseLinkedFolders(entries);
  const paths = entries
    .filter((entry) => !entry.isDirectory() && isFlowLogName(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const seen = await Promise.all(
    paths.map(async (path) => {
      const name = relative(folder, path).split(sep).join('/');
      const found = await stampOf(path);
      return found && { name, path, ...found };
    }),
  );
  return seen.filter((file) => file !== undefined).sort((a, b) => compareText(a.name, b.name));
}

async function stampOf(path: string): Promise<{ size: number; stamp: string } | undefined> {
  try {
    const { size, mtimeNs } = await stat(path, { bigint: true });
    return { size: Number(size), stamp: `${String(size)} ${String(mtimeNs)}` };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The file as an object to be counted: what is read is what was noted, from the first byte to the last, or it fails. */
export async function objectOf(file: SeenFile): Promise<LogObject> {
  const version = `${file.stamp} ${await digestOf(file.path)}`;
  return {
    note: { name: file.name, version, flowLogId: flowLogIdOf(file.name) },
    day: flowLogFileName(file.name)?.day ?? 0,
    read: async (sink) => {
      await readFile(file, sink);
      // The digest, the bytes read and this stamp are of one content, unless somebody sets times by hand.
      if ((await stampOf(file.path))?.stamp !== file.stamp) throw new Error('it changed while it was read');
    },
  };
}

async function readFile({ path }: SeenFile, sink: RecordSink): Promise<void> {
  for (const { file } of await localLogFiles(path)) {
    if (file.isParquet) await file.withBuffer((buffer) => readParquet(buffer, sink));
    else await readText(file.chunks(), sink);
  }
}

/** Whether the file is another one than was counted under its name. The same content, copied there again, is not. */
export async function isOverwritten(file: SeenFile, note: ObjectNote): Promise<boolean> {
  if (note.version.startsWith(`${file.stamp} `)) return false;
  const [size, , digest] = note.version.split(' ');
  return String(file.size) !== size || (await digestOf(file.path)) !== digest;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('base64url');
}
