import { parquetMetadataAsync, parquetReadObjects, type AsyncBuffer } from 'hyparquet';
import { parquetWriteBuffer, type BasicType } from 'hyparquet-writer';
import * as z from 'zod';
import type { ServiceFlow } from './service-flow.ts';

/**
 * The columns of an evidence file, one service flow a row; ids are separated by blanks. Counts are 64-bit. Readable by
 * Athena and whatever reads Parquet; SNAPPY.
 */
const COLUMNS = {
  interface_id: 'STRING',
  direction: 'STRING',
  protocol: 'INT32',
  peer: 'STRING',
  port: 'INT32',
  rule_ids: 'STRING',
  possible_rule_ids: 'STRING',
  unclear_rule_ids: 'STRING',
  untracked_rule_ids: 'STRING',
  requests: 'INT64',
  replies: 'INT64',
  inferred: 'INT64',
  packets: 'INT64',
  bytes: 'INT64',
  first: 'INT64',
  last: 'INT64',
} as const satisfies Record<string, BasicType>;

type Column = keyof typeof COLUMNS;

/** The bytes of one evidence file. */
export function evidenceFile(flows: readonly ServiceFlow[]): Uint8Array {
  const cells: Record<Column, (flow: ServiceFlow) => string | number | bigint> = {
    interface_id: (flow) => flow.interfaceId,
    direction: (flow) => flow.direction,
    protocol: (flow) => flow.protocol,
    peer: (flow) => flow.peer,
    port: (flow) => flow.port,
    rule_ids: (flow) => flow.ruleIds.join(' '),
    possible_rule_ids: (flow) => flow.possibleRuleIds.join(' '),
    unclear_rule_ids: (flow) => flow.unclearRuleIds.join(' '),
    untracked_rule_ids: (flow) => flow.untrackedRuleIds.join(' '),
    requests: (flow) => BigInt(flow.requests),
    replies: (flow) => BigInt(flow.replies),
    inferred: (flow) => BigInt(flow.inferred),
    packets: (flow) => BigInt(flow.packets),
    bytes: (flow) => BigInt(flow.bytes),
    first: (flow) => BigInt(flow.first),
    last: (flow) => BigInt(flow.last),
  };
  const columnData = (Object.keys(COLUMNS) as Column[]).map((name) => ({
    name,
    type: COLUMNS[name],
    data: flows.map(cells[name]),
    nullable: false,
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 100_000 }));
}

const count = z.bigint().nonnegative().transform(Number);
const ids = z.string().transform((text) => (text === '' ? [] : text.split(' ')));

const ROW = z.object({
  interface_id: z.string(),
  direction: z.enum(['ingress', 'egress']),
  protocol: z.int().min(0).max(255),
  peer: z.string(),
  port: z.int().min(0).max(65_535),
  rule_ids: ids,
  possible_rule_ids: ids,
  unclear_rule_ids: ids,
  untracked_rule_ids: ids,
  requests: count,
  replies: count,
  inferred: count,
  packets: count,
  bytes: count,
  first: count,
  last: count,
} satisfies Record<Column, z.ZodType>);

/**
 * The service flows of one evidence file, a row group at a time.
 *
 * @throws Error if it is not one
 */
export async function* evidenceFlows(file: AsyncBuffer): AsyncGenerator<ServiceFlow> {
  const metadata = await parquetMetadataAsync(file);
  let rowStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    for (const row of await parquetReadObjects({ file, metadata, rowStart, rowEnd })) yield flowOf(row);
    rowStart = rowEnd;
  }
}

/** All of them. */
export async function readEvidence(file: AsyncBuffer): Promise<ServiceFlow[]> {
  const flows: ServiceFlow[] = [];
  for await (const flow of evidenceFlows(file)) flows.push(flow);
  return flows;
}

function flowOf(row: unknown): ServiceFlow {
  const { interface_id, rule_ids, possible_rule_ids, unclear_rule_ids, untracked_rule_ids, ...rest } = ROW.parse(row);
  return {
    interfaceId: interface_id,
    ruleIds: rule_ids,
    possibleRuleIds: possible_rule_ids,
    unclearRuleIds: unclear_rule_ids,
    untrackedRuleIds: untracked_rule_ids,
    ...rest,
  };
}
