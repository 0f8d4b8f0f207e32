// Costs some ten seconds.
import { describe, expect, test } from '@jest/globals';
import { explainRecord, FATES, oracleUsage, type Outcome } from './oracle.ts';
import { DEFAULT_COLUMNS, onlyColumns, randomWorld, toText, type World } from './random-world.ts';
import type { OracleInventory, OracleRecord, OracleResult, PossibleReason } from './types.ts';

const WORLDS: World[] = Array.from({ length: 300 }, (_, seed) => randomWorld(seed));

/** Reached by every row of the census, or random worlds prove less than they seem to. */
const AT_LEAST = 5;

/**
 * What a record or the inventory may lack: each must change the outcome of some records, or it is not tested. Tried
 * world by world until it has done so often enough: the worlds are slow.
 */
const WITHOUT: Record<string, Removal> = {
  'flow-direction': (_, records) => records.forEach((record) => delete record['flow-direction']),
  'tcp-flags': (_, records) => records.forEach((record) => delete record['tcp-flags']),
  'pkt- fields': (_, records) =>
    records.forEach((record) => (delete record['pkt-srcaddr'], delete record['pkt-dstaddr'])),
  'vpcs.json': (inventory) => delete inventory.vpcs,
  'interface types': (inventory) => inventory.networkInterfaces.forEach((at) => delete at.InterfaceType),
  'the user of a reference': (inventory) =>
    inventory.securityGroupRules.forEach((rule) => delete rule.ReferencedGroupInfo?.UserId),
  'the peering of a reference': (inventory) =>
    inventory.securityGroupRules.forEach((rule) => delete rule.ReferencedGroupInfo?.VpcPeeringConnectionId),
  'families of prefix lists': (inventory) => Object.values(inventory.prefixLists).forEach((list) => delete list.family),
  'entries of prefix lists': (inventory) => Object.values(inventory.prefixLists).forEach((list) => delete list.entries),
  'delegated prefixes': (inventory) =>
    inventory.networkInterfaces.forEach((at) => (delete at.Ipv4Prefixes, delete at.Ipv6Prefixes)),
  'secondary addresses': (inventory) =>
    inventory.networkInterfaces.forEach((at) => (at.PrivateIpAddresses = at.PrivateIpAddresses?.slice(0, 1) ?? [])),
};

type Removal = (inventory: OracleInventory, records: OracleRecord[]) => void;

function outcomesWithout(remove: Removal, world: World): Outcome[] {
  const { inventory, records } = structuredClone(world);
  remove(inventory, records);
  return records.map((record) => explainRecord(inventory, record));
}

function census(): Record<string, number> {
  const counts: Record<string, number> = {};
  const count = (name: string, times = 1) => (counts[name] = (counts[name] ?? 0) + times);

  for (const world of WORLDS) {
    const { inventory, records } = world;
    const ruleOf = (id: string) => inventory.securityGroupRules.find((rule) => rule.SecurityGroupRuleId === id);
    const removals = Object.entries(WITHOUT).filter(([what]) => (counts[`changes without: ${what}`] ?? 0) < AT_LEAST);
    const poorerWorlds = removals.map(([what, remove]) => [what, outcomesWithout(remove, world)] as const);
    for (const [at, record] of records.entries()) {
      const outcome = explainRecord(inventory, record);
      count(`fate: ${outcome.fate}`);
      for (const [what, poorer] of poorerWorlds) {
        const differs = JSON.stringify(poorer[at]) !== JSON.stringify(outcome);
        if (differs) count(`changes without: ${what}`);
      }

      const why = outcome.explanation;
      if (why === undefined) continue;
      const certainty = why.decision === 'syn' ? 'certain' : 'inferred';
      count(`step 5: ${why.decision}, ${why.hypothesis}`);
      if (why.decision === 'smallerPort')
        count(`step 5d: ${why.admitting.length + why.could.length > 0 ? 'equal' : 'neither'}`);
      if (why.fellBack) count(`plain field for pkt-: ${outcome.fate}, ${certainty}`);
      for (const { because } of why.possible) {
        count(`possible use: ${because}, beside ${outcome.fate} ${why.hypothesis}`);
        count(`possible use: ${because}, ${certainty}`);
      }
      if (why.untracked.length > 0) count(`untracked: reply, ${certainty}`);
      if (why.admitting.length > 0) count(`admitting rules: ${Math.min(why.admitting.length, 3)}`);
      for (const rule of why.admitting.map(ruleOf)) {
        if (rule?.CidrIpv4 !== undefined) count('credited peer: CIDR IPv4');
        if (rule?.CidrIpv6 !== undefined) count('credited peer: CIDR IPv6');
        if (rule?.PrefixListId !== undefined) count('credited peer: prefix list');
        if (rule?.ReferencedGroupInfo !== undefined) count('credited peer: group');
        count(`credited protocol: ${why.protocol} by ${rule?.IpProtocol}`);
      }
      for (const rule of why.could.map(ruleOf))
        count(`could: ${rule?.PrefixListId === undefined ? 'group' : 'prefix list'}`);
    }
  }
  return counts;
}

/** What each reason for possible use can stand beside, and nothing else. */
const POSSIBLE_USE: Record<PossibleReason, string[]> = {
  i: [
    'beside attributed request',
    'beside attributed reply',
    'beside possible request',
    'beside possible reply',
    'inferred',
  ],
  ii: ['beside attributed reply', 'beside possible request', 'certain', 'inferred'],
  chosenCould: ['beside possible reply', 'inferred'],
  iii: ['beside unexplained request', 'beside unexplained reply', 'certain', 'inferred'],
  wantOfRules: ['beside attributed reply', 'beside possible reply', 'inferred'],
  otherPath: ['beside unexplained reply', 'certain'],
  packetPeer: [
    'beside attributed request',
    'beside attributed reply',
    'beside possible reply',
    'beside unexplained request',
    'beside unexplained reply',
    'certain',
    'inferred',
  ],
  sharedAddress: ['beside attributed request', 'beside attributed reply', 'certain', 'inferred'],
  attachedLater: ['beside attributed request', 'beside attributed reply', 'certain', 'inferred'],
  plainAddress: ['beside attributed request', 'beside attributed reply', 'inferred'],
  lattice: [
    'beside attributed request',
    'beside attributed reply',
    'beside unexplained request',
    'beside unexplained reply',
    'certain',
    'inferred',
  ],
};

const EXPECTED = [
  ...FATES.filter((fate) => fate !== 'malformed' && fate !== 'otherAccount' && fate !== 'duplicateLog').map(
    (fate) => `fate: ${fate}`,
  ),
  ...['syn', 'onlyOne', 'moreSpecific', 'smallerPort'].flatMap((decision) => [
    `step 5: ${decision}, request`,
    `step 5: ${decision}, reply`,
  ]),
  'step 5d: equal',
  'step 5d: neither',
  ...['attributed', 'possible', 'unexplained'].flatMap((fate) => [
    `plain field for pkt-: ${fate}, certain`,
    `plain field for pkt-: ${fate}, inferred`,
  ]),
  ...Object.entries(POSSIBLE_USE).flatMap(([because, where]) => where.map((at) => `possible use: ${because}, ${at}`)),
  'untracked: reply, certain',
  'untracked: reply, inferred',
  ...[1, 2, 3].map((rules) => `admitting rules: ${rules}`),
  ...['CIDR IPv4', 'CIDR IPv6', 'prefix list', 'group'].map((kind) => `credited peer: ${kind}`),
  ...['6 by tcp', '6 by -1', '17 by udp', '1 by icmp', '58 by icmpv6', '50 by 50', '47 by -1'].map(
    (match) => `credited protocol: ${match}`,
  ),
  'could: group',
  'could: prefix list',
  ...Object.keys(WITHOUT).map((what) => `changes without: ${what}`),
];

/** Reached, but too rarely to count on; the rows have it. */
const RARE = [
  'possible use: lattice, beside possible reply',
  'possible use: lattice, beside possible request',
  'possible use: packetPeer, beside possible request',
];

test('random worlds reach every branch of the page', () => {
  const counts = census();
  const lines = Object.keys(counts)
    .sort()
    .map((name) => `${String(counts[name]).padStart(7)}  ${name}`);
  process.stdout.write(`\n${WORLDS.length} random worlds:\n${lines.join('\n')}\n`);
  expect(EXPECTED.filter((name) => (counts[name] ?? 0) < AT_LEAST)).toEqual([]);
  const unexpected = Object.keys(counts).filter((name) => name.startsWith('possible use') && !EXPECTED.includes(name));
  expect(unexpected.sort()).toEqual(RARE);
});

describe('what the page says of sums holds in random worlds', () => {
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  const results = new Map<World, OracleResult>();
  const resultOf = (world: World): OracleResult => {
    const result = results.get(world) ?? oracleUsage(world.inventory, world.records);
    results.set(world, result);
    return result;
  };

  test('the fates add up, requests and replies are what came as far as a hypothesis', () => {
    for (const world of WORLDS) {
      const { records: counted } = resultOf(world);
      expect(counted.total).toBe(world.records.length);
      expect(sum(FATES.map((fate) => counted[fate]))).toBe(counted.total);
      expect(counted.requests + counted.replies).toBe(counted.attributed + counted.possible + counted.unexplained);
    }
  });

  test('one primary rule for each attributed request; sets, buckets and counters tell the same', () => {
    for (const world of WORLDS) {
      const { rules, admittingSets, records: counted } = resultOf(world);
      const uses = Object.values(rules);
      const sets = Object.values(admittingSets)
        .flatMap((days) => Object.values(days))
        .flatMap((day) => Object.entries(day));
      const requests = sum(sets.map(([, times]) => times.requests));
      expect(requests + sum(sets.map(([, times]) => times.replies))).toBe(counted.attributed);
      expect(sum(uses.map((use) => use.primaryTimes))).toBe(requests);
      for (const [id, use] of Object.entries(rules)) {
        const own = sets.filter(([ids]) => ids.split(',').includes(id));
        expect(sum(own.map(([, times]) => times.requests))).toBe(use.usedTimes);
        expect(sum(own.map(([, times]) => times.replies))).toBe(use.replyTimes);
        expect(sum(own.filter(([ids]) => ids === id).map(([, times]) => times.requests))).toBe(use.soleTimes);
        expect(sum(use.ports.map((port) => port.usedTimes))).toBe(use.usedTimes);
        expect(sum(use.ports.map((port) => port.replyTimes))).toBe(use.replyTimes);
        expect(use.lastUsed === null).toBe(use.usedTimes + use.replyTimes === 0);
        expect(use.lastPossible === null).toBe(use.possibleTimes === 0);
      }
    }
  });

  test('the order of records changes nothing', () => {
    for (const world of WORLDS.slice(0, 40)) {
      expect(oracleUsage(world.inventory, world.records.toReversed())).toEqual(resultOf(world));
    }
  });
});

describe('random worlds', () => {
  test('the same seed makes the same world', () => {
    expect(randomWorld(7)).toEqual(randomWorld(7));
    expect(randomWorld(7)).not.toEqual(randomWorld(8));
  });

  test('options bound the world', () => {
    const world = randomWorld(3, { recordCount: 5, maxRules: 2 });
    expect(world.records).toHaveLength(5);
    expect(world.inventory.securityGroupRules.length).toBeLessThanOrEqual(2);
  });

  test('text has a header and one line per record, and says what the fields say', () => {
    const { records, columns } = randomWorld(11);
    const [header, ...lines] = toText(records, columns).trimEnd().split('\n');
    expect(header?.split(' ')).toEqual(columns);
    const read = lines.map((line) =>
      Object.fromEntries(line.split(' ').map((field, at) => [columns[at] ?? '', field])),
    );
    expect(read).toEqual(records);
  });

  test('records cut to the default columns keep only those', () => {
    const { records } = randomWorld(11);
    const [first] = onlyColumns(records, DEFAULT_COLUMNS);
    expect(Object.keys(first ?? {})).toEqual([...DEFAULT_COLUMNS]);
  });
});
