import { flowLogFileName } from '../../../../shared/flowlogs/file-name.ts';
import { OPTIONAL_FIELDS } from '../../../../shared/flowlogs/fields.ts';
import { peekLog } from '../../../../shared/flowlogs/peek-log.ts';
import type { LogForm } from '../../../../shared/flowlogs/read-log.ts';
import { OtherLogError, type FlowRecord } from '../../../../shared/flowlogs/record.ts';
import { dayOf, isIn, type Day } from '../../../../shared/time.ts';
import { emptyLogDay, noteFile, type LogDay } from '../../../../shared/usage/log-days.ts';
import { within } from '../../../../shared/usage/usage.ts';
import { inReadingOrder } from '../../files/count-files.ts';
import { packedBytes } from '../../files/deal-files.ts';
import type { FoundLogs } from '../../files/find-log-files.ts';
import type { LogFile } from '../../files/log-files.ts';

/** Files that are looked into, but for one at least of each flow log. */
const SAMPLE_FILES = 96;
/** Lines of each. */
const SAMPLE_LINES = 2000;
/** AWS delivers every five minutes what ended some ten minutes before; some of it comes late. Seconds. */
const LONGEST_DELIVERY = 3 * 3600;
const CUT_SHORT = 'it is empty, and no gzip file is: it was cut short';

/** What names and sizes of flow log files tell, and the beginnings of some of them. */
export interface LogFacts {
  readonly files: number;
  /** As they lie. */
  readonly bytes: number;
  /** As they would lie if all were packed. */
  readonly packedBytes: number;
  /** Names of files that may well be flow logs, and are not read. */
  readonly notRead: readonly string[];
  /** How many have names that AWS did not give: of which flow log and hour they are, is not known. */
  readonly unnamed: number;
  /** By the names of files. */
  readonly days: ReadonlyMap<Day, ReadonlyMap<string, LogDay>>;
  readonly sample: LogSample;
}

/** What the beginnings of some files tell. Ids are text of others. */
export interface LogSample {
  readonly files: number;
  /** It is all that there is. */
  readonly isAll: boolean;
  /** Records of any kind. */
  readonly records: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Lines that could not be read, and the first of them. */
  readonly malformed: number;
  readonly firstMalformed: string;
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[];
  /** Files of transit gateways or of Cloud WAN. */
  readonly otherLogs: readonly string[];
  /** By what they are, how many files. */
  readonly forms: ReadonlyMap<LogForm, number>;
  /** By optional field, in how many files it is missing. */
  readonly lacking: ReadonlyMap<(typeof OPTIONAL_FIELDS)[number], number>;
  /** By id, how many accepted records. */
  readonly interfaces: ReadonlyMap<string, number>;
  /** Of records and of names of files. */
  readonly accounts: ReadonlySet<string>;
  readonly vpcs: ReadonlySet<string>;
  /** Flow logs of which a file holds hours: somebody put files together, and of which hours they are, no name tells. */
  readonly putTogether: ReadonlySet<string>;
  /** The longest time that a record with traffic sums up, seconds. */
  readonly longestWindow: number;
  /** UTC days of the records. */
  readonly days: ReadonlySet<Day>;
}

/** Looks at the names of all files, and into a few that are spread over days and flow logs. */
export async function logFacts({ files, notRead, asked }: FoundLogs): Promise<LogFacts> {
  const days = new Map<Day, Map<string, LogDay>>();
  const accounts = new Set<string>();
  let unnamed = 0;
  for (const { name } of files) {
    const named = flowLogFileName(name);
    if (named && (!asked || isIn(asked, named.day))) {
      const log = within(days, named.day, named.flowLogId, emptyLogDay);
      log.hours |= 1 << named.hour;
      noteFile(log, named);
      accounts.add(named.accountId);
    } else if (!named) unnamed++;
  }
  const cut = files.filter(({ name, size }) => size === 0 && name.endsWith('.gz'));
  const whole = files.filter((file) => !cut.includes(file));
  const read = await sampled(whole, accounts);
  const unreadable = [...cut.map(({ name }) => ({ file: name, reason: CUT_SHORT })), ...read.unreadable];
  return {
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    packedBytes: packedBytes(files),
    notRead,
    unnamed,
    days,
    sample: { ...read, unreadable },
  };
}

/** @param accounts is added to */
async function sampled(files: readonly LogFile[], accounts: Set<string>): Promise<LogSample> {
  const chosen = spread(files);
  const sample = {
    files: chosen.length,
    isAll: chosen.length === files.length,
    records: 0,
    accepted: 0,
    rejected: 0,
    malformed: 0,
    firstMalformed: '',
    unreadable: [] as { file: string; reason: string }[],
    otherLogs: [] as string[],
    forms: new Map<LogForm, number>(),
    lacking: new Map<(typeof OPTIONAL_FIELDS)[number], number>(),
    interfaces: new Map<string, number>(),
    accounts,
    vpcs: new Set<string>(),
    putTogether: new Set<string>(),
    longestWindow: 0,
    days: new Set<Day>(),
  };
  const note = ({ status, interfaceId, accountId, vpcId, start, end, accepted }: FlowRecord): void => {
    sample.records++;
    sample.days.add(dayOf(end));
    if (/^\d{12}$/.test(accountId)) accounts.add(accountId);
    if (vpcId !== '') sample.vpcs.add(vpcId);
    const isTraffic = status === 'OK';
    sample.interfaces.set(interfaceId, (sample.interfaces.get(interfaceId) ?? 0) + (isTraffic && accepted ? 1 : 0));
    if (!isTraffic) return;
    if (accepted) sample.accepted++;
    else sample.rejected++;
    sample.longestWindow = Math.max(sample.longestWindow, end - start);
  };
  for (const file of chosen) {
    const malformed = (line: number, reason: string): void => {
      if (sample.malformed++ === 0) sample.firstMalformed = `${file.name}:${String(line)}: ${reason}`;
    };
    let [first, last] = [Infinity, -Infinity];
    const record = (one: FlowRecord): void => {
      [first, last] = [Math.min(first, one.end), Math.max(last, one.end)];
      if (!file.asked || isIn(file.asked, dayOf(one.end))) note(one);
    };
    try {
      const { fields, isWhole, form } = await peekLog(file, { record, malformed }, SAMPLE_LINES);
      if (!isWhole) sample.isAll = false;
      sample.forms.set(form, (sample.forms.get(form) ?? 0) + 1);
      const flowLogId = flowLogFileName(file.name)?.flowLogId;
      if (flowLogId !== undefined && last - first > LONGEST_DELIVERY) sample.putTogether.add(flowLogId);
      // Without a line there is no header.
      if (fields.size === 0) continue;
      for (const field of OPTIONAL_FIELDS) {
        if (!fields.has(field)) sample.lacking.set(field, (sample.lacking.get(field) ?? 0) + 1);
      }
    } catch (error) {
      if (error instanceof OtherLogError && file.isNamed !== true) sample.otherLogs.push(file.name);
      else sample.unreadable.push({ file: file.name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return sample;
}

/** As many files of each flow log, one at least, spread evenly over its days. */
function spread(files: readonly LogFile[]): LogFile[] {
  if (files.length <= SAMPLE_FILES) return [...files];
  const byLog = Map.groupBy(inReadingOrder(files), ({ name }) => flowLogFileName(name)?.flowLogId);
  const logs = [...byLog.values()].sort((a, b) => a.length - b.length);
  let left = SAMPLE_FILES;
  return logs.flatMap((some, i) => {
    const most = Math.min(some.length, Math.max(1, Math.floor(left / (logs.length - i))));
    left -= most;
    // From the middle of as many parts: the first and the last file are more often cut than others.
    return Array.from({ length: most }, (_, n) => some[Math.floor(((n + 0.5) * some.length) / most)]!);
  });
}
