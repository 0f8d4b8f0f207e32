// Costs about twenty seconds.
/** What must not change a figure: the order of records and files, how bytes arrive, how a file is written. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { LogFile } from '../../services/command-line/files/log-files.ts';
import type { GenerateFormat } from '../../services/generate-account/options/options.ts';
import type { Inventory } from '../../shared/inventory/inventory.ts';
import type { UsageReport } from '../../shared/reports/schema.ts';
import { FATES } from '../../shared/usage/usage.ts';
import { Random } from '../oracle/random.ts';
import { removeScratchFolders } from '../services/generate-account/generated.ts';
import { account, reportOf } from './account.ts';
import { SIZE } from '../size.ts';
import { gzipFile, inPieces, logsOf, parquetFile, plainFile, textOf, type Log } from './memory-logs.ts';

afterAll(removeScratchFolders);
jest.setTimeout(300_000);

interface Small {
  readonly inventory: Inventory;
  readonly logs: readonly Log[];
  /** With some records damaged. */
  readonly damaged: readonly Log[];
  readonly lines: number;
  /** Of both, as plain files in their order. */
  readonly expected: UsageReport;
  readonly expectedOfDamaged: UsageReport;
}

const FORMATS: readonly GenerateFormat[] = ['v2', 'v5', 'all'];
const accounts = new Map<GenerateFormat, Small>();

/** Every 97th record is damaged, in one field that the program needs or in the number of its fields. */
function withDamage(logs: readonly Log[]): Log[] {
  let n = 0;
  return logs.map((log) => ({
    ...log,
    rows: log.rows.map((row) => {
      if (++n % 97 !== 0) return row;
      const spoilt = (field: string, text: string) => row.with(log.header.indexOf(field), text);
      const ways = [
        () => row.slice(1),
        () => [...row, 'more'],
        () => spoilt('start', '-5'),
        () => spoilt('end', '1e9'),
        () => ['not', 'a', 'record'],
      ];
      return ways[(n / 97) % ways.length]!();
    }),
  }));
}

const FEWEST_RECORDS = 10;

beforeAll(async () => {
  for (const [i, format] of FORMATS.entries()) {
    const { inventory, files } = await account({ seed: 40 + i, format, records: 1500, minutes: 30 });
    // Of a few records all might be spoilt: such a file is refused.
    const logs = logsOf(files).filter(({ rows }) => rows.length >= FEWEST_RECORDS);
    const lines = logs.reduce((sum, { rows }) => sum + rows.length, 0);
    const damaged = withDamage(logs);
    const expected = await checkedReport(inventory, logs.map(plainFile), lines);
    const expectedOfDamaged = await checkedReport(inventory, damaged.map(plainFile), lines);
    accounts.set(format, { inventory, logs, damaged, lines, expected, expectedOfDamaged });
  }
});

/** The report, once it is sure that each line ended in exactly one of the twelve fates. */
async function checkedReport(inventory: Inventory, files: readonly LogFile[], lines: number): Promise<UsageReport> {
  const report = await reportOf(inventory, files);
  const { records } = report;
  expect(FATES.reduce((sum, fate) => sum + records[fate], 0)).toBe(lines);
  expect(records.total).toBe(lines);
  expect(records.requests + records.replies).toBe(records.attributed + records.possible + records.unexplained);
  return report;
}

/** Without the names of the files in the samples of malformed records, which follow the order of the files. */
function comparable(report: UsageReport): unknown {
  const samples = report.malformedSamples.map(({ line, reason }) => `${line}: ${reason}`);
  return { ...report, malformedSamples: samples.sort() };
}

/** Without their lines as well: for records that change places. */
function comparableInAnyOrder(report: UsageReport): unknown {
  return { ...report, malformedSamples: report.malformedSamples.map(({ reason }) => reason).sort() };
}

const anyFormat = fc.constantFrom(...FORMATS);
/** Shrinking an order would say nothing: it is drawn by a seed. */
const anyOrder = fc.integer({ min: 0 }).map((seed) => new Random(seed));

async function holds<T extends [unknown, ...unknown[]]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  numRuns: number,
  predicate: (...values: T) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty<T>(...arbitraries, predicate), { numRuns: numRuns * SIZE });
}

/** The rows of all files of a flow log, dealt out anew: each file keeps its size. */
function shuffledRecords(logs: readonly Log[], random: Random): Log[] {
  const rows = new Map(
    [...Map.groupBy(logs, (log) => log.flowLogId)].map(([id, some]) => [
      id,
      random.shuffled(some.flatMap((log) => log.rows)),
    ]),
  );
  return logs.map((log) => ({ ...log, rows: rows.get(log.flowLogId)!.splice(0, log.rows.length) }));
}

describe('the same report', () => {
  test('whatever the order of records, within a file and across the files of a flow log', async () => {
    await holds([anyFormat, anyOrder], 10, async (format, random) => {
      const { inventory, damaged, lines, expectedOfDamaged: expected } = accounts.get(format)!;
      const shuffled = shuffledRecords(damaged, random);
      const report = await checkedReport(inventory, shuffled.map(plainFile), lines);
      expect(comparableInAnyOrder(report)).toEqual(comparableInAnyOrder(expected));
      expect(report.malformedSamples.length).toBeGreaterThan(10);
    });
  });

  test('whatever the order of files', async () => {
    await holds([anyFormat, anyOrder], 10, async (format, random) => {
      const { inventory, damaged, lines, expectedOfDamaged: expected } = accounts.get(format)!;
      const report = await checkedReport(inventory, random.shuffled(damaged.map(plainFile)), lines);
      expect(comparable(report)).toEqual(comparable(expected));
    });
  });

  test.each([
    ['plain', plainFile],
    ['gzip', gzipFile],
  ] as const)('cut at any byte into chunks: %s', async (_, written) => {
    const cuts = fc.array(fc.nat({ max: 60_000 }), { maxLength: 400 });
    const everyFew = fc.integer({ min: 1, max: 7 }).map((step) => Array.from({ length: 20_000 }, (_, i) => i * step));
    await holds([anyFormat, fc.oneof({ weight: 4, arbitrary: cuts }, everyFew)], 10, async (format, at) => {
      const { inventory, damaged, lines, expectedOfDamaged: expected } = accounts.get(format)!;
      const pieces = damaged.map((log) => inPieces(written(log), at));
      expect(await checkedReport(inventory, pieces, lines)).toEqual(expected);
    });
  });

  test('whatever the order of columns, another one in each file, and with columns nobody knows', async () => {
    await holds([anyFormat, anyOrder], 10, async (format, random) => {
      const { inventory, damaged, lines, expectedOfDamaged: expected } = accounts.get(format)!;
      const permuted = damaged.map((log) => {
        const columns = random.shuffled([...log.header.keys()]);
        const inOrder = (row: readonly string[]) =>
          row.length === log.header.length ? columns.map((column) => row[column]!) : row;
        return { ...log, header: columns.map((column) => log.header[column]!), rows: log.rows.map(inOrder) };
      });
      expect(await checkedReport(inventory, permuted.map(plainFile), lines)).toEqual(expected);

      const at = random.between(0, permuted[0]!.header.length);
      const wider = permuted.map((log) => ({
        ...log,
        header: log.header.toSpliced(at, 0, 'of-tomorrow'),
        rows: log.rows.map((row) => (row.length === log.header.length ? row.toSpliced(at, 0, 'x') : row)),
      }));
      const reasons = (report: UsageReport) => report.malformedSamples.map(({ line }) => line);
      const report = await checkedReport(inventory, wider.map(plainFile), lines);
      // Only the number of fields that a line should have is told otherwise.
      expect(reasons(report)).toEqual(reasons(expected));
      expect({ ...report, malformedSamples: [] }).toEqual({ ...expected, malformedSamples: [] });
    });
  });

  test('from text and from Parquet, of whatever compression, integers, absent values and row groups', async () => {
    const form = fc.record({
      codec: fc.constantFrom('UNCOMPRESSED', 'SNAPPY', 'GZIP'),
      integers: fc.constantFrom('aws', 'INT32', 'INT64', 'STRING'),
      absent: fc.constantFrom('null', 'dash'),
      rowGroupSize: fc.integer({ min: 1, max: 500 }),
    });
    await holds([anyFormat, form], 10, async (format, written) => {
      const { inventory, logs, lines, expected } = accounts.get(format)!;
      const files = logs.map((log) => parquetFile(log, written));
      expect(await checkedReport(inventory, files, lines)).toEqual(expected);
    });
  });

  test('from an account generated as text and as Parquet', async () => {
    await holds([fc.nat()], 2, async (seed) => {
      const options = { seed, records: 1500, minutes: 20 };
      const text = await account({ ...options, format: 'v5' });
      const parquet = await account({ ...options, format: 'parquet' });
      const expected = await checkedReport(text.inventory, text.files, text.summary.records);
      const report = await checkedReport(parquet.inventory, parquet.files, parquet.summary.records);
      expect(parquet.files.every(({ name }) => name.endsWith('.parquet'))).toBe(true);
      expect(report).toEqual(expected);
    });
  });

  test('from gzip, of any level, and from plain text', async () => {
    await holds([anyFormat, fc.integer({ min: 0, max: 9 })], 10, async (format, level) => {
      const { inventory, damaged, lines, expectedOfDamaged: expected } = accounts.get(format)!;
      const files = damaged.map((log) => gzipFile(log, level));
      expect(await checkedReport(inventory, files, lines)).toEqual(expected);
    });
  });
});

describe('another report', () => {
  test('when a record is left out', async () => {
    await holds([anyFormat, fc.nat()], 10, async (format, n) => {
      const { inventory, logs, lines, expected } = accounts.get(format)!;
      const at = n % logs.length;
      const shorter = logs.with(at, { ...logs[at]!, rows: logs[at]!.rows.slice(1) });
      expect(await checkedReport(inventory, shorter.map(plainFile), lines - 1)).not.toEqual(expected);
    });
  });
});

describe('the twelve fates add up to the number of lines', () => {
  /** Blank ones are not lines. */
  const isLine = (text: string): boolean => Buffer.from(text).some((byte) => byte > 0x20);
  const garbage = fc
    .oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constantFrom('', ' ', '-', '2 - - -'))
    .map((text) => text.replaceAll('\n', ''))
    .filter((text) => !/^\s*(version|account-id|interface-id)\b/.test(text));

  test('for any part of the records, any of them several times, and any garbage between', async () => {
    await holds(
      [anyFormat, anyOrder, fc.array(garbage, { maxLength: 40 }), fc.nat({ max: 300 })],
      20,
      async (format, random, junk, count) => {
        const { inventory, logs, damaged } = accounts.get(format)!;
        const log = random.pick(damaged);
        // One that can be read: without any the file is refused.
        const [sound] = logs[damaged.indexOf(log)]!.rows;
        const rows = [sound!, ...Array.from({ length: count }, () => random.pick(log.rows))];
        const lines = random.shuffled([...rows.map((row) => row.join(' ')), ...junk]);
        const text = `${textOf({ ...log, rows: [] }).toString()}${lines.join('\n')}`;
        const file = { ...plainFile(log), chunks: () => pieceOf(Buffer.from(text)) };
        await checkedReport(inventory, [file], lines.filter(isLine).length);
      },
    );
  });

  async function* pieceOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
});
