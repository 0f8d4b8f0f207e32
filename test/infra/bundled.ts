import { mkdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, type Bundle } from '../../infra/bundle.ts';
import { onceARun } from '../once-a-run.ts';

const PROJECT = join(import.meta.dirname, '../..');

/** What is deployed of a service, in a folder for itself; the packages that the runtime brings are found above it. */
export async function bundled(service: string): Promise<Bundle> {
  const bundles = await onceARun('folder of bundles', () => {
    const folder = join(tmpdir(), 'bundles');
    mkdirSync(folder);
    symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
    return folder;
  });
  return onceARun(`bundle of ${service}`, () => bundle(service, join(bundles, service)));
}
