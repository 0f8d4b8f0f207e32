import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { KNOWN_FIELDS } from '../../../shared/flowlogs/fields.ts';
import { type GenerateFormat } from '../../../services/generate-account/options/options.ts';
import { generated, logFiles, removeScratchFolders } from './generated.ts';

afterAll(removeScratchFolders);
jest.setTimeout(60_000);

const V2 =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const V5 =
  `${V2} vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type sublocation-id ` +
  'pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path';

describe.each<[format: GenerateFormat, header: string]>([
  ['v2', V2],
  ['v5', V5],
  ['all', [...KNOWN_FIELDS].sort().join(' ')],
])('%s', (format, header) => {
  test('has its fields in every line, and a line of truth for each', async () => {
    const { out, summary } = await generated({ format, records: 4000 });
    const files = await logFiles(out);
    expect(files.length).toBe(summary.files);
    for (const file of files) {
      expect(file.header.join(' ')).toBe(header);
      expect(file.lines.length).toBeGreaterThan(0);
      const columns = header.split(' ').length;
      expect(
        file.lines.filter((line) => line.split(' ').length !== columns || / {2}|undefined|NaN/.test(line)),
      ).toEqual([]);
      expect(file.truths.length).toBe(file.lines.length);
    }
    expect(files.reduce((sum, file) => sum + file.lines.length, 0)).toBe(summary.records);
  });

  test('names its files as AWS does, some minutes after the windows in them', async () => {
    const { out } = await generated({ format, records: 2000 });
    for (const file of await logFiles(out)) {
      const match =
        /^AWSLogs\/(\d{12})\/vpcflowlogs\/(eu-west-1)\/(\d{4})\/(\d\d)\/(\d\d)\/\1_vpcflowlogs_\2_fl-[0-9a-f]{17}_\3\4\5T(\d\d)(\d\d)Z_[0-9a-f]{8}$/.exec(
          file.path,
        );
      expect(match).not.toBeNull();
      const [year, month, day, hour, minute] = match!.slice(3).map(Number) as [number, number, number, number, number];
      const delivered = Date.UTC(year, month - 1, day, hour, minute) / 1000;
      expect(delivered % 300).toBe(0);
      const delays = file.records.map((record) => delivered - Number(record.end));
      expect(Math.min(...delays)).toBeGreaterThan(0);
      expect(Math.max(...delays)).toBeLessThan(1800);
    }
  });
});

describe('NODATA and SKIPDATA', () => {
  test('have `-` from srcaddr to bytes, and for action', async () => {
    const { out } = await generated({ format: 'v2', records: 4000 });
    const lines = (await logFiles(out)).flatMap((file) => file.lines);
    const gaps = lines.filter((line) => !line.endsWith(' OK'));
    expect(gaps.filter((line) => line.endsWith('NODATA')).length).toBeGreaterThan(0);
    expect(gaps.filter((line) => line.endsWith('SKIPDATA')).length).toBeGreaterThan(0);
    const gap = /^2 \d{12} eni-[0-9a-f]{17} - - - - - - - \d+ \d+ - (NODATA|SKIPDATA)$/;
    expect(gaps.filter((line) => !gap.test(line))).toEqual([]);
  });
});

test('files overlap in time, and lines within them have no order', async () => {
  const { out } = await generated({ records: 20_000 });
  const files = await logFiles(out);
  const isUnordered = (values: readonly number[]): boolean =>
    values.some((value, i) => i > 0 && value < values[i - 1]!);
  expect(
    files.filter((file) => isUnordered(file.records.map((record) => Number(record.start)))).length,
  ).toBeGreaterThan(10);
  const logId = files[0]!.flowLogId;
  const spans = files
    .filter((file) => file.flowLogId === logId)
    .map((file) => file.records.map((r) => Number(r.start)));
  expect(spans.some((later, i) => i > 0 && Math.min(...later) < Math.max(...spans[i - 1]!))).toBe(true);
});
