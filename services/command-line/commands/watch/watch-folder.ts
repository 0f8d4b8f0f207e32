import { flowLogFileName, flowLogIdOf } from '../../../../shared/flowlogs/file-name.ts';
import { readLog } from '../../../../shared/flowlogs/read-log.ts';
import { namedError } from '../../../../shared/text/named-error.ts';
import { compareText } from '../../../../shared/text/compare.ts';
import type { LogObject } from '../../../count-usage/fold-object.ts';
import type { ObjectNote } from '../../../count-usage/ports/usage-store.ts';
import {
  contentDigestOf,
  filesBelow,
  identityOf,
  localLogFile,
  stateOf,
  twinOf,
  type FileState,
} from '../../files/log-files.ts';

/** A flow log in the folder, as it was when it was looked at. */
export interface SeenFile extends FileState {
  /** Its identity: see `identityOf`. */
  readonly name: string;
  /** Of the same file packed, or unpacked, where it is known by its place. */
  readonly twin: string | undefined;
  /** For the reader. */
  readonly path: string;
}

/** What is in a folder. */
export interface SeenFolder {
  /** By name. */
  readonly files: readonly SeenFile[];
  /** Names of what is no ordinary file, and is not read. */
  readonly pipes: readonly string[];
}

/**
 * The flow logs in a folder. One that goes while it is looked at was not there.
 *
 * @throws Error that names the folder if it cannot be read
 */
export async function lookAt(folder: string): Promise<SeenFolder> {
  const { flowLogs, pipes } = await filesBelow(folder).catch((error: unknown) => {
    throw namedError(folder, error);
  });
  const seen = new Map<string, SeenFile>();
  for (const { path, place } of flowLogs) {
    const name = identityOf(path, place);
    const state = stateIfThere(path);
    // Of several copies of an object the first counts.
    if (state && !seen.has(name))
      seen.set(name, { ...state, name, twin: name === place ? twinOf(place) : undefined, path });
  }
  return { files: [...seen.values()].sort((a, b) => compareText(a.name, b.name)), pipes };
}

function stateIfThere(path: string): FileState | undefined {
  try {
    return stateOf(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The file as an object to be counted: what is read is what was noted, from the first byte to the last, or it fails. */
export async function objectOf(file: SeenFile): Promise<LogObject> {
  const version = `${file.stamp} ${await contentDigestOf(file.path)}`;
  return {
    note: { name: file.name, version, flowLogId: flowLogIdOf(file.name) },
    day: flowLogFileName(file.name)?.day ?? 0,
    // The digest and the bytes read are of one content, that of the stamp, unless somebody sets times by hand.
    read: async (sink) => {
      await readLog(localLogFile(file.path, file), sink);
    },
  };
}

/** Whether the file is what was counted under the note. The same content, copied there again, or packed, is. */
export async function isAsNoted(file: SeenFile, note: ObjectNote): Promise<boolean> {
  const [size, time, digest] = note.version.split(' ');
  return (note.name === file.name && file.stamp === `${size} ${time}`) || (await contentDigestOf(file.path)) === digest;
}
