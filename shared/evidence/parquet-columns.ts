import type { ColumnChunk, Encoding, SchemaElement, Statistics } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { gzipPage } from '../parquet-gzip.ts';
import { DIRECTIONS, type FlowGroup } from './flow-group.ts';
import type { ToldIds } from './flow-names.ts';
import { INGRESS_BIT, INTERFACE, PORT_BIT, PROTOCOL_BIT, SERVICE } from './rows/layout.ts';

/*
 * Columns of a Parquet file, written from rows of service flows where these lie: there values are numbered, and pages made of
 * them. hyparquet-writer writes headers and the footer.
 */

interface Pages {
  /** Distinct values, as Parquet's PLAIN has them, and their number. */
  readonly dictionary?: { readonly bytes: Uint8Array; readonly size: number };
  /** The values, as the encoding has them; made once the dictionary is written. */
  readonly data: () => Uint8Array;
  /** Smallest and largest value. */
  readonly bounds: Pick<Statistics, 'min_value' | 'max_value'>;
}

interface Column {
  readonly type: Pick<SchemaElement, 'type' | 'converted_type'>;
  readonly pages: (group: FlowGroup) => Pages;
}

const TEXT = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;

/** The columns of an evidence file, one service flow a row; ids are separated by blanks. Counts are 64-bit. */
export const EVIDENCE_COLUMNS = {
  interface_id: texts(INTERFACE, 0, -1, ({ interfaces }, number) => interfaces[number]!),
  direction: texts(SERVICE, INGRESS_BIT, 1, (_, bit) => DIRECTIONS[bit]!),
  protocol: bits(PROTOCOL_BIT, 0xff),
  peer: { type: TEXT, pages: peerPages },
  port: bits(PORT_BIT, 0xffff),
  rule_ids: ids('ruleIds'),
  possible_rule_ids: ids('possibleRuleIds'),
  unclear_rule_ids: ids('unclearRuleIds'),
  untracked_rule_ids: ids('untrackedRuleIds'),
  requests: sums(0),
  replies: sums(1),
  inferred: sums(2),
  packets: sums(3),
  bytes: sums(4),
  first: sums(5),
  last: sums(6),
} satisfies Record<string, Column>;

/** As the footer has them. */
export const EVIDENCE_SCHEMA: readonly SchemaElement[] = Object.entries<Column>(EVIDENCE_COLUMNS).map(
  ([name, { type }]) => ({ name, ...type, repetition_type: 'REQUIRED' }),
);

/** Writes all columns of a row group. */
export function writeColumns(into: ByteWriter, group: FlowGroup): ColumnChunk[] {
  return Object.values<Column>(EVIDENCE_COLUMNS).map(({ pages }, i) =>
    writePages(into, EVIDENCE_SCHEMA[i]!, group.size, pages(group)),
  );
}

/** @param textOf the text of each value of some bits of a word, distinct ones */
function texts(word: number, shift: number, mask: number, textOf: (group: FlowGroup, value: number) => string): Column {
  const pages = (group: FlowGroup): Pages => {
    const { wasm, words } = group.rows;
    wasm.takeBits(group.size, word, shift, mask);
    const distinct = Array.from({ length: wasm.numberValues(group.size, 0) }, (_, i) =>
      textOf(group, words[(wasm.DISTINCT.value >>> 2) + 2 * i]!),
    );
    return textPages(group, distinct);
  };
  return { type: TEXT, pages };
}

function ids(of: keyof ToldIds): Column {
  const pages = (group: FlowGroup): Pages => {
    const { wasm, words } = group.rows;
    const numbers = new Map<string, number>();
    group.said.forEach(({ [of]: list }, i) => {
      const text = list.join(' ');
      const number = numbers.get(text) ?? numbers.size;
      numbers.set(text, number);
      words[(wasm.OTHERS.value >>> 2) + i] = number;
    });
    wasm.renumber(group.size);
    return textPages(group, [...numbers.keys()]);
  };
  return { type: TEXT, pages };
}

function textPages(group: FlowGroup, distinct: readonly string[]): Pages {
  return {
    dictionary: { bytes: plainTexts(distinct), size: distinct.length },
    data: () => numberPage(group, distinct.length),
    bounds: boundsOf(distinct),
  };
}

function peerPages(group: FlowGroup): Pages {
  const { rows, size } = group;
  const { wasm } = rows;
  const distinct = wasm.numberPeers(size);
  const bytes = rows.bytes(wasm.PAGE.value, wasm.putPeers(distinct));
  const textAt = (at: number): string => decoder.decode(rows.bytes(at + 4, rows.bytes(at, 1)[0]!));
  return {
    dictionary: { bytes, size: distinct },
    data: () => numberPage(group, distinct),
    bounds: { min_value: textAt(wasm.smallestText.value), max_value: textAt(wasm.largestText.value) },
  };
}

/** Small numbers, of some bits of the service. */
function bits(shift: number, mask: number): Column {
  const pages = (group: FlowGroup): Pages => {
    const { wasm } = group.rows;
    wasm.takeBits(group.size, SERVICE, shift, mask);
    const bounds = { min_value: Number(wasm.smallest.value), max_value: Number(wasm.largest.value) };
    return numberPages(group, bounds, (values, count) => {
      wasm.putPlain(values, count);
      return group.rows.bytes(wasm.PAGE.value, 4 * count);
    });
  };
  return { type: { type: 'INT32' }, pages };
}

function sums(sum: number): Column {
  const pages = (group: FlowGroup): Pages => {
    const { wasm } = group.rows;
    wasm.takeSums(group.size, sum);
    const bounds = { min_value: wasm.smallest.value, max_value: wasm.largest.value };
    return numberPages(group, bounds, (values, count) => group.rows.bytes(values, 8 * count));
  };
  return { type: { type: 'INT64' }, pages };
}

/** @param plain a page of values that lie there, so many */
function numberPages(
  group: FlowGroup,
  bounds: Pages['bounds'],
  plain: (values: number, count: number) => Uint8Array,
): Pages {
  const { wasm } = group.rows;
  const distinct = wasm.numberValues(group.size, 1);
  if (distinct < 0) return { data: () => plain(wasm.VALUES.value, group.size), bounds };
  return {
    dictionary: { bytes: plain(wasm.DISTINCT.value, distinct), size: distinct },
    data: () => numberPage(group, distinct),
    bounds,
  };
}

function numberPage({ rows, size }: FlowGroup, distinct: number): Uint8Array {
  return rows.bytes(rows.wasm.PAGE.value, rows.wasm.putNumbers(size, distinct));
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Each with its length before it. */
function plainTexts(texts: readonly string[]): Uint8Array {
  const page = new ByteWriter();
  for (const text of texts) {
    const bytes = encoder.encode(text);
    page.appendUint32(bytes.length);
    page.appendBytes(bytes);
  }
  return page.getBytes();
}

/** None of texts that Parquet, by their bytes, orders in another way than JavaScript. */
function boundsOf(texts: readonly string[]): Pages['bounds'] {
  let [smallest, largest] = [texts[0]!, texts[0]!];
  for (const text of texts) {
    if (/[\ud800-\uffff]/.test(text)) return {};
    if (text < smallest) smallest = text;
    else if (text > largest) largest = text;
  }
  return { min_value: smallest, max_value: largest };
}

function writePages(into: ByteWriter, element: SchemaElement, rows: number, pages: Pages): ColumnChunk {
  const { dictionary, data, bounds } = pages;
  const start = into.offset;
  let unpacked = 0;
  const page = (
    bytes: Uint8Array,
    header: Omit<Parameters<typeof writePageHeader>[1], `${string}_page_size`>,
  ): void => {
    const packed = gzipPage(bytes);
    const at = into.offset;
    writePageHeader(into, {
      ...header,
      uncompressed_page_size: bytes.length,
      compressed_page_size: packed.length,
    });
    unpacked += into.offset - at + bytes.length;
    into.appendBytes(packed);
  };
  if (dictionary) {
    const of = { num_values: dictionary.size, encoding: 'PLAIN' as const };
    page(dictionary.bytes, { type: 'DICTIONARY_PAGE', dictionary_page_header: of });
  }
  const dataStart = into.offset;
  const encoding: Encoding = dictionary ? 'RLE_DICTIONARY' : 'PLAIN';
  page(data(), {
    type: 'DATA_PAGE_V2',
    data_page_header_v2: {
      num_values: rows,
      num_nulls: 0,
      num_rows: rows,
      encoding,
      is_compressed: true,
      definition_levels_byte_length: 0,
      repetition_levels_byte_length: 0,
    },
  });
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: element.type!,
      encodings: dictionary ? ['PLAIN', encoding] : [encoding],
      path_in_schema: [element.name],
      codec: 'GZIP',
      num_values: BigInt(rows),
      total_uncompressed_size: BigInt(unpacked),
      total_compressed_size: BigInt(into.offset - start),
      data_page_offset: BigInt(dataStart),
      ...(dictionary && { dictionary_page_offset: BigInt(start) }),
      statistics: { ...bounds, null_count: 0n },
    },
  };
}
