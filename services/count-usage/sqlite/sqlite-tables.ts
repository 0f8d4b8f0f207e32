import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { TOLD_NAMES } from '../../../shared/usage/log-days.ts';
import { COUNTERS, INTERFACE_COUNTERS, LATEST } from '../../../shared/usage/counters.ts';

type Columns = Readonly<Record<string, 'TEXT' | 'INTEGER'>>;

/** A table of counters: rows of one key are added up, never written over. */
export interface Table {
  readonly name: string;
  readonly key: Columns;
  /** Follow from the key; written with the first row of it. */
  readonly facts?: Columns;
  readonly sums?: readonly string[];
  /** The larger one stays. */
  readonly latest?: readonly string[];
  /** The smaller one stays; below 0 stands for none. */
  readonly earliest?: readonly string[];
}

const LOG_DAY = { source: 'TEXT', flow_log_id: 'TEXT', day: 'INTEGER' } as const;
const RULE_DAY = { source: 'TEXT', rule_id: 'TEXT', day: 'INTEGER' } as const;
const INTERFACE_DAY = { source: 'TEXT', interface_id: 'TEXT', day: 'INTEGER' } as const;

/** Days are UTC days since 1970-01-01, times UNIX seconds with -1 for none. */
export const SQLITE_TABLES = {
  rules: {
    name: 'sg-analysis-rules-usage',
    key: RULE_DAY,
    sums: Object.values(COUNTERS),
    latest: [...Object.values(LATEST), 'peers_left_out'],
  },
  hours: { name: 'rule-hours', key: { ...RULE_DAY, hour: 'INTEGER' }, sums: ['used_times'] },
  ports: {
    name: 'rule-ports',
    key: { ...RULE_DAY, port_key: 'TEXT' },
    facts: { protocol: 'INTEGER', from_port: 'INTEGER', to_port: 'INTEGER' },
    sums: ['used_times', 'reply_times'],
  },
  peers: { name: 'rule-peers', key: { ...RULE_DAY, hash: 'INTEGER' }, facts: { prefix: 'TEXT' } },
  sets: {
    name: 'admitting-sets',
    key: { source: 'TEXT', set_key: 'TEXT' },
    facts: { day: 'INTEGER', vpc_id: 'TEXT', group_ids: 'TEXT', rule_ids: 'TEXT' },
    sums: ['requests', 'replies', 'proven_times'],
  },
  logs: { name: 'log-days', key: LOG_DAY, sums: ['lines', 'malformed'], latest: TOLD_NAMES },
  logHours: { name: 'log-hours', key: { ...LOG_DAY, hour: 'INTEGER' } },
  logSlots: { name: 'log-slots', key: { ...LOG_DAY, slot: 'INTEGER' } },
  interfaces: {
    name: 'interface-days',
    key: INTERFACE_DAY,
    sums: Object.values(INTERFACE_COUNTERS),
  },
  interfaceLogs: {
    name: 'interface-logs',
    key: { ...INTERFACE_DAY, flow_log_id: 'TEXT' },
  },
  unknownAccepted: {
    name: 'unknown-accepted',
    key: { source: 'TEXT', vpc_id: 'TEXT', day: 'INTEGER' },
    sums: ['records'],
  },
  unknownInterfaces: {
    name: 'unknown-interfaces',
    key: { source: 'TEXT', hash: 'INTEGER' },
    facts: { interface_id: 'TEXT' },
  },
  rejected: {
    name: 'rejected-flows',
    key: { source: 'TEXT', hash: 'INTEGER' },
    facts: {
      interface_id: 'TEXT',
      direction: 'TEXT',
      protocol: 'INTEGER',
      peer: 'TEXT',
      port: 'INTEGER',
      reason: 'TEXT',
    },
    sums: ['times'],
    latest: ['last_seen'],
  },
  fates: { name: 'fates', key: { source: 'TEXT', fate: 'TEXT' }, sums: ['records'] },
  totals: {
    name: 'totals',
    key: { source: 'TEXT' },
    sums: ['requests', 'replies', 'ambiguous'],
    latest: ['last_end', 'unknown_left_out', 'rejected_left_out'],
    earliest: ['first_end'],
  },
  malformed: { name: 'malformed-samples', key: { file: 'TEXT', line: 'INTEGER' }, facts: { reason: 'TEXT' } },
} as const satisfies Readonly<Record<string, Table>>;

export function createSqliteTable({ name, key, facts = {}, sums = [], latest = [], earliest = [] }: Table): string {
  const columns = [
    ...Object.entries(key).map(([column, type]) => `${column} ${type} NOT NULL`),
    ...Object.keys(facts).map((column) => `${column} NOT NULL`),
    ...[...sums, ...latest, ...earliest].map((column) => `${column} INTEGER NOT NULL`),
  ];
  return `CREATE TABLE "${name}" (${columns.join(', ')}, PRIMARY KEY (${Object.keys(key).join(', ')})) WITHOUT ROWID`;
}

type TableName = keyof typeof SQLITE_TABLES;
type Values<C> = { readonly [N in keyof C]: C[N] extends 'TEXT' ? string : number };
type Facts<T> = T extends { readonly facts: infer F } ? Values<F> : unknown;
type Names<T, P extends keyof T = keyof T & ('sums' | 'latest' | 'earliest')> = P extends P
  ? Extract<T[P], readonly string[]>[number]
  : never;
type Row<T extends Table> = Values<T['key']> & Facts<T> & Readonly<Record<Names<T>, number>>;
type RowOf<N extends TableName> = Row<(typeof SQLITE_TABLES)[N]>;

/** Adds a row to the one of its key. */
export type RowAdder = <T extends TableName>(
  name: T,
  row: RowOf<T> & Readonly<Record<string, string | number>>,
) => void;

/** The statement of a table is made once. */
export function rowAdder(db: DatabaseSync): RowAdder {
  const statements = new Map<TableName, readonly [columns: readonly string[], statement: StatementSync]>();
  return (name, row) => {
    let known = statements.get(name);
    if (!known) statements.set(name, (known = addition(db, SQLITE_TABLES[name])));
    const [columns, statement] = known;
    statement.run(...columns.map((column) => exact(row[column]!)));
  };
}

function addition(db: DatabaseSync, { name, key, facts = {}, sums = [], latest = [], earliest = [] }: Table) {
  const columns = [...Object.keys(key), ...Object.keys(facts), ...sums, ...latest, ...earliest];
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
  return [columns, statement] as const;
}

const TOO_LARGE = 2 ** 63;

/** Node binds numbers as floating point, whose sums are inexact above 2^53; whole numbers go in as such. */
function exact(value: string | number): string | number | bigint {
  return typeof value === 'number' && Math.abs(value) < TOO_LARGE ? BigInt(value) : value;
}

/** Node 22.13 ends the reading of a statement that its collector finds unreachable meanwhile: "statement has been finalized". */
const beingRead = new Set<StatementSync>();

/** All rows, in the order of their keys, numbers as Node's numbers: above 2^53 rounded, where Node alone would throw. */
export function* sqliteRows<T extends TableName>(db: DatabaseSync, table: T): Generator<RowOf<T>> {
  const { name, key } = SQLITE_TABLES[table];
  const statement = db.prepare(`SELECT * FROM "${name}" ORDER BY ${Object.keys(key).join(', ')}`);
  statement.setReadBigInts(true);
  beingRead.add(statement);
  try {
    for (const row of statement.iterate()) {
      for (const [column, value] of Object.entries(row)) if (typeof value === 'bigint') row[column] = Number(value);
      yield row as RowOf<T>;
    }
  } finally {
    beingRead.delete(statement);
  }
}
