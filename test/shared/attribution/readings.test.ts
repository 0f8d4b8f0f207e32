/** Records are read by kinds: whatever two records of one kind differ in, they must be read alike. */
import { expect, test } from '@jest/globals';
import { directionOf, orient, type Orientation } from '../../../shared/attribution/orient.ts';
import { PossibleUses, type PossibleUse } from '../../../shared/attribution/possible-use.ts';
import { Readings, type Reading } from '../../../shared/attribution/readings.ts';
import type { FlowRecord } from '../../../shared/flowlogs/record.ts';
import { TextReader } from '../../../shared/flowlogs/text-reader.ts';
import { Admissions } from '../../../shared/matching/admission.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { Random } from '../../oracle/random.ts';
import { randomWorld, toText } from '../../oracle/random-world.ts';
import { SIZE } from '../../size.ts';

/** Both sides of each bound that is drawn between ports, and some of each kind. */
const PORTS = [
  ...[0, 19, 20, 21, 22, 52, 53, 54, 88, 123, 389, 443, 511, 512, 700, 988, 989, 990, 1023, 1024],
  ...[2049, 8080, 32_767, 32_768, 50_000, 65_535],
];
const FLAGS = [-1, 0, 2, 18, 16, 3];
const VARIANTS = 40;

/** What the records of one world have in common, so that many of them are of one kind. */
interface Palette {
  readonly ports: readonly number[];
  readonly flags: readonly number[];
}

const some = <T>(random: Random, count: number, of: readonly T[]): T[] =>
  Array.from({ length: count }, () => random.pick(of));

/** The same record with other ports and flags, and with what the night may know of it. */
function varied(record: FlowRecord, { ports, flags }: Palette, random: Random): FlowRecord {
  const night = <T>(...values: readonly T[]): T | undefined => (random.chance(0.2) ? random.pick(values) : undefined);
  const opener = night('request', 'reply');
  return {
    ...record,
    // Of a connection whose opener is known the night leaves the client's port out.
    sourcePort: opener === 'request' ? -1 : random.pick([record.sourcePort, ...ports]),
    destinationPort: opener === 'reply' ? -1 : random.pick([record.destinationPort, ...ports]),
    tcpFlags: opener ? -1 : random.pick(flags),
    opener,
    synSeen: random.chance(0.1),
    service: night('source', 'destination'),
    paired: night('asks', 'answers'),
  };
}

function said(orientation: Orientation, possible: PossibleUse | undefined): unknown[] {
  const { opener, ground, hypotheses, credited, otherPath, refused, untried } = orientation;
  const slots = [hypotheses, refused, untried].flatMap((some) => [some?.request?.slot, some?.reply?.slot]);
  return [opener, ground, ...slots, otherPath?.slot, credited.map(({ ruleId }) => ruleId), possible?.rules];
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
    const named = compiled.inventory.rules.flatMap(({ ports }) => (ports ? [ports.from, ports.to, ports.to + 1] : []));
    const ports = [...some(random, 3, PORTS), ...some(random, 3, [0, ...named])].filter((port) => port < 65_536);
    const palette = { ports, flags: some(random, 3, FLAGS) };
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
