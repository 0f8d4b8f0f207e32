import { expect, test } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetMetadata } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { formatAddress } from '../../../shared/addresses/address.ts';
import { evidenceFile, readEvidence } from '../../../shared/evidence/evidence-file.ts';
import type { ServiceFlow } from '../../../shared/evidence/service-flow.ts';
import { Random } from '../../oracle/random.ts';
import { scratch } from '../../services/command-line/scratch.ts';
import { toldFlows } from './told-flows.ts';

const folder = scratch();

const FLOW: ServiceFlow = {
  interfaceId: 'eni-1',
  direction: 'ingress',
  protocol: 6,
  peer: '2001:db8::1',
  port: 443,
  ruleIds: ['sgr-1@0a', 'sgr-2@0b'],
  possibleRuleIds: [],
  unclearRuleIds: ['sgr-3@0c', 'sgr-4'],
  untrackedRuleIds: ['sgr-5'],
  requests: 3,
  replies: 0,
  inferred: 1,
  packets: 2 ** 40,
  bytes: 2 ** 53 - 1,
  first: 1_767_571_200,
  last: 1_767_571_260,
};

const buffer = (bytes: Uint8Array) => ({
  byteLength: bytes.length,
  slice: (start: number, end = bytes.length) => bytes.slice(start, end).buffer,
});

const written = (flows: readonly ServiceFlow[]): Uint8Array => evidenceFile(toldFlows(flows).groups());

test('service flows are read as they were written', async () => {
  const flows: ServiceFlow[] = [
    { ...FLOW, direction: 'egress', protocol: 1, port: 0, peer: '192.0.2.1', ruleIds: [], possibleRuleIds: ['sgr-9'] },
    ...Array.from({ length: 1000 }, (_, i) => ({ ...FLOW, port: i, requests: i })),
    { ...FLOW, port: 65_535, protocol: 255 },
  ];
  expect(await readEvidence(buffer(written(flows)))).toEqual(flows);
});

/** Of every column few values, many, or as many as rows; addresses with zeros anywhere. */
function randomFlows(random: Random, many: number): ServiceFlow[] {
  const column = (values: () => number): (() => number) => {
    const some = Array.from({ length: random.pick([1, 2, 9, 600]) }, values);
    return random.pick([values, () => random.pick(some), () => (random.next() < 0.02 ? values() : some[0]!)]);
  };
  const word = (): number => random.pick([0, 1, 0xffff, 0x10000, random.between(0, 2 ** 32 - 1)]) | 0;
  const six = (): string => formatAddress({ family: 6, w0: word(), w1: word(), w2: word(), w3: word() });
  const four = (): string => formatAddress({ family: 4, w0: word(), w1: 0, w2: 0, w3: 0 });
  const peer = random.pick([four, six, () => random.pick([four, six])()]);
  const [few, count] = [
    column(() => random.between(0, 4)),
    () => column(() => 2 ** random.between(0, 52) - random.between(0, 1)),
  ];
  const counts = Array.from({ length: 7 }, count);
  const list = (): string[] => ['sgr-1', 'sgr-2', 'sgr-3'].slice(0, few());
  return Array.from({ length: many }, (_, i): ServiceFlow => {
    const [requests, replies, inferred, packets, bytes, first, last] = counts.map((next) => next());
    const ruleIds = list();
    return {
      interfaceId: `eni-${(i / 50) | 0}`.padEnd(20, 'x'),
      direction: few() < 2 ? 'egress' : 'ingress',
      protocol: few() * 60,
      peer: peer(),
      port: i,
      ruleIds,
      possibleRuleIds: ruleIds.length === 0 ? list() : [],
      unclearRuleIds: few() === 0 ? ['sgr-7'] : [],
      untrackedRuleIds: few() === 1 ? ['sgr-8', 'sgr-9'] : [],
      requests: requests!,
      replies: replies!,
      inferred: inferred!,
      packets: packets!,
      bytes: bytes!,
      first: first!,
      last: last!,
    };
  });
}

test.each(Array.from({ length: 24 }, (_, seed) => seed))(
  'whatever values columns have, they are read (%i)',
  async (seed) => {
    const random = new Random(seed);
    const flows = randomFlows(random, random.pick([1, 7, 8, 9, 70, 1500, 2500]));
    const bytes = written(flows);
    const read = await readEvidence(buffer(bytes));
    read.sort((a, b) => a.port - b.port);
    expect(read.find((flow, i) => !isDeepStrictEqual(flow, flows[i]))).toBeUndefined();
    expect(read).toHaveLength(flows.length);
    const { columns } = parquetMetadata(bytes.slice().buffer).row_groups[0]!;
    const bounds = columns.map(({ meta_data: { path_in_schema, statistics } = {} as never }) => {
      return [path_in_schema[0], statistics!.min_value, statistics!.max_value];
    });
    const sums = ['requests', 'replies', 'inferred', 'packets', 'bytes', 'first', 'last'] as const;
    for (const name of [...sums, 'protocol', 'port'] as const) {
      const values = flows.map(({ [name]: value }) => value);
      const as = name === 'protocol' || name === 'port' ? Number : BigInt;
      expect(bounds).toContainEqual([name, as(Math.min(...values)), as(Math.max(...values))]);
    }
  },
);

/** More than a row group: few and many distinct values, both families, numbers beyond 32 bits. */
const MANY = Array.from({ length: 70_000 }, (_, i): ServiceFlow => {
  const host = `${(i >> 8) & 255}.${i & 255}`;
  return {
    ...FLOW,
    interfaceId: `eni-${i >> 12}`,
    direction: i % 2 === 0 ? 'ingress' : 'egress',
    protocol: i % 3 === 0 ? 17 : 6,
    peer: i % 5 === 0 ? `2001:db8::${(1 + (i % 4999)).toString(16)}` : `10.0.${host}`,
    port: i % 65_536,
    ruleIds: i % 7 === 0 ? [] : [`sgr-${i % 11}`, 'sgr-x'],
    unclearRuleIds: [],
    requests: i % 4,
    inferred: i >> 8,
    packets: i < 69_000 ? 2 ** 31 + (i % 100) : 2 ** 32 + i,
    bytes: 2 ** 40 + i * 2 ** 20,
    first: 1_767_571_200 + i,
    last: 1_767_657_599,
  };
});

test('row groups, numbered values and plain ones are read by hyparquet and by DuckDB as they were written', async () => {
  const bytes = written(MANY);
  const groups = parquetMetadata(bytes.slice().buffer).row_groups;
  expect(groups).toHaveLength(2);
  const plain = groups[0]!.columns.flatMap(({ meta_data: { encodings, path_in_schema } = {} as never }) =>
    encodings.includes('RLE_DICTIONARY') ? [] : path_in_schema,
  );
  expect(plain).toEqual(['port', 'bytes', 'first']);
  const read = await readEvidence(buffer(bytes));
  const place = new Map(MANY.map((flow, i) => [flow.first, i]));
  expect(read).toHaveLength(MANY.length);
  expect(read.find((flow) => !isDeepStrictEqual(flow, MANY[place.get(flow.first)!]))).toBeUndefined();
  expect(new Set(read.map(({ first }) => first)).size).toBe(MANY.length);

  await folder.write({});
  const path = folder.path('part.parquet');
  await writeFile(path, bytes);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const ask = async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRows();
  const rows = await ask(`select * from '${path}'`);
  expect(rows).toHaveLength(MANY.length);
  for (const i of [0, 1, 5, 65_535, 65_536, 69_999]) {
    const flow = read[i]!;
    const ids = [flow.ruleIds, flow.possibleRuleIds, flow.unclearRuleIds, flow.untrackedRuleIds];
    const counts = [flow.requests, flow.replies, flow.inferred, flow.packets, flow.bytes, flow.first, flow.last];
    expect(rows[i]).toEqual([
      ...[flow.interfaceId, flow.direction, flow.protocol, flow.peer, flow.port],
      ...[...ids.map((list) => list.join(' ')), ...counts.map(BigInt)],
    ]);
  }
  // By what the footer says of the smallest and largest values, row groups are left out: it must not leave out too many.
  for (const { interfaceId, peer, bytes: sum, first } of [MANY[0]!, MANY[9]!, MANY[65_535]!, MANY[69_999]!]) {
    const where = `interface_id = '${interfaceId}' and peer = '${peer}' and bytes = ${sum} and first = ${first}`;
    expect(await ask(`select count(*) from '${path}' where ${where}`)).toEqual([[1n]]);
  }
});

/** As another one writes it. */
function writtenElsewhere(flow: ServiceFlow, codec: 'SNAPPY' | 'UNCOMPRESSED'): Uint8Array {
  const cells = (ids: readonly string[]): string[] => [ids.join(' ')];
  const { interfaceId, ruleIds, possibleRuleIds, unclearRuleIds, untrackedRuleIds, ...rest } = flow;
  const columns = {
    interface_id: [interfaceId],
    rule_ids: cells(ruleIds),
    possible_rule_ids: cells(possibleRuleIds),
    unclear_rule_ids: cells(unclearRuleIds),
    untracked_rule_ids: cells(untrackedRuleIds),
    ...Object.fromEntries(
      Object.entries(rest).map(([name, value]) => {
        const isCount = typeof value === 'number' && name !== 'protocol' && name !== 'port';
        return [name, [isCount ? BigInt(value) : value]];
      }),
    ),
  };
  const columnData = Object.entries(columns).map(([name, data]) => ({ name, data }));
  return new Uint8Array(parquetWriteBuffer({ columnData, codec }));
}

test('evidence that was written in SNAPPY, as before, is read', async () => {
  expect(await readEvidence(buffer(writtenElsewhere(FLOW, 'SNAPPY')))).toEqual([FLOW]);
});

test('texts that Parquet orders in another way are found, and an empty file is one', async () => {
  const ids = ['eni-z', 'eni-\ud800', 'eni-\u{1f600}', 'eni-\uffee'];
  const bytes = written(ids.map((interfaceId) => ({ ...FLOW, interfaceId })));
  // No bounds are better than wrong ones.
  const { statistics } = parquetMetadata(bytes.slice().buffer).row_groups[0]!.columns[0]!.meta_data!;
  expect(statistics).toEqual({ null_count: 0n });
  const found = await readEvidence(buffer(bytes));
  expect(found.map(({ interfaceId }) => interfaceId)).toEqual(['eni-z', 'eni-\ufffd', ...ids.slice(2)]);
  expect(await readEvidence(buffer(written([])))).toEqual([]);
});

test('peers of both families whose words are the same are two', async () => {
  const peers = ['0.0.0.0', '10.0.0.1', '::', 'a00:1::'];
  const read = await readEvidence(buffer(written(peers.map((peer) => ({ ...FLOW, peer })))));
  expect(read.map(({ peer }) => peer).sort()).toEqual(peers);
});

test.each([
  ['10.0.0.10', '10.0.0.1', '10.0.0.10'],
  ['10.0.0.9', '10.0.0.10', '9.9.9.9', '10.0.0.200'],
])('the bounds of peers are those of their texts (%s, ...)', (...peers) => {
  const bytes = written(peers.map((peer, i) => ({ ...FLOW, interfaceId: `eni-${i}`, peer })));
  const { statistics } = parquetMetadata(bytes.slice().buffer).row_groups[0]!.columns[3]!.meta_data!;
  const [smallest, largest] = [peers.toSorted()[0], peers.toSorted().at(-1)];
  expect(statistics).toEqual({ min_value: smallest, max_value: largest, null_count: 0n });
});

test('a file with another column, or a value that is none, is refused', async () => {
  const wrong = writtenElsewhere({ ...FLOW, port: 70_000 }, 'UNCOMPRESSED');
  await expect(readEvidence(buffer(wrong))).rejects.toThrow('port');
  await expect(readEvidence(buffer(new Uint8Array(100)))).rejects.toThrow();
});
