import { realpath } from 'node:fs/promises';
import type { GivenFormats } from '../../../shared/flowlogs/line-format.ts';
import { compareText } from '../../../shared/text/compare.ts';
import { askedDays, type AskedDays, type LogOptions, type S3Access } from './asked-days.ts';
import {
  contentDigestOf,
  identityOf,
  isGroup,
  localLogFiles,
  twinOf,
  type FoundFiles,
  type LogFile,
  type Wanted,
} from './log-files.ts';
import { readGivenFormats } from './read-inventories.ts';
import { namedError } from '../../../shared/text/named-error.ts';

/** The flow log files that some paths lead to. */
export interface FoundLogs extends FoundFiles {
  /** Names of files that are other copies of one that is read. */
  readonly copies: readonly string[];
  /** Undefined where all days were asked for. */
  readonly asked?: AskedDays | undefined;
}

/**
 * The flow log files that the paths lead to, ordered by name whatever the order of the paths. A file that several paths
 * lead to is there once, and so is an object of AWS of which there are several copies, and a file that lies packed beside
 * itself unpacked.
 *
 * @param options which days are wanted: files that cannot tell of them are left out, but for those that a path names
 * @throws Error that names the path which does not exist, holds none or cannot be listed
 */
export async function findLogFiles(paths: readonly string[], options: LogOptions = {}): Promise<FoundLogs> {
  const asked = askedDays(options);
  const formats = await formatsOf(options);
  let listed: FoundLogs['listed'];
  const byPlace = new Map<string, LogFile>();
  const [notRead, otherFolders] = [new Set<string>(), new Set<string>()];
  for (const path of [...paths].sort(compareText)) {
    const found = await filesAt(path, options, { asked, formats });
    if (found.listed) {
      listed = { calls: (listed?.calls ?? 0) + found.listed.calls, keys: (listed?.keys ?? 0) + found.listed.keys };
    }
    for (const name of found.notRead) notRead.add(name);
    for (const name of found.otherFolders ?? []) otherFolders.add(name);
    for (const file of found.files) {
      const place = file.place ?? (await placeOf(file.name));
      const before = byPlace.get(place);
      byPlace.set(place, before ? { ...before, isNamed: before.isNamed === true || file.isNamed === true } : file);
    }
  }
  const files = new Map<string, LogFile>();
  const copies: string[] = [];
  for (const [place, file] of [...byPlace].sort(([, a], [, b]) => compareText(a.name, b.name))) {
    const id = identityOf(file.name, (await isUnpackedTwin(place, byPlace)) ? twinOf(place) : place);
    const before = files.get(id);
    const [kept, copy] = before && isBetter(before, file) ? [before, file] : [file, before];
    files.set(id, kept);
    if (copy) copies.push(copy.name);
  }
  const kept = [...files.values()]
    .sort((a, b) => compareText(a.name, b.name))
    .map((file) => ({ ...file, asked, formats }));
  return {
    files: kept,
    notRead: [...notRead].sort(compareText),
    otherFolders: [...otherFolders].sort(compareText),
    copies: copies.sort(compareText),
    asked,
    ...(listed && { listed }),
  };
}

/** Whether the file lies beside itself packed. By its content: a log that is rotated leaves others of such names. */
async function isUnpackedTwin(place: string, files: ReadonlyMap<string, LogFile>): Promise<boolean> {
  if (place.startsWith('s3://') || place.endsWith('.gz') || identityOf(place, place) !== place) return false;
  const twin = twinOf(place);
  return files.has(twin) && (await contentDigestOf(place)) === (await contentDigestOf(twin));
}

/** Of two copies the packed one, which shows whether it is whole; of two packed or unpacked ones the larger. */
function isBetter(one: LogFile, other: LogFile): boolean {
  const isPacked = ({ name }: LogFile): boolean => name.endsWith('.gz');
  return isPacked(one) === isPacked(other) ? one.size >= other.size : isPacked(one);
}

async function placeOf(name: string): Promise<string> {
  return name.startsWith('s3://') || isGroup(name) ? name : realpath(name);
}

async function formatsOf({ logFormat, inventory = [] }: LogOptions): Promise<GivenFormats> {
  return logFormat ? { fields: logFormat } : readGivenFormats(inventory);
}

async function filesAt(path: string, access: S3Access, wanted: Wanted): Promise<FoundFiles> {
  try {
    // The SDK is loaded only when needed.
    if (isGroup(path))
      return await new (await import('./cloudwatch-logs.ts')).LogGroups(access).find(path, wanted.asked);
    if (!path.startsWith('s3://')) return await localLogFiles(path, wanted);
    const { S3Logs } = await import('./s3-log-files.ts');
    return await new S3Logs(access).find(path, wanted);
  } catch (error) {
    throw namedError(path, error);
  }
}
