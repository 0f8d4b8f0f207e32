import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, type BuildOptions } from 'esbuild';
import nodeBundle from '../shared/node-bundle.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '..');

/** What a service shows in a browser lies beside its bundle. */
const PAGE_FILE = 'page.js';
/** The only service that reads it. */
const PAGE_SENDER = 'send-report';

/** Name of the bundle in its folder; Lambda finds the function as `index.handler`. */
const BUNDLE_FILE = 'index.mjs';

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
}

/**
 * Writes what is deployed of one service, its `handler.ts` with all it needs in one file, to `outFolder`. The clients of
 * the SDK are in it: those of the runtime are older than some calls, differ from region to region, and change on their own.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-sdk-included
 * Same sources, same bytes, whichever folder the checkout lies in.
 *
 * @throws if a file does not compile or an import is not found
 */
export function bundle(service: string, outFolder: string): Bundle {
  const file = join(outFolder, BUNDLE_FILE);
  buildSync({
    // Identifiers stay, so that stack traces name functions without a source map to load. Packages of CommonJS call `require`,
    // which an ES module does not have: https://esbuild.github.io/content-types/#require
    ...(nodeBundle as BuildOptions),
    absWorkingDir: ROOT,
    entryPoints: [`services/${service}/handler.ts`],
    outfile: file,
    target: 'node24',
  });
  bundlePage(service, join(outFolder, PAGE_FILE));
  return { file, bytes: statSync(file).size };
}

/** The files of each bundle, by service. */
const written = new Map<string, ReadonlyMap<string, Uint8Array>>();

/** As {@link bundle}, but however many stacks this process makes, a service is bundled once and its files are copied. */
export function bundleOnce(service: string, outFolder: string): void {
  const files = written.get(service);
  if (!files) {
    bundle(service, outFolder);
    written.set(service, new Map(readdirSync(outFolder).map((name) => [name, readFileSync(join(outFolder, name))])));
    return;
  }
  mkdirSync(outFolder, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(outFolder, name), bytes);
}

/** How, says the page's own folder: the command line bundles it too. */
function bundlePage(service: string, outfile: string): void {
  if (service !== PAGE_SENDER) return;
  const options = join(ROOT, 'shared/reports/page/esbuild.json');
  buildSync({ ...(JSON.parse(readFileSync(options, 'utf8')) as BuildOptions), absWorkingDir: ROOT, outfile });
}
