import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../../..');
const FOLDER = join(ROOT, 'shared/flowlogs/scan');
// A process of its own: the compiler's types, once imported, change those of the whole program.
const COMPILER = join(ROOT, 'node_modules/assemblyscript/bin/asc.js');
/** The first of them alone: to standard output. */
const OPTIONS = ['--outFile', '-O3', '--converge', '--runtime', 'stub', '--noAssert', '--enable', 'simd'];

export const SCAN_MODULE_FILE = join(FOLDER, 'scan-module.ts');

/** What `SCAN_MODULE_FILE` is to hold: the compiled scanner. */
export function scanModuleText(): string {
  const wasm = execFileSync(process.execPath, [COMPILER, 'scan.as.ts', ...OPTIONS], { cwd: FOLDER });
  const comment = '/** `scan.as.ts`, compiled: what `npm run wasm` writes. */';
  return `${comment}\nexport const SCAN_MODULE =\n  '${wasm.toString('base64')}';\n`;
}

// `npm run wasm`
if (process.argv[1] === import.meta.filename) writeFileSync(SCAN_MODULE_FILE, scanModuleText());
