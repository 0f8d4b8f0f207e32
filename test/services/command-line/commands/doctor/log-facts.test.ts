import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { logFacts } from '../../../../../services/command-line/commands/doctor/log-facts.ts';
import { findLogFiles } from '../../../../../services/command-line/files/find-log-files.ts';
import { hoursHeard } from '../../../../../shared/usage/log-days.ts';
import { parquetOf } from '../../../../shared/flowlogs/parquet-of.ts';
import { scratch, type Files } from '../../scratch.ts';
import { HEADER, logOf, recordLine } from '../../small-account.ts';
import { FIRST } from './input-facts-of.ts';

const folder = scratch();

async function factsOf(files: Files) {
  await folder.write(files);
  return logFacts(await findLogFiles([folder.path('logs')]));
}

/** As AWS names the file that it delivers in that minute. */
function nameAt(hour: number, minute = 0, { log = 'fl-1', ending = '.log' } = {}): string {
  const time = [hour, minute].map((number) => String(number).padStart(2, '0')).join('');
  return `logs/111122223333_vpcflowlogs_eu-central-1_${log}_20260112T${time}Z_${time}${ending}`;
}

test('hours and flow logs by the names of files, none of which needs to be read', async () => {
  const names = Array.from({ length: 23 }, (_, hour) => nameAt(hour));
  const { days, unnamed, files } = await factsOf(Object.fromEntries(names.map((name) => [name, ''])));
  expect([files, unnamed, hoursHeard(days.get(FIRST)!.get('fl-1')!)]).toEqual([23, 0, 23]);
});

test('files that hold hours were put together by somebody', async () => {
  const hours = (from: number, to: number) => logOf(recordLine(60 * from), recordLine(60 * to));
  const { sample } = await factsOf({
    [nameAt(23, 55)]: hours(0, 4),
    [nameAt(4, 0, { log: 'fl-2' })]: hours(1, 4),
    'logs/other.log': hours(0, 23),
  });
  expect(sample.putTogether).toEqual(new Set(['fl-1']));
});

test('a sample: what fields there are, what is in the records', async () => {
  const { sample, unnamed, packedBytes, bytes } = await factsOf({
    [nameAt(1)]: logOf(recordLine(1), recordLine(2, 'REJECT'), 'no record', recordLine(4)),
    'logs/b.log.gz': gzipSync(`${HEADER} vpc-id\n${recordLine(5)} vpc-7\n`),
  });
  expect(unnamed).toBe(1);
  expect(packedBytes).toBeLessThan(bytes);
  expect(sample).toMatchObject({ files: 2, isAll: true, records: 4, accepted: 3, rejected: 1, malformed: 1 });
  expect(sample.firstMalformed).toMatch(/_0100\.log:4: 2 fields instead of 14$/);
  expect(sample.lacking.get('vpc-id')).toBe(1);
  expect(sample.lacking.get('tcp-flags')).toBe(2);
  expect(sample.lacking.has('log-status')).toBe(false);
  expect([sample.interfaces, sample.accounts, sample.vpcs]).toEqual([
    new Map([['eni-1', 3]]),
    new Set(['111122223333']),
    new Set(['vpc-7']),
  ]);
  expect([sample.longestWindow, sample.days]).toEqual([59, new Set([FIRST])]);
});

test('what files are by their content', async () => {
  const { sample } = await factsOf({
    'logs/a.log': logOf(recordLine(1)),
    'logs/b': JSON.stringify({ message: recordLine(2) }),
    'logs/c': `2026-01-12T00:01:00.000Z ${recordLine(3)}\n`,
    'logs/d': parquetOf([HEADER, recordLine(4)].map((line) => line.split(' '))),
  });
  const forms = { lines: 1, events: 1, stamped: 1, parquet: 1 };
  expect([sample.records, Object.fromEntries(sample.forms)]).toEqual([4, forms]);
  expect(sample.lacking.has('log-status')).toBe(false);
});

test('Parquet, by its columns', async () => {
  const rows = [HEADER.split(' '), recordLine(1).split(' ')];
  const { sample } = await factsOf({ 'logs/a.parquet': parquetOf(rows) });
  expect([sample.records, sample.lacking.get('tcp-flags'), sample.lacking.has('log-status')]).toEqual([1, 1, false]);
});

describe('what cannot be read', () => {
  test.each<[why: string, files: Files, reason: RegExp]>([
    ['no flow log', { 'logs/a.log': 'nothing\n' }, /not a VPC flow log/],
    ['an empty gzip file', { 'logs/a.log.gz': '' }, /cut short/],
    ['gzip cut short', { 'logs/a.log.gz': gzipSync(logOf(recordLine(1))).subarray(0, 50) }, /cut short/],
  ])('%s', async (_why, files, reason) => {
    const { sample } = await factsOf(files);
    expect(sample.unreadable).toEqual([
      { file: folder.path(Object.keys(files)[0]!), reason: expect.stringMatching(reason) },
    ]);
  });

  test('a log of another kind is left out', async () => {
    const header = 'version resource-type account-id tgw-id tgw-attachment-id';
    const { sample } = await factsOf({ 'logs/a.log': `${header}\n6 TransitGateway 1 tgw-1 x\n` });
    expect(sample).toMatchObject({ otherLogs: [folder.path('logs/a.log')], unreadable: [] });
  });
});

test('of a large file only the beginning is read', async () => {
  const lines = Array.from({ length: 5000 }, (_, i) => recordLine(i % 1440));
  const { sample } = await factsOf({
    'logs/a.log': logOf(...lines, 'no record'),
    'logs/b.log.gz': gzipSync(logOf(...lines)),
  });
  expect(sample).toMatchObject({ files: 2, isAll: false, records: 4000, malformed: 0, unreadable: [] });
});

test('of many files some of each flow log, from its first day to its last', async () => {
  const many = Array.from({ length: 288 }, (_, slot) => nameAt(Math.floor(slot / 12), 5 * (slot % 12)));
  const names = [...many, nameAt(3, 0, { log: 'fl-2' })];
  const text = (name: string): string => logOf(recordLine(1).replace('eni-1', `eni-${/T(\d\d)/.exec(name)![1]!}`));
  const { sample, files } = await factsOf(Object.fromEntries(names.map((name) => [name, text(name)])));
  expect([files, sample.files, sample.isAll]).toEqual([289, 96, false]);
  // Of every hour.
  expect(sample.interfaces.size).toBe(24);
});
