import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { isAscii } from 'node:buffer';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { duckDbSetup, duckDbView, withWholeLines } from '../../services/reconcile-usage/sql/duckdb.ts';
import { readCreateTable, type ExternalTable } from './athena-ddl.ts';
import type { ObjectStore } from './athena-store.ts';

/** What a statement came to. */
export interface Outcome {
  readonly type: 'DDL' | 'DML';
  readonly scannedBytes: number;
  /** Of a SELECT. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  /** `s3://…` of each file, of an UNLOAD. */
  readonly written: readonly string[] | undefined;
}

const UNLOAD = /^UNLOAD \(\n(.*)\n\)\nTO '(s3:\/\/([^/']+)\/([^']*))'\nWITH \(([^;]*)\)$/s;
const NOTHING = { scannedBytes: 0, columns: [], rows: [], written: undefined };

/**
 * Athena's stand-in: keeps the tables that CREATE EXTERNAL TABLE declares, finds their files by the template of their
 * partitions, and runs queries over them in DuckDB. Queries run beside each other, each in an instance of its own.
 */
export class DuckDbAthena {
  readonly #store: ObjectStore;
  readonly #tables = new Map<string, ExternalTable>();
  readonly #databases: Set<string>;
  readonly #fetched = new Map<string, string>();
  readonly #scratch: Promise<string>;
  readonly #now: () => Date;

  constructor(store: ObjectStore, databases: readonly string[], now = () => new Date()) {
    this.#store = store;
    this.#databases = new Set(databases);
    this.#scratch = mkdtemp(join(tmpdir(), 'duckdb-athena-'));
    this.#now = now;
  }

  /** @throws Error with the words of the engine */
  async execute(statement: string): Promise<Outcome> {
    if (/^CREATE EXTERNAL TABLE/i.test(statement)) return this.#create(statement);
    const [, query, folder, bucket, prefix, properties] = UNLOAD.exec(statement) ?? [];
    if (query === undefined && !/^(?:SELECT|WITH)\b/i.test(statement)) {
      throw new Error(`line 1:1: mismatched input '${statement.split(/\s/)[0]!}'`);
    }
    const parts = /partitioned_by = ARRAY\['(\w+)'\]/.exec(properties ?? '')?.[1];
    // With partitions, Athena does not look.
    if (folder !== undefined && parts === undefined && (await this.#store.list(bucket!, prefix!)).length > 0) {
      throw new Error(`HIVE_PATH_ALREADY_EXISTS: Target directory for table already exists: ${folder}`);
    }
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    try {
      const scannedBytes = await this.#prepare(connection, query ?? statement);
      if (query === undefined) {
        const reader = await connection.runAndReadAll(statement);
        const names = reader.columnNames();
        const columns = reader.columnTypes().map((type, i) => ({ name: names[i]!, type: String(type).toLowerCase() }));
        return { ...NOTHING, type: 'DML', scannedBytes, columns, rows: reader.getRows() };
      }
      const written = await this.#unload(connection, query, { bucket: bucket!, prefix: prefix! }, parts);
      return { ...NOTHING, type: 'DML', scannedBytes, written };
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  }

  async stop(): Promise<void> {
    await rm(await this.#scratch, { recursive: true, force: true });
  }

  #create(statement: string): Outcome {
    const table = readCreateTable(statement);
    if (!this.#databases.has(table.database)) {
      throw new Error(`FAILED: SemanticException [Error 10072]: Database does not exist: ${table.database}`);
    }
    const name = `${table.database}.${table.table}`;
    if (!this.#tables.has(name)) this.#tables.set(name, table);
    return { ...NOTHING, type: 'DDL' };
  }

  /** Brings the files of the tables that a query names; returns their bytes. */
  async #prepare(connection: DuckDBConnection, query: string): Promise<number> {
    for (const statement of duckDbSetup) await connection.run(statement);
    let scannedBytes = 0;
    for (const [, database, name] of query.matchAll(/\bFROM "(\w+)"\."(\w+)"/g)) {
      const table = this.#tables.get(`${database!}.${name!}`);
      if (!table) throw new Error(`TABLE_NOT_FOUND: Table 'awsdatacatalog.${database!}.${name!}' does not exist`);
      const files = await this.#filesOf(table);
      for (const file of files) scannedBytes += (await stat(file)).size;
      const view = duckDbView({
        name: { database: database!, table: name! },
        columns: table.columns,
        fileFormat: table.fileFormat,
        files,
        root: { folder: await this.#scratch, path: 's3:/' },
        partitions: Object.fromEntries(table.partitionColumns.map((column, i) => [column, groupOf(table, i)])),
      });
      for (const statement of view) await connection.run(statement);
    }
    return scannedBytes;
  }

  /** Local copies of the objects in partitions that projection gives, below bucket and key as folders. */
  async #filesOf(table: ExternalTable): Promise<string[]> {
    const { bucket, prefix, keys, partitionColumns } = table;
    const files: string[] = [];
    for (const { key, version } of await this.#store.list(bucket, prefix)) {
      const values = keys.exec(key)?.slice(1);
      const isProjected = values?.every((value, i) => table.projects(partitionColumns[i]!, value, this.#now()));
      // Hidden ones are no data to Hive.
      if (!isProjected || /^[._]/.test(basename(key))) continue;
      const file = join(await this.#scratch, bucket, key);
      if (this.#fetched.get(file) !== version) {
        await mkdir(dirname(file), { recursive: true });
        await this.#store.fetch(bucket, key, file);
        if (!file.endsWith('.parquet')) await makeReadable(file);
        this.#fetched.set(file, version);
      }
      files.push(file);
    }
    return files;
  }

  async #unload(
    connection: DuckDBConnection,
    query: string,
    to: { bucket: string; prefix: string },
    parts: string | undefined,
  ): Promise<string[]> {
    const folder = await mkdtemp(join(await this.#scratch, 'unload-'));
    const how = parts === undefined ? 'PER_THREAD_OUTPUT true' : `PARTITION_BY (${parts})`;
    await connection.run(`COPY (${query}) TO '${folder}/rows' (FORMAT parquet, COMPRESSION snappy, ${how})`);
    const written: string[] = [];
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      const counted = await connection.runAndReadAll(`SELECT count(*) FROM read_parquet('${file}')`);
      if (counted.getRows()[0]![0] === 0n) continue;
      const part = /\/([^/]+=[^/]+)\/[^/]+$/.exec(file)?.[1];
      const key = `${to.prefix}${part === undefined ? '' : `${part}/`}20260101_000000_00000_duckb_${randomUUID()}`;
      await this.#store.put(to.bucket, key, await readFile(file));
      written.push(`s3://${to.bucket}/${key}`);
    }
    await rm(folder, { recursive: true });
    return written;
  }
}

/** Finds the value of the column of that place in a whole path. */
function groupOf({ bucket, keys }: ExternalTable, place: number): string {
  let at = -1;
  const groups = keys.source.replace(/\((?!\?)/g, () => (++at === place ? '(' : '(?:'));
  return `^s3://${bucket}/${groups.slice(1).replaceAll('\\/', '/')}`;
}

/** Athena's engine replaces what is no UTF-8; DuckDB would refuse the file, or cut lines that it must not. */
async function makeReadable(file: string): Promise<void> {
  const bytes = await readFile(file);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  let text = bytes;
  try {
    if (isGzip) text = gunzipSync(bytes);
  } catch {
    return; // Left to the query, which fails.
  }
  if (isAscii(text)) return;
  const replaced = Buffer.from(withWholeLines(text.toString('utf8')));
  await writeFile(file, isGzip ? gzipSync(replaced) : replaced);
}
