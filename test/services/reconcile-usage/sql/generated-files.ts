import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { generateAccount } from '../../../../services/generate-account/generate-account.ts';
import { GENERATE_DEFAULTS, type GenerateOptions } from '../../../../services/generate-account/options/options.ts';
import { scratchFolder, type LogFile } from './laid-files.ts';

export interface GeneratedFiles {
  readonly files: readonly LogFile[];
  readonly fields: readonly string[];
  readonly flowLogIds: readonly string[];
}

/** The logs of a generated account, to be laid out anew. */
export async function generatedFiles(options: Partial<GenerateOptions>): Promise<GeneratedFiles> {
  const out = scratchFolder();
  await generateAccount({ ...GENERATE_DEFAULTS, ...options, out });
  const paths = readdirSync(join(out, 'logs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const files = await Promise.all(paths.map(fileAt));
  const first = files[0]!;
  const fields = first.rows
    ? Object.keys(first.rows[0]!).map((name) => name.replaceAll('_', '-'))
    : first.text!.slice(0, first.text!.indexOf('\n')).split(' ');
  return { files, fields, flowLogIds: [...new Set(files.map(({ flowLogId }) => flowLogId))] };
}

async function fileAt(path: string): Promise<LogFile> {
  const [, flowLogId, year, month, day, hour, minute] = /_(fl-\w+)_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z_/.exec(path)!;
  const published = Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!) / 1000;
  const about = { flowLogId: flowLogId!, published };
  if (!path.endsWith('.parquet')) return { ...about, text: gunzipSync(readFileSync(path)).toString('latin1') };
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path), compressors });
  const withFields = rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name.replaceAll('_', '-'), value])),
  );
  return { ...about, rows: withFields };
}
