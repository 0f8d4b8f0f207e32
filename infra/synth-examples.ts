import { App } from 'aws-cdk-lib/core';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { addStacks } from './add-stacks.ts';
import { readConfig } from './config.ts';

const ROOT = join(import.meta.dirname, '..');
const EXAMPLES = join(ROOT, 'infra/examples');

/**
 * `npm run synth`: every example as `cdk synth` makes it, into a folder of its own below cdk.out/. Needs no account and no
 * network. In one process, since starting CDK takes longer than all of them; findings are printed, and fail it.
 */
const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
for (const file of readdirSync(EXAMPLES)) {
  const name = basename(file, '.json');
  try {
    const app = new App({ outdir: join(ROOT, 'cdk.out', name), context, analyticsReporting: false });
    addStacks(app, readConfig(join(EXAMPLES, file)));
    app.synth();
    process.stdout.write(`ok      ${name}\n`);
  } catch (error) {
    process.stdout.write(`FAILED  ${name}: ${String(error)}\n`);
    process.exitCode = 1;
  }
}
