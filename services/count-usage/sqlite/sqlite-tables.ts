import type { DatabaseSync } from 'node:sqlite';
import { TOLD_NAMES } from '../../../shared/usage/log-days.ts';
import { COUNTERS, INTERFACE_COUNTERS, LATEST } from '../../../shared/usage/counters.ts';

/** A table of counters: rows of one key are added up, never written over. */
export interface Table<K extends string = string, C extends string = string> {
  readonly name: string;
  readonly key: Readonly<Record<K, 'TEXT' | 'INTEGER'>>;
  /** Follow from the key; written with the first row of it. */
  readonly facts?: readonly C[];
  readonly sums?: readonly C[];
  /** The larger one stays. */
  readonly latest?: readonly C[];
  /** The smaller one stays; below 0 stands for none. */
  readonly earliest?: readonly C[];
}

export type SqliteValue = string | number | bigint;
export type SqliteRow<C extends string> = Record<C, SqliteValue>;

const LOG_DAY = { source: 'TEXT', flow_log_id: 'TEXT', day: 'INTEGER' } as const;
const RULE_DAY = { source: 'TEXT', rule_id: 'TEXT', day: 'INTEGER' } as const;

function table<K extends string, C extends string = never>(definition: Table<K, C>): Table<K, C> {
  return definition;
}

/** Days are UTC days since 1970-01-01, times UNIX seconds with -1 for none. */
export const SQLITE_TABLES = {
  rules: table({
    name: 'sg-analysis-rules-usage',
    key: RULE_DAY,
    sums: Object.values(COUNTERS),
    latest: [...Object.values(LATEST), 'peers_left_out'],
  }),
  hours: table({ name: 'rule-hours', key: { ...RULE_DAY, hour: 'INTEGER' }, sums: ['used_times'] }),
  ports: table({
    name: 'rule-ports',
    key: { ...RULE_DAY, port_key: 'TEXT' },
    facts: ['protocol', 'from_port', 'to_port'],
    sums: ['used_times', 'reply_times'],
  }),
  peers: table({ name: 'rule-peers', key: { ...RULE_DAY, hash: 'INTEGER' }, facts: ['prefix'] }),
  sets: table({
    name: 'admitting-sets',
    key: { source: 'TEXT', set_key: 'TEXT' },
    facts: ['day', 'vpc_id', 'group_ids', 'rule_ids'],
    sums: ['requests', 'replies', 'proven_times'],
  }),
  logs: table({ name: 'log-days', key: LOG_DAY, sums: ['lines', 'malformed'], latest: TOLD_NAMES }),
  logHours: table({ name: 'log-hours', key: { ...LOG_DAY, hour: 'INTEGER' } }),
  logSlots: table({ name: 'log-slots', key: { ...LOG_DAY, slot: 'INTEGER' } }),
  interfaces: table({
    name: 'interface-days',
    key: { source: 'TEXT', interface_id: 'TEXT', day: 'INTEGER' },
    sums: Object.values(INTERFACE_COUNTERS),
  }),
  interfaceLogs: table({
    name: 'interface-logs',
    key: { source: 'TEXT', interface_id: 'TEXT', day: 'INTEGER', flow_log_id: 'TEXT' },
  }),
  unknownAccepted: table({
    name: 'unknown-accepted',
    key: { source: 'TEXT', vpc_id: 'TEXT', day: 'INTEGER' },
    sums: ['records'],
  }),
  unknownInterfaces: table({
    name: 'unknown-interfaces',
    key: { source: 'TEXT', hash: 'INTEGER' },
    facts: ['interface_id'],
  }),
  rejected: table({
    name: 'rejected-flows',
    key: { source: 'TEXT', hash: 'INTEGER' },
    facts: ['interface_id', 'direction', 'protocol', 'peer', 'port', 'reason'],
    sums: ['times'],
    latest: ['last_seen'],
  }),
  fates: table({ name: 'fates', key: { source: 'TEXT', fate: 'TEXT' }, sums: ['records'] }),
  totals: table({
    name: 'totals',
    key: { source: 'TEXT' },
    sums: ['requests', 'replies', 'ambiguous'],
    latest: ['last_end', 'unknown_left_out', 'rejected_left_out'],
    earliest: ['first_end'],
  }),
  malformed: table({ name: 'malformed-samples', key: { file: 'TEXT', line: 'INTEGER' }, facts: ['reason'] }),
} as const;

function columnsOf<K extends string, C extends string>({
  key,
  facts = [],
  sums = [],
  latest = [],
  earliest = [],
}: Table<K, C>): (K | C)[] {
  return [...(Object.keys(key) as K[]), ...facts, ...sums, ...latest, ...earliest];
}

export function createSqliteTable(table: Table): string {
  const { name, key, facts = [], sums = [], latest = [], earliest = [] } = table;
  const columns = [
    ...Object.entries(key).map(([column, type]) => `${column} ${type} NOT NULL`),
    ...facts.map((column) => `${column} NOT NULL`),
    ...[...sums, ...latest, ...earliest].map((column) => `${column} INTEGER NOT NULL`),
  ];
  return `CREATE TABLE "${name}" (${columns.join(', ')}, PRIMARY KEY (${Object.keys(key).join(', ')})) WITHOUT ROWID`;
}

/** Adds a row to the one of its key. The statement is made once per connection and table. */
export function adder<K extends string, C extends string>(
  db: DatabaseSync,
  table: Table<K, C>,
): (row: SqliteRow<K | C>) => void {
  const { name, key, sums = [], latest = [], earliest = [] } = table;
  const columns = columnsOf(table);
  const changes = [
    ...sums.map((c) => `${c} = ${c} + excluded.${c}`),
    ...latest.map((c) => `${c} = max(${c}, excluded.${c})`),
    ...earliest.map(
      (c) =>
        `${c} = CASE WHEN min(${c}, excluded.${c}) < 0 THEN max(${c}, excluded.${c}) ELSE min(${c}, excluded.${c}) END`,
    ),
  ];
  const statement = db.prepare(
    `INSERT INTO "${name}" (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ` +
      `ON CONFLICT (${Object.keys(key).join(', ')}) DO ${changes.length === 0 ? 'NOTHING' : `UPDATE SET ${changes.join(', ')}`}`,
  );
  return (row) => {
    statement.run(...columns.map((column) => exact(row[column])));
  };
}

const TOO_LARGE = 2 ** 63;

/** Node binds numbers as floating point, whose sums are inexact above 2^53; whole numbers go in as such. */
function exact(value: SqliteValue): SqliteValue {
  return typeof value === 'number' && Math.abs(value) < TOO_LARGE ? BigInt(value) : value;
}

/** All rows, in the order of their keys, numbers as Node's numbers: above 2^53 rounded, where Node alone would throw. */
export function* sqliteRows<K extends string, C extends string>(
  db: DatabaseSync,
  table: Table<K, C>,
): Generator<SqliteRow<K | C>> {
  const statement = db.prepare(`SELECT * FROM "${table.name}" ORDER BY ${Object.keys(table.key).join(', ')}`);
  statement.setReadBigInts(true);
  for (const row of statement.iterate() as Iterable<SqliteRow<K | C>>) {
    for (const column of Object.keys(row) as (K | C)[]) {
      if (typeof row[column] === 'bigint') row[column] = Number(row[column]);
    }
    yield row;
  }
}
