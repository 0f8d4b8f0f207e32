import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../../../shared/disk/output-file.ts';
import { OTHER_EVENTS, RULE_EVENTS } from '../../../shared/inventory/past/event-names.ts';
import { writeInventory } from '../inventory/write-inventory.ts';
import type { GenerateFormat } from '../options/options.ts';
import type { HiddenLife } from '../truth/hidden-interfaces.ts';
import type { World } from '../world/build-world.ts';
import { cloudTrailPages } from './cloudtrail-events.ts';
import { configPages } from './config-items.ts';

/** The inventory of the end of the run twice: with what CloudTrail remembers beside it, and with what AWS Config does. */
export function writeMemory(
  folders: { readonly cloudtrail: string; readonly config: string },
  world: World,
  lives: readonly HiddenLife[],
  format: GenerateFormat,
  seed: number,
): void {
  const write = (folder: string, name: string, content: object): void =>
    writeWhole(join(folder, name), `${JSON.stringify(content, undefined, 2)}\n`);
  writeInventory(folders.cloudtrail, world, format, world.end);
  write(
    folders.cloudtrail,
    'cloudtrail-events.json',
    cloudTrailPages(world, lives, seed, [...RULE_EVENTS, ...OTHER_EVENTS]),
  );
  writeInventory(folders.config, world, format, world.end);
  mkdirSync(join(folders.config, 'config-history'));
  for (const [type, page] of Object.entries(configPages(world, lives, seed))) {
    write(join(folders.config, 'config-history'), `${type}.json`, page);
  }
}
