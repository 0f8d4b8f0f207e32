import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import { scratch } from '../../services/command-line/scratch.ts';
import type { Took } from './reads-many-rows.ts';

const folder = scratch('block');

/** Equal rows, as another program packs them: into next to nothing. */
async function written(rows: number, rowGroupSize: number): Promise<string> {
  const path = folder.path(`${rows}-${rowGroupSize}.parquet`);
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(`COPY (
    SELECT
      'eni-1' AS interface_id, '203.0.113.9' AS srcaddr, '10.0.0.1' AS dstaddr, 50000 AS srcport, 443 AS dstport,
      6 AS protocol, 10::BIGINT AS packets, 840::BIGINT AS bytes, 1767571200::BIGINT AS start,
      1767571259::BIGINT AS "end", 'ACCEPT' AS action, 'OK' AS log_status, 'vpc-1' AS vpc_id, 2 AS tcp_flags
    FROM range(${rows})
  ) TO '${path}' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${rowGroupSize})`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

const LIMIT = 'write the file with smaller row groups';

async function read(path: string): Promise<Took> {
  const script = join(import.meta.dirname, 'reads-many-rows.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, path]);
  return JSON.parse(stdout) as Took;
}

test('memory does not follow the number of rows', async () => {
  const [small, large] = [await read(await written(1_000_000, 122_880)), await read(await written(4_000_000, 122_880))];
  console.info(
    `1,000,000 rows: at most ${small.rssMegabytes.toFixed(0)} MB of memory; 4,000,000 rows: ` +
      `${large.rssMegabytes.toFixed(0)} MB, ${large.seconds.toFixed(1)} s`,
  );
  expect([small.lines, large.lines]).toEqual([1_000_000, 4_000_000]);
  expect(large.rssMegabytes - small.rssMegabytes).toBeLessThan(150);
}, 120_000);

test('equal rows without end in one page are refused, not unpacked', async () => {
  const path = await written(10_000_000, 10_000_000);
  expect(statSync(path).size).toBeLessThan(1e6);
  const { refused, rssMegabytes } = await read(path);
  expect(refused).toContain(LIMIT);
  expect(rssMegabytes).toBeLessThan(250);
}, 120_000);
