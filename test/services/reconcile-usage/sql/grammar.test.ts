import { describe, expect, it, jest } from '@jest/globals';
import { HiveSQL } from 'dt-sql-parser/dist/parser/hive/index.js';
import { TrinoSQL } from 'dt-sql-parser/dist/parser/trino/index.js';
import { usedFields, type LogFormat } from '../../../../services/reconcile-usage/sql/log-format.ts';
import { foldQuery } from '../../../../services/reconcile-usage/sql/fold.ts';
import { createTable, tableNameOf } from '../../../../services/reconcile-usage/sql/table.ts';
import { unload } from '../../../../services/reconcile-usage/sql/unload.ts';
import { DEFAULT_FIELDS, KNOWN_FIELDS, RECOMMENDED_FIELDS } from '../../../../shared/flowlogs/fields.ts';
import { readCreateTable } from '../../../beds/athena-ddl.ts';
import { DAY, formatOf } from './laid-files.ts';

/** Other tests run beside this one, on a small machine. */
jest.setTimeout(60_000);

const trino = new TrinoSQL();
const hive = new HiveSQL();
const TABLE = { database: 'the_database', table: 'the_table' };
const errorsOf = (parser: TrinoSQL | HiveSQL, statement: string): string[] =>
  parser.validate(`${statement};`).map(({ message }) => message);

const LAYOUTS = [false, true].flatMap((perHour) =>
  [false, true].map((hiveCompatible) => ({ perHour, hiveCompatible })),
);
const FILE_FORMATS = ['plain-text', 'parquet'] as const;
const FORMATS: readonly LogFormat[] = LAYOUTS.flatMap((layout) =>
  FILE_FORMATS.flatMap((fileFormat) =>
    [DEFAULT_FIELDS, RECOMMENDED_FIELDS, [...KNOWN_FIELDS].sort(), DEFAULT_FIELDS.slice(0, -1)].map((fields) =>
      formatOf(fields, { ...layout, fileFormat }),
    ),
  ),
);
/** Each with every layout and kind of file, and with every list of fields. */
const LATE_HOURS = [0, 6, 24, 49];
/** All that `checkedFormat` lets through, as long and as odd as it may be. */
const AT_LIMITS = formatOf(
  [...DEFAULT_FIELDS, 'tcp-flags', ...Array.from({ length: 241 }, (_, i) => `x${'-'.repeat(60)}${i}`)],
  {
    bucket: `0${'.-'.repeat(30)}z0`,
    prefix: `${'A!_.*()-9/'.repeat(30)}z`,
    region: 'us-iso-b-east-17',
    flowLogIds: Array.from({ length: 2000 }, (_, i) => `fl-${i.toString(16).padStart(32, '0')}`),
  },
);

describe('the grammars', () => {
  it('refuse what is none', () => {
    expect(errorsOf(trino, 'SELECT a, FROM b')).not.toEqual([]);
    expect(errorsOf(trino, 'SELECT end FROM b')).not.toEqual([]);
    expect(errorsOf(hive, 'CREATE EXTERNAL TABLE `a` (`b` string,)')).not.toEqual([]);
  });

  it.each(
    FORMATS.map(
      (format, i) =>
        [
          `${format.fileFormat}, ${format.fields.length} fields, ${JSON.stringify(format)}`.slice(0, 60),
          format,
          LATE_HOURS[(i + (i >> 2)) % LATE_HOURS.length]!,
        ] as const,
    ),
  )('take every statement: %s', (_, format, lateHours) => {
    const query = foldQuery({ table: TABLE, format, day: DAY, lateHours, parts: 100 });
    expect(errorsOf(trino, query)).toEqual([]);
    expect(unload(query, 's3://results/run/')).toBe(
      `UNLOAD (\n${query}\n)\nTO 's3://results/run/'\n` +
        `WITH (format = 'PARQUET', compression = 'SNAPPY', partitioned_by = ARRAY['part'])`,
    );
    expect(errorsOf(hive, createTable({ database: 'db', table: tableNameOf(format) }, format))).toEqual([]);
  });

  it('take values as long and as odd as they may be', () => {
    const table = { database: `d${'_0'.repeat(63)}`, table: `t${'_0'.repeat(63)}` };
    for (const day of [0, DAY, 2_932_895]) {
      expect(errorsOf(trino, foldQuery({ table, format: AT_LIMITS, day }))).toEqual([]);
    }
    expect(errorsOf(hive, createTable(table, AT_LIMITS))).toEqual([]);
  });
});

describe('statements', () => {
  it('name a table by what its declaration says, so that one that exists is the one that is meant', () => {
    // Of text the lines alone are declared; of Parquet the used columns, which are those of v5 at most.
    expect(new Set(FORMATS.map(tableNameOf)).size).toBe(LAYOUTS.length * 4);
    expect(tableNameOf(FORMATS[0]!)).not.toBe(tableNameOf({ ...FORMATS[0]!, bucket: 'another' }));
  });

  it('declare what is read: a line of text, or the used columns of Parquet by their names', () => {
    const declared = FORMATS.map((format) => readCreateTable(createTable(TABLE, format)));
    expect(declared.map(({ columns }) => columns.map(({ name }) => name))).toEqual(
      FORMATS.map((format) =>
        format.fileFormat === 'parquet' ? usedFields(format).map((field) => field.replaceAll('-', '_')) : ['line'],
      ),
    );
  });

  it('are refused where they are too long for Athena, by the number of flow logs', () => {
    const flowLogIds = Array.from({ length: 7000 }, (_, i) => `fl-${i.toString(16).padStart(32, '0')}`);
    const format = formatOf(DEFAULT_FIELDS, { flowLogIds });
    expect(() => foldQuery({ table: TABLE, format, day: DAY })).toThrow('7000 flow logs');
  });

  it.each([
    { day: -1 },
    { day: 2_932_896 },
    { day: 1.5 },
    { day: NaN },
    { lateHours: -1 },
    { lateHours: 721 },
    { parts: 0 },
    { parts: 101 },
  ])('are refused for %j', (wrong) => {
    expect(() => foldQuery({ table: TABLE, format: FORMATS[0]!, day: DAY, ...wrong })).toThrow(RangeError);
  });

  it.each(['', 'Upper', '0', 'a"b', 'a`b', "a'b", 'a.b', 'a b', 'a;', 'ü', 'a'.repeat(129)])(
    'are refused for a table or database that is called %j',
    (name) => {
      for (const table of [
        { database: name, table: 't' },
        { database: 'd', table: name },
      ]) {
        expect(() => foldQuery({ table, format: FORMATS[0]!, day: DAY })).toThrow('as identifier');
        expect(() => createTable(table, FORMATS[0]!)).toThrow('as identifier');
      }
    },
  );

  it.each([
    "s3://b/x'/",
    's3://bucket',
    's3://bucket/x',
    'http://bucket/',
    's3://bucket/a//',
    `s3://bucket/\${x}/`,
    's3://Bu/',
  ])('are refused for the folder %j', (folder) => {
    expect(() => unload('SELECT 1', folder)).toThrow('as location');
  });
});
