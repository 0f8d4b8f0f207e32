import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, readlink, realpath, symlink, truncate } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { awsRule } from '../../shared/inventory/aws-shorthand.ts';
import { runBin, runMain, type Run } from './program.ts';
import { scratch, writtenFor, type Files } from './scratch.ts';
import { HEADER, INVENTORY, logOf, recordLine } from './small-account.ts';

// Processes of their own, on a machine that may be busy.
jest.setTimeout(60_000);
const folder = scratch();

const GIBIBYTE = 2 ** 30;
const GOOD_LOG = logOf(recordLine(1), recordLine(2));
const GOOD: Files = { ...INVENTORY, 'logs/good.log': GOOD_LOG };

function args(logs: readonly string[] = ['logs'], out = 'out'): string[] {
  const paths = logs.map((path) => (path.startsWith('s3:') ? path : folder.path(path)));
  return ['analyze', '--inventory', folder.path('inventory'), '--logs', ...paths, '--out', folder.path(out)];
}

/** Failed with one line for a person, which names file and cause; nothing was written. */
async function expectFailure(run: Run, file: string, cause: RegExp, out = 'out'): Promise<void> {
  expect(run.stderr).toMatch(/^stale-sg: \P{C}*\n$/u);
  expect(run.stderr).toMatch(cause);
  expect(run.stderr).toContain(file);
  expect(run.stderr).not.toMatch(/ {4}at |node:internal|\.ts:\d/);
  expect([run.status, run.stdout]).toEqual([1, '']);
  expect(await folder.filesIn(out)).toEqual([]);
}

test('the account that the rows below spoil is fine', async () => {
  await folder.write(GOOD);
  expect(await runMain(args())).toMatchObject({ status: 0, stderr: '' });
  expect(await folder.filesIn('out')).toEqual(writtenFor('2026-01-12'));
});

describe('a log that cannot be read', () => {
  const gzipped = gzipSync(logOf(...Array.from({ length: 500 }, (_, i) => recordLine(i))));
  const corrupt = Uint8Array.from(gzipped);
  corrupt.set([0xff, 0xff, 0xff, 0xff], 60);
  const wrongSum = Uint8Array.from(gzipped);
  wrongSum.set([wrongSum.at(-8)! ^ 1], wrongSum.length - 8);
  const parquet = (columns: string): Uint8Array => {
    const columnData = columns.split(' ').map((name) => ({ name, data: ['1', '2'], type: 'STRING' as const }));
    return new Uint8Array(parquetWriteBuffer({ columnData }));
  };

  test.each<[why: string, name: string, content: string | Uint8Array, cause: RegExp]>([
    ['an empty file, and no other', 'a.log', '', /no flow log record there \(files: 1\)$/m],
    ['an empty gzip file', 'a.log.gz', '', /a\.log\.gz: gzip data ends too early: the file is cut short$/m],
    ['nothing, gzipped', 'a.log.gz', gzipSync(''), /no flow log record there/],
    ['a header only', 'a.log', `${HEADER}\n`, /no flow log record there/],
    ['a header only, gzipped', 'a.log.gz', gzipSync(HEADER), /no flow log record there/],
    [
      'no good line',
      'a.log',
      logOf('2 cut'),
      /a\.log: none of its lines can be read, the first: 2: 2 fields instead of 14$/m,
    ],
    ['gzip cut in the middle', 'a.log.gz', gzipped.subarray(0, 200), /ends too early/],
    ['gzip cut in its last bytes', 'a.log.gz', gzipped.subarray(0, -1), /ends too early/],
    ['the first byte of gzip', 'a.log.gz', gzipped.subarray(0, 1), /ends too early/],
    ['gzip with spoiled bytes', 'a.log.gz', corrupt, /corrupt gzip data/],
    ['gzip with a wrong check sum', 'a.log.gz', wrongSum, /corrupt gzip data/],
    [
      'gzip with junk behind it',
      'a.log.gz',
      Buffer.concat([gzipped, Buffer.from('junk')]),
      /follow the end|incorrect header/,
    ],
    ['binary junk', 'a.log', Uint8Array.from({ length: 5000 }, (_, i) => (i * 167) & 255), /not a VPC flow log/],
    ['an archive', 'a.log', Buffer.from('PK\u0003\u0004 one two three\n'), /binary data/],
    ['UTF-16', 'a.log', Buffer.from(GOOD_LOG, 'utf16le'), /binary data/],
    ['an HTML page', 'a.log', '<html>\n<body>Access denied</body></html>', /no header, and line 1 has 1 fields/],
    [
      'other text of 14 words',
      'a.log',
      `${'word '.repeat(14)}\n`,
      /a\.log: none of its lines can be read, the first: 1: start "word" is not a number/,
    ],
    [
      'a transit gateway log',
      'a.log',
      'version resource-type account-id tgw-id srcaddr\n',
      /but that of a transit gateway/,
    ],
    ['a log without a needed column', 'a.log', `${HEADER.replace(' srcport', '')}\n`, /no column "srcport"$/m],
    ['a column that stands twice', 'a.log', `${HEADER} end\n`, /column "end" stands twice/],
    ['a line of 100 KB at the start', 'a.log', 'x'.repeat(100_000), /line 1: the line is longer than 65536 bytes/],
    ['no Parquet under its name', 'a.parquet', GOOD_LOG, /not a readable Parquet file/],
    ['an empty Parquet file', 'a.parquet', '', /not a readable Parquet file/],
    ['Parquet that was cut', 'a.parquet', parquet('start end').subarray(0, -20), /not a readable Parquet file/],
    ['Parquet without the columns', 'a.parquet', parquet('start end'), /no column "interface-id"/],
  ])('%s', async (_why, name, content, cause) => {
    await folder.write({ ...INVENTORY, [`logs/${name}`]: content });
    await expectFailure(await runMain(args([`logs/${name}`])), folder.path(`logs/${name}`), cause);
  });

  test('one bad file among good ones fails the whole run: rules used in it alone would look unused', async () => {
    await folder.write({ ...GOOD, 'logs/more/cut.log.gz': gzipped.subarray(0, 300) });
    await expectFailure(await runMain(args()), folder.path('logs/more/cut.log.gz'), /ends too early/);
  });

  test('empty files among good ones are told, and fail nothing', async () => {
    await folder.write({ ...GOOD, 'logs/a.log': '', 'logs/b.log.gz': gzipSync(HEADER) });
    const run = await runMain(args());
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(run.stdout.replaceAll(/\s+/g, ' ')).toContain(
      ` Note 2 files held no record, the first: ${folder.path('logs/a.log')} `,
    );
  });

  test.each<[why: string, path: string, cause: RegExp]>([
    ['no such path', 'nowhere', /no such file or folder/],
    ['no such file in a folder', 'logs/nothing.log', /no such file or folder/],
    ['a path below a file', 'logs/good.log/x', /a file stands where a folder is needed/],
    ['a folder without logs', 'inventory', /no flow log files \(\.log\.gz, \.log, \.log\.parquet, \.parquet\)/],
    ['a folder that has the name of a log', 'logs/folder.log', /no flow log files/],
  ])('%s', async (_why, path, cause) => {
    await folder.write(GOOD);
    await mkdir(folder.path('logs/folder.log'));
    await expectFailure(await runMain(args(['logs/good.log', path])), folder.path(path), cause);
  });

  test('a link that leads nowhere', async () => {
    await folder.write(GOOD);
    await symlink('gone.log', folder.path('logs/link.log'));
    await expectFailure(await runMain(args()), folder.path('logs/link.log'), /no such file or folder/);
  });

  test.each([
    ['no bucket', 's3://', /not an address of the form s3:\/\/bucket\/prefix/],
    ['a bucket that cannot be reached', 's3://bucket/AWSLogs', /ECONNREFUSED/],
  ])('%s', async (_why, url, cause) => {
    const nobody = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_REGION: 'eu-central-1', AWS_MAX_ATTEMPTS: '1' };
    const before = { ...process.env };
    Object.assign(process.env, nobody, { AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' });
    try {
      await folder.write(GOOD);
      await expectFailure(await runMain(args([url])), url, cause);
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in before)) Reflect.deleteProperty(process.env, name);
      Object.assign(process.env, before);
    }
  });
});

describe('a log that is huge for no good reason, by the program as it is installed', () => {
  test('1 GiB without a line break, plain', async () => {
    await folder.write({ ...INVENTORY, 'logs/a.log': '' });
    await truncate(folder.path('logs/a.log'), GIBIBYTE);
    await expectFailure(await runBin(args()), folder.path('logs/a.log'), /longer than 65536 bytes/);
  });

  test('128 MiB in one line after a good one: the line is skipped, and the one after it is read', async () => {
    await folder.write({ ...INVENTORY, 'logs/a.log': logOf(recordLine(1)) });
    await truncate(folder.path('logs/a.log'), GIBIBYTE / 8);
    await appendFile(folder.path('logs/a.log'), `\n${recordLine(2)}\n`);
    const run = await runBin(args());
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toMatch(/^Records +2 attributed, 1 malformed$/m);
    expect(run.stdout.replaceAll(/\s+/g, ' ')).toContain('a.log:3: the line is longer than 65536 bytes ');
  });

  test('1 GiB in 1 MB of gzip', async () => {
    const mebibytes = gzipSync('x'.repeat(2 ** 24), { level: 9 });
    const bomb = Buffer.concat([gzipSync(logOf(recordLine(1))), ...new Array<Buffer>(64).fill(mebibytes)]);
    expect(bomb.length).toBeLessThan(1.2e6);
    await folder.write({ ...INVENTORY, 'logs/a.log.gz': bomb });
    await expectFailure(await runBin(args()), folder.path('logs/a.log.gz'), /grows more than 500 times/);
  });
});

describe('an inventory that cannot be used', () => {
  const rules = (...rawRules: object[]): Files => ({
    'inventory/security-group-rules.json': { SecurityGroupRules: rawRules },
  });

  test.each<[why: string, changes: Files, file: string, cause: RegExp]>([
    ['no groups', { 'inventory/security-groups.json': undefined }, 'security-groups.json', /not found in /],
    ['no rules', { 'inventory/security-group-rules.json': undefined }, 'security-group-rules.json', /not found in /],
    ['no interfaces', { 'inventory/network-interfaces.json': undefined }, 'network-interfaces.json', /describe-netw/],
    ['JSON that was cut', { 'inventory/security-groups.json': '{"SecurityGroups": [' }, 'security-groups.json', /cut/],
    ['no JSON', { 'inventory/vpcs.json': 'Unable to locate credentials' }, 'vpcs.json', /line 1, column 1/],
    ['an empty file', { 'inventory/flow-logs.json': '' }, 'flow-logs.json', /holds no JSON object/],
    ['another list', { 'inventory/vpcs.json': { Subnets: [] } }, 'vpcs.json', /Vpcs: expected an array/],
    [
      'a rule without id',
      rules({ GroupId: 'sg-1', IsEgress: true }),
      'security-group-rules.json',
      /SecurityGroupRuleId/,
    ],
    [
      'one rule id with two contents',
      rules(awsRule('in tcp 22 10.0.0.0/8'), awsRule('in tcp 23 10.0.0.0/8')),
      'sgr-1',
      /listed twice with different content/,
    ],
  ])('%s', async (_why, changes, file, cause) => {
    await folder.write({ ...GOOD, ...changes });
    await expectFailure(await runMain(args()), file, cause);
  });

  test('no such folder', async () => {
    await folder.write({ 'logs/good.log': GOOD_LOG });
    await expectFailure(await runMain(args()), folder.path('inventory'), /not found/);
  });

  test.each<[why: string, rawRules: object[], note: RegExp | undefined]>([
    [
      'groups that refer to each other in a ring',
      [
        awsRule('in tcp 1-2 sg-2', { SecurityGroupRuleId: 'sgr-1', GroupId: 'sg-1' }),
        awsRule('in tcp 1-2 sg-3', { SecurityGroupRuleId: 'sgr-2', GroupId: 'sg-2' }),
        awsRule('in tcp 1-2 sg-1', { SecurityGroupRuleId: 'sgr-3', GroupId: 'sg-3' }),
        awsRule('in tcp 1-2 sg-3', { SecurityGroupRuleId: 'sgr-4', GroupId: 'sg-3' }),
      ],
      undefined,
    ],
    ['a prefix list that is not there', [awsRule('in tcp 443 pl-1')], /^Note +prefix list pl-1 is named by a rule/m],
    [
      'one rule listed twice alike',
      [awsRule('in tcp 443 0.0.0.0/0'), awsRule('in tcp 443 0.0.0.0/0')],
      /^Note +security group rule sgr-1 is listed 2 times alike/m,
    ],
    ['a CIDR that is none', [awsRule('in tcp 443 10.0.0.0/33')], /cannot be matched: 10\.0\.0\.0\/33 is no/],
    ['no rule at all', [], /^0 rules, 1 interface, 1 file, 2 records$/m],
  ])('%s is fine', async (_why, rawRules, note) => {
    await folder.write({
      ...GOOD,
      ...rules(...rawRules),
      'inventory/security-groups.json': {
        SecurityGroups: ['sg-1', 'sg-2', 'sg-3'].map((GroupId) => ({ GroupId, VpcId: 'vpc-1' })),
      },
    });
    const run = await runMain(args());
    expect([run.status, run.stderr]).toEqual([0, '']);
    if (note) expect(run.stdout.replace(/\n {12}/g, ' ')).toMatch(note);
  });
});

describe('a folder that cannot be written', () => {
  const spoil: [why: string, out: string, make: () => Promise<unknown>, file: string, cause: RegExp][] = [
    ['a file of this name', 'out', () => folder.write({ out: 'mine' }), 'out', /not a folder/],
    [
      'below a file',
      'logs/good.log/out',
      () => Promise.resolve(),
      'logs/good.log/out',
      /a file stands where a folder is needed/,
    ],
    [
      'usage.json is a folder',
      'out',
      () => mkdir(folder.path('out/usage.json/x'), { recursive: true }),
      'out/usage.json',
      /way/,
    ],
    [
      'usage.csv is a folder',
      'out',
      () => mkdir(folder.path('out/usage.csv/x'), { recursive: true }),
      'out/usage.csv',
      /way/,
    ],
    [
      'report.html is a folder',
      'out',
      () => mkdir(folder.path('out/report.html/x'), { recursive: true }),
      'out/report.html',
      /way/,
    ],
  ];
  test.each(spoil)('%s', async (_why, out, make, file, cause) => {
    await folder.write(GOOD);
    await make();
    await expectFailure(await runMain(args(['logs'], out)), folder.path(file), cause, out);
  });

  test('is told before the logs are read', async () => {
    await folder.write({ ...INVENTORY, 'logs/bad.log': 'bad', out: 'mine' });
    await expectFailure(await runMain(args()), folder.path('out'), /not a folder/);
  });

  test('the operating system refuses', async () => {
    await folder.write(GOOD);
    const run = await runMain([
      'analyze',
      '--inventory',
      folder.path('inventory'),
      '--logs',
      folder.path('logs'),
      '--out',
      '/sys/none/out',
    ]);
    await expectFailure(run, '/sys/none', /no such file or folder|permission denied|EROFS/);
  });

  test('what was there before stays on failure, and is replaced on success', async () => {
    await folder.write({ ...GOOD, 'out/usage.json': 'old', 'out/notes.txt': 'mine', 'logs/bad.log': 'bad' });
    expect(await runMain(args())).toMatchObject({ status: 1 });
    expect(await folder.read('out/usage.json')).toBe('old');
    expect(await runMain(args(['logs/good.log']))).toMatchObject({ status: 0 });
    expect(await folder.read('out/usage.json')).toMatch(/^\{\n {2}"schemaVersion": 1,/);
    expect(await folder.filesIn('out')).toEqual(writtenFor('2026-01-12').toSpliced(2, 0, 'notes.txt'));
    expect(await folder.read('out/notes.txt')).toBe('mine');
  });
});

describe('what happens around the program, as it is installed', () => {
  /** Waits until the program has the file open, or has ended; where nobody tells what it has open, long enough. */
  async function untilReads(child: ChildProcess, path: string): Promise<void> {
    const descriptors = `/proc/${String(child.pid)}/fd`;
    if (!existsSync('/proc/self/fd')) return setTimeout(3000);
    while (child.exitCode === null && child.signalCode === null) {
      const open = await readdir(descriptors).catch(() => []);
      const links = await Promise.all(open.map((name) => readlink(`${descriptors}/${name}`).catch(() => '')));
      if (links.includes(path)) return;
      await setTimeout(5);
    }
  }

  test('Ctrl-C in the middle of reading: nothing is written, and no trace is shown', async () => {
    await folder.write({ ...INVENTORY, 'logs/endless.log': logOf(recordLine(1)) });
    // Takes some seconds to read, and no room on the disk.
    const log = folder.path('logs/endless.log');
    await truncate(log, 16 * 2 ** 30);
    let program: ChildProcess | undefined;
    const running = runBin(args(), { started: (child) => (program = child) });
    await untilReads(program!, await realpath(log));
    program!.kill('SIGINT');
    expect(await running).toEqual({ status: 'SIGINT', stdout: '', stderr: '' });
    expect(await folder.filesIn('out')).toEqual([]);
  });

  test('nobody reads what it says: done all the same', async () => {
    await folder.write(GOOD);
    expect(await runBin(args(), { closedOutput: true })).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(await folder.filesIn('out')).toEqual(writtenFor('2026-01-12'));
  });
});
