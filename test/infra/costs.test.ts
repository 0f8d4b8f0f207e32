import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  costTable,
  estimate,
  MADE_WITH,
  MEASURED,
  PRICES,
  usdPerMillionBatches,
  type Load,
} from '../../infra/costs.ts';
import { all, one, ROOT, synthesizeExample } from './synthesized.ts';

const load: Load = { recordsPerDay: 1e9, flowLogs: 20, rules: 1000, batchSeconds: 30, compactMinutes: 1 };
const sum = (costs: Readonly<Record<string, number>>) => Object.values(costs).reduce((a, b) => a + b, 0);

describe('the costs', () => {
  test('in the README are those of the formula', () => {
    expect(readFileSync(join(ROOT, 'infra/README.md'), 'utf8')).toContain(`\n${costTable()}\n`);
  });

  test('are worked out by hand for a day of 96 batches, each put together by itself', () => {
    const [recordsPerRule, share] = MEASURED.rulesShown[1];
    const [rules, records] = [1000, 1000 * recordsPerRule];
    // One object each 900 s: so are the batches, and the compactions.
    const { usdPerMonth, batches, objects } = estimate({
      recordsPerDay: 96 * records,
      flowLogs: 96 / 288,
      rules,
      batchSeconds: 30,
      compactMinutes: 1,
    });
    expect([batches, objects]).toEqual([96, 96]);
    // Twice a transaction of three items; a note; the rules that changed; and each rule's last use.
    const writes = 96 * (2 * 3 + 2 + 2 * 1.1 + 1 + share * rules) + rules;
    const reads = 96 * (2 + 1 + 6);
    const dynamo = writes * PRICES.dynamoMillionWrites + reads * PRICES.dynamoMillionReads;
    expect(usdPerMonth['DynamoDB, streaming']).toBeCloseTo((30 * dynamo) / 1e6, 6);
    const millions = (96 * records) / 1e6;
    const seconds = 3 * millions + 96 * (0.5 + MEASURED.compactionSecondsPerThousandRules);
    expect(usdPerMonth['Lambda, streaming']).toBeCloseTo(30 * seconds * (1769 / 1024) * 0.0000133334, 6);
    expect(usdPerMonth['S3 requests']).toBeCloseTo((30 * 96 * (4 * 0.0004 + 2 * 0.005)) / 1000, 6);
    expect(usdPerMonth.Athena).toBeCloseTo((30 * 5 * 2 * 30 * millions * 1e6) / 2 ** 40, 6);
    expect(usdPerMonth['SQS, EventBridge']).toBeCloseTo((30 * 96 * 2.2) / 1e6, 6);
    expect(usdPerMonth['Lambda, verdicts and mail']).toBeCloseTo(30 * 9.5 * (3008 / 1024) * 0.0000133334, 6);
    expect(usdPerMonth.SES).toBeCloseTo(30 * 10 * (0.1 / 1000 + 0.12 * 0.00039), 6);
  });

  test('of batches of log groups are in the README, and worked out by hand', async () => {
    const usd = usdPerMillionBatches();
    expect(readFileSync(join(ROOT, 'infra/README.md'), 'utf8')).toContain(`${usd.toFixed(0)} USD a million batches`);
    // A write; four reads; an event and three requests of the queue; a note, which is read first.
    const requests = 5 + 4 * 0.4 + 1 + 3 * 0.4 + 2 * 0.625 + 0.125;
    const lambda = 0.2 + (50_000 * 0.5 + 10_000 * (1769 / 1024)) * 0.0000133334;
    expect(usd).toBeCloseTo(requests + lambda + (0.5 * 0.6e9) / 2 ** 30, 6);
    const { services } = await synthesizeExample('log-groups');
    const archive = one(services, 'AWS::Lambda::Function', { FunctionName: 'sg-analysis-archive-flow-logs' });
    expect(archive.MemorySize).toBe(MADE_WITH.archiverMiB);
  });

  test('of several accounts are those of each', () => {
    const one = estimate(load);
    const many = estimate({ ...load, recordsPerDay: 40e9, accounts: 40, flowLogs: 800, rules: 40_000 });
    expect(sum(many.usdPerMonth)).toBeCloseTo(40 * sum(one.usdPerMonth), 6);
    expect([many.batches, many.flowLogsUsdPerMonth]).toEqual([40 * one.batches, 40 * one.flowLogsUsdPerMonth]);
    expect(many.secondsOfOnePart).toBe(one.secondsOfOnePart);
  });

  test.each<[what: string, more: Partial<Load>]>([
    ['more records', { recordsPerDay: 2e9 }],
    ['more rules', { rules: 2000 }],
  ])('grow with %s', (_what, more) => {
    expect(sum(estimate({ ...load, ...more }).usdPerMonth)).toBeGreaterThan(sum(estimate(load).usdPerMonth));
  });

  test('fall with larger batches that are put together less often', () => {
    const rarely = estimate({ ...load, batchSeconds: 300, compactMinutes: 5 });
    expect(rarely.batches).toBeLessThan(estimate(load).batches);
    expect(rarely.usdPerMonth['DynamoDB, streaming']).toBeLessThan(
      estimate(load).usdPerMonth['DynamoDB, streaming']! / 2,
    );
  });

  test('of flow logs follow their steps', () => {
    // A gibibyte a day is 30 a month, at the first price.
    const { flowLogsUsdPerMonth } = estimate({ ...load, recordsPerDay: 2 ** 30 / MEASURED.textBytesPerRecord });
    expect(flowLogsUsdPerMonth).toBeCloseTo(30 * 0.25, 6);
    const most = estimate({ ...load, recordsPerDay: (2 ** 30 * 3000) / MEASURED.textBytesPerRecord });
    expect(most.flowLogsUsdPerMonth).toBeCloseTo(10_240 * 0.25 + 20_480 * 0.15 + 20_480 * 0.075 + 38_800 * 0.05, 3);
  });

  test('are of what is deployed', async () => {
    const { services } = await synthesizeExample('existing-bucket');
    const memoryOf = (service: string) =>
      one(services, 'AWS::Lambda::Function', { FunctionName: `sg-analysis-${service}` }).MemorySize;
    expect(one(services, 'AWS::Lambda::EventSourceMapping').BatchSize).toBe(MADE_WITH.objectsPerBatch);
    expect(memoryOf('count-usage')).toBe(MADE_WITH.workerMiB);
    expect(['reconcile-usage', 'judge-rules'].map(memoryOf)).toEqual([MADE_WITH.nightMiB, MADE_WITH.nightMiB]);
    const looksAt = all(services, 'AWS::CloudWatch::Alarm').map(({ Metrics }) =>
      Metrics === undefined ? 1 : (Metrics as { MetricStat?: object }[]).filter(({ MetricStat }) => MetricStat).length,
    );
    expect(looksAt.reduce((sum, metrics) => sum + metrics)).toBe(MADE_WITH.metricsInAlarms);
  });
});
