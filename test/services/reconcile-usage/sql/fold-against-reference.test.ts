// Costs about half a minute.
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { LogFormat } from '../../../../services/reconcile-usage/sql/log-format.ts';
import { DEFAULT_FIELDS, RECOMMENDED_FIELDS } from '../../../../shared/flowlogs/fields.ts';
import { foldedInDuckDb, sorted } from './folded-in-duckdb.ts';
import { parquetFile, textFile } from './hostile-files.ts';
import { formatOf, layFiles, removeScratchFolders, scratchFolder, type LogFile } from './laid-files.ts';
import { referenceFold } from './reference-fold.ts';

/** Other tests run beside this one, on a small machine. */
jest.setTimeout(60_000);

const ALL_IN_ONE_ORDER = [...RECOMMENDED_FIELDS, 'interface-tag', 'ecs-task-id'].sort();
const FEWEST = 'interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action'
  .split(' ')
  .reverse();

const FORMATS: Readonly<Record<string, LogFormat>> = {
  'v2, text, by day': formatOf(DEFAULT_FIELDS),
  'v5, text, by hour': formatOf(RECOMMENDED_FIELDS, { perHour: true, prefix: '' }),
  'custom order, text, hive': formatOf(ALL_IN_ONE_ORDER, { hiveCompatible: true }),
  'needed fields alone, text, hive by hour': formatOf(FEWEST, { hiveCompatible: true, perHour: true }),
  'v5, Parquet, hive by hour': formatOf(RECOMMENDED_FIELDS, {
    fileFormat: 'parquet',
    hiveCompatible: true,
    perHour: true,
  }),
  'v2, Parquet, by day': formatOf(DEFAULT_FIELDS, { fileFormat: 'parquet' }),
};

afterAll(removeScratchFolders);

async function both(format: LogFormat, files: readonly LogFile[], lateHours: number, statements: number) {
  const root = scratchFolder();
  const uris = layFiles(root, format, files);
  const laid = files.map((file, i) => ({ ...file, uri: uris[i]! }));
  const folded = [];
  for (let index = 0; index < statements; index++) {
    const share = { index, of: statements };
    const rows = await foldedInDuckDb(root, format, { lateHours, parts: 3, share });
    expect(rows.filter(({ part }) => part % statements !== index)).toEqual([]);
    folded.push(...rows);
  }
  return {
    folded,
    expected: referenceFold(laid, format.fields, lateHours),
  };
}

describe.each(Object.entries(FORMATS))('%s', (_, format) => {
  it('folds any files as the reference does', async () => {
    const file = (format.fileFormat === 'parquet' ? parquetFile : textFile)(format.fields);
    let kinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { minLength: 1, maxLength: 15, size: 'max' }),
        fc.constantFrom(1, 6, 24, 30),
        fc.constantFrom(1, 1, 2, 3),
        async (files, lateHours, statements) => {
          const { folded, expected } = await both(format, files, lateHours, statements);
          expect(sorted(folded)).toEqual(sorted(expected));
          for (const { kind, opener, paired, service } of folded) {
            kinds = kinds.add(kind).add(String(opener)).add(String(paired)).add(String(service));
          }
        },
      ),
      // A statement costs the same for one file as for fifteen.
      { numRuns: 10, seed: 5 },
    );
    // Answers are met too rarely to count on; the cases have them.
    kinds.delete('answers');
    const night = ['asks', 'source', 'destination'];
    const always = ['ok', 'malformed', 'nodata', 'skipdata', 'null'];
    const flags = format.fields.includes('tcp-flags') ? ['request', 'reply'] : [];
    const text = format.fileFormat === 'parquet' ? [] : ['header'];
    // Without a status, a line of dashes alone says that there was nothing.
    const fewest = ['ok', 'malformed', 'null', ...(text.length > 0 ? ['nodata'] : [])];
    const status = format.fields.includes('log-status') ? always : fewest;
    expect([...kinds].sort()).toEqual([...status, ...flags, ...text, ...night].sort());
  }, 300_000);
});
