import { describe, expect, test } from '@jest/globals';
import {
  plannedLogs,
  planNight,
  type NightPlan,
  type PlannedNight,
} from '../../../services/reconcile-usage/plan-night.ts';
import { dayFromIso } from '../../../shared/time.ts';
import { TOLD } from '../../../shared/usage/log-days.ts';
import type { LogFormat } from '../../../services/reconcile-usage/sql/log-format.ts';
import { formatOf } from './sql/laid-files.ts';
import { DEFAULT_FIELDS } from '../../../shared/flowlogs/fields.ts';

const DAY = dayFromIso('2026-01-13')!;
const RICH = [...DEFAULT_FIELDS, 'tcp-flags', 'pkt-srcaddr'];
const FORMATS = [
  formatOf(DEFAULT_FIELDS, { flowLogIds: ['fl-0a'] }),
  formatOf(RICH, { flowLogIds: ['fl-0b', 'fl-0c'], perHour: true }),
];

/** `fl-0a 0905`: a file of that flow log, named by that time of the day. */
function keyOf(text: string): string {
  const [flowLogId, time] = text.split(' ');
  return `AWSLogs/111122223333/vpcflowlogs/eu-central-1/2026/01/13/111122223333_vpcflowlogs_eu-central-1_${flowLogId!}_20260113T${time!}Z_0a1b.log.gz`;
}

const slots = (...ofHours: readonly [hour: number, bits: number][]): number[] =>
  ofHours.reduce((all, [hour, bits]) => all.with(hour, bits), new Array<number>(24).fill(0));

test('a plan that was written before slots were known tells of none', () => {
  const now = { hours: 1, slots: slots([0, 0b11]), told: 0 };
  expect(plannedLogs({ logs: { 'fl-0a': { hours: 3, told: 4 }, 'fl-0b': now } })).toEqual(
    new Map([
      ['fl-0a', { hours: 3, slots: slots(), told: 4 }],
      ['fl-0b', now],
    ]),
  );
});

test('what each flow log was heard in, and can tell of, is by the names of its files and by its format', async () => {
  const files = ['fl-0a 0000', 'fl-0a 0005', 'fl-0a 2355', 'fl-0b 1300', 'fl-9 1400'].map(keyOf);
  const written: NightPlan[] = [];
  await planNight({ day: DAY, id: 'run' }, 'db', {
    inForce: () => Promise.resolve({ snapshots: [], assumed: false, outdated: false, formats: FORMATS }),
    async *list() {
      for (const key of [...files, 'AWSLogs/other']) yield await Promise.resolve({ key, size: 1 });
    },
    marks: () => Promise.resolve(0),
    newFolder: () => 's3://data/night/run/',
    write: (_run, plan) => Promise.resolve(void written.push(plan)),
    now: () => new Date('2026-01-14T03:00:00Z'),
  });
  const packet = TOLD.packetAddresses;
  expect(written.map(({ logs }) => logs)).toEqual([
    {
      'fl-0a': { hours: (1 << 0) | (1 << 23), slots: slots([0, 0b11], [23, 1 << 11]), told: 0 },
      'fl-0b': { hours: 1 << 13, slots: slots([13, 1]), told: TOLD.tcpFlags | packet },
    },
  ]);
});

describe('a day that no engine holds at once', () => {
  const GIBIBYTE = 2 ** 30;
  const planOf = async (sizes: Readonly<Record<string, number>>, formats = FORMATS) =>
    planNight({ day: DAY, id: 'run' }, 'db', {
      inForce: () => Promise.resolve({ snapshots: [], assumed: false, outdated: false, formats }),
      async *list() {
        for (const [file, size] of Object.entries(sizes)) yield await Promise.resolve({ key: keyOf(file), size });
      },
      marks: () => Promise.resolve(0),
      newFolder: () => 's3://data/night/run/',
      write: () => Promise.resolve(),
      now: () => new Date('2026-01-14T03:00:00Z'),
    });
  const sharesOf = ({ queries }: PlannedNight) =>
    queries.map(({ unload }) => [
      /WHERE mod\(mod\(crc32\(.*\), 100\), (\d+)\) = (\d+)/.exec(unload)?.slice(1).join(),
      /TO 's3:\/\/data\/night\/run\/(\d+)\/'/.exec(unload)?.[1],
    ]);

  test('is folded by as many statements of a format as its files need, each into its own folder', async () => {
    const planned = await planOf({ 'fl-0a 0000': 20 * GIBIBYTE, 'fl-0b 0000': 8 * GIBIBYTE });
    expect(planned.parts).toHaveLength(100);
    expect(sharesOf(planned)).toEqual([
      ['3,0', '0'],
      ['3,1', '1'],
      ['3,2', '2'],
      [undefined, '3'],
    ]);
  });

  test('by as many as a state of the night can hand on, where they name very many flow logs', async () => {
    const flowLogIds = Array.from({ length: 2000 }, (_, i) => `fl-${String(i).padStart(17, '0')}`);
    const formats = [formatOf(DEFAULT_FIELDS, { flowLogIds })];
    const { queries } = await planOf({ [`${flowLogIds[0]!} 0000`]: 90 * GIBIBYTE }, formats);
    expect(queries.length).toBeGreaterThan(1);
    expect(queries.length).toBeLessThan(12);
    expect(JSON.stringify(queries).length).toBeLessThanOrEqual(200_000);
  });
});

test.each([
  ['a day that the deployment has not seen begin', true, [], FORMATS, 'NothingYet'],
  ['a later day', false, [], FORMATS, undefined],
  ['a day that the deployment has not seen begin, without flow logs,', true, [], [], 'NothingYet'],
  ['a later day without flow logs', false, [], [], 'NothingToReconcile'],
  ['a day that the deployment has not seen begin, and that has a file,', true, ['fl-0a 0000'], FORMATS, undefined],
] as const)('of %s that no file is there is %s', async (_, assumed, files, formats, error) => {
  const planned = planNight({ day: DAY, id: 'run' }, 'db', {
    inForce: () => Promise.resolve({ snapshots: [], assumed, outdated: false, formats }),
    async *list() {
      for (const key of files.map(keyOf)) yield await Promise.resolve({ key, size: 1 });
    },
    marks: () => Promise.resolve(0),
    newFolder: () => 's3://data/night/run/',
    write: () => Promise.resolve(),
    now: () => new Date('2026-01-14T03:00:00Z'),
  });
  expect(
    await planned.then(
      () => undefined,
      (error: unknown) => (error as Error).name,
    ),
  ).toBe(error);
});

describe('text beside Parquet, of which Athena reads all files of a folder as one format:', () => {
  const PARQUET = { fileFormat: 'parquet', flowLogIds: ['fl-0b'] } as const;
  const TEXT = formatOf(DEFAULT_FIELDS, { flowLogIds: ['fl-0a'], bucket: 'logs', prefix: '' });
  const parquet = (more: Partial<LogFormat> = {}) =>
    formatOf(DEFAULT_FIELDS, { ...PARQUET, bucket: 'logs', prefix: '', ...more });
  const OWNER = '111122223333/vpcflowlogs/eu-west-1';
  const HIVE = 'aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=eu-west-1';
  /** `14 fl-0a log.gz`, behind its folder. */
  const name = (text: string): string => {
    const [date, id, end] = text.split(' ');
    return `111122223333_vpcflowlogs_eu-west-1_${id!}_202601${date!}T0305Z_0a1b.${end!}`;
  };
  const flat = (date: string, file: string) => `AWSLogs/${OWNER}/2026/01/${date}/${name(`${date} ${file}`)}`;
  const hourly = (date: string, hour: string, file: string) =>
    `AWSLogs/${OWNER}/2026/01/${date}/${hour}/${name(`${date} ${file}`)}`;
  const hive = (date: string, file: string) =>
    `AWSLogs/${HIVE}/year=2026/month=01/day=${date}/${name(`${date} ${file}`)}`;
  const planOf = (formats: readonly LogFormat[], keys: readonly string[], now = '2026-01-14T03:00:00Z') =>
    planNight({ day: DAY, id: 'run' }, 'db', {
      inForce: () => Promise.resolve({ snapshots: [], assumed: false, outdated: false, formats }),
      async *list(bucket, prefix) {
        if (bucket !== 'logs') return;
        for (const key of keys) if (key.startsWith(prefix)) yield await Promise.resolve({ key, size: 1 });
      },
      marks: () => Promise.resolve(0),
      newFolder: () => 's3://data/night/run/',
      write: () => Promise.resolve(),
      now: () => new Date(now),
    });
  const OWN = flat('13', 'fl-0b log.parquet');
  const HOURLY_OWN = hourly('13', '03', 'fl-0b log.parquet');

  test('the day is refused, in words that name the flow logs, the place and the way out', async () => {
    const keys = [OWN, flat('13', 'fl-0a log.gz'), flat('13', 'fl-09 log')];
    const error = await planOf([TEXT, parquet()], keys).catch((one: unknown) => one as Error);
    expect(error).toMatchObject({
      name: 'MixedFolder',
      message: expect.stringContaining(
        `text of flow log fl-09, fl-0a lies in s3://logs/AWSLogs/${OWNER}/2026/01/13/ beside Parquet of fl-0b,`,
      ),
    });
    expect(error).toMatchObject({
      message: expect.stringMatching(/anew in the other's file format, or with Hive-compat/),
    });
  });

  test.each([
    ['text of a flow log that no snapshot has', [parquet()], [OWN, flat('13', 'fl-09 log.gz')]],
    ['text of the first hours of the next day', [parquet()], [OWN, flat('14', 'fl-09 log.gz')]],
    ['text by the hour below the folder of the day', [parquet()], [OWN, hourly('13', '23', 'fl-09 log.gz')]],
    ['both by the hour', [parquet({ perHour: true })], [HOURLY_OWN, hourly('13', '22', 'fl-09 log.gz')]],
    ['the late hours by the hour', [parquet({ perHour: true })], [HOURLY_OWN, hourly('14', '05', 'fl-09 log.gz')]],
    [
      'both Hive-compatible',
      [parquet({ hiveCompatible: true })],
      [hive('13', 'fl-0b log.parquet'), hive('13', 'fl-09 log.gz')],
    ],
  ])('%s is refused', async (_, formats, keys) => {
    await expect(planOf(formats, keys)).rejects.toMatchObject({ name: 'MixedFolder' });
  });

  test.each([
    ['Parquet alone, of whom it may be', [TEXT, parquet()], [OWN, flat('13', 'fl-09 log.parquet')]],
    ['what has another name', [parquet()], [OWN, `${OWN.slice(0, OWN.lastIndexOf('/'))}/notes.txt`]],
    ['text of days that are not read', [parquet()], [OWN, ...['12', '15'].map((date) => flat(date, 'fl-09 log.gz'))]],
    ['Parquet by the hour, below text', [TEXT, parquet({ perHour: true })], [HOURLY_OWN, flat('13', 'fl-0a log.gz')]],
    ['hours that are not read', [parquet({ perHour: true })], [HOURLY_OWN, hourly('14', '06', 'fl-09 log.gz')]],
    [
      'folders of their own',
      [TEXT, parquet({ hiveCompatible: true })],
      [hive('13', 'fl-0b log.parquet'), flat('13', 'fl-0a log.gz')],
    ],
    ['text alone is described', [TEXT], [OWN, flat('13', 'fl-0a log.gz')]],
  ])('%s is planned, each format by a query', async (_, formats, keys) => {
    expect((await planOf(formats, keys)).queries).toHaveLength(formats.length);
  });

  test('a later run reads more of the days that follow', async () => {
    const keys = [HOURLY_OWN, hourly('14', '06', 'fl-09 log.gz')];
    const planned = planOf([parquet({ perHour: true })], keys, '2026-01-14T07:00:00Z');
    await expect(planned).rejects.toMatchObject({ name: 'MixedFolder' });
  });

  test('a flow log that has no file there yet is not asked for', async () => {
    const { queries } = await planOf([TEXT, parquet()], [flat('13', 'fl-0a log.gz')]);
    expect(queries.map(({ unload }) => /IN \('(fl-\w+)'\)/.exec(unload)?.[1])).toEqual(['fl-0a']);
  });
});
