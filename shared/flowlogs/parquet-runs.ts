import type { CompressionCodec, Compressors, PageHeader } from 'hyparquet/src/types.js';
import { decompressPage } from 'hyparquet/src/datapage.js';

/** A data page whose values are not compressed, and whose header says so. */
export interface OpenPage {
  readonly bytes: Uint8Array;
  readonly header: PageHeader;
}

/**
 * Decompresses a data page of a flat column, and makes sure that its runs hold as many values as it says: a few damaged
 * bytes can claim billions, which a decoder would unpack before it noticed.
 * https://github.com/apache/parquet-format/blob/master/Encodings.md#RLE
 *
 * @param isOptional whether nulls are told by definition levels
 * @throws Error where the runs are others
 */
export function openPage(
  bytes: Uint8Array,
  header: PageHeader,
  { codec, compressors }: { readonly codec: CompressionCodec; readonly compressors: Compressors },
  isOptional: boolean,
): OpenPage {
  const { data_page_header: one, data_page_header_v2: two } = header;
  if (one) {
    const page = decompressPage(bytes, header.uncompressed_page_size, codec, compressors);
    const levels = isOptional ? 4 + viewOf(page).getUint32(0, true) : 0;
    if (isOptional) checkRuns(page, 4, levels, 1, one.num_values);
    checkCodes(page, levels, one.encoding, one.num_values);
    return { bytes: page, header: { ...header, compressed_page_size: page.length } };
  }
  if (!two) throw new Error('a page without its header');
  const { repetition_levels_byte_length: repetition, definition_levels_byte_length: definition } = two;
  if (repetition !== 0 || !(definition >= 0 && definition <= bytes.length)) throw new Error('levels that cannot be');
  if (!(two.num_nulls >= 0 && two.num_nulls <= two.num_values)) throw new Error('more nulls than values');
  if (isOptional) checkRuns(bytes, 0, definition, 1, two.num_values);
  const packed = bytes.subarray(definition);
  const isPacked = two.is_compressed !== false;
  const values = isPacked
    ? decompressPage(packed, header.uncompressed_page_size - definition, codec, compressors)
    : packed;
  checkCodes(values, 0, two.encoding, two.num_values - two.num_nulls);
  const page = new Uint8Array(definition + values.length);
  page.set(bytes.subarray(0, definition));
  page.set(values, definition);
  const sizes = { compressed_page_size: page.length, uncompressed_page_size: page.length };
  return { bytes: page, header: { ...header, ...sizes, data_page_header_v2: { ...two, is_compressed: false } } };
}

/** Numbers of values in a dictionary, as runs behind one byte with their width. */
function checkCodes(page: Uint8Array, from: number, encoding: string, atMost: number): void {
  if (!encoding.endsWith('_DICTIONARY')) return;
  const width = page[from];
  if (width === undefined || width > 32) throw new Error('codes that cannot be');
  if (width > 0) checkRuns(page, from + 1, page.length, width, atMost);
}

/** Walks over the runs, whose values it leaves alone. */
function checkRuns(bytes: Uint8Array, from: number, to: number, width: number, atMost: number): void {
  if (!(to >= from && to <= bytes.length)) throw new Error('runs lie outside of their page');
  let seen = 0;
  let at = from;
  while (at < to && seen < atMost) {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 28) throw new Error('a run without end');
      head += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) break;
    }
    const isPacked = head % 2 === 1;
    const run = Math.floor(head / 2) * (isPacked ? 8 : 1);
    // The last of eight packed values are filled up; of a run of equal ones there are never too many.
    if (run === 0 || seen + run > atMost + (isPacked ? 7 : 0)) throw new Error('a run of more values than there are');
    seen += run;
    at += isPacked ? (run / 8) * width : Math.ceil(width / 8);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
