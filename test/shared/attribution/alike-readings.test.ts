/** Records that are alike are added up before their service flow is told: that must say what each by itself would. */
import { expect, test } from '@jest/globals';
import { Attribution } from '../../../shared/attribution/attribution.ts';
import { DayCount } from '../../../shared/attribution/day-count.ts';
import { noDuplicates } from '../../../shared/attribution/duplicate-log.ts';
import { absentAddress, formatAddress, parseAddress } from '../../../shared/addresses/address.ts';
import { ServiceFlows } from '../../../shared/evidence/service-flows.ts';
import { emptyRecord, type FlowRecord } from '../../../shared/flowlogs/record.ts';
import type { Inventory, NetworkInterface } from '../../../shared/inventory/inventory.ts';
import { TextReader } from '../../../shared/flowlogs/text-reader.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { SmallestHashes } from '../../../shared/usage/smallest-hashes.ts';
import { UsageBySource } from '../../../shared/usage/by-source.ts';
import { STREAM } from '../../../shared/usage/source.ts';
import { emptyUsage } from '../../../shared/usage/usage.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { Random } from '../../oracle/random.ts';
import { ALL_COLUMNS, randomWorld, toFiles, toText } from '../../oracle/random-world.ts';
import { inventoryOf } from '../../oracle/row.ts';
import { recordOf } from '../../oracle/shorthand.ts';
import { SIZE } from '../../size.ts';
import { paletteOf, varied } from './varied-records.ts';

const LATTICE = parseAddress('169.254.171.5')!;

/** Of what is counted a text that does not depend on the order in which it was. */
function textOf(value: unknown): string {
  if (value instanceof SmallestHashes) return `${textOf(value.entries())} ${String(value.overflowed)}`;
  if (value instanceof Map || value instanceof Set) return `{${[...value].map(textOf).sort().join()}}`;
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([key, one]) => `${key}: ${textOf(one)}`)
    .sort()
    .join()}}`;
}

/** What records say, each by itself or all together. */
function told(compiled: CompiledInventory, records: readonly FlowRecord[], isEach: boolean): string[] {
  const usage = emptyUsage();
  const flows = new ServiceFlows();
  const attribution = new Attribution(compiled, usage, { onFlow: (...flow) => flows.add(...flow) });
  for (const record of records) {
    attribution.add(record, { flowLogId: undefined, isDuplicate: noDuplicates });
    if (isEach) attribution.finish();
  }
  attribution.finish();
  const lines: string[] = [];
  for (const flow of flows.flows()) lines.push(textOf(flow));
  return [...Object.entries(usage).map(textOf), ...lines];
}

const OTHER_FLAGS = new Map([
  [2, 18],
  [18, 2],
]);

/** What the peer sends, where the record is of what it gets, and the reverse. */
function theOtherWay(record: FlowRecord): FlowRecord {
  const { direction, opener, tcpFlags } = record;
  return {
    ...record,
    source: record.destination,
    destination: record.source,
    packetSource: record.packetDestination,
    packetDestination: record.packetSource,
    sourcePort: record.destinationPort,
    destinationPort: record.sourcePort,
    direction: direction && (direction === 'ingress' ? 'egress' : 'ingress'),
    opener: opener && (opener === 'request' ? 'reply' : 'request'),
    tcpFlags: OTHER_FLAGS.get(tcpFlags) ?? tcpFlags,
  };
}

/** The same record, but for one thing that may make it another one to the rules. */
function sibling(
  record: FlowRecord,
  { ports, times }: { ports: readonly number[]; times: readonly number[] },
  random: Random,
): FlowRecord {
  const { source, destination } = record;
  const ways: readonly (() => Partial<FlowRecord>)[] = [
    () => (record.sourcePort < 0 ? {} : { sourcePort: random.pick(ports) }),
    () => (record.destinationPort < 0 ? {} : { destinationPort: random.pick(ports) }),
    () => ({ sourcePort: record.destinationPort, destinationPort: record.sourcePort }),
    // Whoever got the peer's address later had it not before.
    () => ({ start: random.pick(times) - random.between(0, 1) }),
    () => ({ end: record.end - random.pick([3600, 86_400]) }),
    () => ({ packetSource: random.pick([absentAddress(), source, destination]) }),
    () => ({ packetDestination: random.pick([absentAddress(), source, destination]) }),
    () => ({ [random.pick(['source', 'destination'])]: LATTICE }),
    () => ({ synSeen: !record.synSeen }),
    () => ({ accountId: random.pick(['', '999988887777']) }),
    () => ({ service: random.pick([undefined, 'source', 'destination']) }),
    () => ({ paired: random.pick([undefined, 'asks', 'answers']) }),
    () => ({ tcpFlags: record.opener ? -1 : random.pick([-1, 0, 2, 18]) }),
    () => ({ protocol: random.pick([6, 17]) }),
    () => ({ packets: random.between(1, 9), times: random.between(1, 3) }),
    () => theOtherWay(record),
    () => theOtherWay({ ...record, tcpFlags: record.opener ? -1 : 2 }),
  ];
  return structuredClone({ ...record, ...random.pick(ways)() });
}

/** Some interfaces were attached, or went, while the records were told of. */
function withTimes(inventory: Inventory, times: readonly number[], random: Random): Inventory {
  const interfaces = [...inventory.interfaces].map(([id, one]): [string, NetworkInterface] => {
    const attachedAt = random.chance(0.5) ? random.pick(times) : one.attachedAt;
    return [id, { ...one, ...(attachedAt !== undefined && { attachedAt }) }];
  });
  return { ...inventory, interfaces: new Map(interfaces) };
}

/** Where both readings are admitted, all that a record shows and the night knows of it decides. */
const BOTH_WAYS = ['tcp', 'udp'].flatMap((name, i) => [
  `r${i}1 sg-web in ${name} 0-65535 10.0.0.0/8`,
  `r${i}2 sg-web out ${name} 0-65535 10.0.0.0/8`,
]);
const ODD_WAYS = [
  'r1 sg-web in tcp 0-65535 10.0.0.0/8',
  'r2 sg-web out tcp 50000-50000 10.0.0.0/8',
  'r3 sg-web out tcp 700-2049 sg-db',
  'r4 sg-web in udp 2049-2049 10.0.0.0/8',
  'r5 sg-web out udp 50000-50999 10.0.0.0/8',
  'r6 sg-web in tcp 2000-3000 10.0.0.0/8',
];
const RECORDS = [
  'tcp 10.9.9.9:40000 > 10.0.0.10:2049',
  'tcp 10.9.9.9:50000 > 10.0.0.10:2049',
  'udp 10.9.9.9:40000 > 10.0.0.10:2049',
  'tcp 10.0.0.20:443 > 10.0.0.10:40000',
];

function worldOf(seed: number): { inventory: Inventory; text: string } {
  if (seed % 2 === 0) {
    const { files, records, columns } = randomWorld(seed * 5 + 2, {
      recordCount: 8,
      maxRules: seed % 8 === 0 ? 120 : 25,
    });
    return { inventory: inventoryOfFiles(files), text: toText(records, columns) };
  }
  const rules = seed % 4 === 1 ? BOTH_WAYS : ODD_WAYS;
  return {
    inventory: inventoryOfFiles(toFiles(inventoryOf({ rules }))),
    text: toText(
      RECORDS.map((one) => recordOf(`eni-a in ${one}`)),
      ALL_COLUMNS,
    ),
  };
}

test('records that are alike say together what each by itself does', () => {
  const random = new Random(12);
  let records = 0;
  for (let seed = 1; seed <= 16 * SIZE; seed++) {
    const { inventory: plain, text } = worldOf(seed);
    const palette = paletteOf(plain.rules, random);
    const ports = [...palette.ports, 20, 53, 700, 1500, 2049, 40_000, 50_000];
    const all: FlowRecord[] = [];
    const times: number[] = [];
    const reader = new TextReader({
      record: (record) => {
        times.push(record.start, record.start + 40);
        for (let i = 0; i < 3; i++) {
          let one = structuredClone(i === 0 ? record : varied(record, palette, random));
          for (let n = 0; n < 12; n++) {
            all.push(one);
            // Most differ from the first one in a single thing, some in more.
            one = sibling(random.chance(0.7) ? all.at(-1 - n)! : one, { ports, times }, random);
          }
        }
      },
      malformed: () => undefined,
    });
    reader.push(Buffer.from(text));
    reader.end();
    const compiled = new CompiledInventory(withTimes(plain, times, random));
    expect({ seed, told: told(compiled, all, false) }).toEqual({ seed, told: told(compiled, all, true) });
    records += all.length;
  }
  console.log(`${String(records)} records`);
});

test('peers that differ in the last words of their addresses alone are told apart', () => {
  const rules = ['r1 sg-web in tcp 443 2001:db8::/32', 'r2 sg-web in tcp 443 10.0.0.0/8'];
  const compiled = new CompiledInventory(inventoryOfFiles(toFiles(inventoryOf({ rules }))));
  const random = new Random(3);
  const records = Array.from({ length: 4000 }, (_, i): FlowRecord => {
    const last = parseAddress(`2001:db8::${(i % 1000).toString(16)}`)!;
    const way = i % 4;
    return {
      ...emptyRecord(),
      interfaceId: 'eni-a',
      source: way === 0 ? last : parseAddress('10.9.9.9')!,
      // Peers of the first rule by their packets, or of the second: the plain address is another one.
      packetSource: way === 1 ? last : way === 2 ? parseAddress('10.8.8.8')! : absentAddress(),
      destination: parseAddress('10.0.0.10')!,
      sourcePort: 40_000,
      destinationPort: 443,
      protocol: 6,
      tcpFlags: 2,
      direction: 'ingress',
      packets: random.between(1, 9),
      start: 1_767_571_200,
      end: 1_767_571_260,
    };
  });
  const together = told(compiled, records, false);
  expect(together.filter((line) => line.includes('interfaceId: eni-a'))).toHaveLength(502);
  expect(together).toEqual(told(compiled, records, true));
});

const STARTS = 1_767_571_200;

/** Requests from one peer; each has another port. */
const requestOf = (n: number): FlowRecord => ({
  ...emptyRecord(),
  interfaceId: 'eni-a',
  source: parseAddress('10.9.9.9')!,
  destination: parseAddress('10.0.0.10')!,
  sourcePort: 32_768 + (n % 30_000),
  destinationPort: 443,
  protocol: 6,
  tcpFlags: 2,
  direction: 'ingress',
  packets: n,
  start: STARTS,
  end: STARTS + 60,
});

const WEB = ['r1 sg-web in tcp 443 10.0.0.0/8'];
const compiledWeb = (): CompiledInventory =>
  new CompiledInventory(inventoryOfFiles(toFiles(inventoryOf({ rules: WEB }))));
const ORIGIN = { flowLogId: undefined, isDuplicate: noDuplicates };

test('how the record was read that was added last is told of one that is read by itself, too', () => {
  const attribution = new Attribution(compiledWeb(), emptyUsage());
  const alone = { ...requestOf(2), destinationPort: 80 };
  for (const one of [
    { ...alone, source: LATTICE },
    { ...alone, start: 2 ** 33 },
  ]) {
    const fates = [requestOf(1), one, requestOf(3)].map((record) => {
      attribution.add(record, ORIGIN);
      attribution.settle();
      return attribution.reading?.fate;
    });
    expect(fates).toEqual(['attributed', 'unexplained', 'attributed']);
  }
});

test('a record that stands for many counts as many', () => {
  const usage = emptyUsage();
  const attribution = new Attribution(compiledWeb(), usage);
  attribution.add({ ...requestOf(1), times: 5 }, ORIGIN);
  attribution.add(requestOf(2), ORIGIN);
  attribution.finish();
  expect([usage.requests, usage.fates.attributed]).toEqual([6, 6]);
});

test('no more than 65,536 records wait, and none is lost where there are more', () => {
  const usage = emptyUsage();
  const flows = new ServiceFlows();
  const attribution = new Attribution(compiledWeb(), usage, { onFlow: (...flow) => flows.add(...flow) });
  for (let n = 0; n < 65_536; n++) attribution.add(requestOf(n), ORIGIN);
  expect(attribution.held).toBe(0);
  attribution.add(requestOf(65_536), ORIGIN);
  expect(attribution.held).toBeGreaterThan(0);
  attribution.finish();
  expect([...flows.flows()]).toMatchObject([{ requests: 65_537, packets: (65_536 * 65_537) / 2 }]);
});

test('no more rows than that wait', () => {
  const usage = emptyUsage();
  const compiled = compiledWeb();
  const main = new Attribution(compiled, usage);
  const counting = new DayCount(compiled, new UsageBySource([[STREAM, usage]]), undefined, main).file(ORIGIN);
  const line = toText([recordOf('eni-a in tcp 10.9.9.9:40000 > 10.0.0.10:443')], ALL_COLUMNS).split('\n');
  const text = `${line[0]!}\n${`${line[1]!}\n`.repeat(65_536)}`;
  const reader = new TextReader({
    rows: (rows, from) => counting.rows(rows, from),
    record: (record) => {
      counting.add(record);
    },
    malformed: () => undefined,
  });
  reader.push(Buffer.from(text));
  expect(main.held).toBe(0);
  reader.push(Buffer.from(`${line[1]!}\n`));
  reader.end();
  expect(main.held).toBeGreaterThan(0);
  main.finish();
  expect(usage.requests).toBe(65_537);
});

test('the plain address of six is told whole, and ports of protocols without are not told', () => {
  const rules = ['r1 sg-web in all 2001:db8::/32', 'r2 sg-web in all 10.0.0.0/8'];
  const compiled = new CompiledInventory(inventoryOfFiles(toFiles(inventoryOf({ rules }))));
  const plain = { source: parseAddress('2001:db8:1:2:3:4:5:6')!, packetSource: parseAddress('2001:dead::1')! };
  const records = [
    { ...requestOf(1), ...plain },
    { ...requestOf(1), protocol: 47, sourcePort: 5, destinationPort: 6, tcpFlags: -1 },
    { ...requestOf(1), protocol: 47, sourcePort: 8, destinationPort: 9, tcpFlags: -1 },
  ];
  const flows = new ServiceFlows();
  const attribution = new Attribution(compiled, emptyUsage(), { onFlow: (...flow) => flows.add(...flow) });
  for (const record of records) attribution.add(record, ORIGIN);
  attribution.finish();
  const said: unknown[] = [];
  for (const { protocol, port, peer, requests, replies } of flows.flows()) {
    said.push([protocol, port, formatAddress(peer), requests + replies]);
  }
  expect(said).toEqual([
    [6, 443, '2001:db8:1:2:3:4:5:6', 1],
    [47, 0, '10.9.9.9', 2],
  ]);
});

test('of records that come again no more kinds are held, however many there are', () => {
  const attribution = new Attribution(compiledWeb(), emptyUsage());
  const held = [1, 2].map(() => {
    for (let n = 0; n < 1000; n++) {
      const source = parseAddress(`10.1.${String(n >> 8)}.${String(n & 255)}`)!;
      attribution.add({ ...requestOf(1), source }, ORIGIN);
    }
    attribution.settle();
    return attribution.held;
  });
  expect(held).toEqual([500, 500]);
});
