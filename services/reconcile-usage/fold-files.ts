import type * as DuckDb from '@duckdb/node-api';
import type { FoldedRow } from '../../shared/flowlogs/folded-record.ts';
import { NO_FLOW_LOG, type LaidOut } from './local-logs.ts';
import { duckDbSetup, duckDbView } from './sql/duckdb.ts';
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

const TABLE: TableName = { database: 'local', table: 'flow_logs' };
const SUMS = ['records', 'packets', 'bytes', 'first_start', 'first_end', 'last_end'];

/**
 * Folds the files of one format in DuckDB, by the query that Athena folds them with, and hands out the rows of the day.
 *
 * @throws Error of DuckDB, before the first row; of a file by the name that was given
 */
export async function* foldFiles(laid: LaidOut, day: Day, resources: Resources): AsyncGenerator<FoldedRow> {
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
      // Sums as doubles: the binding makes bigints of what has 64 bits.
      const sums = SUMS.map((name) => `CAST(${name} AS double) AS ${name}`).join(', ');
      const result = await connection.stream(`SELECT * EXCLUDE (${PART}) REPLACE (${sums}) FROM (${query})`);
      for await (const rows of result.yieldRowObjectJs()) {
        for (const row of rows as unknown as FoldedRow[]) yield named(row, laid);
      }
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
