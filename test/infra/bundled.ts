import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundle, type Bundle } from '../../infra/bundle.ts';
import { onceARun } from '../once-a-run.ts';

/** What is deployed of a service, in a folder for itself, with no packages above it. */
export async function bundled(service: string): Promise<Bundle> {
  const bundles = await onceARun('folder of bundles', () => {
    const folder = join(tmpdir(), 'bundles');
    mkdirSync(folder);
    return folder;
  });
  return onceARun(`bundle of ${service}`, () => bundle(service, join(bundles, service)));
}

const INVOKE = `
  const { handler } = await import(process.argv[1]);
  const context = { functionName: process.argv[2], awsRequestId: '1', getRemainingTimeInMillis: () => 60_000 };
  console.log('answer ' + JSON.stringify(await handler(JSON.parse(process.argv[3]), context)));`;

/** What is deployed of a service answers to an event, in a process of its own. */
export async function invoked(service: string, event: object, env: NodeJS.ProcessEnv): Promise<unknown> {
  const { file } = await bundled(service);
  const args = ['--input-type=module', '--eval', INVOKE, file, service, JSON.stringify(event)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(/^answer (.*)$/m.exec(stdout)![1]!) as unknown;
}
