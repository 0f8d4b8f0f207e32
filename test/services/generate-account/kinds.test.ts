import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { MIX } from '../../../services/generate-account/options/mix.ts';
import type { GenerateSummary } from '../../../services/generate-account/truth/account-truth.ts';
import { generated, logFiles, removeScratchFolders } from './generated.ts';

afterAll(removeScratchFolders);
jest.setTimeout(60_000);

test('the shares add up to 100 %', () => {
  expect(MIX.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(100, 6);
});

describe.each([1, 2, 3])('1,000 records of 20 interfaces, seed %d', (seed) => {
  test('have every kind, and the number asked for', async () => {
    const { out, summary } = await generated({ seed });
    const kinds = new Set((await logFiles(out)).flatMap((file) => file.truths.map((truth) => truth.kind)));
    expect(MIX.map(({ kind }) => kind).filter((kind) => !kinds.has(kind))).toEqual([]);
    expect(summary.interfaces).toBe(20);
    expect(Math.abs(summary.records - 1000)).toBeLessThanOrEqual(30);
  });
});

test.each([
  { minutes: 10, records: 2000 },
  { minutes: 61, records: 5000 },
  { minutes: 10 * 1440, records: 20_000, deliveryMinutes: 60 },
  { minutes: 2 * 1440, records: 3000, interfaces: 137, rules: 1234, deliveryMinutes: 60 },
])('%j are met within 3 %', async (options) => {
  const { out, summary } = await generated(options);
  const records = (await logFiles(out)).flatMap((file) => file.records);
  expect(summary.records).toBe(records.length);
  expect(Math.abs(records.length / options.records - 1)).toBeLessThan(0.03);
  const ends = records.map((record) => Number(record.end));
  const start = Date.UTC(2026, 0, 5) / 1000;
  expect(Math.min(...records.map((record) => Number(record.start)))).toBeGreaterThanOrEqual(start);
  expect(Math.max(...ends)).toBeLessThan(start + options.minutes * 60);
  const days = new Set(ends.map((end) => Math.floor(end / 86_400)));
  expect(days.size).toBe(Math.ceil(options.minutes / 1440));
  if (options.rules !== undefined) expect(summary.rules).toBeGreaterThanOrEqual(options.rules);
  if (options.rules !== undefined) expect(summary.rules).toBeLessThan(options.rules + 3);
});

describe('the shares of 100,000 records', () => {
  let summary: GenerateSummary;
  beforeAll(async () => {
    ({ summary } = await generated({ records: 100_000, interfaces: 60, rules: 300 }));
  });

  /** Only a part of the run has them, or a few interfaces for each minute: the least part of their share. */
  const LEAST: Readonly<Record<string, number>> = {
    openBeforeTheLog: 0.3,
    retired: 0.3,
    beforeTheEdit: 0.3,
    noData: 0.3,
    // Long connections: the first slots have few yet.
    databasePool: 0.5,
    brokerFromLowPorts: 0.5,
    nodeToControlPlane: 0.5,
    sshFromOffice: 0.5,
  };

  test.each(MIX.map(({ kind, share }) => ({ kind, share })))('$kind: $share %', ({ kind, share }) => {
    const actual = summary.kinds[kind]!.share;
    expect(actual).toBeGreaterThan(share * (LEAST[kind] ?? 0.8));
    expect(actual).toBeLessThan(share * 1.3 + 0.02);
  });
});
