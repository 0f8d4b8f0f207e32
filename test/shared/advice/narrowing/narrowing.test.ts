import { describe, expect, test } from '@jest/globals';
import { parseAddress, parsePrefix, prefixContains } from '../../../../shared/addresses/address.ts';
import type { Narrower, NarrowerOptions, ProposedRule } from '../../../../shared/advice/narrowing/narrower.ts';
import { Narrowing, type NarrowingLimits } from '../../../../shared/advice/narrowing/narrowing.ts';
import type { ServiceFlow } from '../../../../shared/evidence/service-flow.ts';
import type { Inventory } from '../../../../shared/inventory/inventory.ts';
import { withVersionedRules } from '../../../../shared/inventory/versioned-rules.ts';
import { Admissions } from '../../../../shared/matching/admission.ts';
import { CompiledInventory } from '../../../../shared/matching/compiled-inventory.ts';
import { Random } from '../../../oracle/random.ts';
import { inventoryOfWorld, type World } from '../world.ts';

const NUMBER_OF: Readonly<Record<string, number>> = {
  tcp: 6,
  udp: 17,
  icmp: 1,
  gre: 47,
  esp: 50,
  ah: 51,
  sctp: 132,
  ospf: 89,
};

/** `tcp 443 10.0.0.9`: of rule `r1`, with a SYN; `more` says what else. */
function flow(text: string, more: Partial<ServiceFlow> = {}): ServiceFlow {
  const [protocol = '', port, peer = ''] = text.split(' ');
  return {
    interfaceId: 'eni-1',
    direction: 'ingress',
    protocol: NUMBER_OF[protocol]!,
    peer,
    port: Number(port),
    ruleIds: ['r1'],
    possibleRuleIds: [],
    unclearRuleIds: [],
    untrackedRuleIds: [],
    requests: 1,
    replies: 1,
    inferred: 0,
    packets: 1,
    bytes: 1,
    first: 0,
    last: 0,
    ...more,
  };
}

interface Case extends Partial<World> {
  readonly days?: number;
  readonly options?: Partial<NarrowerOptions>;
  readonly more?: Partial<ServiceFlow>;
  readonly limits?: NarrowingLimits;
}

function narrowed(rule: string, flows: readonly string[], given: Case = {}): Narrower | undefined {
  const { days = 7, options, more, limits, ...world } = given;
  const narrowing = new Narrowing(inventoryOfWorld({ rules: [rule], interfaces: ['sg-a'], ...world }), limits);
  for (let day = 0; day < days; day++) for (const text of flows) narrowing.add(day, flow(text, more));
  return narrowing.result('r1', options);
}

/** `tcp 443 10.0.0.9/32` */
function shown({ protocol, ports, peer }: ProposedRule): string {
  const range = ports ? ` ${String(ports.from)}${ports.from === ports.to ? '' : `-${String(ports.to)}`}` : '';
  return `${protocol}${range} ${peer.value}`;
}

type Row = [why: string, rule: string, flows: readonly string[], proposed: readonly string[] | undefined, given?: Case];

describe('while new peers come, only ports are narrowed', () => {
  const cidr = 'r1 sg-a in tcp 0-65535 10.0.0.0/8';
  const listed = { lists: { 'pl-1': ['10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16', '10.4.0.0/16'] } };
  /** Over 30 days: from a day on one peer of TCP 22, and on a later one another. */
  function over30(rule: string, first: number, later: number, given: Case & { readonly ofAws?: boolean } = {}): string {
    const { limits, ofAws = false, ...world } = given;
    const inventory = inventoryOfWorld({ rules: [rule], interfaces: ['sg-a'], ...world });
    const lists = [...inventory.prefixLists].map(
      ([id, list]) => [id, { ...list, name: 'com.amazonaws.x.s3' }] as const,
    );
    const narrowing = new Narrowing(
      ofAws ? { ...inventory, prefixLists: new Map(lists) } : inventory,
      limits ?? { ofRule: 100, ofAll: 1000 },
    );
    for (let day = 0; day < 30; day++) {
      narrowing.add(day, flow('tcp 22 10.1.0.1', { ruleIds: day < first ? [] : ['r1'] }));
      if (day >= later) narrowing.add(day, flow('tcp 22 10.1.0.2'));
    }
    const { rules = [], caveats = [] } = narrowing.result('r1') ?? {};
    return [...rules.map(shown), ...caveats].join(', ');
  }

  test.each<
    [why: string, said: string, rule: string, first: number, later: number, given?: Parameters<typeof over30>[3]]
  >([
    ['the last came before the last third', 'tcp 22 10.1.0.1/32, tcp 22 10.1.0.2/32', cidr, 0, 19],
    ['the last came in the last third', 'tcp 22 10.0.0.0/8, peersMove', cidr, 0, 20],
    ['all came in the last third', 'tcp 22 10.0.0.0/8, peersMove', cidr, 25, 30],
    ['who has a group needs no telling', 'tcp 22 sg-x', 'r1 sg-a in tcp 0-65535 sg-x', 25, 30],
    ['too many to tell', 'tcp 22 10.0.0.0/8, peersMove, coarse', cidr, 0, 1, { limits: { ofRule: 1, ofAll: 1000 } }],
    ['of a list', 'tcp 22 pl-1, peersMove', 'r1 sg-a in tcp 0-65535 pl-1', 0, 20, listed],
    [
      'of a list, before the last third',
      'tcp 22 10.1.0.0/16, listMayChange',
      'r1 sg-a in tcp 0-65535 pl-1',
      0,
      19,
      listed,
    ],
    [
      'of a list of AWS, whose entries nobody copies',
      'tcp 22 pl-1',
      'r1 sg-a in tcp 0-65535 pl-1',
      0,
      19,
      { ...listed, ofAws: true },
    ],
  ])('%s: %s', (_why, said, rule, first, later, given = {}) => {
    expect(over30(rule, first, later, given)).toBe(said);
  });
});

describe('proposals', () => {
  const all = 'r1 sg-a in tcp 0-65535 10.0.0.0/8';
  const list = { lists: { 'pl-1': ['10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16', '10.4.0.0/16'] } };
  test.each<Row>([
    ['one peer, one port', all, ['tcp 443 10.1.2.3'], ['tcp 443 10.1.2.3/32']],
    ['two peers side by side', all, ['tcp 443 10.1.2.2', 'tcp 443 10.1.2.3'], ['tcp 443 10.1.2.2/31']],
    ['ports side by side', all, ['tcp 80 10.1.2.3', 'tcp 81 10.1.2.3'], ['tcp 80-81 10.1.2.3/32']],
    [
      'peers apart, as long as there are rules for all',
      all,
      ['tcp 443 10.1.2.3', 'tcp 22 10.9.9.9'],
      ['tcp 22 10.9.9.9/32', 'tcp 443 10.1.2.3/32'],
    ],
    [
      'else those that are near',
      all,
      ['tcp 443 10.1.2.3', 'tcp 443 10.1.2.1', 'tcp 22 10.9.9.9'],
      ['tcp 22 10.9.9.9/32', 'tcp 443 10.1.2.0/30'],
      { options: { maxRules: 2 } },
    ],
    ['IPv6 by networks', 'r1 sg-a in tcp 22 2001:db8::/32', ['tcp 22 2001:db8::77'], ['tcp 22 2001:db8::/64']],
    ['public peers of port 80: no narrower', 'r1 sg-a in tcp 80 0.0.0.0/0', ['tcp 80 8.8.8.8'], undefined],
    ['public peers of the web: no narrower', 'r1 sg-a in tcp 443 0.0.0.0/0', ['tcp 443 8.8.8.8'], undefined],
    [
      'public peers of the web, fewer ports',
      'r1 sg-a out tcp 0-65535 0.0.0.0/0',
      ['tcp 443 8.8.8.8', 'udp 443 8.8.4.4'],
      ['tcp 443 0.0.0.0/0'],
    ],
    ['private peers of the web', 'r1 sg-a in tcp 443 0.0.0.0/0', ['tcp 443 192.168.1.1'], ['tcp 443 192.168.1.1/32']],
    [
      'peers inside a VPC: its block',
      'r1 sg-a in tcp 0-65535 0.0.0.0/0',
      ['tcp 22 10.1.2.3'],
      ['tcp 22 10.0.0.0/8'],
      { vpcs: ['vpc-1'] },
    ],
    [
      'but no more than the rule lets in',
      'r1 sg-a in tcp 0-65535 10.1.0.0/16',
      ['tcp 22 10.1.2.3'],
      ['tcp 22 10.1.0.0/16'],
      { vpcs: ['vpc-1'] },
    ],
    ['public peers of another port', 'r1 sg-a in tcp 22 0.0.0.0/0', ['tcp 22 8.8.8.8'], ['tcp 22 8.8.8.8/32']],
    [
      'unless the rule is narrower than that',
      'r1 sg-a in tcp 1-99 2001:db8::70/124',
      ['tcp 9 2001:db8::77'],
      ['tcp 9 2001:db8::70/124'],
    ],
    [
      'all traffic: the protocols seen',
      'r1 sg-a in -1 10.0.0.0/8',
      ['udp 53 10.1.1.1', 'gre 0 10.1.1.1', 'icmp 0 10.1.1.1'],
      ['icmp 10.1.1.1/32', 'udp 53 10.1.1.1/32', '47 10.1.1.1/32'],
    ],
    [
      'more protocols than rules',
      'r1 sg-a in -1 10.0.0.0/8',
      ['udp 53 10.1.1.1', 'gre 0 10.1.1.1'],
      undefined,
      { options: { maxRules: 1 } },
    ],
    ['a protocol without ports: fewer peers', 'r1 sg-a in 47 10.0.0.0/8', ['gre 0 10.1.1.1'], ['47 10.1.1.1/32']],
    ['ICMP, whose types are not logged', 'r1 sg-a in icmp 8/0 10.0.0.0/8', ['icmp 0 10.1.1.1'], undefined],
    [
      'a group: fewer ports only',
      'r1 sg-a in tcp 0-65535 sg-x',
      ['tcp 443 10.1.1.1', 'tcp 444 10.2.2.2'],
      ['tcp 443-444 sg-x'],
    ],
    ['a group: nothing to give up', 'r1 sg-a in tcp 443 sg-x', ['tcp 443 10.1.1.1'], undefined],
    ['a list: the entries used, whole', 'r1 sg-a in tcp 443 pl-1', ['tcp 443 10.1.1.1'], ['tcp 443 10.1.0.0/16'], list],
    [
      'a list, entries and ports',
      'r1 sg-a in tcp 0-999 pl-1',
      ['tcp 443 10.1.1.1', 'tcp 80 10.3.1.1'],
      ['tcp 80 10.3.0.0/16', 'tcp 443 10.1.0.0/16'],
      list,
    ],
    [
      'too many entries: fewer ports',
      'r1 sg-a in tcp 0-999 pl-1',
      ['tcp 443 10.1.1.1', 'tcp 443 10.3.1.1'],
      ['tcp 443 pl-1'],
      { ...list, options: { maxRules: 1 } },
    ],
    [
      'all entries: the list stays',
      'r1 sg-a in tcp 0-999 pl-1',
      ['tcp 443 10.1.1.1', 'tcp 443 10.2.1.1', 'tcp 443 10.3.1.1', 'tcp 443 10.4.1.1'],
      ['tcp 443 pl-1'],
      list,
    ],
    [
      'a list of unknown entries: fewer ports',
      'r1 sg-a in tcp 0-999 pl-1',
      ['tcp 443 10.1.1.1'],
      ['tcp 443 pl-1'],
      { lists: { 'pl-1': 4 } },
    ],
    [
      'possible use counts as use',
      'r1 sg-a in tcp 0-999 sg-x',
      ['tcp 7 10.1.1.1'],
      ['tcp 7 sg-x'],
      { more: { ruleIds: [], possibleRuleIds: ['r1'] } },
    ],
    [
      'not worth it',
      'r1 sg-a in tcp 80-81 10.1.2.3/32',
      ['tcp 80 10.1.2.3'],
      undefined,
      { options: { minGivesUp: 0.51 } },
    ],
    [
      'just worth it',
      'r1 sg-a in tcp 80-81 10.1.2.3/32',
      ['tcp 80 10.1.2.3'],
      ['tcp 80 10.1.2.3/32'],
      { options: { minGivesUp: 0.5 } },
    ],
    ['too few days', all, ['tcp 443 10.1.2.3'], undefined, { days: 6 }],
    [
      'days enough for whoever asks for fewer: whose peers are new all the same',
      all,
      ['tcp 443 10.1.2.3'],
      ['tcp 443 10.0.0.0/8'],
      { days: 1, options: { minDays: 1 } },
    ],
    ['never used', all, [], undefined],
    ['only used as it read before', all, ['udp 443 10.1.2.3', 'tcp 443 11.1.2.3'], undefined],
  ])('%s', (...[, rule, flows, proposed, given]: Row) => {
    expect(narrowed(rule, flows, given)?.rules.map(shown)).toEqual(proposed);
  });

  test.each<[caveats: string, rule: string, given: Case]>([
    ['', all, {}],
    ['fewDays', all, { days: 6, options: { minDays: 1 } }],
    ['inferredOnly', all, { more: { inferred: 2 } }],
    ['', all, { more: { inferred: 1 } }],
    ['possibleUse', all, { more: { unclearRuleIds: ['r1'] } }],
    ['possibleUse,inferredOnly', 'r1 sg-a in tcp 0-999 sg-x', { more: { ruleIds: [], possibleRuleIds: ['r1'] } }],
    ['cutsUntracked', all, { more: { untrackedRuleIds: ['r1'] } }],
    ['listMayChange', 'r1 sg-a in tcp 0-999 pl-1', list],
    ['', 'r1 sg-a in tcp 0-999 pl-1', { lists: { 'pl-1': 4 } }],
  ])('caveats: %s', (caveats, rule, given) => {
    expect(narrowed(rule, ['tcp 443 10.1.1.1'], given)?.caveats.join()).toBe(caveats);
  });

  test('days and flows are counted', () => {
    expect(narrowed(all, ['tcp 443 10.1.2.3', 'tcp 22 10.1.2.3'], { days: 9 })).toMatchObject({
      days: 9,
      serviceFlows: 18,
    });
  });

  test('a service that comes again at once, in another protocol or of an earlier day, tells what is new of it', () => {
    const given = { days: 7 };
    const found = narrowed('r1 sg-a in -1 sg-x', ['tcp 53 10.1.2.3', 'udp 53 10.1.2.3'], given)!;
    expect(found.rules.map(shown)).toEqual(['tcp 53 sg-x', 'udp 53 sg-x']);

    const narrowing = new Narrowing(inventoryOfWorld({ rules: ['r1 sg-a in -1 sg-x'], interfaces: ['sg-a'] }));
    for (const day of [5, 4, 3]) narrowing.add(day, flow('tcp 53 10.1.2.3'));
    expect(narrowing.result('r1', { minDays: 1 }, 5)).toMatchObject({ days: 3, serviceFlows: 3 });
  });

  test('of a list, flows that it no longer admits are none that the new rules admit', () => {
    const given = { lists: { 'pl-1': ['10.1.0.0/16', '10.2.0.0/16'] } };
    const found = narrowed('r1 sg-a in tcp 0-65535 pl-1', ['tcp 443 10.1.2.3', 'tcp 22 10.9.9.9'], given)!;
    expect([found.serviceFlows, found.rules.map(shown)]).toEqual([7, ['tcp 443 10.1.0.0/16']]);
    expect(narrowed('r1 sg-a in tcp 0-65535 pl-1', ['tcp 22 10.9.9.9'], given)).toBeUndefined();
  });

  test('days before the rule was as it is now tell nothing of it', () => {
    const inventory = inventoryOfWorld({ rules: [all], interfaces: ['sg-a'] });
    const narrowing = new Narrowing(inventory);
    for (let day = 0; day < 30; day++)
      narrowing.add(day, flow('tcp 443 10.1.2.3', day < 28 ? { ruleIds: ['r0'] } : {}));
    expect(narrowing.result('r1')).toMatchObject({ days: 30 });
    expect(narrowing.result('r1', {}, 28)).toBeUndefined();
    expect(narrowing.result('r1', { minDays: 1 }, 28)).toMatchObject({ days: 2, caveats: ['fewDays'] });
    // Seen before a snapshot showed it: it was there.
    expect(narrowing.result('r1', {}, 29)).toBeUndefined();
    expect(narrowing.result('r1', { minDays: 1 }, 29)).toMatchObject({ days: 2 });
  });

  test('ids that name the content are understood, and those of another content are not', () => {
    const inventory = inventoryOfWorld({ rules: [all], interfaces: ['sg-a'] });
    const [{ ruleId } = { ruleId: '' }] = withVersionedRules(inventory).rules;
    const narrowing = new Narrowing(inventory);
    for (let day = 0; day < 7; day++) {
      narrowing.add(day, flow('tcp 443 10.1.2.3', { ruleIds: [ruleId] }));
      narrowing.add(day, flow('tcp 22 10.1.2.3', { ruleIds: ['r1@0123456789abcdef'] }));
    }
    expect(ruleId).toMatch(/^r1@/);
    expect(narrowing.result('r1')!.rules.map(shown)).toEqual(['tcp 443 10.1.2.3/32']);
  });

  test('a rule that was made again was used as well under the id that it had before', () => {
    const inventory = inventoryOfWorld({ rules: [all], interfaces: ['sg-a'] });
    const [{ ruleId } = { ruleId: '' }] = withVersionedRules(inventory).rules;
    const former = ruleId.replace('r1@', 'r0@');
    const narrowing = new Narrowing(inventory);
    for (let day = 0; day < 6; day++) narrowing.add(day, flow('tcp 22 10.1.2.3', { ruleIds: [former] }));
    // On the day itself, both let it in.
    narrowing.add(6, flow('tcp 443 10.1.2.3', { ruleIds: [former, ruleId].sort() }));
    const { rules, serviceFlows } = narrowing.result('r1')!;
    expect([rules.map(shown), serviceFlows]).toEqual([['tcp 22 10.1.2.3/32', 'tcp 443 10.1.2.3/32'], 7]);
  });
});

/** The inventory with the proposals in the place of `r1`, asked by the program's matcher. */
function admits(inventory: Inventory, rules: readonly ProposedRule[]): (one: ServiceFlow) => boolean {
  const [old] = inventory.rules;
  const compiled = new CompiledInventory({
    ...inventory,
    rules: rules.map(({ protocol, ports, peer }, i) => ({
      ...old!,
      ruleId: `new-${String(i)}`,
      protocol,
      protocolNumber: NUMBER_OF[protocol] ?? Number(protocol),
      ports,
      icmp: protocol === 'icmp' ? { type: -1, code: -1 } : undefined,
      peer:
        peer.type === 'cidrIpv4' || peer.type === 'cidrIpv6'
          ? { type: peer.type, value: peer.value, prefix: parsePrefix(peer.value)! }
          : old!.peer,
    })),
  });
  const admissions = new Admissions(compiled);
  const { groupSet } = compiled.interfaceOf('eni-1')!;
  return ({ direction, protocol, peer, port }) =>
    admissions.find(groupSet!, direction, protocol, parseAddress(peer)!, port).admitting.length > 0;
}

function randomFlows(random: Random, rule: string): string[] {
  const services = rule.includes(' -1 ') ? ['tcp', 'udp', 'gre', 'icmp'] : ['tcp'];
  const hosts = random.pick([2, 8, 200]);
  const ports = random.pick([1, 4, 60_000]);
  return Array.from({ length: random.pick([1, 3, 6, 9, 40, 400]) }, () => {
    const protocol = random.pick(services);
    const port = ['gre', 'icmp'].includes(protocol) ? 0 : 100 + random.between(0, ports - 1);
    const last = String(random.between(0, 255));
    const peer = rule.includes(':')
      ? `2001:db8:${random.between(0, hosts).toString(16)}::${last}`
      : `10.${String(random.between(1, random.pick([1, 4])))}.${String(random.between(0, hosts - 1))}.${last}`;
    return `${protocol} ${String(port)} ${peer}`;
  });
}

const RULES = [
  'r1 sg-a in tcp 0-65535 10.0.0.0/8',
  'r1 sg-a in tcp 100-65535 0.0.0.0/0',
  'r1 sg-a in -1 10.0.0.0/8',
  'r1 sg-a in tcp 0-65535 2001:db8::/32',
  'r1 sg-a in tcp 0-65535 pl-1',
];
const LISTS = { 'pl-1': ['10.1.0.0/16', '10.2.0.0/15', '10.4.0.0/18', '10.4.64.0/18', '10.4.128.0/17'] };

test('every flow is admitted by the proposals, whatever the limits; none admits more than the rule', () => {
  const random = new Random(77);
  const sums = { cases: 900, proposals: 0, coarse: 0, lists: 0, fiveAndMore: 0 };
  for (let i = 0; i < sums.cases; i++) {
    const rule = RULES[i % RULES.length]!;
    const direction = random.pick(['ingress', 'egress'] as const);
    const flows = randomFlows(random, rule).map((text) => flow(text, { direction }));
    const inventory = inventoryOfWorld({
      rules: [direction === 'egress' ? rule.replace(' in ', ' out ') : rule],
      interfaces: ['sg-a'],
      lists: LISTS,
    });
    const ofRule = random.pick([2048, 100, 16, 1]);
    const narrowing = new Narrowing(inventory, { ofRule, ofAll: 250_000 });
    // Half of the time nobody new comes on later days.
    for (const one of flows) narrowing.add(i % 2 === 0 ? 1 : random.between(1, 9), one);
    narrowing.add(9, flows[0]!);
    const maxRules = random.between(1, 6);
    const found = narrowing.result('r1', { maxRules, minGivesUp: 0, minDays: 1 });
    // For all traffic, a limit of one leaves a cell for each protocol.
    expect(narrowing.size).toBeLessThanOrEqual(Math.max(ofRule, 4));
    if (!found) continue;
    sums.proposals++;
    if (found.caveats.includes('coarse')) sums.coarse++;
    if (found.caveats.includes('listMayChange')) sums.lists++;
    if (found.rules.length >= 5) sums.fiveAndMore++;
    const isAdmitted = admits(inventory, found.rules);
    expect(flows.filter((one) => !isAdmitted(one))).toEqual([]);
    expect(found.rules.length).toBeLessThanOrEqual(maxRules);
    const { peer, ports } = inventory.rules[0]!;
    const blocks = 'prefix' in peer ? [peer.prefix] : LISTS['pl-1'].map((cidr) => parsePrefix(cidr)!);
    for (const one of found.rules) {
      if (one.peer.type === 'prefixList') continue;
      const prefix = parsePrefix(one.peer.value)!;
      expect(blocks.some((block) => block.length <= prefix.length && prefixContains(block, prefix.address))).toBe(true);
      if (ports) expect(one.ports!.from >= ports.from && one.ports!.to <= ports.to).toBe(true);
    }
  }
  console.log(`narrowed: ${JSON.stringify(sums)}`);
  expect(Math.min(...Object.values(sums))).toBeGreaterThan(50);
});

test('the order of flows and days leaves no trace, in little memory too', () => {
  const random = new Random(5);
  const rules = RULES.slice(0, 4).map((rule, i) => rule.replace('r1', `r${String(i + 1)}`));
  const inventory = inventoryOfWorld({ rules, interfaces: ['sg-a'] });
  for (let i = 0; i < 30; i++) {
    const flows = rules.flatMap((rule, at) =>
      randomFlows(random, rule).map((text) => flow(text, { ruleIds: [`r${String(at + 1)}`] })),
    );
    const told = [flows, [...flows].reverse(), [...flows].sort(() => random.next() - 0.5)].map((order) => {
      const narrowing = new Narrowing(inventory, { ofRule: 256, ofAll: 100 });
      for (const one of order) narrowing.add(1, one);
      return rules.map((_, at) => narrowing.result(`r${String(at + 1)}`, { minDays: 1, minGivesUp: 0 }));
    });
    expect(told[1]).toEqual(told[0]);
    expect(told[2]).toEqual(told[0]);
  }
});

test('gathered in parts and put together: the same as if all had come to one, in little memory too', () => {
  const random = new Random(6);
  const rules = RULES.slice(0, 4).map((rule, i) => rule.replace('r1', `r${String(i + 1)}`));
  const inventory = inventoryOfWorld({ rules, interfaces: ['sg-a'] });
  const seen = { coarse: 0, exact: 0, moving: 0 };
  for (let i = 0; i < 40; i++) {
    const limits = random.pick([
      { ofRule: 256, ofAll: 100 },
      { ofRule: 64, ofAll: 1000 },
      { ofRule: 2048, ofAll: 250_000 },
    ]);
    const flows = rules.flatMap((rule, at) =>
      randomFlows(random, rule).map((text) => {
        const ids = { ruleIds: [`r${String(at + 1)}`], unclearRuleIds: random.next() < 0.1 ? ['r4'] : [] };
        return [random.between(1, 9), flow(text, { ...ids, inferred: random.between(0, 1) })] as const;
      }),
    );
    const gathered = (some: typeof flows): Narrowing => {
      const narrowing = new Narrowing(inventory, limits);
      for (const [day, one] of some) narrowing.add(day, one);
      return narrowing;
    };
    const told = (narrowing: Narrowing) =>
      rules.map((_, at) => narrowing.result(`r${String(at + 1)}`, { minDays: 1, minGivesUp: 0 }));
    const whole = gathered(flows);
    const dealt = Map.groupBy(flows, () => random.between(1, 3));
    const merged = gathered([]);
    for (const part of dealt.values()) merged.merge(structuredClone(gathered(part).parts()));
    expect(told(merged)).toEqual(told(whole));
    expect(merged.size).toBe(whole.size);
    expect(merged.days).toBe(whole.days);
    for (const one of told(whole)) {
      seen[one?.caveats.includes('coarse') === true ? 'coarse' : 'exact']++;
      if (one?.caveats.includes('peersMove') === true) seen.moving++;
    }
  }
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(10);
});

/** Every box of a small world: /29 × 4 ports. Found without a word of the program's. */
const BOXES = [32, 31, 30, 29]
  .flatMap((length) => {
    const size = 2 ** (32 - length);
    return Array.from({ length: 8 / size }, (_, i) => i * size).flatMap((low) =>
      [0, 1, 2, 3].flatMap((from) =>
        [0, 1, 2, 3].filter((to) => to >= from).map((to) => ({ low, high: low + size - 1, from, to })),
      ),
    );
  })
  .map(({ low, high, from, to }) => {
    let bits = 0;
    for (let host = low; host <= high; host++) for (let port = from; port <= to; port++) bits |= 1 << (host * 4 + port);
    return bits;
  });

function countOf(bits: number): number {
  let count = 0;
  for (let left = bits >>> 0; left !== 0; left >>>= 1) count += left & 1;
  return count;
}

/** The least that one or two boxes around these points hold. */
function leastOf(points: number): number {
  let best = 32;
  for (const a of BOXES) for (const b of BOXES) if ((points & ~(a | b)) === 0) best = Math.min(best, countOf(a | b));
  return best;
}

test('nothing tighter is possible, and what is given up is counted exactly', () => {
  const random = new Random(11);
  const seen = { cases: 150, oneRule: 0, twoRules: 0, overlapping: 0 };
  for (let i = 0; i < seen.cases; i++) {
    const points = Array.from({ length: random.between(1, 6) }, () => random.between(0, 31));
    const bits = points.reduce((all, point) => all | (1 << point), 0);
    const flows = points.map((point) => `tcp ${String(100 + (point % 4))} 10.0.0.${String(point >> 2)}`);
    const found = narrowed('r1 sg-a in tcp 100-103 10.0.0.0/29', flows, { options: { maxRules: 2, minGivesUp: 0 } });
    const least = leastOf(bits);
    if (least === 32) {
      expect(found).toBeUndefined();
      continue;
    }
    expect({ flows, givesUp: found!.givesUp }).toEqual({ flows, givesUp: 1 - least / 32 });
    seen[found!.rules.length === 1 ? 'oneRule' : 'twoRules']++;
    const apart = found!.rules.reduce(
      (sum, { ports, peer }) => sum + (ports!.to - ports!.from + 1) * 2 ** (32 - Number(peer.value.split('/')[1])),
      0,
    );
    if (apart > least) seen.overlapping++;
  }
  console.log(`tightest: ${JSON.stringify(seen)}`);
  expect(seen.twoRules).toBeGreaterThan(50);
  expect(seen.oneRule).toBeGreaterThan(5);
});
