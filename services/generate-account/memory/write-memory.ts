import { join } from 'node:path';
import { writeWhole } from '../../../shared/disk/output-file.ts';
import { OTHER_EVENTS, RULE_EVENTS } from '../../../shared/inventory/past/cloudtrail-events.ts';
import { writeInventory } from '../inventory/write-inventory.ts';
import type { GenerateFormat } from '../options/options.ts';
import type { HiddenLife } from '../truth/hidden-interfaces.ts';
import type { World } from '../world/build-world.ts';
import { cloudTrailPages } from './cloudtrail-events.ts';

/** The inventory of the end of the run, with what CloudTrail remembers beside it. */
export function writeMemory(
  folder: string,
  world: World,
  lives: readonly HiddenLife[],
  format: GenerateFormat,
  seed: number,
): void {
  writeInventory(folder, world, format, world.end);
  const pages = cloudTrailPages(world, lives, seed, [...RULE_EVENTS, ...OTHER_EVENTS]);
  writeWhole(join(folder, 'cloudtrail-events.json'), `${JSON.stringify(pages, undefined, 2)}\n`);
}
