import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { namedError } from '../../../shared/text/named-error.ts';
import { createSqliteTable, SQLITE_TABLES } from './sqlite-tables.ts';

/** Marks the file as one of ours: `sgus`. https://sqlite.org/pragma.html#pragma_application_id */
const APPLICATION_ID = 0x73677573;
const SCHEMA_VERSION = 5;
/** The one before, which knew nothing of the five minutes in which files are delivered. */
const FORMER_VERSION = 4;

/** How long one worker waits for the commit of another, in milliseconds. */
const PATIENCE = 60_000;
/** SQLITE_BUSY, SQLITE_NOTADB, SQLITE_CORRUPT. https://sqlite.org/rescode.html */
const BUSY = 5;
const NO_DATABASE = [26, 11];

const SCHEMA = [
  ...Object.values(SQLITE_TABLES).map(createSqliteTable),
  `CREATE TABLE "objects" (name TEXT PRIMARY KEY, version TEXT NOT NULL, flow_log_id TEXT) WITHOUT ROWID`,
  `CREATE TABLE "sg-analysis-rules-data" (rule_id TEXT PRIMARY KEY, sg_id TEXT NOT NULL, sg_name TEXT NOT NULL,
     flow_direction TEXT NOT NULL, protocol TEXT NOT NULL, from_port INTEGER, to_port INTEGER,
     peer_type TEXT NOT NULL, peer TEXT NOT NULL, content TEXT NOT NULL, content_since INTEGER NOT NULL,
     first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, removed_at INTEGER, rule TEXT NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE "settled-days" (day TEXT PRIMARY KEY, run TEXT NOT NULL, figures TEXT NOT NULL, drift TEXT NOT NULL)
     WITHOUT ROWID`,
  `CREATE TABLE "groups" (sg_id TEXT PRIMARY KEY, sg_name TEXT NOT NULL) WITHOUT ROWID`,
  `PRAGMA application_id = ${String(APPLICATION_ID)}`,
  `PRAGMA user_version = ${String(SCHEMA_VERSION)}`,
];

const UPGRADE = [createSqliteTable(SQLITE_TABLES.logSlots), `PRAGMA user_version = ${String(SCHEMA_VERSION)}`];

/**
 * Opens a store, and makes one of the version before it one of this; with `create`, makes one where there is no file or an empty one.
 *
 * @throws Error that names the file if it is not there, no store, or one of another version
 */
export function openStoreFile(path: string, create: boolean): DatabaseSync {
  if (!create && !existsSync(path)) throw new Error(`${path}: no such store; \`stale-sg watch\` makes one`);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: PATIENCE });
    prepare(db, path, create);
    return db;
  } catch (error) {
    if (db?.isOpen) db.close();
    if (NO_DATABASE.includes((codeOf(error) ?? 0) & 0xff)) {
      throw new Error(`${path}: not a store of stale-sg`, { cause: error });
    }
    throw namedError(path, error);
  }
}

function prepare(db: DatabaseSync, path: string, create: boolean): void {
  // Reads before it writes: a file that is somebody else's stays as it is.
  let state = stateOf(db);
  if (state === 'empty' && create) {
    // Two workers may do this at once. Switching to WAL does not wait for the other, as all else does.
    persist(() => db.exec('PRAGMA journal_mode = WAL'));
    db.exec('BEGIN IMMEDIATE');
    // Dies here: nothing is committed, the file counts as empty. Marks and tables come together.
    if (stateOf(db) === 'empty') for (const statement of SCHEMA) db.exec(statement);
    db.exec('COMMIT');
    state = stateOf(db);
  }
  if (state === FORMER_VERSION) {
    db.exec('BEGIN IMMEDIATE');
    // Another worker may have done it meanwhile.
    if (stateOf(db) === FORMER_VERSION) for (const statement of UPGRADE) db.exec(statement);
    db.exec('COMMIT');
    state = stateOf(db);
  }
  if (state === 'empty' || state === 'foreign') throw new Error(`${path}: not a store of stale-sg`);
  if (state !== SCHEMA_VERSION) {
    throw new Error(
      `${path}: a store of version ${String(state)}; this program knows version ${String(SCHEMA_VERSION)}`,
    );
  }
  // A commit is on the disk before anybody is told of it: also after a power failure, no object is noted in vain.
  db.exec('PRAGMA synchronous = FULL');
}

function stateOf(db: DatabaseSync): 'empty' | 'foreign' | number {
  const value = (sql: string): number => Object.values(db.prepare(sql).get()!)[0] as number;
  if (value('PRAGMA application_id') === APPLICATION_ID) return value('PRAGMA user_version');
  return value('SELECT count(*) FROM sqlite_schema') === 0 && value('PRAGMA user_version') === 0 ? 'empty' : 'foreign';
}

function persist(action: () => void): void {
  for (let waited = 0; ; waited += 10) {
    try {
      action();
      return;
    } catch (error) {
      if (codeOf(error) !== BUSY || waited >= PATIENCE) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** Not by `instanceof`: under Jest, errors of Node's own modules are of another realm. */
function codeOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) : undefined;
}
