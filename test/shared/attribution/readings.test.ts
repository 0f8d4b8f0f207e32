/** Records are read by kinds: whatever two records of one kind differ in, they must be read alike. */
import { expect, test } from '@jest/globals';
import { directionOf, orient, type Orientation } from '../../../shared/attribution/orient.ts';
import { PossibleUses, type PossibleUse } from '../../../shared/attribution/possible-use.ts';
import { Readings, type Reading } from '../../../shared/attribution/readings.ts';
import { TextReader } from '../../../shared/flowlogs/text-reader.ts';
import { Admissions } from '../../../shared/matching/admission.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { Random } from '../../oracle/random.ts';
import { randomWorld, toText } from '../../oracle/random-world.ts';
import { SIZE } from '../../size.ts';
import { paletteOf, varied } from './varied-records.ts';
import { creditedBy } from './credited-by.ts';

const VARIANTS = 40;

function said(orientation: Orientation, possible: PossibleUse | undefined): unknown[] {
  const { opener, ground, hypotheses, otherPath, refused, untried } = orientation;
  const slots = [hypotheses, refused, untried].flatMap((some) => [some?.request?.slot, some?.reply?.slot]);
  return [opener, ground, ...slots, otherPath?.slot, creditedBy(orientation), possible?.rules];
}

function toldOf({ admission, isRequest, isCredited, isInferred, provesIfLocal, fate }: Reading): unknown[] {
  return [admission.slot, isRequest, isCredited, isInferred, provesIfLocal, fate];
}

test('a record is read as it would be by itself', () => {
  const random = new Random(11);
  let records = 0;
  let kinds = 0;
  for (let seed = 1; seed <= 25 * SIZE; seed++) {
    const world = randomWorld(seed * 7 + 3, { recordCount: 40, maxRules: seed % 5 === 0 ? 120 : 25 });
    const compiled = new CompiledInventory(inventoryOfFiles(world.files));
    const admissions = new Admissions(compiled);
    const possibleUses = new PossibleUses(compiled, admissions);
    const palette = paletteOf(compiled.inventory.rules, random);
    const readings = new Readings(admissions, possibleUses, 1);
    const reader = new TextReader({
      record: (record) => {
        const owner = compiled.interfaceOf(record.interfaceId);
        if (!owner?.groupSet || record.status !== 'OK') return;
        for (let i = 0; i < VARIANTS; i++) {
          const one = i === 0 ? record : varied(record, palette, random);
          const direction = directionOf(one, owner, compiled);
          if (!direction) continue;
          const reading = readings.of(one, owner.groupSet, direction);
          const possible = readings.possibleOf(one, direction, reading);
          const alone = orient(one, owner.groupSet, direction, admissions);
          const expected = said(alone, possibleUses.ofFlow(one, direction, alone));
          const first = new Readings(admissions, possibleUses, 1).of(one, owner.groupSet, direction);
          const told = [...said(reading.orientation, possible), ...toldOf(reading)];
          expect({ seed, told }).toEqual({ seed, told: [...expected, ...toldOf(first)] });
          records++;
        }
      },
      malformed: () => undefined,
    });
    reader.push(Buffer.from(toText(world.records, world.columns)));
    reader.end();
    kinds += readings.size;
  }
  // Else nothing was read as a record before it.
  expect(records - kinds).toBeGreaterThan(kinds / 2);
  console.log(`${String(records)} records of ${String(kinds)} kinds`);
});
