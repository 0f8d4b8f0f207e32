/**
 * `npm run test:faults [-- WORD…]`: puts every fault of `faults.ts`, or those whose file or text holds a word, into a copy of
 * the program, one at a time, and runs the tests of that part until one fails. Ends with status 1 if a fault goes unnoticed
 * without a written reason, or if a reason is out of date.
 */
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { EQUIVALENT, FAULTS, nameOf, type Fault } from './faults.ts';
import { JestProcess } from './jest-process.ts';
import { suitesOf } from './suites.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const WORKERS = Number(process.env.STALE_SG_FAULT_WORKERS ?? 2);

async function copyOfProgram(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'stale-sg-faults-'));
  for (const name of ['shared', 'services', 'test', 'package.json', 'tsconfig.json', 'jest.config.ts']) {
    await cp(join(ROOT, name), join(copy, name), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Whether some suite fails with the fault in place. */
async function isNoticed(copy: string, jest: JestProcess, { file, text, fault }: Fault): Promise<boolean> {
  const path = join(copy, file);
  const source = await readFile(path, 'utf8');
  if (source.split(text).length !== 2) throw new Error(`${file}: not exactly once in the source: ${text}`);
  await put(
    copy,
    file,
    source.replace(text, () => fault),
  );
  try {
    for (const suite of suitesOf(file)) if (!(await jest.passes([suite]))) return true;
    return false;
  } finally {
    await put(copy, file, source);
  }
}

/** What is compiled is compiled anew: one that cannot be counts as noticed by no test, and ends the run. */
async function put(copy: string, file: string, source: string): Promise<void> {
  await writeFile(join(copy, file), source);
  if (file.endsWith('.as.ts')) execFileSync(process.execPath, [join(copy, 'test/shared/wasm-build.ts'), dirname(file)]);
}

const words = process.argv.slice(2);
const chosen = FAULTS.filter(({ file, text }) => words.every((word) => file.includes(word) || text.includes(word)));
const left = [...chosen];
const survivors: string[] = [];
async function inCopy(work: (copy: string, jest: JestProcess) => Promise<void>): Promise<void> {
  const copy = await copyOfProgram();
  const jest = new JestProcess(copy);
  try {
    await work(copy, jest);
  } finally {
    jest.stop();
    await rm(copy, { recursive: true });
  }
}

await inCopy(async (_, jest) => {
  for (const suite of new Set(chosen.flatMap(({ file }) => suitesOf(file))))
    if (!(await jest.passes([suite]))) throw new Error(`${suite} fails without any fault`);
});
await Promise.all(
  Array.from({ length: WORKERS }, () =>
    inCopy(async (copy, jest) => {
      for (let fault = left.shift(); fault; fault = left.shift()) {
        const noticed = await isNoticed(copy, jest, fault);
        if (!noticed) survivors.push(nameOf(fault));
        console.log(`${noticed ? 'noticed ' : 'SURVIVED'} ${nameOf(fault)}`);
      }
    }),
  ),
);

const unexplained = survivors.filter((name) => !EQUIVALENT.has(name));
const outdated = chosen.map(nameOf).filter((name) => EQUIVALENT.has(name) && !survivors.includes(name));
for (const name of survivors) console.log(`not noticed: ${name}\n  ${EQUIVALENT.get(name) ?? 'NO REASON WRITTEN'}`);
for (const name of outdated) console.log(`noticed, though a reason is written: ${name}`);
console.log(
  `${chosen.length} faults: ${chosen.length - survivors.length} noticed, ${survivors.length} not, of these ${unexplained.length} without a reason`,
);
process.exitCode = unexplained.length + outdated.length > 0 ? 1 : 0;
