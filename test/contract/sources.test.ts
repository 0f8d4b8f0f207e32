// Costs about 15 seconds.
import { gzipSync } from 'node:zlib';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import { DEFAULT_FIELDS } from '../../shared/flowlogs/fields.ts';
import { ocsfParquet } from '../shared/flowlogs/ocsf-file.ts';
import { runMain } from '../services/command-line/program.ts';
import { scratch } from '../services/command-line/scratch.ts';
import { INVENTORY } from '../services/command-line/small-account.ts';

/*
 * The same records by whatever way they come: all that is said of them is the same, to the digit, and the night says it as well.
 */
jest.setTimeout(60_000);
const folder = scratch('block');

const START = Date.UTC(2026, 0, 5) / 1000;
const line = (ends: string, rest: string, minute: number): string =>
  `2 111122223333 eni-1 ${ends} ${rest.replace('TIME', `${START + 60 * minute} ${START + 60 * minute + 59}`)}`;
/** Requests, replies, rejects, another protocol, no traffic, skipped records and an address of another family. */
const LINES = [
  line('203.0.113.9 10.0.0.1 50000 443', '6 10 840 TIME ACCEPT OK', 1),
  line('10.0.0.1 203.0.113.9 443 50000', '6 9 9000 TIME ACCEPT OK', 1),
  line('203.0.113.10 10.0.0.1 50001 443', '6 10 840 TIME ACCEPT OK', 2),
  line('203.0.113.9 10.0.0.1 50002 22', '6 1 40 TIME REJECT OK', 3),
  line('203.0.113.9 10.0.0.1 0 0', '1 1 84 TIME ACCEPT OK', 4),
  line('2001:db8::9 2001:db8::1 50000 443', '6 3 300 TIME ACCEPT OK', 5),
  line('- - - -', '- - - TIME - NODATA', 6),
  line('- - - -', '- - - TIME - SKIPDATA', 7),
];
const TEXT = `${LINES.join('\n')}\n`;

const stamped = (lines: readonly string[]): string => lines.map((one) => `2026-01-05T00:01:00.000Z ${one}\n`).join('');

const CONTROL = {
  messageType: 'CONTROL_MESSAGE',
  owner: 'CloudwatchLogs',
  logGroup: '',
  logStream: '',
  subscriptionFilters: [],
  logEvents: [{ id: '', timestamp: 1, message: 'CWL CONTROL MESSAGE: Checking health of destination Firehose.' }],
};
const events = (lines: readonly string[], logGroup = '/aws/vpc/vpc-1'): object => ({
  messageType: 'DATA_MESSAGE',
  owner: '111122223333',
  logGroup,
  logStream: 'eni-1-all',
  subscriptionFilters: ['all'],
  logEvents: lines.map((message, i) => ({ id: String(i), timestamp: START * 1000, message })),
});
const BATCHES = [CONTROL, events(LINES.slice(0, 3)), events(LINES.slice(3))].map((one) => JSON.stringify(one));

function parquet(): Uint8Array {
  const rows = LINES.map((one) => one.split(' '));
  const columnData = DEFAULT_FIELDS.map((field, i): ColumnSource => {
    const values = rows.map((row) => (row[i] === '-' ? null : row[i]!));
    const isNumber = values.every((value) => value === null || /^\d{1,10}$/.test(value));
    return {
      name: field.replaceAll('-', '_'),
      nullable: true,
      type: isNumber ? 'INT64' : 'STRING',
      data: isNumber ? values.map((value) => (value === null ? null : BigInt(value))) : values,
    };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

const FIREHOSE = 'logs-1-2026-01-05-00-10-00-0a1b2c3d';
const SOURCES: readonly (readonly [why: string, name: string, content: string | Uint8Array])[] = [
  ['gzip', 'a.log.gz', gzipSync(TEXT)],
  ['text without suffix', 'flow', TEXT],
  ['gzip without suffix', FIREHOSE, gzipSync(TEXT)],
  ['gzip of any name', 'a.gz', gzipSync(TEXT)],
  ['gzip in gzip', FIREHOSE, gzipSync(gzipSync(TEXT))],
  ['Parquet', 'a.parquet', parquet()],
  ['Parquet without suffix', '0a1b', parquet()],
  ['an export of CloudWatch Logs', 'exportedlogs/0a1b/eni-1-all/000000.gz', gzipSync(stamped(LINES))],
  ['messages of a subscription', FIREHOSE, Buffer.concat(BATCHES.map((one) => gzipSync(one)))],
  ['the same, packed by Firehose', `${FIREHOSE}.gz`, gzipSync(Buffer.concat(BATCHES.map((one) => gzipSync(one))))],
  ['the same, unpacked, a line each', FIREHOSE, BATCHES.map((one) => `${one}\n`).join('')],
  ['a flow log to Firehose', FIREHOSE, LINES.map((message) => `${JSON.stringify({ message })}\n`).join('')],
  ['the same without line ends', FIREHOSE, LINES.map((message) => JSON.stringify({ message })).join('')],
];

interface Reported {
  readonly records: object;
  readonly rules: readonly object[];
}

let runs = 0;

async function ran(command: readonly string[]): Promise<Reported> {
  const out = `out-${String(runs++)}`;
  const given = ['--inventory', folder.path('inventory'), '--out', folder.path(out)];
  const { status, stderr } = await runMain([...command, ...given]);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const { records, rules } = JSON.parse(await folder.read(`${out}/usage.json`)) as Reported;
  return { records, rules };
}

const analyzed = (logs: string, ...more: string[]): Promise<Reported> => ran(['analyze', '--logs', logs, ...more]);
const reconciled = (logs: string, ...more: string[]): Promise<Reported> =>
  ran(['reconcile', '--day', '2026-01-05', '--logs', logs, ...more]);

let text: { readonly analyzed: Reported; readonly reconciled: Reported };
beforeAll(async () => {
  await folder.write({ ...INVENTORY, 'text/a.log': `${DEFAULT_FIELDS.join(' ')}\n${TEXT}` });
  const logs = folder.path('text');
  text = { analyzed: await analyzed(logs), reconciled: await reconciled(logs) };
  expect(text.analyzed.records).toMatchObject({
    total: LINES.length,
    malformed: 0,
    noData: 1,
    skipData: 1,
    rejected: 1,
  });
  expect(text.analyzed.rules).toMatchObject([{ usedTimes: 2, packets: 29, bytes: 10_680 }]);
});

describe('by analyze and by reconcile', () => {
  test.each(SOURCES.map(([why, name, content]) => [why, { name, content }] as const))(
    '%s',
    async (why, { name, content }) => {
      await folder.write({ [`${why}/${name}`]: content });
      const logs = folder.path(why);
      expect(await analyzed(logs)).toEqual(text.analyzed);
      expect(await reconciled(logs)).toEqual(text.reconciled);
    },
  );
});

describe('a log group', () => {
  const asked: FilterLogEventsCommandInput[] = [];
  beforeAll(() => {
    const mock = mockClient(CloudWatchLogsClient);
    mock.on(DescribeLogGroupsCommand).callsFake(({ logGroupNamePrefix }: { logGroupNamePrefix: string }) => ({
      logGroups: [
        { logGroupName: `${logGroupNamePrefix}-b` },
        { logGroupName: '/aws/vpc/vpc-1', retentionInDays: 3650 },
      ],
    }));
    mock.on(FilterLogEventsCommand).callsFake((input: FilterLogEventsCommandInput) => {
      asked.push(input);
      const at = Number(input.nextToken ?? 0);
      const all = LINES.map((message) => ({
        message,
        timestamp: Number(/ (\d{10}) \d{10} /.exec(message)![1]) * 1000,
      }));
      const found = all.filter(({ timestamp }) => timestamp >= input.startTime! && timestamp <= input.endTime!);
      // An answer without events is not the last one.
      return {
        events: at % 2 === 1 ? [found[(at - 1) / 2]] : [],
        ...(at < 2 * found.length && { nextToken: String(at + 1) }),
      };
    });
  });

  test('is read page by page, days of it apart', async () => {
    const days = ['--from', '2026-01-05', '--to', '2026-01-05'];
    expect(await analyzed('cwl:/aws/vpc/vpc-1', ...days)).toEqual(text.analyzed);
    expect(new Set(asked.map(({ startTime }) => new Date(startTime!).toISOString().slice(0, 16)))).toEqual(
      new Set(['2026-01-04T23:00', '2026-01-05T00:00', '2026-01-06T00:00']),
    );
  });

  test('that is none is told', async () => {
    const given = ['--inventory', folder.path('inventory'), '--out', folder.path('out')];
    const { status, stderr } = await runMain(['analyze', '--logs', 'cwl:/aws/vpc/vpc-2', ...given]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('cwl:/aws/vpc/vpc-2: no such log group')]);
  });
});

describe('lines without a header', () => {
  const short = LINES.map((one) => one.split(' ').slice(1).join(' '));
  const format = DEFAULT_FIELDS.slice(1).map((field) => `\${${field}}`);
  const written = (LogGroupName: string): object => ({
    FlowLogs: [
      { FlowLogId: 'fl-1', LogDestinationType: 'cloud-watch-logs', LogGroupName, LogFormat: format.join(' ') },
    ],
  });

  test('are of the format that is given, and refused where they do not fit', async () => {
    await folder.write({ [`given/${FIREHOSE}`]: JSON.stringify(events(short)) });
    const logs = folder.path(`given/${FIREHOSE}`);
    const more = ['--log-format', format.join(' ')];
    expect(await analyzed(logs, ...more)).toEqual(text.analyzed);
    expect(await reconciled(logs, ...more)).toEqual(text.reconciled);
    const given = ['--inventory', folder.path('inventory'), '--out', folder.path('out')];
    const { status, stderr } = await runMain(['analyze', '--logs', logs, ...given]);
    expect(status).toBe(1);
    expect(stderr).toContain('no header, and line 1 has 13 fields, not the 14 of the default format');
  });

  test('are of the format that their flow log has, by its group', async () => {
    await folder.write({ [`group/${FIREHOSE}`]: JSON.stringify(events(short)) });
    await folder.write({ 'inventory/flow-logs.json': written('/aws/vpc/vpc-1') });
    expect((await analyzed(folder.path('group'))).rules).toMatchObject([{ usedTimes: 2, packets: 29, bytes: 10_680 }]);
    await folder.write({ 'inventory/flow-logs.json': written('/aws/vpc/vpc-2') });
    const given = ['--inventory', folder.path('inventory'), '--out', folder.path('out')];
    const { stderr } = await runMain(['analyze', '--logs', folder.path(`group/${FIREHOSE}`), ...given]);
    expect(stderr).toContain('has 13 fields, not the 14');
    await folder.write({ 'inventory/flow-logs.json': { FlowLogs: [] } });
  });

  test('one that does not fit refuses its file: nobody knows what the others hold', async () => {
    await folder.write({ 'misfit/000000.gz': gzipSync(stamped([LINES[0]!, short[1]!])) });
    const given = ['--inventory', folder.path('inventory'), '--out', folder.path('out')];
    const { status, stderr } = await runMain(['analyze', '--logs', folder.path('misfit'), ...given]);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/000000\.gz: .*line 2 has 13 fields/)]);
  });
});

describe('OCSF', () => {
  /** Of Security Lake's flow logs, which have these fields; each record once more under the address of a packet. */
  const FIELDS = [...DEFAULT_FIELDS, 'vpc-id', 'tcp-flags', 'pkt-srcaddr', 'pkt-dstaddr', 'flow-direction'];
  const rows = LINES.filter((one) => one.endsWith(' OK')).flatMap((one) => {
    const fields = one.split(' ');
    const [, , , source, destination] = fields as [string, string, string, string, string];
    const direction = source.startsWith('10.') ? 'egress' : 'ingress';
    const rest = (packet: string): string[] => ['vpc-1', '2', packet, destination, direction];
    return [
      [...fields, ...rest(source)],
      [...fields, ...rest(direction === 'ingress' && source.includes('.') ? '198.51.100.7' : source)],
    ];
  });

  test.each(['1.0', '1.1'] as const)('of version %s', async (version) => {
    const asText = `${FIELDS.join(' ')}\n${rows.map((row) => `${row.join(' ')}\n`).join('')}`;
    const records = rows.map((row) => Object.fromEntries(FIELDS.map((field, i) => [field, row[i]!])));
    await folder.write({ 'ocsf-text/a.log': asText, 'ocsf/a.gz.parquet': await ocsfParquet(records, version) });
    const [told, wanted] = [await analyzed(folder.path('ocsf')), await analyzed(folder.path('ocsf-text'))];
    expect(told).toEqual(wanted);
    expect(told.records).toMatchObject({ total: rows.length, malformed: 0, rejected: 2 });
    expect(await reconciled(folder.path('ocsf'))).toEqual(await reconciled(folder.path('ocsf-text')));
  });
});
