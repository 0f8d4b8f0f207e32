import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
