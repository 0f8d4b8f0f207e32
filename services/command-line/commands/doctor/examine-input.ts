import { PLAN_DAYS } from '../../../../shared/verdicts/growing-window.ts';
import { count, figure } from '../../../../shared/text/numbers.ts';
import { isoDay } from '../../../../shared/time.ts';
import { readingTime } from '../../files/dry-run.ts';
import { findLogFiles } from '../../files/find-log-files.ts';
import type { LogOptions } from '../../files/asked-days.ts';
import type { LogForm } from '../../../../shared/flowlogs/read-log.ts';
import { readHistory } from '../../files/read-inventories.ts';
import { ailmentsOf, INPUT_AILMENTS, type Checks, type Checkup, type InputAilment } from './ailment.ts';
import { INVENTORY_CHECKS } from './inventory-checks.ts';
import { LOG_CHECKS, LONGEST_WINDOW_DAYS } from './log-checks.ts';
import { daysThere, wholeDays, type InputFacts } from './input-facts.ts';
import { logFacts } from './log-facts.ts';

/**
 * Looks at an inventory, at the names and sizes of all log files, and into some of these.
 *
 * @throws Error of one line, which names what cannot be read or is not there
 */
export async function examineInput(
  options: LogOptions & { readonly inventory: readonly string[]; readonly logs: readonly string[] },
): Promise<Checkup> {
  const { inventory: folders, logs: paths } = options;
  const given = await readHistory(folders);
  return inputCheckup({ given, logs: await logFacts(await findLogFiles(paths, options)), folders, paths });
}

const CHECKS: Checks<InputAilment, InputFacts> = { ...LOG_CHECKS, ...INVENTORY_CHECKS };

/** What the facts come to. */
export function inputCheckup(facts: InputFacts): Checkup {
  const { given, logs } = facts;
  const { newest, history } = given;
  const [days, whole] = [daysThere(logs), wholeDays(logs).length];
  const { sample } = logs;
  const span =
    days.length === 0
      ? 'none'
      : `${isoDay(days[0]!)} to ${isoDay(days.at(-1)!)}, ${figure(whole)} of ${count(days.length, 'day')} whole`;
  const snapshots = history?.isDated ? count(history.moments.length, 'dated snapshot') : '1 snapshot';
  return {
    schemaVersion: 1,
    of: 'input',
    facts: [
      {
        name: 'Inventory',
        value: `${count(newest.rules.length, 'rule')}, ${count(newest.groups.size, 'group')}, ${count(newest.interfaces.size, 'interface')}, ${snapshots}`,
      },
      { name: 'Logs', value: `${count(logs.files, 'file')}, ${megabytes(logs.bytes)}: ${span}` },
      {
        name: 'Sample',
        value: `${count(sample.records, 'record')} of ${count(sample.files, 'file')}${sample.isAll ? ', which is all' : ''}`,
      },
      ...sourcesOf(sample.forms),
      { name: 'Time', value: readingTime(logs.packedBytes) },
    ],
    ailments: ailmentsOf(INPUT_AILMENTS, CHECKS, facts),
    next: nextAnswer(days.at(-1), whole),
  };
}

const FORMS: Readonly<Record<LogForm, string>> = {
  lines: 'text as flow logs have it',
  parquet: 'Parquet',
  stamped: 'exported from CloudWatch Logs',
  events: 'messages of CloudWatch Logs or Firehose',
  ocsf: 'OCSF, as Security Lake has it',
};

/** Where the files are not all as AWS delivers them to S3: what they are. */
function sourcesOf(forms: ReadonlyMap<LogForm, number>): Checkup['facts'] {
  if ([...forms.keys()].every((form) => form === 'lines' || form === 'parquet')) return [];
  const value = [...forms].map(([form, files]) => `${FORMS[form]} (${figure(files)} sampled)`).join(', ');
  return [{ name: 'Sources', value }];
}

const megabytes = (bytes: number): string => `${figure(Math.ceil(bytes / 1e5) / 10)} MB`;

function nextAnswer(lastDay: number | undefined, whole: number): Checkup['next'] {
  if (lastDay === undefined || whole >= LONGEST_WINDOW_DAYS) return null;
  const [wanted, what] =
    whole < PLAN_DAYS
      ? [PLAN_DAYS, 'a plan may hold rules, if they were watched all the time']
      : [LONGEST_WINDOW_DAYS, 'the window is whole'];
  return { on: isoDay(lastDay + wanted - whole), what: `${figure(wanted)} whole days of logs: ${what}` };
}
