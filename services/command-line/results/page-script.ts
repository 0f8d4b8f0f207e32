import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import * as z from 'zod';
import { PACKAGED, PAGE_SCRIPT } from '../files/shipped.ts';

const ROOT = join(import.meta.dirname, '../../..');
const OPTIONS = 'shared/reports/page/esbuild.json';
/** What was bundled last, in the folder that is for such things. */
const CACHE = join(ROOT, 'node_modules/.cache/stale-sg/page.json');

const BUNDLED = z.object({
  script: z.string(),
  /** Several checkouts may share one folder of packages. */
  root: z.literal(ROOT),
  /** Of each file that it was made of, its path from the root and what it was. */
  inputs: z.record(z.string(), z.string()),
});

let bundled: Promise<string> | undefined;

/** The script of the page: a package has it, a checkout bundles it from `shared/reports/page/` where that was changed since. */
export function pageScript(): Promise<string> {
  bundled ??= PACKAGED ? readFile(PAGE_SCRIPT, 'utf8') : keptOrBundled(CACHE);
  return bundled;
}

/** @param path of the file that keeps it; where it cannot be kept, it is bundled every time */
export async function keptOrBundled(path: string): Promise<string> {
  return keptPage(path) ?? (await bundlePage(path));
}

/** Undefined where there is none, or something that it was made of is not as it was. */
function keptPage(file: string): string | undefined {
  try {
    const { script, inputs } = BUNDLED.parse(JSON.parse(readFileSync(file, 'utf8')));
    return Object.entries(inputs).every(([path, stamp]) => stampOf(path) === stamp) ? script : undefined;
  } catch {
    return undefined;
  }
}

async function bundlePage(file: string): Promise<string> {
  // The bundler is loaded only when needed.
  const { buildSync } = await import('esbuild');
  const options = JSON.parse(readFileSync(join(ROOT, OPTIONS), 'utf8')) as BuildOptions;
  const { outputFiles, metafile } = buildSync({ ...options, absWorkingDir: ROOT, write: false, metafile: true });
  const script = outputFiles[0]!.text;
  keep(file, script, ['node_modules/esbuild/package.json', OPTIONS, ...Object.keys(metafile.inputs)]);
  return script;
}

/** Whole, or not at all: others may look meanwhile. */
function keep(file: string, script: string, made: readonly string[]): void {
  const own = `${file}.${String(process.pid)}`;
  try {
    const inputs = Object.fromEntries(made.map((path) => [path, stampOf(path)]));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(own, JSON.stringify({ script, root: ROOT, inputs }));
    renameSync(own, file);
  } catch {
    return;
  }
}

function stampOf(path: string): string {
  const { size, mtimeMs } = statSync(join(ROOT, path));
  return `${String(size)} ${String(mtimeMs)}`;
}
