import { compareText } from '../../../shared/text/compare.ts';
import { localLogFiles, type LogFile } from './log-files.ts';
import { namedError } from './named-error.ts';
import { s3LogFiles } from './s3-log-files.ts';

/**
 * The flow log files that the paths lead to, ordered by name whatever the order of the paths. A file that several paths
 * lead to is there once.
 *
 * @throws Error that names the path which does not exist, holds none or cannot be listed
 */
export async function findLogFiles(paths: readonly string[]): Promise<LogFile[]> {
  const byId = new Map<string, LogFile>();
  for (const path of [...paths].sort(compareText)) {
    for (const { id, file } of await filesAt(path)) if (!byId.has(id)) byId.set(id, file);
  }
  return [...byId.values()].sort((a, b) => compareText(a.name, b.name));
}

async function filesAt(path: string): Promise<{ id: string; file: LogFile }[]> {
  try {
    return await (path.startsWith('s3://') ? s3LogFiles(path) : localLogFiles(path));
  } catch (error) {
    throw namedError(path, error);
  }
}
