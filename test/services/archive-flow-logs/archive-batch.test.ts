import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { archiveBatch, type ArchivePorts } from '../../../services/archive-flow-logs/archive-batch.ts';
import type { PublishingFlowLog } from '../../../services/archive-flow-logs/log-objects.ts';
import { classify } from '../../../services/count-usage/flow-log-object.ts';
import { DEFAULT_FIELDS } from '../../../shared/flowlogs/fields.ts';
import { readLog } from '../../../shared/flowlogs/read-log.ts';
import { shorthand } from '../../shared/flowlogs/shorthand.ts';
import { dataMessage, LOG_GROUP_NAME, subscriptionEvent } from './subscription-events.ts';

const PLACE = { accountId: '111122223333', region: 'eu-central-1' };
const FLOW_LOG: PublishingFlowLog = { flowLogId: 'fl-0123456789abcdef0', createdAt: 0, fields: DEFAULT_FIELDS };
const FOLDER = 'AWSLogs/111122223333/vpcflowlogs/eu-central-1';
/** When events of a batch are of. */
const NOON = Date.UTC(2026, 0, 5, 12);
const MIDNIGHT = Date.UTC(2026, 0, 6) / 1000;

/** Of the last minutes of 2026-01-05 and the first of the day after, by when they end. */
const endingAt = (end: number | string, rest = 'ACCEPT OK'): string =>
  `2 111122223333 eni-1 203.0.113.9 10.0.0.1 50000 443 6 10 840 ${typeof end === 'number' ? end - 59 : end} ${end} ${rest}`;

let bucket: Map<string, Uint8Array>;
let kept: unknown[];
let flowLogs: PublishingFlowLog[];
let asked: [logGroup: string, since: number][];
beforeEach(() => {
  bucket = new Map();
  [kept, flowLogs, asked] = [[], [FLOW_LOG], []];
});

const ports = (keyPrefix = ''): ArchivePorts => ({
  place: { ...PLACE, keyPrefix },
  flowLogsOf: async (logGroup, since) => {
    asked.push([logGroup, since]);
    return flowLogs;
  },
  putOnce: async (key, bytes) => {
    if (bucket.has(key)) return false;
    bucket.set(key, bytes);
    return true;
  },
  keepBack: async (event) => {
    kept.push(event);
  },
});

const archived = (message: unknown, keyPrefix?: string) => archiveBatch(subscriptionEvent(message), ports(keyPrefix));
const texts = (): string[] => [...bucket.values()].map((bytes) => gunzipSync(bytes).toString());

describe('a batch', () => {
  test('becomes an object that is a flow log of the deployment, with a header', async () => {
    const lines = [endingAt(MIDNIGHT - 60), endingAt(MIDNIGHT - 120), endingAt(MIDNIGHT - 60, 'REJECT OK')];
    expect(await archived(dataMessage(lines), 'vpc/logs/')).toEqual({
      objects: 1,
      lines: 3,
      repeated: 0,
      refused: undefined,
    });
    const [key] = [...bucket.keys()];
    expect(key).toMatch(
      new RegExp(
        `^vpc/logs/${FOLDER}/2026/01/05/111122223333_vpcflowlogs_eu-central-1_fl-0123456789abcdef0_20260105T2359Z_[0-9a-f]{32}[.]log[.]gz$`,
      ),
    );
    const created = { bucket: 'b', key: key!, etag: 'e', size: 1, eventTime: MIDNIGHT, sequencer: '' };
    expect(classify(created, PLACE, MIDNIGHT)).toMatchObject({
      kind: 'flowLog',
      object: { day: MIDNIGHT / 86_400 - 1, flowLogId: 'fl-0123456789abcdef0' },
    });
    expect(texts()).toEqual([`${[DEFAULT_FIELDS.join(' '), ...lines.sort()].join('\n')}\n`]);
    const records: string[] = [];
    const sink = {
      record: (record: Parameters<typeof shorthand>[0]) => records.push(shorthand(record)),
      malformed: (line: number, reason: string) => records.push(`${line}: ${reason}`),
    };
    const chunks = [bucket.get(key!)!];
    const read = await readLog(
      { name: key!, chunks: () => chunks, withBuffer: () => Promise.reject(new Error()) },
      sink,
    );
    expect([read.form, records.length]).toEqual(['lines', 3]);
  });

  test('that comes again, in any order of its events, is the object that is there', async () => {
    const lines = [endingAt(MIDNIGHT - 60), endingAt(MIDNIGHT - 120), endingAt(MIDNIGHT - 180, '- NODATA')];
    await archived(dataMessage(lines));
    const before = new Map(bucket);
    for (const order of [lines, [...lines].reverse(), [lines[1]!, lines[0]!, lines[2]!]]) {
      expect(await archived(dataMessage(order))).toMatchObject({ objects: 0, lines: 0, repeated: 1 });
    }
    expect(bucket).toEqual(before);
    // Another is another one, though it ends in the same minute.
    expect(await archived(dataMessage(lines.slice(0, 2)))).toMatchObject({ objects: 1, repeated: 0 });
    // A line that is there twice is two records.
    expect(await archived(dataMessage([...lines, lines[0]!]))).toMatchObject({ objects: 1, lines: 4 });
  });

  test('of two days is an object in the folder of each: a record ends on the day of its folder', async () => {
    const lines = [endingAt(MIDNIGHT - 1), endingAt(MIDNIGHT), endingAt(MIDNIGHT + 3600)];
    expect(await archived(dataMessage(lines))).toMatchObject({ objects: 2, lines: 3 });
    expect([...bucket.keys()].map((key) => key.replace(/_[0-9a-f]{32}.*/, ''))).toEqual([
      `${FOLDER}/2026/01/05/111122223333_vpcflowlogs_eu-central-1_fl-0123456789abcdef0_20260105T2359Z`,
      `${FOLDER}/2026/01/06/111122223333_vpcflowlogs_eu-central-1_fl-0123456789abcdef0_20260106T0100Z`,
    ]);
    expect(texts().map((text) => text.split('\n').length - 2)).toEqual([1, 2]);
    // What died between the two is done by the next try.
    bucket.delete([...bucket.keys()][1]!);
    expect(await archived(dataMessage(lines))).toMatchObject({ objects: 1, lines: 2, repeated: 1 });
  });

  test.each(['-', 'soon', '1e9', '999999999999', '99999999999999', '-5'])(
    'has the time of its event where a line says %s',
    async (end) => {
      await archived(dataMessage([endingAt(end, '- SKIPDATA')], { timestamp: (MIDNIGHT - 60) * 1000 + 999 }));
      expect([...bucket.keys()]).toEqual([expect.stringContaining('_20260105T2359Z_')]);
      expect(texts()[0]).toContain(` ${end} ${end} - SKIPDATA`);
    },
  );

  test('has lines of its flow log’s own format, in its order', async () => {
    const fields = [...DEFAULT_FIELDS].reverse();
    flowLogs = [{ ...FLOW_LOG, fields }];
    const line = endingAt(MIDNIGHT - 60)
      .split(' ')
      .reverse()
      .join(' ');
    await archived(dataMessage([`  ${line.replaceAll(' ', ' \t ')}\r\n`]));
    expect([...bucket.keys()]).toEqual([expect.stringContaining('_20260105T2359Z_')]);
    expect(texts()).toEqual([`${fields.join(' ')}\n${line}\n`]);
  });

  test('without an event, and a question whether anybody is there, write nothing', async () => {
    const nothing = { objects: 0, lines: 0, repeated: 0, refused: undefined };
    expect(await archived(dataMessage([]))).toEqual(nothing);
    const control = { messageType: 'CONTROL_MESSAGE', owner: 'CloudwatchLogs', logGroup: '', logStream: '' };
    expect(
      await archived({ ...control, subscriptionFilters: [], logEvents: [{ id: '', timestamp: 1, message: 'CWL' }] }),
    ).toEqual(nothing);
    expect([bucket.size, kept, asked]).toEqual([0, [], []]);
  });
});

describe('a batch that nobody can read is kept back as it came, and written nowhere:', () => {
  const line = endingAt(MIDNIGHT - 60);
  const many = JSON.stringify(dataMessage(['x'.repeat(17 * 2 ** 20)]));
  const refused: readonly (readonly [why: string, event: unknown, reason: RegExp])[] = [
    ['no event', { Records: [] }, /^no event of a subscription: awslogs/],
    ['no base64', { awslogs: { data: '§' } }, /^no event of a subscription: awslogs\.data/],
    ['no JSON', subscriptionEvent('2 111122223333'), /between JSON objects stands "2"/],
    ['JSON cut short', subscriptionEvent('{"messageType":'), /cut short/],
    ['gzip cut short', { awslogs: { data: gzipSync(line).subarray(0, 20).toString('base64') } }, /ends too early/],
    ['other JSON', subscriptionEvent({ message: line }), /^no message of a subscription: messageType/],
    ['two objects', subscriptionEvent('{}{}'), /^2 JSON objects/],
    ['none', subscriptionEvent(' '), /^0 JSON objects/],
    [
      'a text for a time',
      subscriptionEvent({ ...dataMessage([]), logEvents: [{ timestamp: 'now', message: '' }] }),
      /timestamp/,
    ],
    [
      'an object for a line',
      subscriptionEvent({ ...dataMessage([]), logEvents: [{ timestamp: 1, message: {} }] }),
      /message/,
    ],
    ['a bomb', subscriptionEvent(many), /more than 16777216 bytes/],
    ['a bomb of blanks', subscriptionEvent(' '.repeat(2 ** 27)), /grow|times/],
    ['an owner with folders', subscriptionEvent(dataMessage([line], { owner: '../../../etc' })), /no account id/],
    [
      'another account',
      subscriptionEvent(dataMessage([line], { owner: '444455556666' })),
      /is of account 444455556666/,
    ],
    [
      'a group of other characters',
      subscriptionEvent(dataMessage([line], { logGroup: 'a b' })),
      /no name of a log group/,
    ],
    [
      'a line with a field less',
      subscriptionEvent(dataMessage([line, '2 x'])),
      /^event 2 has 2 fields, not the 14 of fl-/,
    ],
    ['two lines in one', subscriptionEvent(dataMessage([`${line}\n${line}`])), /^event 1 has 28 fields/],
    ['a header', subscriptionEvent(dataMessage([line, DEFAULT_FIELDS.join(' ')])), /^event 2 is a header/],
    [
      'a header of other fields in its midst',
      subscriptionEvent(dataMessage([line, `\uFEFF${[...DEFAULT_FIELDS].reverse().join(' ')}`])),
      /^event 2 is a header/,
    ],
    ['no line', subscriptionEvent(dataMessage([''])), /^event 1 has 0 fields/],
  ];

  test.each(refused)('%s', async (_, event, reason) => {
    expect(await archiveBatch(event, ports())).toEqual({
      objects: 0,
      lines: 0,
      repeated: 0,
      refused: expect.stringMatching(reason),
    });
    expect([bucket.size, kept]).toEqual([0, [event]]);
  });

  test.each<[why: string, flowLogs: PublishingFlowLog[], reason: RegExp]>([
    ['no flow log', [], /^0 flow logs publish to \/aws\/vpc\//],
    ['two flow logs', [FLOW_LOG, { ...FLOW_LOG, flowLogId: 'fl-0b' }], /^2 flow logs publish/],
    [
      'one without ends',
      [{ ...FLOW_LOG, fields: DEFAULT_FIELDS.filter((field) => field !== 'end') }],
      /no column "end"/,
    ],
    [
      'one that was made later',
      [{ ...FLOW_LOG, createdAt: NOON + 1 }],
      /^an event of 2026-01-05T12:00:00Z is of an earlier/,
    ],
    ['one of a transit gateway', [{ ...FLOW_LOG, fields: ['version', 'tgw-id', 'end'] }], /transit gateway/],
  ])('of a group with %s', async (_, publishing, reason) => {
    flowLogs = publishing;
    const event = subscriptionEvent(dataMessage([line]));
    expect(await archiveBatch(event, ports())).toMatchObject({ objects: 0, refused: expect.stringMatching(reason) });
    expect([bucket.size, kept, asked]).toEqual([0, [event], [[LOG_GROUP_NAME, NOON]]]);
  });

  test('of events of which one is older than the flow log, whoever else is in it', async () => {
    const at = (timestamp: number) => (dataMessage([line], { timestamp }) as { logEvents: object[] }).logEvents;
    const logEvents = [...at(NOON + 1000), ...at(NOON - 1000), ...at(NOON)];
    const event = subscriptionEvent({ ...dataMessage([]), logEvents });
    flowLogs = [{ ...FLOW_LOG, createdAt: NOON - 1000 }];
    expect(await archiveBatch(event, ports())).toMatchObject({ objects: 1, lines: 3, refused: undefined });
    // Who publishes is asked for later than the last of them began.
    expect(asked).toEqual([[LOG_GROUP_NAME, NOON + 1000]]);
    flowLogs = [{ ...FLOW_LOG, createdAt: NOON }];
    expect(await archiveBatch(event, ports())).toMatchObject({ objects: 0, refused: expect.stringMatching(/earlier/) });
    expect(kept).toEqual([event]);
  });

  test.each(['flowLogsOf', 'putOnce'] as const)('where %s fails', async (failing) => {
    const event = subscriptionEvent(dataMessage([line]));
    const fails = { ...ports(), [failing]: () => Promise.reject(new Error('Access Denied')) };
    expect(await archiveBatch(event, fails)).toMatchObject({ objects: 0, refused: 'Access Denied' });
    expect([bucket.size, kept]).toEqual([0, [event]]);
  });

  test('but where it cannot be kept back, Lambda tries again', async () => {
    const fails = { ...ports(), keepBack: () => Promise.reject(new Error('throttled')) };
    await expect(archiveBatch({}, fails)).rejects.toThrow('throttled');
  });
});
