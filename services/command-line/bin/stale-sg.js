#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
// A checkout runs the TypeScript sources as they are: Node strips the types. A package has no sources, but what was built of them.
const isCheckout = existsSync(join(import.meta.dirname, '../main.ts'));
const OLDEST = isCheckout ? [22, 18] : [22, 13];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  process.stderr.write(
    `stale-sg: needs Node ${OLDEST.join('.')} or newer, this is ${process.versions.node}. ` +
      (isCheckout
        ? 'From a checkout, after `npm ci`, call it as `npx stale-sg`: that uses the Node it was installed with.\n'
        : 'https://nodejs.org has newer ones; `npx -p node@24 -p stale-sg stale-sg` brings one along.\n'),
  );
  process.exitCode = 1;
} else {
  // Who reads our output may have seen enough (`| head`); all files are written before the first word.
  process.stdout.on('error', (error) => {
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`stale-sg: standard output: ${error.message}\n`);
    process.exit(1);
  });
  // Node 22 warns whoever loads its SQLite that it is new; the stores of `watch` are written by nothing else.
  const { emitWarning } = process;
  process.emitWarning = (warning, ...more) => {
    if (more[0] !== 'ExperimentalWarning' || !String(warning).startsWith('SQLite ')) emitWarning(warning, ...more);
  };
  // Types are stripped, and scripts compiled, once: https://nodejs.org/api/module.html#module-compile-cache
  if (isCheckout) module.enableCompileCache(join(ROOT, 'node_modules/.cache/stale-sg'));
  const { main } = await (isCheckout ? import('../main.ts') : import(join(ROOT, 'dist/main.js')));
  process.exitCode = await main(process.argv.slice(2));
}
