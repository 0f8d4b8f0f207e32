import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parseConfig, readConfig } from '../../infra/config.ts';

const EXAMPLES = join(import.meta.dirname, '../../infra/examples');
const flowLogs = { bucket: 'amzn-s3-demo-bucket' };

describe('a configuration', () => {
  test('needs a bucket only', () => {
    expect(parseConfig({ flowLogs })).toEqual({
      prefix: 'sg-analysis',
      flowLogs: { bucket: 'amzn-s3-demo-bucket', keyPrefix: '' },
      countUsage: { maximumConcurrency: 4 },
      retentionDays: 400,
      logRetentionDays: 90,
      night: { at: '03:30', scanLimitGiB: 1000 },
      operators: [],
    });
  });

  test.each(readdirSync(EXAMPLES))('%s is one', (name) => {
    expect(readConfig(join(EXAMPLES, name)).flowLogs.bucket).toMatch(/^amzn-s3-demo-/);
  });

  test.each<[why: string, config: object, field: string]>([
    ['no bucket', {}, 'flowLogs'],
    ['a bucket by its ARN', { flowLogs: { bucket: 'arn:aws:s3:::amzn-s3-demo-bucket' } }, 'flowLogs.bucket'],
    ['a key prefix without its slash', { flowLogs: { ...flowLogs, keyPrefix: 'logs' } }, 'flowLogs.keyPrefix'],
    ['a key prefix from the root', { flowLogs: { ...flowLogs, keyPrefix: '/logs/' } }, 'flowLogs.keyPrefix'],
    ['a key prefix that matches much', { flowLogs: { ...flowLogs, keyPrefix: '*/' } }, 'flowLogs.keyPrefix'],
    ['a field that nobody reads', { flowLogs, retention: 7 }, 'retention'],
    ['an account id cut short', { flowLogs, account: '1234' }, 'account'],
    ['an account id that lost its zeros as a number', { flowLogs, account: 11122223333 }, 'account'],
    ['a zone for a region', { flowLogs, region: 'eu-central-1a' }, 'region'],
    ['a prefix that makes no bucket name', { flowLogs, prefix: 'SG_Analysis' }, 'prefix'],
    ['a prefix too long for the bucket name', { flowLogs, prefix: 'a'.repeat(31) }, 'prefix'],
    ['one batch at a time', { flowLogs, countUsage: { maximumConcurrency: 1 } }, 'countUsage.maximumConcurrency'],
    ['a time without its zero', { flowLogs, night: { at: '3:30' } }, 'night.at'],
    ['a time that no day has', { flowLogs, night: { at: '24:00' } }, 'night.at'],
    ['a query that may read nothing', { flowLogs, night: { scanLimitGiB: 0 } }, 'night.scanLimitGiB'],
    ['counters that end before their window', { flowLogs, retentionDays: 89 }, 'retentionDays'],
    ['days of logs that CloudWatch does not know', { flowLogs, logRetentionDays: 100 }, 'logRetentionDays'],
    ['an operator without an address', { flowLogs, operators: ['me'] }, 'operators[0]'],
  ])('with %s is refused by name', (_why, config, field) => {
    expect(() => parseConfig(config)).toThrow(field);
  });
});

describe('a configuration file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stale-sg-config-'));
  const file = join(folder, 'mine.json');
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['is not JSON', '{'],
    ['is no configuration', '{"flowLogs": 1}'],
  ])('that %s is named in the error', (_what, text) => {
    writeFileSync(file, text);
    expect(() => readConfig(file)).toThrow(file);
  });

  test('that is not there is named in the error', () => {
    expect(() => readConfig(join(folder, 'none.json'))).toThrow('none.json');
  });
});
