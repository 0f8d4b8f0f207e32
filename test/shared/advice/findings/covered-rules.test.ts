import { describe, expect, test } from '@jest/globals';
import { coveredRules } from '../../../../shared/advice/findings/covered-rules.ts';
import { ruleContent } from '../../../../shared/inventory/content.ts';
import type { Inventory, Rule } from '../../../../shared/inventory/inventory.ts';
import { Random } from '../../../oracle/random.ts';
import { timesOrdinary } from '../../../meter.ts';
import { inventoryOfWorld, type World } from '../world.ts';

/** `r1 < r2+r3 in group`, `r1 = r2`; `stays` where it must. */
function shortly(inventory: Inventory, planned: readonly string[] = []): string[] {
  return coveredRules(inventory, new Set(planned))
    .map((one) => {
      if (one.kind === 'duplicateRules') return one.ruleIds.join(' = ');
      const lists = one.restsOnLists.map((id) => ` by ${id}`).join('');
      return `${one.ruleId} < ${one.coveredBy.join('+')} in ${one.within}${lists}${one.mustStay ? ' stays' : ''}`;
    })
    .sort();
}

describe('what a plan removes covers nothing', () => {
  const narrow = 'r1 sg-a in tcp 22 10.1.0.0/16';
  const wide = 'r2 sg-a in tcp 22 10.0.0.0/8';
  test.each<[why: string, rules: readonly string[], planned: readonly string[], found: readonly string[]]>([
    ['no plan', [narrow, wide], [], ['r1 < r2 in group']],
    ['the wider one goes, so the narrower one must stay', [narrow, wide], ['r2'], ['r1 < r2 in group stays']],
    ['the narrower one goes by the plan, too', [narrow, wide], ['r1'], ['r1 < r2 in group']],
    ['both go', [narrow, wide], ['r1', 'r2'], ['r1 < r2 in group']],
    [
      'a third one still covers it',
      [narrow, wide, 'r3 sg-a in -1 10.0.0.0/8'],
      ['r2'],
      ['r1 < r3 in group', 'r2 < r3 in group'],
    ],
  ])('%s', (_why, rules, planned, found) => {
    expect(shortly(inventoryOfWorld({ rules, interfaces: ['sg-a'] }), planned)).toEqual(found);
  });
});

type Row = [why: string, rules: readonly string[], found: readonly string[], more?: Partial<World>];

describe('rules that others cover', () => {
  test.each<Row>([
    ['a wider CIDR', ['r1 sg-a in tcp 22 10.1.0.0/16', 'r2 sg-a in tcp 22 10.0.0.0/8'], ['r1 < r2 in group']],
    ['more ports', ['r1 sg-a in tcp 22 10.0.0.0/8', 'r2 sg-a in tcp 20-30 10.0.0.0/8'], ['r1 < r2 in group']],
    ['all protocols', ['r1 sg-a in udp 53 10.0.0.0/8', 'r2 sg-a in -1 10.0.0.0/8'], ['r1 < r2 in group']],
    ['but not the other way', ['r1 sg-a in tcp 0-65535 10.0.0.0/8', 'r2 sg-a in udp 0-65535 10.0.0.0/8'], []],
    ['another direction', ['r1 sg-a in tcp 22 10.0.0.0/8', 'r2 sg-a out tcp 22 10.0.0.0/8'], []],
    ['another family', ['r1 sg-a in tcp 22 10.0.0.0/8', 'r2 sg-a in tcp 22 ::/0'], []],
    [
      'both halves together',
      ['r1 sg-a in tcp 22 10.0.0.0/8', 'r2 sg-a in tcp 22 10.0.0.0/9', 'r3 sg-a in tcp 0-99 10.128.0.0/9'],
      ['r1 < r2+r3 in group stays', 'r2 < r1 in group'],
    ],
    [
      'ports and halves, cut across each other',
      [
        'r1 sg-a in tcp 10-29 10.0.0.0/8',
        'r2 sg-a in tcp 10-19 10.0.0.0/8',
        'r3 sg-a in tcp 20-29 10.0.0.0/9',
        'r4 sg-a in tcp 20-40 10.128.0.0/9',
      ],
      ['r1 < r2+r3+r4 in group stays', 'r2 < r1 in group', 'r3 < r1 in group'],
    ],
    [
      'a port is missing',
      ['r1 sg-a in tcp 10-29 10.0.0.0/8', 'r2 sg-a in tcp 10-19 10.0.0.0/8', 'r3 sg-a in tcp 21-29 10.0.0.0/8'],
      ['r2 < r1 in group', 'r3 < r1 in group'],
    ],
    [
      'the same type of ICMP',
      ['r1 sg-a in icmp 8/0 10.1.0.0/16', 'r2 sg-a in icmp 8/-1 10.0.0.0/8'],
      ['r1 < r2 in group'],
    ],
    ['all of ICMP', ['r1 sg-a in icmp 8/-1 10.0.0.0/8', 'r2 sg-a in icmp -1/-1 10.0.0.0/8'], ['r1 < r2 in group']],
    ['another type of ICMP', ['r1 sg-a in icmp 8/0 10.0.0.0/8', 'r2 sg-a in icmp 3/-1 10.0.0.0/8'], []],
    ['ICMP all by one type', ['r1 sg-a in icmp -1/-1 10.0.0.0/16', 'r2 sg-a in icmp 8/-1 10.0.0.0/8'], []],
    ['the same group: AWS may honour neither', ['r1 sg-a in tcp 22 sg-x', 'r2 sg-a in tcp 22-23 sg-x'], []],
    ['a group by addresses', ['r1 sg-a in tcp 22 sg-x', 'r2 sg-a in tcp 22 0.0.0.0/0', 'r3 sg-a in tcp 22 ::/0'], []],
    [
      'the entries of a list',
      ['r1 sg-a in tcp 22 pl-1', 'r2 sg-a in tcp 22 10.0.0.0/8'],
      ['r1 < r2 in group by pl-1'],
      { lists: { 'pl-1': ['10.1.0.0/16', '10.2.0.0/16'] } },
    ],
    [
      'a CIDR by the entries of a list',
      ['r1 sg-a in tcp 22 10.1.2.0/24', 'r2 sg-a in tcp 22 pl-1'],
      ['r1 < r2 in group by pl-1'],
      { lists: { 'pl-1': ['10.1.0.0/16', '10.2.0.0/16'] } },
    ],
    [
      'a list of unknown entries, by itself',
      ['r1 sg-a in tcp 22 pl-1', 'r2 sg-a in tcp 22-30 pl-1'],
      ['r1 < r2 in group'],
    ],
    [
      'by every address of its family',
      ['r1 sg-a in tcp 22 pl-1', 'r2 sg-a in tcp 22 0.0.0.0/0'],
      ['r1 < r2 in group'],
      { lists: { 'pl-1': 4 } },
    ],
    ['of a family that nobody knows', ['r1 sg-a in tcp 22 pl-1', 'r2 sg-a in tcp 22 0.0.0.0/0'], []],
    ['it covers nothing', ['r1 sg-a in tcp 22 10.0.0.1/32', 'r2 sg-a in tcp 22 pl-1'], [], { lists: { 'pl-1': 4 } }],
    ['a list without entries', ['r1 sg-a in tcp 22 pl-1', 'r2 sg-a in -1 0.0.0.0/0'], [], { lists: { 'pl-1': [] } }],
    ['an unreadable rule', ['r1 sg-a in tcp 22 10.0.0.0/8', 'r2 sg-a in xx 10.0.0.0/8'], []],
  ])('%s', (...[, rules, found, more]: Row) => {
    expect(shortly(inventoryOfWorld({ rules, interfaces: ['sg-a'], ...more }))).toEqual(found);
  });
});

type SetsRow = [why: string, interfaces: readonly string[], found: readonly string[], more?: readonly string[]];

describe('in sets of groups', () => {
  const rules = ['r1 sg-a in tcp 22 10.1.0.0/16', 'r2 sg-b in tcp 22 10.0.0.0/8', 'r3 sg-c in -1 10.0.0.0/8'];
  test.each<SetsRow>([
    ['another group of the only set', ['sg-a,sg-b'], ['r1 < r2 in interfaces']],
    ['one group in each set', ['sg-a,sg-b', 'sg-a,sg-c'], ['r1 < r2+r3 in interfaces']],
    ['one interface lacks it', ['sg-a,sg-b', 'sg-a'], []],
    ['on no interface', ['sg-b,sg-c'], ['r2 < r3 in interfaces']],
    ['its own group suffices', ['sg-a,sg-b', 'sg-a'], ['r1 < r4 in group'], ['r4 sg-a in tcp 1-99 10.0.0.0/12']],
  ])('%s', (...[, interfaces, found, more = []]: SetsRow) => {
    expect(shortly(inventoryOfWorld({ rules: [...rules, ...more], interfaces }))).toEqual(found);
  });
});

describe('rules that cover each other', () => {
  test.each<[why: string, world: World, found: readonly string[]]>([
    [
      'say the same in one group',
      { rules: ['r1 sg-a in tcp 22 10.0.0.0/8', 'r2 sg-a in tcp 22 10.0.0.0/8'] },
      ['r1 = r2'],
    ],
    [
      'and both are covered by a third',
      { rules: ['r1 sg-a in tcp 22 10.0.0.0/8', 'r2 sg-a in tcp 22 10.0.0.0/8', 'r3 sg-a in -1 10.0.0.0/8'] },
      ['r1 < r3 in group', 'r1 = r2'],
    ],
    [
      'in two groups of every set: the one with the larger id may go',
      { rules: ['r1 sg-a in tcp 22 10.0.0.0/8', 'r2 sg-b in tcp 22 10.0.0.0/8'], interfaces: ['sg-a,sg-b'] },
      ['r1 < r2 in interfaces stays', 'r2 < r1 in interfaces'],
    ],
    [
      'in two groups, of which one is elsewhere too',
      {
        rules: ['r1 sg-a in tcp 22 10.0.0.0/8', 'r2 sg-b in tcp 22 10.0.0.0/8'],
        interfaces: ['sg-a,sg-b', 'sg-b'],
      },
      ['r1 < r2 in interfaces'],
    ],
    [
      'overlapping ranges, any two of which make up the third',
      {
        rules: ['r1 sg-a in tcp 1-20 10.0.0.0/8', 'r2 sg-a in tcp 11-30 10.0.0.0/8', 'r3 sg-a in tcp 1-30 10.0.0.0/8'],
      },
      ['r1 < r3 in group', 'r2 < r3 in group', 'r3 < r1+r2 in group stays'],
    ],
  ])('%s', (_why, world, found) => {
    expect(shortly(inventoryOfWorld({ interfaces: ['sg-a'], ...world }))).toEqual(found);
  });
});

test('of many that cover a rule together, those are named that none of the rest makes needless', () => {
  const numbers = Array.from({ length: 8 }, (_, i) => i + 1);
  const singles = numbers.map((port) => `s${port} sg-a in tcp ${port}-${port} 10.0.0.0/8`);
  const pairs = [1, 3, 7].map((port) => `p${port} sg-a in tcp ${port}-${port + 1} 10.0.0.0/8`);
  const rules = ['wide sg-a in tcp 1-8 10.0.0.0/8', ...singles, ...pairs];
  const [first] = shortly(inventoryOfWorld({ rules, interfaces: ['sg-a'] })).filter((text) => text.startsWith('wide'));
  expect(first).toBe('wide < p1+p3+p7+s5+s6 in group stays');
});

/** As many as AWS allows an interface. Where each two were held against each other, port by port, they took minutes. */
describe('a thousand rules of one interface are looked through in a moment', () => {
  const ids = Array.from({ length: 1000 }, (_, i) => i);
  test.each<[why: string, ruleOf: (i: number) => string, found: number]>([
    ['each inside of the one before', (i) => `tcp ${i}-${60_000 - i} 10.0.0.0/8`, 999],
    ['each covered by its neighbours', (i) => `tcp ${3 * i}-${3 * i + 30} 10.0.0.0/8`, 998],
    ['one covered by all others', (i) => (i === 0 ? 'tcp 1-999 10.0.0.0/8' : `tcp ${i}-${i} 10.0.0.0/8`), 1000],
    ['hosts, and the block that they are in', (i) => `tcp 22-22 10.0.${i >> 8}.${i & 255}/${i === 0 ? 16 : 32}`, 999],
  ])('%s', async (_why, ruleOf, found) => {
    const rules = ids.map((i) => `r${String(i).padStart(4, '0')} sg-a in ${ruleOf(i)}`);
    const inventory = inventoryOfWorld({ rules, interfaces: ['sg-a'] });
    expect(await timesOrdinary(() => expect(coveredRules(inventory)).toHaveLength(found))).toBeLessThan(6);
  });
});

/** What a rule can admit, one by one: the plain meaning of coverage, in a world small enough to be counted out. */
const ADDRESSES = [
  ...Array.from({ length: 8 }, (_, i) => `10.0.0.${String(i)}`),
  '200.0.0.1',
  '2001:db8::1',
  '2001:db8::2',
];
const PORTS = [0, 1, 2, 3, 4, 5, 65_535];
const SERVICES = [
  ...PORTS.flatMap((port) => [`tcp ${String(port)}`, `udp ${String(port)}`]),
  ...['0/0', '8/0', '8/1', '3/4'].map((icmp) => `icmp ${icmp}`),
  '47',
  'other',
];

const BIT_OF = new Map<string, bigint>();

/** Each point that was ever named is a bit. */
function bitsOf(points: Iterable<string>): bigint {
  let bits = 0n;
  for (const point of points) {
    const bit = BIT_OF.get(point) ?? 1n << BigInt(BIT_OF.size);
    BIT_OF.set(point, bit);
    bits |= bit;
  }
  return bits;
}

function admitted(rule: Rule, { prefixLists }: Inventory): Set<string> {
  const services = SERVICES.filter((service) => {
    const [protocol, detail = ''] = service.split(' ');
    if (rule.protocol === '-1') return true;
    if (rule.protocol !== protocol) return false;
    if (rule.ports) return Number(detail) >= rule.ports.from && Number(detail) <= rule.ports.to;
    const [type, code] = detail.split('/').map(Number);
    const { type: wanted, code: wantedCode } = rule.icmp ?? { type: -1, code: -1 };
    return wanted === -1 || (wanted === type && [-1, code].includes(wantedCode));
  });
  return new Set(
    services.flatMap((service) => peersOf(rule, prefixLists).map((peer) => `${rule.direction} ${service} ${peer}`)),
  );
}

/** Blocks in text, so that nothing of the program's own arithmetic is believed. */
const BLOCKS: Readonly<Record<string, (address: string) => boolean>> = {
  '0.0.0.0/0': (address) => !address.includes(':'),
  '10.0.0.0/29': (address) => address.startsWith('10.'),
  '10.0.0.0/30': (address) => /^10\.0\.0\.[0-3]$/.test(address),
  '10.0.0.4/30': (address) => /^10\.0\.0\.[4-7]$/.test(address),
  '10.0.0.0/31': (address) => /^10\.0\.0\.[01]$/.test(address),
  '10.0.0.2/31': (address) => /^10\.0\.0\.[23]$/.test(address),
  '10.0.0.5/32': (address) => address === '10.0.0.5',
  '::/0': (address) => address.includes(':'),
  '2001:db8::1/128': (address) => address === '2001:db8::1',
};
const LISTS = { 'pl-1': ['10.0.0.0/30', '10.0.0.5/32'], 'pl-2': 4, 'pl-3': ['10.0.0.0/31', '10.0.0.2/31'] } as const;

function peersOf({ peer }: Rule, prefixLists: Inventory['prefixLists']): string[] {
  const inBlock = (block: string): string[] => ADDRESSES.filter((address) => BLOCKS[block]!(address));
  // An entry that nobody knows may be any address: the list, and what holds that address, admit it.
  const unknown = (address: string): string[] => (address.includes(':') ? [] : [`${address} of pl-2`]);
  if (peer.type === 'group') return [peer.value];
  const entries = peer.type === 'prefixList' ? LISTS[peer.value as keyof typeof LISTS] : [peer.value];
  if (entries === 4) return inBlock('0.0.0.0/0').flatMap(unknown);
  if (peer.type === 'prefixList') expect(prefixLists.get(peer.value)?.entries).toBeDefined();
  return entries.flatMap(inBlock).flatMap((address) => [address, ...unknown(address)]);
}

function randomWorld(random: Random): World {
  const groups = ['sg-a', 'sg-b', 'sg-c'];
  const services = [
    'tcp 0-2',
    'tcp 2-5',
    'tcp 1-1',
    'tcp 0-65535',
    'tcp 3-65535',
    'udp 0-3',
    'udp 1-1',
    'icmp 8/0',
    'icmp 8/-1',
    'icmp -1/-1',
    '47',
    '-1',
  ];
  const peers = [...Object.keys(BLOCKS), 'pl-1', 'pl-2', 'pl-3', 'sg-x'];
  // A few of each, or hardly any two rules would meet.
  const few = Array.from({ length: 3 }, () => random.pick(services));
  const near = Array.from({ length: 4 }, () => random.pick(peers));
  const rules = Array.from({ length: random.between(3, 10) }, (_, i) => {
    const direction = random.chance(0.85) ? 'in' : 'out';
    return `r${String(i)} ${random.pick(groups)} ${direction} ${random.pick(few)} ${random.pick(near)}`;
  });
  const interfaces = Array.from({ length: random.between(0, 3) }, () => groups.filter(() => random.chance(0.6)))
    .filter(({ length }) => length > 0)
    .map((ids) => ids.join(','));
  return { rules, interfaces, lists: { ...LISTS } };
}

test('what is claimed is what counting out shows, and all that may go may go together', () => {
  const random = new Random(20_260_101);
  const sums = { worlds: 1500, alone: 0, together: 0, duplicates: 0, stay: 0, not: 0 };
  const wrong: unknown[] = [];
  for (let i = 0; i < sums.worlds; i++) {
    const world = randomWorld(random);
    const inventory = inventoryOfWorld(world);
    const admits = new Map(inventory.rules.map((rule) => [rule, bitsOf(admitted(rule, inventory))]));
    const sets = [...inventory.interfaces.values()].map(({ groupIds }) => groupIds);
    const setsOf = ({ groupId }: Rule): (readonly string[])[] => {
      const found = sets.filter((groupIds) => groupIds.includes(groupId));
      return found.length > 0 ? found : [[groupId]];
    };
    const missed = (rule: Rule, groupIds: readonly string[], without: ReadonlySet<Rule>): boolean => {
      const others = inventory.rules.filter(
        (other) =>
          groupIds.includes(other.groupId) &&
          !without.has(other) &&
          (other.peer.type !== 'group' || ruleContent(other) === ruleContent(rule)),
      );
      return (admits.get(rule)! & ~others.reduce((all, other) => all | admits.get(other)!, 0n)) !== 0n;
    };
    const isMissed = (rule: Rule, without: ReadonlySet<Rule>): boolean =>
      setsOf(rule).some((groupIds) => missed(rule, groupIds, without));

    const found = coveredRules(inventory);
    const claimed = new Set(found.flatMap((one) => (one.kind === 'duplicateRules' ? one.ruleIds : [one.ruleId])));
    const truth = inventory.rules.filter((rule) => !isMissed(rule, new Set([rule]))).map(({ ruleId }) => ruleId);
    if ([...claimed].sort().join() !== truth.sort().join()) wrong.push([world, found, truth]);

    const going = new Set(
      found.flatMap((one) => (one.kind === 'duplicateRules' ? one.ruleIds.slice(1) : one.mustStay ? [] : [one.ruleId])),
    );
    const gone = new Set(inventory.rules.filter(({ ruleId }) => going.has(ruleId)));
    for (const rule of gone)
      if (isMissed(rule, gone)) wrong.push([world, found, `${rule.ruleId} is missed with all gone`]);

    for (const one of found) {
      if (one.kind === 'duplicateRules') continue;
      const named = inventory.rules.filter(({ ruleId }) => one.coveredBy.includes(ruleId));
      const rule = inventory.rules.find(({ ruleId }) => ruleId === one.ruleId)!;
      const others = new Set(inventory.rules.filter((other) => !named.includes(other)));
      const needs = (what: boolean, why: string): unknown => what || wrong.push([world, one, why]);
      needs(!isMissed(rule, others), 'those named do not cover it');
      needs(
        named.every((left) => isMissed(rule, new Set([...others, left]))),
        'not all of those named are needed',
      );
      needs(one.mustStay || !named.some((other) => gone.has(other)), 'it leans on what may go');
      needs(one.within === 'interfaces' || named.every(({ groupId }) => groupId === rule.groupId), 'of another group');
      sums[one.coveredBy.length > 1 ? 'together' : 'alone']++;
      if (one.mustStay) sums.stay++;
    }
    sums.duplicates += found.length - found.filter(({ kind }) => kind === 'coveredByRules').length;
    sums.not += inventory.rules.length - truth.length;
  }
  expect(wrong).toEqual([]);
  console.log(`coverage counted out: ${JSON.stringify(sums)}`);
  expect(Math.min(...Object.values(sums))).toBeGreaterThan(30);
});
