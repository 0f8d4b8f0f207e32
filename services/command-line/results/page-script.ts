import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';

const ROOT = join(import.meta.dirname, '../../..');

/**
 * Names a file that keeps the script for other processes: bundling takes longer than the rest of a small report. Whoever
 * sets it removes the file when the sources change; the tests do, which make many reports.
 */
const KEPT_PAGE_SCRIPT = 'STALE_SG_KEPT_PAGE_SCRIPT';

let bundled: Promise<string> | undefined;

/** The script of the page, bundled from `shared/reports/page/` the first time. For checkouts: what is deployed has `page.js` beside it. */
export function pageScript(): Promise<string> {
  bundled ??= bundlePage(process.env[KEPT_PAGE_SCRIPT]);
  return bundled;
}

/** @param kept path of a file that has it, or is to have it from then on */
export async function bundlePage(kept?: string): Promise<string> {
  if (kept !== undefined && existsSync(kept)) return readFile(kept, 'utf8');
  // The bundler is loaded only when needed.
  const { buildSync } = await import('esbuild');
  const options = await readFile(join(ROOT, 'shared/reports/page/esbuild.json'), 'utf8');
  const { outputFiles } = buildSync({ ...(JSON.parse(options) as BuildOptions), absWorkingDir: ROOT, write: false });
  const { text } = outputFiles[0]!;
  if (kept !== undefined) await keep(kept, text);
  return text;
}

/** Whole, or not at all: others may look meanwhile. */
async function keep(path: string, text: string): Promise<void> {
  const whole = `${path}.${String(process.pid)}`;
  await writeFile(whole, text);
  await rename(whole, path);
}
