import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
// A process of its own: the compiler's types, once imported, change those of the whole program.
const COMPILER = join(ROOT, 'node_modules/assemblyscript/bin/asc.js');
/** The first of them alone: to standard output. */
const OPTIONS = ['--outFile', '-O3', '--converge', '--noAssert', '--use', 'abort=', '--enable', 'simd'];

interface WasmSource {
  readonly file: string;
  /** Of AssemblyScript: `stub` allocates nothing, `minimal` is its allocator. */
  readonly runtime: 'stub' | 'minimal';
  readonly name: string;
}

const source = (file: string, runtime: WasmSource['runtime'], name: string): WasmSource => ({
  file: join(ROOT, 'shared', file),
  runtime,
  name,
});

export const WASM_SOURCES = [
  source('flowlogs/scan/scan', 'stub', 'SCAN_MODULE'),
  source('attribution/fold/fold', 'minimal', 'FOLD_MODULE'),
  source('evidence/rows/rows', 'stub', 'ROWS_MODULE'),
];

/** The file that holds a compiled source. */
export function moduleFile({ file }: WasmSource): string {
  return `${file}-module.ts`;
}

/** What is to be in it. */
export function moduleText({ file, runtime, name }: WasmSource): string {
  const from = `${file.slice(dirname(file).length + 1)}.as.ts`;
  const wasm = execFileSync(process.execPath, [COMPILER, from, ...OPTIONS, '--runtime', runtime], {
    cwd: dirname(file),
  });
  return `/** \`${from}\`, compiled: what \`npm run wasm\` writes. */\nexport const ${name} =\n  '${wasm.toString('base64')}';\n`;
}

// `npm run wasm`, or of some folder alone
if (process.argv[1] === import.meta.filename) {
  const [folder = ''] = process.argv.slice(2);
  const chosen = WASM_SOURCES.filter(({ file }) => file.includes(folder));
  for (const one of chosen) writeFileSync(moduleFile(one), moduleText(one));
}
