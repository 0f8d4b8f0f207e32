import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { flowLogFileName, flowLogIdOf } from '../../../../shared/flowlogs/file-name.ts';
import { readLog } from '../../../../shared/flowlogs/read-log.ts';
import { compareText } from '../../../../shared/text/compare.ts';
import type { LogObject } from '../../../count-usage/fold-object.ts';
import type { ObjectNote } from '../../../count-usage/ports/usage-store.ts';
import { filesBelow, localLogFile, objectNameOf } from '../../files/log-files.ts';
import { namedError } from '../../../../shared/text/named-error.ts';

/** A flow log in the folder, as it was when it was looked at. */
export interface SeenFile {
  /** Its identity: the name that AWS gave it; of any other name the path below the folder, with `/` between the parts. */
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
  const { flowLogs } = await filesBelow(folder).catch((error: unknown) => {
    throw namedError(folder, error);
  });
  const seen = new Map<string, SeenFile>();
  for (const path of flowLogs) {
    const name = objectNameOf(path) ?? relative(folder, path).split(sep).join('/');
    const found = await stampOf(path);
    // Of several copies of an object the first counts.
    if (found && !seen.has(name)) seen.set(name, { name, path, ...found });
  }
  return [...seen.values()].sort((a, b) => compareText(a.name, b.name));
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
      await readLog(localLogFile(file.path, file.size), sink);
      // The digest, the bytes read and this stamp are of one content, unless somebody sets times by hand.
      if ((await stampOf(file.path))?.stamp !== file.stamp) throw new Error('it changed while it was read');
    },
  };
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
