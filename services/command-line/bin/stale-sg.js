#!/usr/bin/env node
import module from 'node:module';
import { join } from 'node:path';

// Runs the TypeScript sources as they are: Node strips the types. `npm ci` brings the right Node with it.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `stale-sg: needs Node 22.18 or newer, this is ${process.versions.node}. ` +
      'From a checkout, after `npm ci`, call it as `npx stale-sg`: that uses the Node it was installed with.\n',
  );
  process.exitCode = 1;
} else {
  // Who reads our output may have seen enough (`| head`); all files are written before the first word.
  process.stdout.on('error', (error) => {
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`stale-sg: standard output: ${error.message}\n`);
    process.exit(1);
  });
  // Types are stripped, and scripts compiled, once: https://nodejs.org/api/module.html#module-compile-cache
  module.enableCompileCache(join(import.meta.dirname, '../../../node_modules/.cache/stale-sg'));
  const { main } = await import('../main.ts');
  process.exitCode = await main(process.argv.slice(2));
}
