// Costs about half a minute.
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import type { GenerateFormat } from '../../../../services/generate-account/options/options.ts';
import type { LogFormat } from '../../../../services/reconcile-usage/sql/log-format.ts';
import { foldedInDuckDb, sorted } from './folded-in-duckdb.ts';
import { generatedFiles } from './generated-files.ts';
import { DAY, formatOf, layFiles, MIDNIGHT, removeScratchFolders, scratchFolder, type LogFile } from './laid-files.ts';
import { SIZE } from '../../../size.ts';
import { referenceFold } from './reference-fold.ts';

/** Other tests run beside this one, on a small machine. */
jest.setTimeout(60_000);

interface Case {
  readonly format: GenerateFormat;
  readonly layout: Partial<LogFormat>;
}

const CASES: readonly Case[] = [
  { format: 'v2', layout: {} },
  { format: 'v5', layout: { perHour: true, hiveCompatible: true } },
  { format: 'all', layout: { hiveCompatible: true } },
  { format: 'parquet', layout: { fileFormat: 'parquet', perHour: true } },
];

/** Two hours before midnight to two hours after: late files, and connections of two days. */
const RUN = { records: 5000 * SIZE, minutes: 240, startSeconds: MIDNIGHT + 86_400 - 7200 };

afterAll(removeScratchFolders);

function recordsOf(files: readonly LogFile[]): number {
  return files.reduce((sum, { text, rows }) => sum + (rows?.length ?? text!.split('\n').length - 2), 0);
}

describe.each(CASES)('a generated account, $format, laid out as $layout', ({ format, layout }) => {
  it('is folded as the reference does, each record on one of two days', async () => {
    const { files, fields, flowLogIds } = await generatedFiles({ ...RUN, format, seed: 3 });
    const root = scratchFolder();
    const declared = formatOf(fields, { ...layout, flowLogIds });
    const uris = layFiles(root, declared, files);
    const folded = await foldedInDuckDb(root, declared);
    const expected = referenceFold(
      files.map((file, i) => ({ ...file, uri: uris[i]! })),
      fields,
    );
    expect(sorted(folded)).toEqual(sorted(expected));
    const next = await foldedInDuckDb(root, declared, { day: DAY + 1 });
    const records = [...folded, ...next].reduce((sum, row) => sum + row.records, 0);
    expect(records).toBe(recordsOf(files));
    expect(new Set(folded.map(({ kind }) => kind))).toEqual(new Set(['ok', 'nodata', 'skipdata']));
    const openers = new Set(folded.map(({ opener }) => opener));
    expect(openers).toEqual(new Set(format === 'v2' ? [null] : ['request', 'reply', null]));
  }, 120_000);
});

it.each(['v2', 'v5'] as const)(
  'makes fewer rows of an hour of %s: what it comes to is printed',
  async (format) => {
    // What meets in one row depends on how much each interface has to say.
    const size = { records: 40_000 * SIZE, interfaces: 10 + 10 * SIZE, minutes: 60 };
    const { files, fields, flowLogIds } = await generatedFiles({ ...size, format });
    const root = scratchFolder();
    const declared = formatOf(fields, { flowLogIds });
    layFiles(root, declared, files);
    const rows = await foldedInDuckDb(root, declared);
    const perMillion = Math.round((rows.length / recordsOf(files)) * 1e6);
    process.stderr.write(`${format}: ${perMillion} rows of the fold for a million records\n`);
    expect(perMillion).toBeLessThan(format === 'v2' ? 850_000 : 450_000);
  },
  120_000,
);
