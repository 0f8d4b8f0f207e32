import { flowLogFileName, type FlowLogFileName } from '../../../shared/flowlogs/file-name.ts';
import { readLog, type LogRead } from '../../../shared/flowlogs/read-log.ts';
import { OtherLogError, type RecordSink } from '../../../shared/flowlogs/record.ts';
import type { FoundLogs } from './find-log-files.ts';
import type { LogFile } from './log-files.ts';
import { namedError } from '../../../shared/text/named-error.ts';

/**
 * Reads one of the files that were found. Undefined for the flow log of a transit gateway or of Cloud WAN, which is left
 * out unless it was named.
 *
 * @throws Error whose message names file and cause
 */
export async function readLogFile(file: LogFile, sink: RecordSink): Promise<LogRead | undefined> {
  try {
    return await readLog(file, sink);
  } catch (error) {
    if (error instanceof OtherLogError && file.isNamed !== true) return undefined;
    throw namedError(file.name, error);
  }
}

/** What the name of a file says of its delivery; undefined where AWS did not give it, or nothing was read of the file. */
export function deliveryOf({ name }: Pick<LogFile, 'name'>, read: LogRead | undefined): FlowLogFileName | undefined {
  return read && read.lines > 0 ? flowLogFileName(name) : undefined;
}

/** What is to be said of the files that some paths lead to, a line each. */
export function fileNotes(
  { notRead, copies }: Pick<FoundLogs, 'notRead' | 'copies'>,
  read: { readonly otherLogs: readonly string[]; readonly withoutStatus: readonly string[] },
): string[] {
  const note = (names: readonly string[], what: string): string[] =>
    names.length === 0
      ? []
      : [`${String(names.length)} ${names.length === 1 ? 'file' : 'files'} ${what}: ${names[0]!}`];
  return [
    ...note(read.otherLogs, 'of transit gateways or of Cloud WAN left out, the first'),
    ...note(notRead, 'not read, though by their names they may be logs, the first'),
    ...note(copies, 'left out, for another copy of the same object is read, the first'),
    ...note(
      read.withoutStatus,
      'without the field log-status, in which nobody can tell whether records were skipped, the first',
    ),
  ];
}
