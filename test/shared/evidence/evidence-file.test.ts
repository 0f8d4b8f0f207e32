import { expect, test } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetMetadata } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { evidenceFile, readEvidence } from '../../../shared/evidence/evidence-file.ts';
import type { ServiceFlow } from '../../../shared/evidence/service-flow.ts';
import { scratch } from '../../services/command-line/scratch.ts';

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

test('service flows are read as they were written', async () => {
  const flows: ServiceFlow[] = [
    FLOW,
    { ...FLOW, direction: 'egress', protocol: 1, port: 0, peer: '192.0.2.1', ruleIds: [], possibleRuleIds: ['sgr-9'] },
    ...Array.from({ length: 1000 }, (_, i) => ({ ...FLOW, port: i, requests: i })),
  ];
  expect(await readEvidence(buffer(evidenceFile(flows)))).toEqual(flows);
});

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
    packets: i < 69_000 ? 2 ** 31 + (i % 100) : 2 ** 32 + i,
    bytes: 2 ** 40 + i * 2 ** 20,
    first: 1_767_571_200 + i,
    last: 1_767_657_599,
  };
});

test('row groups, numbered values and plain ones are read by hyparquet and by DuckDB as they were written', async () => {
  const bytes = evidenceFile(MANY);
  expect(parquetMetadata(bytes.slice().buffer).row_groups).toHaveLength(2);
  const read = await readEvidence(buffer(bytes));
  expect([read.length, read.findIndex((flow, i) => !isDeepStrictEqual(flow, MANY[i]))]).toEqual([MANY.length, -1]);

  await folder.write({});
  const path = folder.path('part.parquet');
  await writeFile(path, bytes);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const ask = async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRows();
  const rows = await ask(`select * from '${path}'`);
  expect(rows).toHaveLength(MANY.length);
  for (const i of [0, 1, 5, 65_535, 65_536, 69_999]) {
    const flow = { ...MANY[i]! };
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

test('evidence that was written in SNAPPY, as before, is read', async () => {
  const cells = (ids: readonly string[]): string[] => [ids.join(' ')];
  const { interfaceId, ruleIds, possibleRuleIds, unclearRuleIds, untrackedRuleIds, ...rest } = FLOW;
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
  const bytes = new Uint8Array(parquetWriteBuffer({ columnData, codec: 'SNAPPY' }));
  expect(await readEvidence(buffer(bytes))).toEqual([FLOW]);
});

test('texts that Parquet orders in another way are found, and an empty file is one', async () => {
  const ids = ['eni-z', 'eni-\u{1f600}', 'eni-\uffee', 'eni-\ud800'];
  const bytes = evidenceFile(ids.map((interfaceId) => ({ ...FLOW, interfaceId })));
  // No bounds are better than wrong ones.
  const { statistics } = parquetMetadata(bytes.slice().buffer).row_groups[0]!.columns[0]!.meta_data!;
  expect(statistics).toEqual({ null_count: 0n });
  const found = await readEvidence(buffer(bytes));
  expect(found.map(({ interfaceId }) => interfaceId)).toEqual([...ids.slice(0, 3), 'eni-\ufffd']);
  expect(await readEvidence(buffer(evidenceFile([])))).toEqual([]);
});

test('a file with another column, or a value that is none, is refused', async () => {
  const wrong = evidenceFile([{ ...FLOW, port: 70_000 }]);
  await expect(readEvidence(buffer(wrong))).rejects.toThrow('port');
  await expect(readEvidence(buffer(new Uint8Array(100)))).rejects.toThrow();
});
