/** An account with its export on disk, read back by DuckDB as Athena reads it: by tables over folders. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { dataSetSql } from '../../../shared/export/data-set.ts';
import { DAY_COLUMN, EXPORTED_TABLES } from '../../../shared/export/tables.ts';

export type ReadRow = Readonly<Record<string, unknown>>;

export interface Exported {
  put(key: string, bytes: Uint8Array): void;
  /** Rows with 64-bit numbers as numbers; fails for those that are not exact. */
  rows(sql: string): Promise<ReadRow[]>;
  /** The data set, of all days, as a table of that name. */
  asDataSet(name: string, days?: number): Promise<void>;
  remove(): void;
}

export const DATABASE = 'sg_analysis';

/** A bucket, and a database whose tables are the folders of it. */
export async function exported(): Promise<Exported> {
  const folder = mkdtempSync(join(tmpdir(), 'stale-sg-export-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const makeTables = async (): Promise<void> => {
    await connection.run(`CREATE SCHEMA IF NOT EXISTS "${DATABASE}"`);
    for (const [name, { folder: at }] of Object.entries(EXPORTED_TABLES)) {
      // DuckDB, other than Athena, knows no columns without a file.
      if (!existsSync(join(folder, at))) continue;
      const partition = name === 'usage' ? `, hive_partitioning = true, hive_types = {'${DAY_COLUMN}': VARCHAR}` : '';
      await connection.run(
        `CREATE OR REPLACE VIEW "${DATABASE}"."${name}" AS ` +
          `SELECT * FROM read_parquet('${join(folder, at)}**/*.parquet'${partition})`,
      );
    }
  };
  return {
    put(key, bytes) {
      mkdirSync(dirname(join(folder, key)), { recursive: true });
      writeFileSync(join(folder, key), bytes);
    },
    async rows(sql) {
      await makeTables();
      const found = (await connection.runAndReadAll(sql)).getRowObjectsJS();
      return found.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, exact(value)])));
    },
    async asDataSet(name, days = 100_000) {
      await makeTables();
      await connection.run(`CREATE OR REPLACE TABLE ${name} AS ${dataSetSql(DATABASE, days)}`);
    },
    remove() {
      connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true });
    },
  };
}

function exact(value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  if (!Number.isSafeInteger(Number(value))) throw new Error(`${value} is not exact`);
  return Number(value);
}
