import { readFileSync, writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, expect, test } from '@jest/globals';
import { asyncBufferFromFile } from 'hyparquet';
import type { FoldedRow } from '../../../shared/flowlogs/folded-record.ts';
import { foldedRows } from '../../../shared/flowlogs/read-folded-file.ts';
import { withTexts } from './folded-texts.ts';
import { scratch } from '../../services/command-line/scratch.ts';

const folder = scratch('block');
const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

const ROWS = 3000;
/** Every third row has an opener, every seventh is malformed, and some sums are larger than a double holds. */
const SELECT = `SELECT
    CASE WHEN i % 7 = 0 THEN 'malformed' ELSE 'ok' END AS kind, CASE WHEN i % 7 = 0 THEN 's3://b/ü-' || i END AS file,
    'fl-' || i % 2 AS flow_log_id, CAST(NULL AS VARCHAR) AS account_id, 'eni-' || i % 40 AS interface_id,
    CAST(NULL AS VARCHAR) AS resource_id, 'vpc-1' AS vpc_id, '10.0.' || i // 256 || '.' || i % 256 AS srcaddr,
    CASE WHEN i % 50 = 0 THEN 'not one' ELSE '2001:db8::' || (1 + i % 9) END AS dstaddr, CAST(NULL AS VARCHAR) AS pkt_srcaddr,
    '10.1.0.1' AS pkt_dstaddr, CAST(CASE WHEN i % 3 = 0 THEN -1 ELSE i END AS INTEGER) AS srcport,
    CAST(443 AS INTEGER) AS dstport, CAST(6 AS INTEGER) AS protocol, 'ACCEPT' AS action,
    CASE i % 3 WHEN 0 THEN 'ingress' WHEN 1 THEN 'egress' END AS flow_direction, CAST(NULL AS VARCHAR) AS reject_reason,
    CASE WHEN i % 3 = 0 THEN 'request' END AS opener, i % 3 = 0 AS syn_seen, CAST(NULL AS VARCHAR) AS paired,
    CASE WHEN i % 3 = 1 THEN 'source' END AS service, i AS records,
    CASE WHEN i % 100 = 0 THEN 9223372036854775807 - i ELSE i * 1000003 END AS packets,
    CAST(i AS BIGINT) * 4000000007 AS bytes, 1767571200 + i AS first_start, 1767571260 + i AS first_end,
    CASE WHEN i % 7 = 0 THEN -1 ELSE 1767571260 + 2 * i END AS last_end
  FROM range(${ROWS}) numbers(i)`;

async function read(path: string): Promise<FoldedRow[]> {
  const rows: FoldedRow[] = [];
  for await (const some of foldedRows(await asyncBufferFromFile(path))) rows.push(...some);
  return rows;
}

test.each([
  ['without dictionaries', 'PARQUET_VERSION v1, DICTIONARY_SIZE_LIMIT 1'],
  ['with dictionaries, in small row groups', 'PARQUET_VERSION v1, ROW_GROUP_SIZE 2048'],
  ['in the encodings of version 2', 'PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1'],
])('rows are read as they were written, %s', async (name, options) => {
  const path = folder.path(`${name}.parquet`);
  await connection.run(`COPY (${SELECT}) TO '${path}' (FORMAT parquet, COMPRESSION snappy, ${options})`);
  const written = (await connection.runAndReadAll(SELECT)).getRowObjectsJS();
  const asNumbers = written.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value]),
    ),
  );
  const rows = await read(path);
  expect(rows).toHaveLength(ROWS);
  // Where it is one, an address was read.
  expect(rows.filter(({ dstaddr }) => typeof dstaddr !== 'object').length).toBe(ROWS / 50);
  expect(rows.map(withTexts)).toEqual(asNumbers);
});

test('a file that lacks a column, or is damaged, is refused', async () => {
  const path = folder.path('lacking.parquet');
  await connection.run(`COPY (SELECT * EXCLUDE (opener) FROM (${SELECT})) TO '${path}' (FORMAT parquet)`);
  await expect(read(path)).rejects.toThrow('not a readable Parquet file: "no column opener"');
  writeFileSync(path, readFileSync(path).subarray(0, -9));
  await expect(read(path)).rejects.toThrow('not a readable Parquet file');
});
