import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';

const ROOT = join(import.meta.dirname, '../../..');

let bundled: Promise<string> | undefined;

/** The script of the page, bundled from `shared/reports/page/` the first time. For checkouts: what is deployed has `page.js` beside it. */
export function pageScript(): Promise<string> {
  bundled ??= bundlePage();
  return bundled;
}

async function bundlePage(): Promise<string> {
  // The bundler is loaded only when needed.
  const { buildSync } = await import('esbuild');
  const options = await readFile(join(ROOT, 'shared/reports/page/esbuild.json'), 'utf8');
  const { outputFiles } = buildSync({ ...(JSON.parse(options) as BuildOptions), absWorkingDir: ROOT, write: false });
  return outputFiles[0]!.text;
}
