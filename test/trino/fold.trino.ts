// Costs about a minute and a half.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LogFormat } from '../../services/reconcile-usage/sql/log-format.ts';
import { foldQuery } from '../../services/reconcile-usage/sql/fold.ts';
import { tableNameOf } from '../../services/reconcile-usage/sql/table.ts';
import { DEFAULT_FIELDS, RECOMMENDED_FIELDS } from '../../shared/flowlogs/fields.ts';
import fc from 'fast-check';
import { foldedInDuckDb, rowOf, sorted } from '../services/reconcile-usage/sql/folded-in-duckdb.ts';
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

/** What Trino and DuckDB make of the same files by the same text of a query. */
async function both(format: LogFormat, files: readonly LogFile[]) {
  const root = scratchFolder();
  layFiles(root, format, files);
  const table = { database: `logs_${root.replaceAll(/\W/g, '_').toLowerCase()}`, table: tableNameOf(format) };
  await declareTable(trino, installed!.version, table, format, root);
  const query = foldQuery({ table, format, day: DAY, parts: 5 });
  const { columns, rows } = await trino.run(query);
  const names = columns.map(({ name }) => name);
  const there = rows.map((row) => rowOf(names, row));
  const path = (file: string | null): string | null =>
    file?.replace(/^file:\/*\/.*?\/the-logs\//, 's3://the-logs/') ?? null;
  return {
    inTrino: there.map((row) => ({ ...row, file: path(row.file) })),
    inDuckDb: await foldedInDuckDb(root, format, { parts: 5 }),
    table,
    query,
  };
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
const HOSTILE: Readonly<Record<string, LogFormat>> = {
  'v2, text': formatOf(DEFAULT_FIELDS),
  'v5, text, hive by hour': formatOf(RECOMMENDED_FIELDS, { hiveCompatible: true, perHour: true }),
  'v5, Parquet, hive by hour': formatOf(RECOMMENDED_FIELDS, PARQUET),
};

const about = installed ? `Trino ${installed.version} on Java ${installed.javaVersion}` : `Trino: ${missing}`;
(installed ? describe : describe.skip)(about, () => {
  beforeAll(start, 300_000);

  it.each([
    { format: 'v2', layout: {} },
    { format: 'v5', layout: { perHour: true } },
    { format: 'all', layout: { hiveCompatible: true } },
    { format: 'parquet', layout: PARQUET },
  ] as const)(
    'makes the rows of DuckDB of a generated account, $format',
    async ({ format, layout }) => {
      const { files, fields, flowLogIds } = await generatedFiles({ ...RUN, format });
      const { inTrino, inDuckDb } = await both(formatOf(fields, { ...layout, flowLogIds }), files);
      expect(inTrino.length).toBeGreaterThan(800);
      expect(sorted(inTrino)).toEqual(sorted(inDuckDb));
      expect(new Set(inTrino.map(({ part }) => part))).toEqual(new Set([0, 1, 2, 3, 4]));
    },
    300_000,
  );

  it.each(Object.entries(HOSTILE))(
    'makes the rows of DuckDB of hostile files, %s',
    async (_, format) => {
      const file = (format.fileFormat === 'parquet' ? parquetFile : textFile)(format.fields);
      const [files] = fc.sample(fc.array(file, { minLength: 40, maxLength: 40 }), { numRuns: 1, seed: 7 });
      const { inTrino, inDuckDb } = await both(format, files!.map(asRead));
      expect(inTrino.length).toBeGreaterThan(100);
      expect(sorted(inTrino)).toEqual(sorted(inDuckDb));
    },
    300_000,
  );

  it('can write the rows as UNLOAD does: as Parquet, partitioned by the last column', async () => {
    const { files, fields, flowLogIds } = await generatedFiles({ ...RUN, records: 2000, format: 'v5' });
    const { query, table, inDuckDb } = await both(formatOf(fields, { flowLogIds }), files);
    const written = `"${table.database}"."written"`;
    await trino.run(`CREATE TABLE ${written} WITH (format = 'PARQUET', partitioned_by = ARRAY['part']) AS ${query}`);
    const { rows } = await trino.run(`SELECT count(*), sum(records) FROM ${written}`);
    expect(rows[0]!.map(Number)).toEqual([inDuckDb.length, inDuckDb.reduce((sum, row) => sum + row.records, 0)]);
  }, 300_000);
});
