import { parquetMetadataAsync, parquetReadObjects, type AsyncBuffer, type RowGroup } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import * as z from 'zod';
import { gunzipPage } from '../parquet-gzip.ts';
import type { FlowGroup } from './flow-group.ts';
import { EVIDENCE_SCHEMA, writeColumns, type EVIDENCE_COLUMNS } from './parquet-columns.ts';
import type { ServiceFlow } from './service-flow.ts';

/** A file begins and ends with it. */
const PAR1 = 0x31524150;

/** Writes an evidence file, a row group at a time. */
export class EvidenceFile {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #bytes = new ByteWriter();
  readonly #groups: RowGroup[] = [];

  /** @param write is given the bytes in order; they are valid during the call only */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
    this.#bytes.appendUint32(PAR1);
  }

  add(group: FlowGroup): void {
    const start = this.#bytes.offset;
    const columns = writeColumns(this.#bytes, group);
    this.#groups.push({
      columns,
      num_rows: BigInt(group.size),
      total_byte_size: columns.reduce((sum, { meta_data }) => sum + meta_data!.total_uncompressed_size, 0n),
      total_compressed_size: BigInt(this.#bytes.offset - start),
    });
    this.#flush();
  }

  finish(): void {
    writeMetadata(this.#bytes, {
      version: 2,
      created_by: 'stale-sg, hyparquet-writer',
      schema: [{ name: 'root', num_children: EVIDENCE_SCHEMA.length }, ...EVIDENCE_SCHEMA],
      num_rows: this.#groups.reduce((sum, { num_rows }) => sum + num_rows, 0n),
      row_groups: this.#groups,
      metadata_length: 0,
    });
    this.#bytes.appendUint32(PAR1);
    this.#flush();
  }

  #flush(): void {
    this.#write(this.#bytes.getBytes());
    this.#bytes.index = 0;
  }
}

/** The bytes of one evidence file: readable by Athena and whatever reads Parquet; GZIP. */
export function evidenceFile(groups: Iterable<FlowGroup>): Uint8Array {
  const whole = new ByteWriter();
  const file = new EvidenceFile((bytes) => {
    whole.appendBytes(bytes);
  });
  for (const group of groups) file.add(group);
  file.finish();
  return whole.getBytes();
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
} satisfies Record<keyof typeof EVIDENCE_COLUMNS, z.ZodType>);

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
    for (const row of await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors: { GZIP: gunzipPage } }))
      yield flowOf(row);
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
