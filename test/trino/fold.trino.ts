// Costs about a minute.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LogFormat } from '../../services/reconcile-usage/sql/log-format.ts';
import { foldQuery } from '../../services/reconcile-usage/sql/fold.ts';
import { tableNameOf } from '../../services/reconcile-usage/sql/table.ts';
import fc from 'fast-check';
import { foldedInDuckDb, rowOf, sorted, type QueryRow } from '../services/reconcile-usage/sql/folded-in-duckdb.ts';
import { generatedFiles } from '../services/reconcile-usage/sql/generated-files.ts';
import { parquetFile, textFile } from '../services/reconcile-usage/sql/hostile-files.ts';
import {
  DAY,
  formatOf,
  layFiles,
  MIDNIGHT,
  removeScratchFolders,
  scratchFolder,
  type LogFile,
} from '../services/reconcile-usage/sql/laid-files.ts';
import { installTrino, NoTrino, type Installed } from './install-trino.ts';
import { declareTable, REGEX_SINCE } from './trino-tables.ts';
import { TrinoServer } from './trino-server.ts';

let installed: Installed | undefined;
let missing = '';
try {
  installed = installTrino();
} catch (error) {
  if (!(error instanceof NoTrino)) throw error;
  missing = error.message;
}

let trino: TrinoServer;

afterAll(async () => {
  if (installed) await trino.stop();
  removeScratchFolders();
});

/** The rows of the same text of a query over the same files: in Trino as they come and as `UNLOAD` writes them, in DuckDB. */
async function everywhere(format: LogFormat, files: readonly LogFile[]) {
  const root = scratchFolder();
  layFiles(root, format, files);
  const table = { database: `logs_${root.replaceAll(/\W/g, '_').toLowerCase()}`, table: tableNameOf(format) };
  await declareTable(trino, installed!.version, table, format, root);
  const query = foldQuery({ table, format, day: DAY, parts: 5 });
  return {
    query,
    written: `"${table.database}"."written"`,
    inDuckDb: await foldedInDuckDb(root, format, { parts: 5 }),
  };
}

async function inTrino(query: string): Promise<QueryRow[]> {
  const { columns, rows } = await trino.run(query);
  const names = columns.map(({ name }) => name);
  const path = (file: string | null): string | null =>
    file?.replace(/^file:\/*\/.*?\/the-logs\//, 's3://the-logs/') ?? null;
  return rows.map((row) => rowOf(names, row)).map((row) => ({ ...row, file: path(row.file) }));
}

/** Where text is read without the SerDe of regular expressions, one character separates fields. */
function asRead(file: LogFile): LogFile {
  if (file.text === undefined || installed!.version >= REGEX_SINCE) return file;
  return { ...file, text: file.text.replaceAll('\u0001', ' ') };
}

const start = async (): Promise<void> => {
  trino = await TrinoServer.start(installed!, scratchFolder());
};

const RUN = { records: 4000, minutes: 120, startSeconds: MIDNIGHT + 86_400 - 3600, seed: 3 };
const PARQUET = { fileFormat: 'parquet', hiveCompatible: true, perHour: true } as const;

/** Forty files of whatever may be in one. */
function hostileFiles({ fileFormat, fields, flowLogIds }: LogFormat): readonly LogFile[] {
  const file = (fileFormat === 'parquet' ? parquetFile : textFile)(fields);
  const [files] = fc.sample(fc.array(file, { minLength: 40, maxLength: 40 }), { numRuns: 1, seed: 7 });
  return files!.map((one, n) => asRead({ ...one, flowLogId: flowLogIds[n % flowLogIds.length]! }));
}

const about = installed ? `Trino ${installed.version} on Java ${installed.javaVersion}` : `Trino: ${missing}`;
(installed ? describe : describe.skip)(about, () => {
  beforeAll(start, 300_000);

  // What a statement costs Trino is to compile it, however many files it reads: each is run once, over all of them.
  it.each([
    { format: 'v2', layout: {}, isWritten: false },
    { format: 'v5', layout: { perHour: true }, isWritten: true },
    { format: 'all', layout: { hiveCompatible: true }, isWritten: false },
    { format: 'parquet', layout: PARQUET, isWritten: false },
  ] as const)(
    'makes the rows of DuckDB of a generated account and of hostile files, $format, by UNLOAD: $isWritten',
    async ({ format, layout, isWritten }) => {
      const { files, fields, flowLogIds } = await generatedFiles({ ...RUN, format });
      const declared = formatOf(fields, { ...layout, flowLogIds });
      const hostile = hostileFiles(declared);
      const { query, written, inDuckDb } = await everywhere(declared, [...files, ...hostile]);
      // As UNLOAD does: as Parquet, partitioned by the last column.
      const create = `CREATE TABLE ${written} WITH (format = 'PARQUET', partitioned_by = ARRAY['part']) AS ${query}`;
      if (isWritten) await trino.run(create);
      const rows = await inTrino(isWritten ? `SELECT * FROM ${written}` : query);
      // More than the generated account alone makes, and what only hostile files do.
      expect(rows.length).toBeGreaterThan(1150);
      expect(rows.map(({ kind }) => kind)).toContain('malformed');
      expect(sorted(rows)).toEqual(sorted(inDuckDb));
      expect(new Set(rows.map(({ part }) => part))).toEqual(new Set([0, 1, 2, 3, 4]));
    },
    300_000,
  );

  /** Whether Athena has the same is for nobody to rely on: it says that it reads all files of a folder. */
  it('reads text beside Parquet as if it were alone, and ends a query of Parquet at the first file of text', async () => {
    const [own, others] = await Promise.all([
      generatedFiles({ ...RUN, records: 500, format: 'v5' }),
      generatedFiles({ ...RUN, records: 500, format: 'parquet' }),
    ]);
    const [text, parquet] = [
      formatOf(own.fields, { flowLogIds: ['fl-0aaa'] }),
      formatOf(others.fields, { flowLogIds: ['fl-0bbb'], fileFormat: 'parquet' }),
    ];
    const root = scratchFolder();
    layFiles(
      root,
      text,
      own.files.map((file) => ({ ...file, flowLogId: 'fl-0aaa' })),
    );
    const alone = await foldedInDuckDb(root, text);
    layFiles(
      root,
      parquet,
      others.files.map((file) => ({ ...file, flowLogId: 'fl-0bbb' })),
    );
    const queryOf = async (format: LogFormat): Promise<string> => {
      const table = { database: 'mixed', table: tableNameOf(format) };
      await declareTable(trino, installed!.version, table, format, root);
      return foldQuery({ table, format, day: DAY });
    };
    expect(alone.length).toBeGreaterThan(100);
    expect(sorted(await inTrino(await queryOf(text)))).toEqual(sorted(alone));
    const query = await queryOf(parquet);
    await expect(trino.run(query)).rejects.toThrow(/^Not valid Parquet file: .*_fl-0aaa_.*\.log\.gz/);
    const byName = query.replace(/WHERE (\(delivery.*)/, `WHERE "$path" LIKE '%.parquet' AND ($1)`);
    expect(byName).not.toBe(query);
    // Newer ones do not open what such a condition leaves out: https://github.com/trinodb/trino/pull/27000
    if (installed!.version < 478) await expect(trino.run(byName)).rejects.toThrow(/^Not valid Parquet file/);
  }, 300_000);
});
