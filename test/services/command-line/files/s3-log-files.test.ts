import { afterEach, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { GetObjectCommand, HeadBucketCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { fetchedAhead } from '../../../../services/command-line/files/fetch-ahead.ts';
import { findLogFiles } from '../../../../services/command-line/files/find-log-files.ts';
import { dryRunText } from '../../../../services/command-line/files/dry-run.ts';
import type { LogFile } from '../../../../services/command-line/files/log-files.ts';
import { dayFromIso, isoDay } from '../../../../shared/time.ts';
import { FakeBucket } from './fake-bucket.ts';

const OBJECTS = 288;
const ACCOUNT = 111122220000;
const SECOND = String(ACCOUNT + 1);
const FIRST = dayFromIso('2024-01-01')!;
const day = (iso: string): number => dayFromIso(iso)!;

type Layout = (account: string, year: string, month: string, date: string, hour: string) => string;
const LAYOUTS: Readonly<Record<string, Layout>> = {
  plain: (account, ...days) => `AWSLogs/${account}/vpcflowlogs/eu-west-1/${days.slice(0, 3).join('/')}/`,
  'plain by hours': (account, ...days) => `AWSLogs/${account}/vpcflowlogs/eu-west-1/${days.join('/')}/`,
  'Hive-compatible': (account, year, month, date) =>
    `AWSLogs/aws-account-id=${account}/aws-service=vpcflowlogs/aws-region=eu-west-1/year=${year}/month=${month}/day=${date}/`,
  'Hive-compatible by hours': (account, year, month, date, hour) =>
    `AWSLogs/aws-account-id=${account}/aws-service=vpcflowlogs/aws-region=eu-west-1/year=${year}/month=${month}/day=${date}/hour=${hour}/`,
};

/** Objects every five minutes of each day and account. */
function central(layout: Layout, { days, accounts }: { days: number; accounts: number }, prefix = '') {
  return {
    length: days * accounts * OBJECTS,
    at: (index: number): string => {
      const account = String(ACCOUNT + Math.floor(index / (days * OBJECTS)));
      const minutes = 5 * (index % OBJECTS);
      const [year, month, date] = isoDay(FIRST + (Math.floor(index / OBJECTS) % days)).split('-') as [
        string,
        string,
        string,
      ];
      const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((n) => String(n).padStart(2, '0')) as [
        string,
        string,
      ];
      const time = `${year}${month}${date}T${hour}${minute}Z`;
      return `${prefix}${layout(account, year, month, date, hour)}${account}_vpcflowlogs_eu-west-1_fl-0a_${time}_ab.log.gz`;
    },
  };
}

const SIZE = { days: 1000, accounts: 20 };

describe('30 days of a central bucket of 1,000 days, 288 objects, 20 accounts, are listed without the others', () => {
  test.each(['plain', 'Hive-compatible'])('%s', async (name) => {
    const layout = LAYOUTS[name]!;
    const bucket = new FakeBucket(central(layout, SIZE, 'central/'));
    const found = await findLogFiles(['s3://logs/central/'], { from: day('2025-06-01'), to: day('2025-06-30') });
    // 30 days, the one after, and an hour before.
    expect(found.files).toHaveLength(SIZE.accounts * (31 * OBJECTS + 12));
    const times = found.files.map(({ name }) => /_(\d{8}T\d{4})Z_/.exec(name)![1]!).sort();
    expect([times[0], times.at(-1)]).toEqual(['20250531T2300', '20250701T2355']);
    expect(bucket.keysListed).toBeLessThan(1.2 * found.files.length);
    expect(found.listed).toEqual({ calls: bucket.lists.length, keys: bucket.keysListed });
    expect(bucket.lists.length).toBeLessThan(300);
    expect(dryRunText(found)).toMatch(
      /^178,800 files that can tell of 2025-06-01 to 2025-06-30, 178.8 MB; nothing was read\n[^]*Listed {4}2\d\d calls brought \d{3},\d{3} keys\nRequests {2}0.07 USD: 2\d\d LIST and 178,800 GET/,
    );
  });
});

test.each(Object.entries(LAYOUTS))('a day of one account, %s', async (_name, layout) => {
  const bucket = new FakeBucket(central(layout, { days: 1000, accounts: 1 }));
  const { files } = await findLogFiles(['s3://logs'], { from: day('2025-02-28'), to: day('2025-02-28') });
  expect(files).toHaveLength(2 * OBJECTS + 12);
  expect(bucket.keysListed).toBeLessThan(2 * files.length);
});

describe('days below a prefix', () => {
  const keys = central(LAYOUTS.plain!, { days: 800, accounts: 2 }, 'a/b/');
  const asked = { from: day('2025-06-01'), to: day('2025-06-01') };

  test.each([
    ['the bucket', '', 2],
    ['a part of a name', 'a/b/AWSL', 2],
    ['an account', `a/b/AWSLogs/${SECOND}/`, 1],
    ['a region', `a/b/AWSLogs/${SECOND}/vpcflowlogs/eu-west-1`, 1],
    ['a year', `a/b/AWSLogs/${SECOND}/vpcflowlogs/eu-west-1/2025/`, 1],
  ])('by %s', async (_why, prefix, accounts) => {
    const bucket = new FakeBucket(keys);
    expect((await findLogFiles([`s3://logs/${prefix}`], asked)).files).toHaveLength(accounts * (2 * OBJECTS + 12));
    expect(bucket.keysListed).toBeLessThan(3000);
  });

  test('by a month that another one follows, what is late is not there', async () => {
    new FakeBucket(keys);
    const url = `s3://logs/a/b/AWSLogs/${SECOND}/vpcflowlogs/eu-west-1/2025/06/01/`;
    expect((await findLogFiles([url], asked)).files).toHaveLength(OBJECTS);
  });

  test('of one side only', async () => {
    new FakeBucket(central(LAYOUTS.plain!, { days: 10, accounts: 1 }));
    const count = async (options: object): Promise<number> => (await findLogFiles(['s3://logs'], options)).files.length;
    expect(await count({ from: day('2024-01-08') })).toBe(3 * OBJECTS + 12);
    expect(await count({ to: day('2024-01-02') })).toBe(3 * OBJECTS);
    expect(await count({})).toBe(10 * OBJECTS);
  });

  test('none of which is there are told', async () => {
    new FakeBucket(keys);
    const none = findLogFiles(['s3://logs/a/'], { from: day('2030-01-01'), to: day('2030-01-02') });
    await expect(none).rejects.toThrow(
      's3://logs/a/: no flow log objects (.log.gz, .log, .log.parquet, .parquet) there that can tell of 2030-01-01 to 2030-01-02',
    );
    await expect(findLogFiles(['s3://logs/a/'], { from: 2, to: 1 })).rejects.toThrow(
      '--from 1970-01-03 is after --to 1970-01-02',
    );
  });

  test('beside folders of other services, which are told, and of nobody knows whom, which are looked into', async () => {
    const names = [
      'AWSLogs/111122220000/CloudTrail/eu-west-1/2024/01/01/a.json.gz',
      'AWSLogs/111122220000/elasticloadbalancing/eu-west-1/2024/01/01/a.log.gz',
      'AWSLogs/111122220000/vpcflowlogs/eu-west-1/2024/01/01/111122220000_vpcflowlogs_eu-west-1_fl-0a_20240101T0000Z_ab.log.gz',
      'AWSLogs/111122220000/vpcflowlogs/eu-west-1/copies/2024/01/01/a.log',
      'AWSLogs/111122220000/vpcflowlogs/eu-west-1/copies/2024/03/01/a.log',
      'AWSLogs/111122220000/vpcflowlogs/eu-west-1/d.log',
      'AWSLogs/o-0123456789/111122220000/CloudTrail/eu-west-1/2024/01/01/a.json.gz',
      'by-hand/2024/01/01/a.log',
      'by-hand/2024/02/01/b.log',
      'by-hand/c.log',
    ];
    new FakeBucket({ length: names.length, at: (i) => names[i]! });
    const found = await findLogFiles(['s3://logs'], { from: FIRST, to: FIRST });
    expect(found.files.map(({ name }) => name)).toEqual([2, 3, 5, 7, 9].map((i) => `s3://logs/${names[i]!}`));
    expect(found.notRead).toEqual([]);
    expect(found.otherFolders).toEqual([
      's3://logs/AWSLogs/111122220000/CloudTrail/',
      's3://logs/AWSLogs/111122220000/elasticloadbalancing/',
      's3://logs/AWSLogs/o-0123456789/111122220000/CloudTrail/',
    ]);
  });
});

test('objects without a suffix, or called .json, are read if they begin as a flow log: of each a part is fetched', async () => {
  const line = '2 1 eni-1 10.0.0.1 10.0.0.2 40000 22 6 9 900 100 160 ACCEPT OK\n';
  const bodies: Readonly<Record<string, Buffer>> = {
    'CloudWatchLogs/2026/01/05/00/logs-1-2026-01-05-00-00-00-0a': gzipSync(JSON.stringify({ message: line })),
    'CloudWatchLogs/2026/01/05/00/logs-1-2026-01-05-00-05-00-0a': Buffer.from(line.repeat(10_000)),
    'CloudWatchLogs/2026/01/05/00/logs-1.json': Buffer.from(JSON.stringify({ message: line })),
    'CloudWatchLogs/2026/01/05/00/manifest.json': Buffer.from('{"entries":[]}'),
    'CloudWatchLogs/2026/01/05/00/other': gzipSync('no log'),
    'CloudWatchLogs/2026/01/07/00/later': Buffer.from(line),
  };
  const keys = Object.keys(bodies).sort();
  const bucket = new FakeBucket(
    { length: keys.length, at: (i) => keys[i]! },
    (key) => Promise.resolve(bodies[key]!),
    (key) => bodies[key]!.length,
  );
  const { files, notRead } = await findLogFiles(['s3://logs/CloudWatchLogs/'], { to: day('2026-01-05') });
  expect(files.map(({ name }) => name.slice('s3://logs/'.length))).toEqual(keys.slice(0, 3));
  expect(notRead).toEqual(['s3://logs/CloudWatchLogs/2026/01/05/00/other']);
  expect(bucket.gets.map(({ Range }) => Range)).toContain('bytes=0-65535');
  expect(bucket.gets).toHaveLength(5);
});

describe('bytes', () => {
  const keys = central(LAYOUTS.plain!, { days: 1, accounts: 1 });
  const read = async (file: LogFile): Promise<string> => {
    const parts: Uint8Array[] = [];
    for await (const part of file.chunks()) parts.push(part);
    return Buffer.concat(parts).toString();
  };

  test('of the next files are on their way while one is read, of so many at a time', async () => {
    let [open, most] = [0, 0];
    new FakeBucket(keys, async (key) => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 2));
      open--;
      return Buffer.from(key.padEnd(1000));
    });
    const { files } = await findLogFiles(['s3://logs']);
    const texts: string[] = [];
    for (const file of fetchedAhead(files)) texts.push((await read(file)).trimEnd());
    expect(texts).toEqual(files.map(({ name }) => name.slice('s3://logs/'.length)));
    expect(most).toBe(16);
  });

  test('that do not come are asked for again, and no more after what S3 refuses', async () => {
    let calls = 0;
    const bucket = new FakeBucket(keys, () => {
      if (++calls < 3) throw new Error('aborted');
      return Promise.resolve(Buffer.from(''.padEnd(1000, 'x')));
    });
    const [file, other] = (await findLogFiles(['s3://logs'])).files;
    expect(await read(file!)).toHaveLength(1000);
    expect(calls).toBe(3);
    const refusing = mockClient(S3Client);
    refusing
      .on(GetObjectCommand)
      .rejects(new S3ServiceException({ name: 'NoSuchKey', message: 'gone', $fault: 'client', $metadata: {} }));
    await expect(read(other!)).rejects.toThrow('gone');
    expect(refusing.calls()).toHaveLength(1);
    expect(bucket.gets).toHaveLength(3);
  });

  test('of a large one come in parts, each of the content that was found', async () => {
    const bytes = Buffer.alloc(20 * 2 ** 20, 'x');
    const bucket = new FakeBucket(
      { length: 1, at: () => 'a.log' },
      () => Promise.resolve(bytes),
      () => bytes.length,
    );
    const { files } = await findLogFiles(['s3://logs/a.log']);
    expect(files[0]!.isNamed).toBe(true);
    for (const file of fetchedAhead(files)) expect(await read(file)).toHaveLength(bytes.length);
    expect(bucket.gets.map(({ Range, IfMatch }) => [Range, IfMatch])).toEqual([
      ['bytes=0-8388607', '"e"'],
      ['bytes=8388608-16777215', '"e"'],
      ['bytes=16777216-20971519', '"e"'],
    ]);
  });
});

describe('a client', () => {
  afterEach(() => {
    delete process.env.AWS_REGION;
  });

  test('speaks to the region of the bucket, in which the first call says it is', async () => {
    new FakeBucket(central(LAYOUTS.plain!, { days: 1, accounts: 1 }));
    const { files } = await findLogFiles(['s3://logs'], { region: 'us-east-1' });
    expect(files[0]!.region).toBe('eu-west-1');
  });

  test('says that it lacks a region', async () => {
    mockClient(S3Client).on(HeadBucketCommand).rejects(new Error('Region is missing'));
    await expect(findLogFiles(['s3://logs'])).rejects.toThrow(
      's3://logs: the SDK knows no region; give one (--region, AWS_REGION)',
    );
  });
});
