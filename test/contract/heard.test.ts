/** When flow logs were heard is one answer, whoever reads their files: all at once, one by one, or by the names alone. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { lookAt, objectOf } from '../../services/command-line/commands/watch/watch-folder.ts';
import { countFiles } from '../services/command-line/files/counted-files.ts';
import { foldObject } from '../../services/count-usage/fold-object.ts';
import { attributePart } from '../../services/reconcile-usage/attribute-part.ts';
import { plannedLogs, planNight, type NightPlan } from '../../services/reconcile-usage/plan-night.ts';
import { DEFAULT_FIELDS } from '../../shared/flowlogs/fields.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { dayOf, type Day } from '../../shared/time.ts';
import { addResolved } from '../../shared/usage/by-source.ts';
import { hoursHeard, slotsHeard, type HeardLog } from '../../shared/usage/log-days.ts';
import { emptyUsage, type Usage } from '../../shared/usage/usage.ts';
import { removeScratchFolders } from '../services/generate-account/generated.ts';
import { formatOf } from '../services/reconcile-usage/sql/laid-files.ts';
import { account, type Account } from '../world/account.ts';
import { nightOf } from '../world/night.ts';

jest.setTimeout(60_000);
afterAll(removeScratchFolders);

/** Two days, of which the second is not whole. */
const MADE = { seed: 3, records: 1200, minutes: 1500, filesPerInterval: 1 };
const DAY = dayOf(Date.UTC(2026, 0, 5) / 1000);
let made: Account;
let all: Usage;

beforeAll(async () => {
  made = await account(MADE);
  ({ usage: all } = await countFiles(made.files, made.inventory));
});

const entryOf = (log: HeardLog): unknown => [slotsHeard(log), hoursHeard(log)];

function heardOn(day: Day, { logs }: Usage): [string, unknown][] {
  const heard = [...logs].flatMap(([id, days]): [string, unknown][] => {
    const log = days.get(day);
    return log ? [[id, entryOf(log)]] : [];
  });
  return heard.sort(([a], [b]) => (a < b ? -1 : 1));
}

test('a log of accepted traffic has a file in each five minutes of a whole day', () => {
  const whole = made.inventory.flowLogs!.filter(({ active, trafficType }) => active && trafficType === 'ALL');
  const hours = whole.flatMap(({ flowLogId }) => {
    const log = all.logs.get(flowLogId)?.get(DAY);
    return log ? [Math.round(hoursHeard(log))] : [];
  });
  expect(hours).toEqual([24, 24, 24]);
});

test('counted one by one, in whatever order', async () => {
  const { files } = await lookAt(join(made.out, 'logs'));
  const compiled = new CompiledInventory(made.inventory);
  const inventories = {
    mostDays: Infinity,
    of: () => compiled,
    load: () => Promise.resolve(),
    takenFor: () => [],
    lookUpMissing: () => Promise.resolve(false),
  };
  const usage = emptyUsage();
  for (const file of files.toReversed()) {
    const { addition } = await foldObject(await objectOf(file), inventories);
    for (const { sources } of addition.days.values()) addResolved(usage, sources);
  }
  for (const day of [DAY, DAY + 1]) expect(heardOn(day, usage)).toEqual(heardOn(day, all));
});

test('by the names that a night lists, and by what it attributes', async () => {
  const plans: NightPlan[] = [];
  const flowLogIds = made.inventory.flowLogs!.map(({ flowLogId }) => flowLogId);
  await planNight({ day: DAY, id: 'run' }, 'db', {
    inForce: () =>
      Promise.resolve({
        snapshots: [],
        assumed: false,
        outdated: false,
        formats: [formatOf(DEFAULT_FIELDS, { flowLogIds })],
      }),
    async *list() {
      for (const { name: key, size } of made.files)
        if (key.includes('20260105T')) yield await Promise.resolve({ key, size });
    },
    marks: () => Promise.resolve(0),
    newFolder: () => 's3://data/night/run/',
    write: (_run, plan) => Promise.resolve(void plans.push(plan)),
    now: () => new Date('2026-01-06T03:00:00Z'),
  });
  const slotsBy = (logs: Iterable<readonly [string, HeardLog]>): unknown =>
    [...logs].map(([id, log]) => [id, slotsHeard(log)]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  const read = [...all.logs].flatMap(([id, days]) =>
    [...days].filter(([day]) => day === DAY).map(([, log]) => [id, log] as const),
  );
  const logs = plannedLogs(plans[0]!);
  expect(slotsBy(logs)).toEqual(slotsBy(read));
  const { rows } = await nightOf(made, DAY);
  const { usage } = await attributePart([rows], new CompiledInventory(made.inventory), logs);
  expect(heardOn(DAY, usage)).toEqual(heardOn(DAY, all));
});
