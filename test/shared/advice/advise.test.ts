import { expect, test } from '@jest/globals';
import { formatAddress, parseAddress } from '../../../shared/addresses/address.ts';
import { advise, type AdviceInput } from '../../../shared/advice/advise.ts';
import { Narrowing } from '../../../shared/advice/narrowing/narrowing.ts';
import type { ServiceFlow } from '../../../shared/evidence/service-flow.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import type { Verdict } from '../../../shared/verdicts/verdict.ts';
import { emptyRuleDay } from '../../../shared/usage/usage.ts';
import { Random } from '../../oracle/random.ts';
import { inventoryOfWorld } from './world.ts';
import { windowOf } from '../../../shared/time.ts';

const AS_OF = Date.UTC(2026, 3, 1) / 1000;
const WINDOW = windowOf(AS_OF, 90);
const ACTIVE: Verdict = { kind: 'active', unanswered: false };
const STALE: Verdict = { kind: 'stale', ageUnknown: false };

function judged(inventory: Inventory, verdictOf: (ruleId: string) => Verdict): AdviceInput['judged'] {
  return inventory.rules.map((rule) => {
    const verdict = verdictOf(rule.ruleId);
    const lastUsed = verdict.kind === 'active' ? AS_OF - 60 : -1;
    const seen = { use: emptyRuleDay(), isFounded: true, evidence: { knownSince: undefined } };
    return { rule, verdict, window: WINDOW, lastUsed, lastPossible: -1, ...seen };
  });
}

function flow(ruleId: string, protocol: number, peer: string, port: number): ServiceFlow {
  const counts = { requests: 1, replies: 1, inferred: 0, packets: 1, bytes: 1, first: 0, last: 0 };
  const ids = { ruleIds: [ruleId], possibleRuleIds: [], unclearRuleIds: [], untrackedRuleIds: [] };
  return { interfaceId: 'eni-1', direction: 'ingress', protocol, peer, port, ...ids, ...counts };
}

test('a door that is open and in use ranks last among rules, and is not overlooked', () => {
  const rules = ['r1 sg-a in tcp 0-65535 0.0.0.0/0', 'r2 sg-a in tcp 9 10.0.0.0/8'];
  const inventory = inventoryOfWorld({ rules, interfaces: ['sg-a'] });
  const narrowing = new Narrowing(inventory);
  for (let day = 0; day < 7; day++) narrowing.add(day, flow('r1', 6, '8.8.8.8', 22));
  const advice = advise({
    inventory,
    judged: judged(inventory, (ruleId) => (ruleId === 'r1' ? ACTIVE : STALE)),
    narrowing,
    narrower: {},
    staleReferences: [],
  });
  expect([...advice.ranks].map(([ruleId, { score }]) => [ruleId, score])).toEqual([
    ['r1', 0],
    ['r2', 11.6],
  ]);
  expect(advice.findings.map(({ finding, rank }) => [finding.kind, rank])).toEqual([
    ['openToWorld', 50],
    ['coveredByRules', 2.9],
  ]);
  expect([...advice.narrower.keys()]).toEqual(['r1']);
});

test('no narrower rule where the verdict is not that the rule is used, or there is no evidence', () => {
  const inventory = inventoryOfWorld({ rules: ['r1 sg-a in tcp 0-65535 0.0.0.0/0'], interfaces: ['sg-a'] });
  const narrowing = new Narrowing(inventory);
  for (let day = 0; day < 7; day++) narrowing.add(day, flow('r1', 6, '8.8.8.8', 22));
  const shared = { inventory, narrower: {}, staleReferences: [] };
  const sizes = [
    advise({ ...shared, narrowing, judged: judged(inventory, () => ACTIVE) }),
    advise({ ...shared, narrowing, judged: judged(inventory, () => STALE) }),
    advise({ ...shared, narrowing: undefined, judged: judged(inventory, () => ACTIVE) }),
  ].map(({ narrower }) => narrower.size);
  expect(sizes).toEqual([1, 0, 0]);
});

test('of a rule that is young, only the days since are told, and few are too few', () => {
  const inventory = inventoryOfWorld({ rules: ['r1 sg-a in tcp 0-65535 0.0.0.0/0'], interfaces: ['sg-a'] });
  const narrowing = new Narrowing(inventory);
  for (let day = 0; day < 30; day++) narrowing.add(day, flow(day < 20 ? 'gone' : 'r1', 6, '8.8.8.8', 22));
  const shared = { inventory, narrowing, narrower: {}, staleReferences: [] };
  const daysIf = (knownSince: number | undefined): number | undefined => {
    const rules = judged(inventory, () => ACTIVE).map((one) => ({ ...one, evidence: { knownSince } }));
    return advise({ ...shared, judged: rules }).narrower.get('r1')?.days;
  };
  expect(daysIf(undefined)).toBe(30);
  expect(daysIf(20 * 86_400 + 7)).toBe(10);
  expect(daysIf(10 * 86_400)).toBe(20);
  expect(daysIf(40 * 86_400)).toBe(10);
});

/** 10,000 rules in 500 groups, 400 sets of up to five groups, 5,000 interfaces: as dense as quotas let it be. */
function largeWorld(random: Random): Inventory {
  const group = (): string => `sg-${String(random.between(0, 499))}`;
  const sets = Array.from({ length: 400 }, () =>
    [...new Set(Array.from({ length: random.between(1, 5) }, group))].join(','),
  );
  const cidr = (): string => {
    const length = random.pick([8, 12, 16, 24, 24, 28, 32, 32]);
    return `10.${String(random.between(0, 255))}.${String(random.between(0, 255))}.${String(random.between(0, 255))}/${String(length)}`;
  };
  const rules = Array.from({ length: 10_000 }, (_, i) => {
    const from = random.pick([22, 80, 443, 1024, 5432, 8000, random.between(0, 60_000)]);
    const service = random.pick([
      `tcp ${String(from)}..${String(from + random.pick([0, 0, 0, 100, 5000]))}`,
      `udp ${String(from)}..${String(from)}`,
      '-1',
      'icmp 8/0',
    ]);
    const peer = random.pick([cidr(), cidr(), cidr(), '0.0.0.0/0', group(), `pl-${String(random.between(0, 4))}`]);
    return `sgr-${String(i)} sg-${String(i % 500)} ${random.chance(0.7) ? 'in' : 'out'} ${service} ${peer}`;
  });
  const interfaces = Array.from(
    { length: 5000 },
    (_, i) => `${sets[i % 400]!} 10.200.${String(i >> 8)}.${String(i & 255)}`,
  );
  const entries = (): string[] => Array.from({ length: 200 }, cidr);
  return inventoryOfWorld({
    rules,
    interfaces,
    lists: Object.fromEntries([0, 1, 2, 3, 4].map((i) => [`pl-${String(i)}`, entries()])),
  });
}

test('10,000 rules: findings, ranks and narrower rules, in a bounded number of cells', () => {
  const random = new Random(3);
  const inventory = largeWorld(random);
  const seconds: Record<string, number> = {};
  const timed = <T>(what: string, act: () => T): T => {
    const start = performance.now();
    const result = act();
    seconds[what] = Math.round(performance.now() - start) / 1000;
    return result;
  };

  const narrowing = new Narrowing(inventory);
  const word = (text: string): number => parseAddress(text)!.w0;
  const flows = Array.from({ length: 100_000 }, (_, i) => {
    const { ruleId, peer, ports, protocolNumber } =
      inventory.rules[random.chance(0.5) ? random.between(0, 299) : i % 10_000]!;
    const inside = 'prefix' in peer ? peer.prefix : undefined;
    const host = inside ? 2 ** (32 - inside.length) - 1 : 0;
    const w0 = (inside ? inside.address.w0 : word('10.1.1.1')) | random.between(0, Math.min(host, 0x7fffffff));
    const port = ports ? random.between(ports.from, ports.to) : random.between(0, 1000);
    return flow(ruleId, protocolNumber ?? 6, formatAddress({ family: 4, w0, w1: 0, w2: 0, w3: 0 }), port);
  });
  timed('adding 100,000 flows', () => flows.forEach((one, i) => narrowing.add(i % 30, one)));
  const input = { inventory, judged: judged(inventory, () => ACTIVE), narrower: {}, staleReferences: [] };
  const without = timed('ranks and findings', () => advise({ ...input, narrowing: undefined }));
  const narrower = timed('narrower rules', () =>
    inventory.rules.flatMap(({ ruleId }) => narrowing.result(ruleId) ?? []),
  );
  const kinds = Object.fromEntries(
    [...Map.groupBy(without.findings, ({ finding }) => finding.kind)].map(([kind, all]) => [kind, all.length]),
  );
  console.log(
    `10,000 rules, seconds: ${JSON.stringify(seconds)}; findings ${JSON.stringify(kinds)}; narrower ${String(narrower.length)}; cells ${String(narrowing.size)}`,
  );
  expect(without.ranks.size).toBe(10_000);
  expect(without.findings.length).toBeGreaterThan(1000);
  expect(narrower.length).toBeGreaterThan(1000);
  expect(narrowing.size).toBeLessThanOrEqual(250_000);
}, 300_000);
