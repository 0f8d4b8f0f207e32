import { flowLogFileName, type FlowLogFileName } from '../../../shared/flowlogs/file-name.ts';
import { readLog, type LogRead } from '../../../shared/flowlogs/read-log.ts';
import { endOf, OtherLogError, type RecordSink } from '../../../shared/flowlogs/record.ts';
import { dayOf, isIn } from '../../../shared/time.ts';
import { count, figure } from '../../../shared/text/numbers.ts';
import { askedText } from './asked-days.ts';
import type { FoundLogs } from './find-log-files.ts';
import type { LogFile } from './log-files.ts';
import { namedError } from '../../../shared/text/named-error.ts';

/** What a file that was found was. */
export interface FoundLogRead extends LogRead {
  /** Lines that were left out, for they are of other days than those that were asked for. */
  readonly otherDays: number;
}

/**
 * Reads one of the files that were found: of the days that were asked for, where some were. Undefined for the flow log of a
 * transit gateway or of Cloud WAN, which is left out unless it was named.
 *
 * @throws Error whose message names file and cause
 */
export async function readLogFile(file: LogFile, sink: RecordSink): Promise<FoundLogRead | undefined> {
  const { asked } = file;
  let otherDays = 0;
  const day = flowLogFileName(file.name)?.day;
  const ofDays: RecordSink = asked
    ? {
        rows: (rows, from) => (isIn(asked, dayOf(endOf(rows, from))) ? (sink.rows?.(rows, from) ?? from) : from),
        record: (record, line) => {
          if (isIn(asked, dayOf(record.end))) sink.record(record, line);
          else otherDays++;
        },
        malformed: (line, reason) => {
          if (day === undefined || isIn(asked, day)) sink.malformed(line, reason);
          else otherDays++;
        },
      }
    : sink;
  try {
    return { ...(await readLog(file, ofDays)), otherDays };
  } catch (error) {
    if (error instanceof OtherLogError && file.isNamed !== true) return undefined;
    throw namedError(file.name, error);
  }
}

/**
 * What the name of a file says of its delivery; undefined where AWS did not give it, nothing was read of the file, or it was
 * delivered on a day that was not asked for.
 */
export function deliveryOf(
  { name, asked }: Pick<LogFile, 'name' | 'asked'>,
  read: LogRead | undefined,
): FlowLogFileName | undefined {
  const named = read && read.lines > 0 ? flowLogFileName(name) : undefined;
  return named && (!asked || isIn(asked, named.day)) ? named : undefined;
}

/** What is to be said of the files that some paths lead to, a line each. */
export function fileNotes(
  { notRead, copies, asked, otherFolders = [] }: Pick<FoundLogs, 'notRead' | 'copies' | 'asked' | 'otherFolders'>,
  read: {
    readonly otherLogs: readonly string[];
    readonly withoutStatus: readonly string[];
    readonly otherDays: number;
  },
): string[] {
  const note = (names: readonly string[], what: string, things = 'file'): string[] =>
    names.length === 0 ? [] : [`${count(names.length, things)} ${what}: ${names[0]!}`];
  return [
    ...(asked ? [`only ${askedText(asked)} asked for: ${figure(read.otherDays)} lines of other days left out`] : []),
    ...note(read.otherLogs, 'of transit gateways or of Cloud WAN left out, the first'),
    ...note(notRead, 'not read, though by their names they may be logs, the first'),
    ...note(otherFolders, 'of other services of AWS not looked into, the first', 'folder'),
    ...note(copies, 'left out, for another copy of the same object is read, the first'),
    ...note(
      read.withoutStatus,
      'without the field log-status, or in OCSF, in which nobody can tell where records were skipped, the first',
    ),
  ];
}
