import { crc32 } from 'node:zlib';
import type { AsyncBuffer, ColumnMetaData, Compressors, Encoding } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { PageHeader } from 'hyparquet/src/types.js';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { gunzipPage } from '../parquet-gzip.ts';
import type { Cells, CellColumn } from './parquet-cells.ts';
import type { CellReader } from './parquet-column.ts';
import { Levels, type LevelBytes, type Nesting } from './parquet-levels.ts';
import { endOfStruct } from './parquet-thrift.ts';
import { bytesBeside, dictionaryOf, valuesOf, type Values, type ValueType } from './parquet-values.ts';

/** Bytes of all pages and dictionaries that are held at one time; those that writers make have a megabyte each. */
const MAX_HELD_BYTES = 384 * 1024 * 1024;
/** A column is fetched in parts of so many bytes, or a page at a time where pages are larger. */
const PART_BYTES = 2 * 1024 * 1024;
/** With its statistics, of which writers cut off what is long. */
const MAX_HEADER_BYTES = 64 * 1024;
/** A few bytes can stand for any number of equal values: four times what the usual row group has in all. */
const MAX_PAGE_VALUES = 1 << 22;
/** What a value of a dictionary takes apart from its bytes, if it is an address. */
const DICTIONARY_VALUE_BYTES = 96;

/** What the columns of one file share: how much memory they may take, and whether their pages have checksums. */
export class PageLimits {
  #held = 0;
  readonly #hasChecksum = new Map<PageHeader['type'], boolean>();

  /** Whether any page had a checksum. */
  get isChecked(): boolean {
    return [...this.#hasChecksum.values()].includes(true);
  }

  /** @throws Error where all that is held would be too much */
  take(bytes: number): void {
    this.#held += bytes;
    if (this.#held > MAX_HELD_BYTES) {
      const limit = String(MAX_HELD_BYTES / 1024 / 1024);
      throw new Error(`its pages take more than ${limit} MB at one time; write the file with smaller row groups`);
    }
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }

  /**
   * Compares a page with its checksum. Writers give one to all pages of a kind, or to none: where it lacks, its header is damaged.
   * https://github.com/apache/parquet-format/blob/master/README.md#checksumming
   *
   * @throws Error where they differ
   */
  check({ type, crc }: PageHeader, packed: Uint8Array): void {
    const has = crc !== undefined;
    if ((this.#hasChecksum.get(type) ?? has) !== has) throw new Error('some pages have a checksum, and some have none');
    this.#hasChecksum.set(type, has);
    if (has && crc >>> 0 !== crc32(packed)) throw new Error('the checksum of a page is not that of its bytes');
  }
}

/** The values of a column in one row group, in their order. Of its pages one is held at a time. */
export class ColumnPages {
  readonly #bytes: PartsOfFile;
  readonly #meta: ColumnMetaData;
  readonly #limits: PageLimits;
  readonly #type: ValueType;
  readonly #nesting: Nesting;
  readonly #into: CellColumn;
  #dictionary: Cells | undefined;
  #dictionaryBytes = 0;
  #pageBytes = 0;
  #left = 0;
  #levels: Levels | undefined;
  #values: Values | undefined;

  /**
   * @param range of the file's bytes, its end exclusive
   * @param into what is filled
   */
  constructor(
    file: AsyncBuffer,
    range: { readonly from: number; readonly to: number },
    meta: ColumnMetaData,
    type: CellReader & { readonly nesting: Nesting },
    limits: PageLimits,
    into: CellColumn,
  ) {
    this.#bytes = new PartsOfFile(file, range);
    this.#meta = meta;
    this.#limits = limits;
    this.#type = type;
    this.#nesting = type.nesting;
    this.#into = into;
  }

  /** Rows of the page at hand that were not asked for yet. */
  get left(): number {
    return this.#left;
  }

  /**
   * Puts the values of the next rows of the page at hand into the first rows of the column.
   *
   * @param count {@link left} at most
   * @throws Error where its bytes are damaged
   */
  fill(count: number): void {
    this.#left -= count;
    this.#levels!.fill(this.#values!, this.#into, count);
    if (this.#left === 0) this.#endPage();
  }

  /**
   * Goes on to the next page in which a row begins.
   *
   * @throws Error where it cannot be read, or there is none; errors of the file
   */
  async load(): Promise<void> {
    while (this.#left === 0) {
      if (this.#bytes.isAtEnd) throw new Error('too few rows');
      await this.#readPage();
    }
  }

  /**
   * To be asked behind the last row of the row group.
   *
   * @throws Error where there are more values
   */
  async end(): Promise<void> {
    while (this.#left === 0 && !this.#bytes.isAtEnd) await this.#readPage();
    if (this.#left > 0) throw new Error('too many rows');
    this.#limits.give(this.#dictionaryBytes);
  }

  #endPage(): void {
    if (this.#values) this.#levels?.endList(this.#values, this.#into);
    this.#values?.end(this.#limits.isChecked);
    if (this.#limits.isChecked && this.#levels?.isAtEnd === false) throw new Error('more levels than values');
    this.#values = undefined;
    this.#levels = undefined;
    this.#limits.give(this.#pageBytes);
    this.#pageBytes = 0;
  }

  async #readPage(): Promise<void> {
    const header = await this.#header();
    const { compressed_page_size: size, uncompressed_page_size: unpacked } = header;
    if (!(size >= 0 && size <= this.#bytes.left)) throw new Error('a page lies outside of its column');
    if (!(unpacked >= 0)) throw new Error(`a page of ${String(unpacked)} bytes`);
    const of = header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header;
    if (!of) throw new Error('a page without its header');
    if (!(of.num_values >= 0 && of.num_values <= MAX_PAGE_VALUES)) {
      throw new Error(`a page of ${String(of.num_values)} values; write the file with smaller row groups`);
    }
    this.#limits.take(size + unpacked);
    const packed = await this.#bytes.take(size);
    this.#limits.check(header, packed);
    if (header.type === 'DICTIONARY_PAGE') this.#readDictionary(header, packed);
    else if (header.type === 'DATA_PAGE') this.#readOne(header, packed);
    else if (header.type === 'DATA_PAGE_V2') this.#readTwo(header, packed);
    else throw new Error(`a page of type ${header.type}`);
    this.#limits.give(size);
    if (header.type !== 'DICTIONARY_PAGE' && this.#left === 0) this.#endPage();
  }

  async #header(): Promise<PageHeader> {
    const bytes = await this.#bytes.peek(MAX_HEADER_BYTES);
    const end = endOfStruct(bytes, 0);
    const header = parquetHeader({ view: new DataView(bytes.buffer, bytes.byteOffset, end), offset: 0 });
    await this.#bytes.take(end);
    return header;
  }

  #readDictionary(header: PageHeader, packed: Uint8Array): void {
    const of = header.dictionary_page_header;
    if (!of || this.#dictionary) throw new Error('two dictionaries, or one without its header');
    if (of.encoding !== 'PLAIN' && of.encoding !== 'PLAIN_DICTIONARY') throw new Error('a dictionary in codes');
    this.#limits.take(DICTIONARY_VALUE_BYTES * of.num_values);
    this.#dictionaryBytes = header.uncompressed_page_size + DICTIONARY_VALUE_BYTES * of.num_values;
    this.#dictionary = dictionaryOf(
      this.#expand(packed, header.uncompressed_page_size),
      of.num_values,
      this.#type,
      this.#limits.isChecked,
    );
  }

  #readOne(header: PageHeader, packed: Uint8Array): void {
    const of = header.data_page_header;
    if (!of) throw new Error('a page without its header');
    const page = this.#expand(packed, header.uncompressed_page_size);
    const encodings = [of.repetition_level_encoding, of.definition_level_encoding];
    const kinds = [this.#nesting.repetition, this.#nesting.definition];
    let from = 0;
    const [repetition, definition] = kinds.map((most, i): LevelBytes | undefined => {
      if (most === 0) return undefined;
      if (encodings[i] !== 'RLE') throw new Error('levels that are not in runs');
      if (page.length < from + 4) throw new Error('a page without its levels');
      const begin = from + 4;
      from = begin + new DataView(page.buffer, page.byteOffset + from).getUint32(0, true);
      return { bytes: page, from: begin, to: from };
    });
    const levels = new Levels(this.#nesting, of.num_values, definition, repetition);
    this.#hold(header, of.encoding, page.subarray(from), levels);
  }

  #readTwo(header: PageHeader, packed: Uint8Array): void {
    const of = header.data_page_header_v2;
    if (!of) throw new Error('a page without its header');
    const { definition_levels_byte_length: definitions, repetition_levels_byte_length: repetitions } = of;
    const { num_values: all, num_nulls: nulls } = of;
    const isThere = (bytes: number, most: number): boolean => (most > 0 ? bytes >= 0 : bytes === 0);
    const length = definitions + repetitions;
    const { definition: most, repetition: mostRepeated } = this.#nesting;
    if (!(isThere(definitions, most) && isThere(repetitions, mostRepeated) && length <= packed.length)) {
      throw new Error('levels that cannot be');
    }
    const levels = new Levels(
      this.#nesting,
      all,
      { bytes: packed, from: repetitions, to: length },
      { bytes: packed, from: 0, to: repetitions },
    );
    if (of.num_rows !== levels.rows) throw new Error('a page of other rows than values');
    if (nulls !== all - levels.present) throw new Error('nulls that are not as many as it says');
    const rest = packed.subarray(length);
    const size = header.uncompressed_page_size - length;
    if (of.is_compressed === false && rest.length !== size) throw new Error('a page of another size than it says');
    const page = of.is_compressed === false ? rest : this.#expand(rest, size);
    this.#hold(header, of.encoding, page, levels);
  }

  #hold({ uncompressed_page_size: unpacked }: PageHeader, encoding: Encoding, page: Uint8Array, levels: Levels): void {
    if (this.#limits.isChecked && !this.#meta.encodings.includes(encoding)) {
      throw new Error(`a page in an encoding that its column is not said to have: ${encoding}`);
    }
    const beside = bytesBeside(encoding, levels.present);
    this.#limits.take(beside);
    this.#pageBytes = unpacked + beside;
    this.#left = levels.rows;
    this.#levels = levels;
    this.#values = valuesOf(page, encoding, levels.present, this.#type, this.#dictionary);
  }

  #expand(packed: Uint8Array, size: number): Uint8Array {
    if (size === 0 && packed.length === 0) return packed;
    return decompressPage(packed, size, this.#meta.codec, CODECS);
  }
}

const CODECS: Compressors = { ...compressors, GZIP: gunzipPage };

/** Bytes of a file from first to last, of which a part is held. */
class PartsOfFile {
  readonly #file: AsyncBuffer;
  /** The next byte, of the file. */
  #at: number;
  readonly #end: number;
  #held = new Uint8Array(0);

  constructor(file: AsyncBuffer, { from, to }: { readonly from: number; readonly to: number }) {
    this.#file = file;
    this.#at = from;
    this.#end = to;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  get isAtEnd(): boolean {
    return this.left === 0;
  }

  /** The next bytes: so many, or all that there are. */
  async peek(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const wanted = Math.min(length, this.left);
    if (this.#held.length < wanted) {
      const from = this.#at + this.#held.length;
      const to = Math.min(this.#end, Math.max(this.#at + wanted, from + PART_BYTES));
      const more = new Uint8Array(await this.#file.slice(from, to));
      this.#held = this.#held.length === 0 ? more : joined(this.#held, more);
    }
    return this.#held.subarray(0, wanted);
  }

  async take(length: number): Promise<Uint8Array> {
    const taken = await this.peek(length);
    this.#at += taken.length;
    this.#held = this.#held.subarray(taken.length);
    return taken;
  }
}

function joined(a: Uint8Array<ArrayBuffer>, b: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
