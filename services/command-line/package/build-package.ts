import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, type BuildOptions } from 'esbuild';
import nodeBundle from '../../../shared/node-bundle.json' with { type: 'json' };
import { allCommands } from '../main.ts';
import { pageScript } from '../results/page-script.ts';
import { manPage } from './man-page.ts';

// What `npm pack` does first: what runs where there are no sources, into `dist/`. The manifest lists what else is packed.

const ROOT = join(import.meta.dirname, '../../..');
const DIST = join(ROOT, 'dist');
const PROGRAM = 'services/command-line';

rmSync(DIST, { recursive: true, force: true });
buildSync({
  ...(nodeBundle as BuildOptions),
  absWorkingDir: ROOT,
  entryPoints: {
    main: `${PROGRAM}/main.ts`,
    'analyze-thread': `${PROGRAM}/commands/analyze/analyze-thread.ts`,
  },
  outdir: DIST,
  // A command loads what it needs and no more.
  splitting: true,
  chunkNames: 'chunk-[hash]',
  target: 'node22',
  // What has binaries of its own is installed by whoever needs it; a package never bundles.
  external: ['@duckdb/node-api', 'esbuild'],
});
mkdirSync(DIST, { recursive: true });
writeFileSync(join(DIST, 'stale-sg.1'), manPage(await allCommands()));
writeFileSync(join(DIST, 'page.js'), await pageScript());
cpSync(join(ROOT, PROGRAM, 'sample'), join(DIST, 'sample'), { recursive: true });
