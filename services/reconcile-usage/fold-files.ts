import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type * as DuckDb from '@duckdb/node-api';
import { asyncBufferFromFile } from 'hyparquet';
import type { FoldedRow } from '../../shared/flowlogs/folded-record.ts';
import { foldedRows } from '../../shared/flowlogs/read-folded-file.ts';
import { NO_FLOW_LOG, type LaidOut } from './local-logs.ts';
import { duckDbSetup, duckDbView, literal } from './sql/duckdb.ts';
import { foldQuery, PART } from './sql/fold.ts';
import { partitionsOf } from './sql/partitions.ts';
import type { TableName } from './sql/quote.ts';
import { columnsOf } from './sql/table.ts';
import type { Day } from '../../shared/time.ts';
import { namedError } from '../../shared/text/named-error.ts';

/** What one machine gives to DuckDB. */
export interface Resources {
  /** Absolute; what does not fit into memory goes there. */
  readonly spillFolder: string;
  /** Mebibytes that DuckDB holds at most, buffers of files aside. */
  readonly memory: number;
  readonly threads: number;
  /** By how many statements, one after the other: each holds so much less, and reads all files. Default 1. */
  readonly statements?: number;
}

/** Whatever repeats in a row group is written once. */
const ROWS = 122_880;
const AS_ATHENA_DOES = `FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${ROWS}, DICTIONARY_SIZE_LIMIT ${ROWS}`;
const TABLE: TableName = { database: 'local', table: 'flow_logs' };

/**
 * Folds the files of one format in DuckDB, by the query that Athena folds them with, and hands out the rows of the day, by way of
 * files as Athena writes them: to take them from DuckDB value by value takes ten times as long.
 *
 * @throws Error of DuckDB, before the first row; of a file by the name that was given
 */
export async function* foldFiles(laid: LaidOut, day: Day, resources: Resources): AsyncGenerator<readonly FoldedRow[]> {
  mkdirSync(resources.spillFolder, { recursive: true });
  const folder = mkdtempSync(join(resources.spillFolder, 'folded-'));
  try {
    await foldInto(folder, laid, day, resources);
    for (const name of readdirSync(folder)) {
      const rows = foldedRows(await asyncBufferFromFile(join(folder, name)));
      for await (const some of rows) yield some.map((row) => named(row, laid));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function foldInto(folder: string, laid: LaidOut, day: Day, resources: Resources): Promise<void> {
  const { DuckDBInstance } = await loadDuckDb();
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${resources.memory}MiB`,
    threads: String(resources.threads),
    temp_directory: resources.spillFolder,
    preserve_insertion_order: 'false',
  });
  const connection = await instance.connect();
  try {
    await prepare(connection, laid);
    const { statements = 1 } = resources;
    for (let index = 0; index < statements; index++) {
      const share = { index, of: statements };
      const query = foldQuery({ table: TABLE, format: laid.format, day, parts: statements, share });
      const to = literal(join(folder, `${String(index).padStart(3, '0')}.parquet`));
      await connection.run(`COPY (SELECT * EXCLUDE (${PART}) FROM (${query})) TO ${to} (${AS_ATHENA_DOES})`);
    }
  } catch (error) {
    throw errorOf(error, laid, resources);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** It has binaries of its own, so a package of the program leaves it to whoever needs it. */
async function loadDuckDb(): Promise<typeof DuckDb> {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(
      'counting a day as a whole needs DuckDB: install it beside stale-sg (npm install @duckdb/node-api), ' +
        'or call npx -p stale-sg -p @duckdb/node-api stale-sg reconcile …',
    );
  }
}

async function prepare(connection: DuckDb.DuckDBConnection, { format, root, originals }: LaidOut): Promise<void> {
  const { columns } = partitionsOf(format);
  const view = duckDbView({
    name: TABLE,
    columns: columnsOf(format),
    fileFormat: format.fileFormat,
    files: [...originals.keys()],
    root: { folder: root, path: root },
    partitions: Object.fromEntries(columns.map(({ name }) => [name, DAY_FOLDERS])),
  });
  for (const statement of [...duckDbSetup, ...view]) await connection.run(statement);
}

const DAY_FOLDERS = '/([0-9]{4}/[0-9]{2}/[0-9]{2})/[^/]*$';

/** As whoever gave the files knows them: not by where they were laid out. */
function errorOf(error: unknown, { originals }: LaidOut, { spillFolder }: Resources): Error {
  const message = String(error);
  for (const [place, path] of originals) if (message.includes(place)) return namedError(path, error, place);
  const [first = ''] = originals.values();
  const others = originals.size - 1;
  return namedError(others === 0 ? first : `${first} or one of ${others} others`, error, spillFolder);
}

/** By the names that were given. */
function named(row: FoldedRow, { originals }: LaidOut): FoldedRow {
  if (row.file === null && row.flow_log_id !== NO_FLOW_LOG) return row;
  return {
    ...row,
    file: row.file === null ? null : (originals.get(row.file) ?? row.file),
    flow_log_id: row.flow_log_id === NO_FLOW_LOG ? null : row.flow_log_id,
  };
}
