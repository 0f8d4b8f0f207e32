// Costs about twenty seconds.
import { execFile } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import { scratch } from '../../services/command-line/scratch.ts';
import { SIZE } from '../../size.ts';
import { parquetOf } from './parquet-of.ts';
import type { Took } from './reads-many-rows.ts';

const folder = scratch('block');

/** Equal rows, as another program packs them: into next to nothing. */
async function written(rows: number, rowGroupSize: number): Promise<string> {
  const path = folder.path(`${rows}-${rowGroupSize}.parquet`);
  await duckDb(`COPY (
    SELECT
      'eni-1' AS interface_id, '203.0.113.9' AS srcaddr, '10.0.0.1' AS dstaddr, 50000 AS srcport, 443 AS dstport,
      6 AS protocol, 10::BIGINT AS packets, 840::BIGINT AS bytes, 1767571200::BIGINT AS start,
      1767571259::BIGINT AS "end", 'ACCEPT' AS action, 'OK' AS log_status, 'vpc-1' AS vpc_id, 2 AS tcp_flags
    FROM range(${rows})
  ) TO '${path}' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${rowGroupSize})`);
  return path;
}

async function duckDb(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

const LIMIT = 'write the file with smaller row groups';

async function read(path: string): Promise<Took> {
  const script = join(import.meta.dirname, 'reads-many-rows.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, path]);
  return JSON.parse(stdout) as Took;
}

test('memory does not follow the number of rows', async () => {
  const [small, large] = [await read(await written(250_000, 122_880)), await read(await written(1_250_000, 122_880))];
  console.info(
    `250,000 rows: at most ${small.rssMegabytes.toFixed(0)} MB of memory; 1,250,000 rows: ` +
      `${large.rssMegabytes.toFixed(0)} MB, ${large.seconds.toFixed(1)} s`,
  );
  expect([small.lines, large.lines]).toEqual([250_000, 1_250_000]);
  expect(large.rssMegabytes - small.rssMegabytes).toBeLessThan(90);
}, 120_000);

/** Of one row group; `test/README.md` says what two million take. */
const ROWS = 1_000_000 * Math.min(2, SIZE);

test(`one row group of ${ROWS.toLocaleString('en')} rows, none like another, is read page by page`, async () => {
  const path = folder.path('large-group.parquet');
  await duckDb(`COPY (
    SELECT
      'eni-' || i % 500 AS interface_id, '203.0.' || i // 256 % 256 || '.' || i % 256 AS srcaddr,
      '10.' || hash(i) % 16 || '.' || hash(i + 1) % 256 || '.' || hash(i + 2) % 256 AS dstaddr, (i % 60000)::INT AS srcport,
      443 AS dstport, 6 AS protocol, (hash(i + 3) % 1000)::BIGINT AS packets, (hash(i + 4) % 1000000)::BIGINT AS bytes,
      1767571200 + i % 86400 AS start, 1767571259 + i % 86400 AS "end", 'ACCEPT' AS action, 'OK' AS log_status
    FROM range(${ROWS}) numbers(i)
  ) TO '${path}' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${ROWS})`);
  const { lines, rssMegabytes } = await read(path);
  console.info(`${ROWS.toLocaleString('en')} rows in one group: at most ${rssMegabytes.toFixed(0)} MB of memory`);
  expect(lines).toBe(ROWS);
  expect(rssMegabytes).toBeLessThan(350 * (ROWS / 1_000_000));
}, 120_000);

test('pages that would take too much memory together are refused, not unpacked', async () => {
  const header =
    'interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status'.split(' ');
  const long = 'x'.repeat(40_000);
  const rows = Array.from({ length: 850 }, (_, i) => header.map(() => `${i}${long}`));
  const path = folder.path('long-texts.parquet');
  writeFileSync(path, parquetOf([header, ...rows], { codec: 'GZIP', integers: 'STRING', pageSize: 1e9, gzipLevel: 1 }));
  expect(statSync(path).size).toBeLessThan(5e6);
  const { refused, rssMegabytes } = await read(path);
  expect(refused).toContain(`its pages take more than 384 MB at one time; ${LIMIT}`);
  expect(rssMegabytes).toBeLessThan(700);
}, 120_000);

test('equal rows without end in one page are refused, not unpacked', async () => {
  const path = await written(4_300_000, 4_300_000);
  expect(statSync(path).size).toBeLessThan(1e6);
  const { refused, rssMegabytes } = await read(path);
  expect(refused).toContain(LIMIT);
  expect(rssMegabytes).toBeLessThan(250);
}, 120_000);
