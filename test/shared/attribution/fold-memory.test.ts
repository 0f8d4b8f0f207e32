import { expect, test } from '@jest/globals';
import { formatAddress, parseAddress } from '../../../shared/addresses/address.ts';
import { FlowFold, type FlowKey } from '../../../shared/attribution/flow-fold.ts';
import { FoldMemory } from '../../../shared/attribution/fold-memory.ts';
import { NEVER } from '../../../shared/attribution/fold/layout.ts';
import { WaitingRecords } from '../../../shared/attribution/waiting-records.ts';
import { emptyRecord, type FlowRecord } from '../../../shared/flowlogs/record.ts';
import { Random } from '../../oracle/random.ts';

const CLASSES = new Uint16Array(65_536);
const NO_HOOKS = { read: () => 0, readAlone: () => undefined, mayHaveUsed: () => undefined };
const PEERS = ['10.0.0.1', '10.0.0.2', '2001:db8::1', '2001:db8::1:0', '2001:db8:0:1::1', '::a00:1'].map((text) =>
  parseAddress(text)!,
);

const memoryOf = (seed = 7): FoldMemory => new FoldMemory(seed, CLASSES, NO_HOOKS);

function randomKey(random: Random): FlowKey {
  return {
    owner: random.between(0, 2000),
    admission: random.between(0, 40) - 1,
    day: random.between(20_000, 20_003),
    direction: random.pick(['ingress', 'egress'] as const),
    protocol: random.pick([6, 17, 1, 255]),
    port: random.pick([0, 443, 65_535]),
    peer: random.pick(PEERS),
    isCredited: random.pick([true, false]),
  };
}

const nameOf = ({ owner, admission, day, direction, protocol, port, peer, isCredited }: FlowKey): string =>
  [owner, admission, day, direction, protocol, port, formatAddress(peer), isCredited].join(' ');

test('flows are told apart and added up as a map would', () => {
  const random = new Random(11);
  const fold = new FlowFold(memoryOf(), 7);
  const expected = new Map<string, number[]>();
  for (let i = 0; i < 60_000; i++) {
    const key = randomKey(random);
    const [isRequest, isInferred] = [random.pick([true, false]), random.pick([true, false])];
    const sums = { times: random.between(1, 9), packets: i, bytes: 2 ** 45 + i, start: 1000 + i, end: 1060 + i };
    fold.add(fold.entryOf(key), sums, isRequest, isInferred);
    const one = expected.get(nameOf(key)) ?? [0, 0, 0, 0, 0, Infinity, -1];
    expected.set(nameOf(key), [
      one[0]! + (isRequest ? sums.times : 0),
      one[1]! + (isRequest ? 0 : sums.times),
      one[2]! + (isInferred ? sums.times : 0),
      one[3]! + sums.packets,
      one[4]! + sums.bytes,
      Math.min(one[5]!, sums.start),
      Math.max(one[6]!, sums.end),
    ]);
  }
  expect(fold.size).toBe(expected.size);
  const told = new Map<string, number[]>();
  fold.tell((flow) => {
    const { requests, replies, inferred, packets, bytes, first, last } = flow;
    told.set(nameOf(flow), [requests, replies, inferred, packets, bytes, first, last]);
  });
  // The order in which they came, too.
  expect([...told]).toEqual([...expected]);
});

test('rows of requests keep what they hold while there come more', () => {
  const fold = new FlowFold(memoryOf(), 7);
  for (let i = 0; i < 500; i++) {
    const row = fold.rowOf(i % 100, 20_000 + Math.floor(i / 100));
    expect(row).toBe(i);
    fold.addHour(row, 3600 * i, i);
    fold.addRequests(row, i, i % 2 === 0, i % 3 === 0);
  }
  expect(fold.rowOf(3, 20_001)).toBe(103);
  const told = [...fold.requests()];
  expect(told).toHaveLength(500);
  for (const [i, { admission, day, hours, inferred, proven }] of told.entries()) {
    expect([admission, day]).toEqual([i % 100, 20_000 + Math.floor(i / 100)]);
    expect([...hours]).toEqual(Array.from({ length: 24 }, (_, hour) => (hour === i % 24 ? i : 0)));
    expect([inferred, proven]).toEqual([i % 2 === 0 ? i : 0, i % 3 === 0 ? i : 0]);
  }
});

test('what is released is empty for whoever holds it next, and two at a time are apart', () => {
  const random = new Random(5);
  const [first, second] = [memoryOf(1), memoryOf(2)];
  const [one, two] = [new FlowFold(first, 1), new FlowFold(second, 2)];
  for (let round = 0; round < 4; round++) {
    // Whoever begins gets what the other one had.
    if (round % 2 === 1) second.exports.settle();
    expect([first.isEmpty, one.size, one.rowOf(4, 20_000)]).toEqual([true, 0, 0]);
    const keys = Array.from({ length: 3000 }, () => randomKey(random));
    for (const key of keys) {
      const sums = { times: 1, packets: 2, bytes: 3, start: 4, end: 5 };
      one.add(one.entryOf(key), sums, true, false);
      if (key.port === 443) two.add(two.entryOf(key), sums, false, true);
    }
    const names = [...new Set(keys.map(nameOf))];
    const told: string[] = [];
    one.tell((flow) => told.push(nameOf(flow)));
    expect(told).toEqual(names);
    expect(two.size).toBe(names.filter((name) => name.split(' ')[5] === '443').length);
    let [requests, replies] = [0, 0];
    two.tell((flow) => {
      requests += flow.requests;
      replies += flow.replies;
    });
    expect([requests, replies]).toEqual([0, keys.filter(({ port }) => port === 443).length]);
    for (const fold of [one, two]) fold.clear();
    for (const memory of [first, second]) memory.release();
  }
});

test('a group has one number for good, whoever held the memory meanwhile', () => {
  const [memory, other] = [memoryOf(), memoryOf()];
  expect([memory.groupOf(5, 20_000, 1), memory.groupOf(5, 20_001, 1), memory.groupOf(5, 20_000, 0)]).toEqual([0, 1, 2]);
  expect(memory.isEmpty).toBe(true);
  memory.exports.settle();
  memory.release();
  other.exports.settle();
  other.groupOf(9, 9, 9);
  other.release();
  expect([memory.groupOf(5, 20_001, 1), memory.groupOf(6, 20_000, 0)]).toEqual([1, 3]);
  expect([memory.ownerOf(1), memory.dayOf(1), memory.placeOf(1), memory.groupCount]).toEqual([5, 20_001, 1, 4]);
});

test('who holds little takes little memory', () => {
  const few = Array.from({ length: 8 }, () => memoryOf());
  for (const memory of few) memory.exports.settle();
  // The first ones may be instances that others gave back.
  expect(few.at(-1)!.words.byteLength).toBe(262_144);
});

const OWN = parseAddress('10.0.0.10')!;
const PEER = parseAddress('10.9.9.9')!;

/** Of one conversation: the peer asks port 443, or is answered, with a SYN or without. */
function packetOf(direction: 'ingress' | 'egress', isShown: boolean): FlowRecord {
  const [client, service] = [40_000, 443];
  return Object.assign(emptyRecord(), {
    protocol: 6,
    accepted: true,
    tcpFlags: !isShown ? 16 : direction === 'ingress' ? 2 : 18,
    packets: 1,
    start: 1000,
    end: 1060,
    ...(direction === 'ingress'
      ? { source: PEER, destination: OWN, sourcePort: client, destinationPort: service }
      : { source: OWN, destination: PEER, sourcePort: service, destinationPort: client }),
  });
}

test('kinds of records of one conversation are of one flow where they were read so, and else of flows of their own', () => {
  // In the order in which they are read: what comes in and goes out with a SYN, comes in without, and goes out without.
  const kinds = [
    packetOf('ingress', true),
    packetOf('egress', true),
    packetOf('ingress', false),
    packetOf('egress', false),
  ];
  for (const [slots, told, alone] of [
    [[5, 5, 5, 5], [[5, 8]], 0],
    [
      [5, 6, 7, 5],
      [
        [5, 4],
        [6, 2],
        [7, 2],
      ],
      0,
    ],
    [
      [5, 6, 7, -8],
      [
        [5, 2],
        [6, 2],
        [7, 2],
      ],
      2,
    ],
    [[5, 5, -7, -8], [[5, 4]], 4],
    [
      [-5, 6, -7, 8],
      [
        [6, 2],
        [8, 2],
      ],
      4,
    ],
  ] as const) {
    let lone = 0;
    const memory = new FoldMemory(7, CLASSES, {
      read: (at) => {
        const { tcpFlags, sourcePort } = waiting.recordAt(at);
        return 1 + kinds.findIndex((one) => one.tcpFlags === tcpFlags && one.sourcePort === sourcePort);
      },
      readAlone: () => void lone++,
      mayHaveUsed: () => undefined,
    });
    const fold = new FlowFold(memory, 7);
    const waiting = new WaitingRecords(memory);
    const group = memory.groupOf(0, 20_000, 0);
    // Below 0: each is to be read by itself.
    for (const slot of slots) memory.exports.addOutcome(0, Math.abs(slot), 0, slot < 0 ? NEVER : 0);
    for (const record of [...kinds, ...kinds]) {
      waiting.add(record, group, record.sourcePort === 443 ? 'egress' : 'ingress');
      memory.exports.settle();
    }
    memory.exports.tell();
    const flows: number[][] = [];
    fold.tell(({ admission, replies, port, packets }) => {
      expect([port, packets]).toEqual([443, replies]);
      flows.push([admission, replies]);
    });
    expect([flows.sort(), lone]).toEqual([told, alone]);
    memory.release();
  }
});
