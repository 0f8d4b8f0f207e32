import { parquetMetadataAsync, parquetReadObjects, type AsyncBuffer, type RowGroup } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import * as z from 'zod';
import { formatAddress, parseAddressInto, type Address } from '../addresses/address.ts';
import { seedOf } from '../matching/compiled-inventory.ts';
import { KeyNumbers } from '../matching/key-numbers.ts';
import { gunzipPage } from '../parquet-gzip.ts';
import { NumberColumn, TextColumn } from './parquet-columns.ts';
import type { HandedFlow, ServiceFlow } from './service-flow.ts';

/** Rows of a row group: what a reader holds at a time. */
const ROWS = 1 << 16;
/** Rows that there is room for at first: most days of most accounts are small. */
const FEWEST = 64;
/** A file begins and ends with it. */
const PAR1 = 0x31524150;

/**
 * The columns of an evidence file, one service flow a row; ids are separated by blanks. Counts are 64-bit. Readable by
 * Athena and whatever reads Parquet; GZIP.
 */
function columns() {
  const text = (name: string): TextColumn => new TextColumn(name);
  const number = (name: string, type: 'INT32' | 'INT64' = 'INT64'): NumberColumn => new NumberColumn(name, type);
  return {
    interface_id: text('interface_id'),
    direction: text('direction'),
    protocol: number('protocol', 'INT32'),
    peer: text('peer'),
    port: number('port', 'INT32'),
    rule_ids: text('rule_ids'),
    possible_rule_ids: text('possible_rule_ids'),
    unclear_rule_ids: text('unclear_rule_ids'),
    untracked_rule_ids: text('untracked_rule_ids'),
    requests: number('requests'),
    replies: number('replies'),
    inferred: number('inferred'),
    packets: number('packets'),
    bytes: number('bytes'),
    first: number('first'),
    last: number('last'),
  } satisfies Record<string, TextColumn | NumberColumn>;
}

type Columns = ReturnType<typeof columns>;

/** Of each row. */
const [TEXTS, NUMBERS] = [7, 9] as const;

/** Writes an evidence file, a row group at a time. */
export class EvidenceFile {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #columns: Columns = columns();
  readonly #bytes = new ByteWriter();
  readonly #groups: RowGroup[] = [];
  readonly #address: Address = { family: 0, w0: 0, w1: 0, w2: 0, w3: 0 };
  /** Of the row group, row by row: numbers of its texts, and its numbers, both in the order of columns. */
  #texts = new Int32Array(TEXTS * FEWEST);
  #numbers = new Float64Array(NUMBERS * FEWEST);
  /** The peers of the row group. */
  #peers: KeyNumbers | undefined;
  #rows = 0;

  /** @param write is given the bytes in order; they are valid during the call only */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
    this.#bytes.appendUint32(PAR1);
  }

  add(flow: HandedFlow): void {
    if (this.#rows * TEXTS === this.#texts.length) this.#grow();
    const columns = this.#columns;
    const texts = this.#texts;
    const numbers = this.#numbers;
    const peers = (this.#peers ??= new KeyNumbers(5, seedOf([flow.interfaceId, ...flow.ruleIds])));
    let at = this.#rows * TEXTS;
    texts[at++] = columns.interface_id.numberOf(flow.interfaceId);
    texts[at++] = columns.direction.numberOf(flow.direction);
    texts[at++] = this.#numberOf(flow.peer, peers);
    texts[at++] = columns.rule_ids.numberOf(flow.ruleIds);
    texts[at++] = columns.possible_rule_ids.numberOf(flow.possibleRuleIds);
    texts[at++] = columns.unclear_rule_ids.numberOf(flow.unclearRuleIds);
    texts[at++] = columns.untracked_rule_ids.numberOf(flow.untrackedRuleIds);
    at = this.#rows * NUMBERS;
    numbers[at++] = flow.protocol;
    numbers[at++] = flow.port;
    numbers[at++] = flow.requests;
    numbers[at++] = flow.replies;
    numbers[at++] = flow.inferred;
    numbers[at++] = flow.packets;
    numbers[at++] = flow.bytes;
    numbers[at++] = flow.first;
    numbers[at++] = flow.last;
    if (++this.#rows === ROWS) this.#writeGroup();
  }

  finish(): void {
    if (this.#rows > 0) this.#writeGroup();
    const elements = Object.values(this.#columns).map(({ element }) => element);
    writeMetadata(this.#bytes, {
      version: 2,
      created_by: 'stale-sg, hyparquet-writer',
      schema: [{ name: 'root', num_children: elements.length }, ...elements],
      num_rows: this.#groups.reduce((sum, { num_rows }) => sum + num_rows, 0n),
      row_groups: this.#groups,
      metadata_length: 0,
    });
    this.#bytes.appendUint32(PAR1);
    this.#flush();
  }

  #numberOf(peer: HandedFlow['peer'], peers: KeyNumbers): number {
    let address: Readonly<Address> = this.#address;
    if (typeof peer !== 'string') address = peer;
    else if (!parseAddressInto(peer, this.#address)) throw new Error(`${peer}: no address`);
    const { key, size } = peers;
    key[0] = address.family;
    key[1] = address.w0;
    key[2] = address.w1;
    key[3] = address.w2;
    key[4] = address.w3;
    const number = peers.number();
    return number === size ? this.#columns.peer.numberOfNew(formatAddress(address)) : number;
  }

  #grow(): void {
    const [texts, numbers] = [this.#texts, this.#numbers];
    this.#texts = new Int32Array(Math.min(2 * texts.length, TEXTS * ROWS));
    this.#texts.set(texts);
    this.#numbers = new Float64Array(Math.min(2 * numbers.length, NUMBERS * ROWS));
    this.#numbers.set(numbers);
  }

  #writeGroup(): void {
    const start = this.#bytes.offset;
    const [indexes, values] = [new Int32Array(this.#rows), new Float64Array(this.#rows)];
    let [text, number] = [0, 0];
    const chunks = Object.values(this.#columns).map((column) => {
      if (column instanceof TextColumn) {
        takeEach(this.#texts, text++, TEXTS, indexes);
        return column.write(this.#bytes, indexes);
      }
      takeEach(this.#numbers, number++, NUMBERS, values);
      return column.write(this.#bytes, values);
    });
    this.#groups.push({
      columns: chunks,
      num_rows: BigInt(this.#rows),
      total_byte_size: chunks.reduce((sum, { meta_data }) => sum + meta_data!.total_uncompressed_size, 0n),
      total_compressed_size: BigInt(this.#bytes.offset - start),
    });
    this.#peers = undefined;
    this.#rows = 0;
    this.#flush();
  }

  #flush(): void {
    this.#write(this.#bytes.getBytes());
    this.#bytes.index = 0;
  }
}

/** One value of each row. */
function takeEach<T extends Int32Array | Float64Array>(rows: T, from: number, stride: number, into: T): void {
  for (let i = 0, at = from; i < into.length; i++, at += stride) into[i] = rows[at]!;
}

/** The bytes of one evidence file. */
export function evidenceFile(flows: Iterable<HandedFlow>): Uint8Array {
  const whole = new ByteWriter();
  const file = new EvidenceFile((bytes) => {
    whole.appendBytes(bytes);
  });
  for (const flow of flows) file.add(flow);
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
} satisfies Record<keyof Columns, z.ZodType>);

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
