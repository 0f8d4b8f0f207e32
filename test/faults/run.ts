/**
 * `npm run test:faults`: puts every fault of `faults.ts` into a copy of the program, one at a time, and runs the tests of
 * matching and attribution until one fails. Ends with status 1 if a fault goes unnoticed without a written reason, if a
 * reason is out of date, or if a text is not in the source any more.
 */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EQUIVALENT, FAULTS } from './faults.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** Quickest first; a fault is noticed by the first that fails. */
const SUITES = [
  ['test/shared/attribution/rows.test.ts', 'test/world/duplicate-log.test.ts'],
  ['test/shared/attribution/against-oracle.test.ts'],
];
const WORKERS = 2;

const named = ([file, text, fault]: (typeof FAULTS)[number]): string => `${file}: ${text} → ${fault || 'nothing'}`;

async function copyOfProgram(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'stale-sg-faults-'));
  for (const name of ['shared', 'services', 'test', 'package.json', 'tsconfig.json', 'jest.config.ts']) {
    await cp(join(ROOT, name), join(copy, name), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function passes(copy: string, suites: readonly string[]): Promise<boolean> {
  const jest = join(copy, 'node_modules/jest/bin/jest.js');
  const child = spawn(process.execPath, ['--experimental-vm-modules', jest, '--bail', ...suites], {
    cwd: copy,
    stdio: 'ignore',
    timeout: 300_000,
  });
  return new Promise((done) => child.on('exit', (status) => done(status === 0)));
}

/** Whether some suite fails with the fault in place. */
async function isNoticed(copy: string, [file, text, fault]: (typeof FAULTS)[number]): Promise<boolean> {
  const path = join(copy, 'shared', file);
  const source = await readFile(path, 'utf8');
  if (source.split(text).length !== 2) throw new Error(`${file}: not exactly once in the source: ${text}`);
  await writeFile(
    path,
    source.replace(text, () => fault),
  );
  try {
    for (const suites of SUITES) if (!(await passes(copy, suites))) return true;
    return false;
  } finally {
    await writeFile(path, source);
  }
}

const left = [...FAULTS];
const survivors: string[] = [];
async function work(): Promise<void> {
  const copy = await copyOfProgram();
  try {
    for (let fault = left.shift(); fault; fault = left.shift()) {
      const noticed = await isNoticed(copy, fault);
      if (!noticed) survivors.push(named(fault));
      console.log(`${noticed ? 'noticed ' : 'SURVIVED'} ${named(fault)}`);
    }
  } finally {
    await rm(copy, { recursive: true });
  }
}

const sound = await copyOfProgram();
if (!(await passes(sound, SUITES.flat()))) throw new Error('the tests fail without any fault');
await rm(sound, { recursive: true });
await Promise.all(Array.from({ length: WORKERS }, work));

const unexplained = survivors.filter((name) => !EQUIVALENT.has(name));
const outdated = [...EQUIVALENT.keys()].filter((name) => !survivors.includes(name));
for (const name of survivors) console.log(`not noticed: ${name}\n  ${EQUIVALENT.get(name) ?? 'NO REASON WRITTEN'}`);
for (const name of outdated) console.log(`noticed, or not there, though a reason is written: ${name}`);
console.log(
  `${FAULTS.length} faults: ${FAULTS.length - survivors.length} noticed, ${survivors.length} not, of these ${unexplained.length} without a reason`,
);
process.exitCode = unexplained.length + outdated.length > 0 ? 1 : 0;
