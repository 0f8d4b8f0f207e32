import { expect, test } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import { formatAddress } from '../../../shared/addresses/address.ts';
import type { FoldedFlow } from '../../../shared/attribution/flow-fold.ts';
import type { NamesOfRows } from '../../../shared/evidence/flow-names.ts';
import { FlowRows, type RowRun } from '../../../shared/evidence/flow-rows.ts';
import { ROW_BYTES } from '../../../shared/evidence/rows/layout.ts';
import type { ServiceFlow } from '../../../shared/evidence/service-flow.ts';
import { ServiceFlows, type AskedFlows } from '../../../shared/evidence/service-flows.ts';
import { Admissions } from '../../../shared/matching/admission.ts';
import type { Admission } from '../../../shared/matching/answer.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { Random } from '../../oracle/random.ts';
import { inventoryOfWorld } from '../advice/world.ts';

interface Heard {
  readonly flow: FoldedFlow;
  readonly interfaceId: string;
  readonly admission: Admission | undefined;
  readonly source: number;
}

/** Answers of every kind: several rules, one, one that could and is credited, several that could, none. */
const compiled = new CompiledInventory(
  inventoryOfWorld({
    rules: [
      ...['r1 sg-a in tcp 443 0.0.0.0/0', 'r2 sg-a in tcp 443 10.0.0.0/8', 'r3 sg-a in tcp 8000-9000 10.0.0.0/8'],
      ...[
        'r4 sg-a out -1 0.0.0.0/0',
        'r5 sg-a in tcp 22 sg-b',
        'r6 sg-a in tcp 23 pl-y',
        'r8 sg-a in tcp 23 pl-z',
        'r7 sg-a in tcp 99 ::/0',
        'r9 sg-a in tcp 443 pl-y',
      ],
    ],
    interfaces: ['sg-a', 'sg-b'],
    vpcs: ['vpc-1'],
    lists: { 'pl-y': 4, 'pl-z': 4 },
  }),
);
const [groupSet] = compiled.interfaces.map((one) => one.groupSet!);
const rules = compiled.inventory.rules;

function randomFlows(random: Random, many: number): Heard[] {
  const admissions = new Admissions(compiled);
  return Array.from({ length: many }, (_, i): Heard => {
    const direction = random.pick(['ingress', 'egress'] as const);
    const peer = random.pick([
      { family: 4 as const, w0: random.pick([0x0a000001, 0x0a000002, 0xc0000201 | 0]), w1: 0, w2: 0, w3: 0 },
      {
        family: 6 as const,
        w0: 0x20010db8,
        w1: random.pick([0, -1]),
        w2: random.between(0, 1),
        w3: random.pick([-7, 5]),
      },
    ]);
    const port = random.pick([22, 23, 99, 443, 8080]);
    const admission = random.next() < 0.1 ? undefined : admissions.find(groupSet!, direction, 6, peer, port);
    const use = random.pick([[], ['r1'], ['r3', 'r4'], ['r2', 'r3']]);
    const used = rules.filter(({ ruleId }) => use.includes(ruleId));
    const possible =
      use.length === 0 ? [] : [{ slot: 0, rules: used, rulesAt: used.map((rule) => rules.indexOf(rule)) }];
    const requests = random.between(0, 9);
    const flow: FoldedFlow = {
      owner: 0,
      admission: 0,
      day: random.between(20_000, 20_002),
      direction,
      protocol: 6,
      port,
      peer,
      isCredited: random.next() < 0.5,
      requests,
      replies: requests + 1,
      inferred: 1,
      packets: 2 ** 33,
      bytes: requests * 1000,
      first: 1_700_000_000 - requests,
      last: 1_700_000_000 + requests,
      possible,
    };
    // Some names come late.
    const interfaceId = random.pick(i < 1000 ? ['eni-b', 'eni-a'] : ['eni-b', 'eni-a', 'eni-1']);
    return { flow, interfaceId, admission, source: random.between(0, 2) };
  });
}

/** The same by objects and texts, each flow by itself. */
function reference(
  heard: readonly Heard[],
  counts: (day: number, source: number) => boolean,
): (ServiceFlow & { day: number })[] {
  const ids = (some: readonly { readonly ruleId: string }[]): string[] => some.map(({ ruleId }) => ruleId);
  const folds = Map.groupBy(
    heard.filter(({ flow, source }) => counts(flow.day, source)),
    ({ flow: { day, direction, port, peer }, interfaceId, admission: a }) =>
      JSON.stringify([
        ...[day, interfaceId, direction === 'egress' ? 0 : 1, port, peer.family],
        ...[peer.w0, peer.w1, peer.w2, peer.w3].map((word) => word >>> 0),
        [a ? ids(a.admitting) : [], a?.admitting.length === 0 ? ids(a.could) : [], ids(a?.untrackedBy ?? [])].join('/'),
      ]),
  );
  const order = (key: string): (string | number)[] => JSON.parse(key) as (string | number)[];
  return [...folds]
    .sort(([a], [b]) => {
      const [x, y] = [order(a), order(b)];
      const i = x.findIndex((part, at) => part !== y[at]);
      return x[i]! < y[i]! ? -1 : 1;
    })
    .map(([, alike]) => {
      const { flow, interfaceId, admission: a } = alike[0]!;
      const lone = a?.lone && alike.some((one) => one.flow.isCredited) ? [a.lone.ruleId] : undefined;
      const ruleIds = lone ?? (a ? ids(a.admitting) : []);
      const possibleRuleIds = lone || !a || a.admitting.length > 0 ? [] : ids(a.could);
      const sure = [...ruleIds, ...possibleRuleIds];
      const others = new Set(alike.flatMap((one) => one.flow.possible.flatMap((use) => ids(use.rules))));
      const sum = (of: 'requests' | 'replies' | 'inferred' | 'packets' | 'bytes'): number =>
        alike.reduce((all, one) => all + one.flow[of], 0);
      return {
        day: flow.day,
        interfaceId,
        direction: flow.direction,
        protocol: 6,
        peer: formatAddress(flow.peer),
        port: flow.port,
        ruleIds,
        possibleRuleIds,
        untrackedRuleIds: ids(a?.untrackedBy ?? []),
        unclearRuleIds: [...others].filter((id) => !sure.includes(id)).sort(),
        requests: sum('requests'),
        replies: sum('replies'),
        inferred: sum('inferred'),
        packets: sum('packets'),
        bytes: sum('bytes'),
        first: Math.min(...alike.map((one) => one.flow.first)),
        last: Math.max(...alike.map((one) => one.flow.last)),
      };
    });
}

function told(flows: ServiceFlows, asked?: AskedFlows): (ServiceFlow & { day: number })[] {
  return Array.from(flows.flows(asked), (flow) => ({ ...flow, peer: formatAddress(flow.peer) }));
}

/** The first flows that are unlike: of thousands, all that differ would take minutes to show. */
function unlike(some: readonly ServiceFlow[], expected: readonly ServiceFlow[]): readonly unknown[] {
  const longer = some.length > expected.length ? some : expected;
  const i = longer.findIndex((_, at) => !isDeepStrictEqual(some[at], expected[at]));
  return i < 0 ? [] : [some[i], expected[i]];
}

function hear(into: ServiceFlows, heard: readonly Heard[]): void {
  for (const { flow, interfaceId, admission, source } of heard) into.add(flow, interfaceId, admission, source);
}

/** All that is held, taken out, to be read a few rows at a time. */
function taken(flows: ServiceFlows): RowRun {
  const rows = Buffer.concat(Array.from(flows.taken(), (some) => Buffer.from(some)));
  let at = 0;
  return {
    read: (into) => {
      const some = rows.subarray(at, at + Math.min(into.length, 7 * ROW_BYTES));
      at += some.length;
      into.set(some);
      return some.length;
    },
  };
}

test.each([1, 2, 3])('flows held, taken out in runs or handed over: the same flows in the same order (%i)', (seed) => {
  const heard = randomFlows(new Random(seed), 3000);
  const counts = (day: number, source: number): boolean => source === 0 || (day + source) % 2 === 0;
  const expected = reference(heard, counts);
  expect(expected.some(({ ruleIds, unclearRuleIds }) => ruleIds.length > 1 && unclearRuleIds.length > 1)).toBe(true);
  const kinds = new Set(expected.map((one) => [one.ruleIds, one.possibleRuleIds, one.untrackedRuleIds].join('/')));
  const all = ['//', '/r5/', '/r6,r8/', 'r1,r2//r4', 'r1//r4', 'r3//', 'r4//', 'r5//', 'r7//'];
  expect([...kinds].sort()).toEqual(all);

  const whole = new ServiceFlows();
  hear(whole, heard);
  expect(unlike(told(whole, { counts }), expected)).toEqual([]);
  // Whatever was told of them before, and how far.
  whole.flows().next();
  expect(
    unlike(
      told(whole),
      reference(heard, () => true),
    ),
  ).toEqual([]);
  expect(whole.count()).toBe(told(whole).length);

  const spilling = new ServiceFlows();
  const runs: RowRun[] = [];
  for (let from = 0; from < heard.length; from += 700) {
    hear(spilling, heard.slice(from, from + 700));
    if (from > 2000) continue;
    runs.push(taken(spilling));
    spilling.clear();
  }
  expect(runs).toHaveLength(3);
  expect(unlike(told(spilling, { counts, runs }), expected)).toEqual([]);

  const adopting = new ServiceFlows();
  const handed = [heard.slice(2000), heard.slice(0, 2000)].map((part) => {
    const other = new ServiceFlows();
    hear(
      other,
      part.map((one) => ({ ...one, source: 9 - one.source })),
    );
    const run = taken(other);
    return adopting.adopting(JSON.parse(JSON.stringify(other.names)) as NamesOfRows, (source) => 9 - source)(run);
  });
  expect(unlike(told(adopting, { counts, runs: handed }), expected)).toEqual([]);
});

test('ids are told under other names, and lists that say the same are one list', () => {
  const flows = new ServiceFlows();
  hear(flows, randomFlows(new Random(5), 500));
  const lists = new Set<readonly string[]>();
  const texts = new Set<string>();
  for (const { ruleIds, unclearRuleIds } of flows.flows({ nameOf: (id) => `${id}@x` })) {
    for (const list of [ruleIds, unclearRuleIds]) {
      lists.add(list);
      texts.add(list.join());
    }
  }
  expect(lists.size).toBe(texts.size);
  expect([...texts].filter((text) => text !== '' && !/^r\d@x(,r\d@x)*$/.test(text))).toEqual([]);
});

test('more rows than memory can have are refused', () => {
  const rows = new FlowRows({ counts: () => true, moreOfBoth: (a) => a });
  expect(() => rows.at(38_000_000)).toThrow('more than 38000000 service flows');
});

test('what counts is asked anew each time', () => {
  const flows = new ServiceFlows();
  hear(flows, randomFlows(new Random(7), 1));
  expect(told(flows, { counts: () => false })).toHaveLength(0);
  expect(told(flows)).toHaveLength(1);
});
