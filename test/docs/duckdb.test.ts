import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parquetMetadata } from 'hyparquet';
import { RULE_DAYS, RULES, type TableColumns } from '../../shared/export/tables.ts';
import { runMain } from '../services/command-line/program.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/duckdb.md'), 'utf8');

/** By heading; the views come before the first one. */
const queries = new Map(
  DOCUMENT.split(/^## /m).flatMap((section) => {
    const [, sql] = /^```sql\n(.*?)^```$/ms.exec(section) ?? [];
    return sql === undefined ? [] : [[section.split('\n')[0]!, sql] as const];
  }),
);
const [[, views] = ['', '']] = queries;

describe('the queries of docs/duckdb.md, over the report of the sample', () => {
  const former = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'stale-sg-duckdb-'));
  let connection: DuckDBConnection;
  beforeAll(async () => {
    expect(await runMain(['demo', '--out', folder])).toMatchObject({ status: 0 });
    process.chdir(folder);
    connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(views);
  });
  afterAll(() => {
    connection.closeSync();
    process.chdir(former);
    rmSync(folder, { recursive: true });
  });
  const rowsOf = async (heading: string) => (await connection.runAndReadAll(queries.get(heading)!)).getRowObjectsJson();

  test('each has an answer there', async () => {
    const answers = await Promise.all(
      [...queries.keys()].slice(1).map(async (heading) => [heading, (await rowsOf(heading)).length] as const),
    );
    expect(answers.length).toBe(6);
    expect(answers.filter(([, rows]) => rows === 0)).toEqual([]);
  });

  test('who talks to the database is the application', async () => {
    const [first] = await rowsOf('Who talks to a group');
    expect(first).toMatchObject({ protocol: 6, port: 5432, peer: expect.stringMatching(/^10\.20\./) });
  });

  test('requests by rule are those of the report, day by day', async () => {
    const sql = `
      SELECT rule_id, day, sum(requests) AS requests, any_value(days.used_times) AS reported
      FROM admitted JOIN days USING (rule_id, day) GROUP BY ALL`;
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter(({ requests, reported }) => requests !== reported)).toEqual([]);
  });

  test('columns of evidence are those that are named, and no others', async () => {
    const { column_names } = (
      await connection.runAndReadAll('SELECT list(column_name) AS column_names FROM (DESCRIBE flows)')
    ).getRowObjectsJson()[0]!;
    const [, table] = /^`evidence\/(.*)/ms.exec(DOCUMENT)!;
    const named = [...table!.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) => cell!.replaceAll('`', '').split(', '));
    expect(named.sort()).toEqual([...(column_names as string[])].sort());
  });

  test('files have the columns that are declared, in their order', () => {
    for (const [name, columns] of [
      ['rules.parquet', RULES],
      ['usage.parquet', RULE_DAYS],
    ] as const) {
      const { schema } = parquetMetadata(new Uint8Array(readFileSync(join(folder, name))).buffer);
      expect(schema.slice(1).map(({ name: column }) => column)).toEqual(Object.keys(columns));
    }
  });
});

test.each<[string, TableColumns]>([
  ['rules', RULES],
  ['usage', RULE_DAYS],
])('the columns of %s.parquet are written down as they are declared', (file, columns) => {
  const rows = Object.entries(columns).map(([name, { type, comment, nullable }]) => {
    return `| \`${name}\` | ${type}${nullable ? ' or null' : ''} | ${comment} |\n`;
  });
  const heading = DOCUMENT.indexOf(`\`${file}.parquet\`, a rule`);
  expect(DOCUMENT.slice(heading, DOCUMENT.indexOf('\n\n', heading + 200))).toContain(rows.join('').trimEnd());
});
