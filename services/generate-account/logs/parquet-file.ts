import { gzipSync } from 'node:zlib';
import { type BasicType, ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { Field, FieldValue } from './fields.ts';
import type { RecordFile, RecordFileFormat } from './record-file.ts';
import type { Row } from './row.ts';
import { OutputFile } from '../../../shared/disk/output-file.ts';

/** Bounds what one open file holds in memory. */
const ROWS_PER_GROUP = 10_000;

type Cell = string | number | bigint | null;

/**
 * Parquet as AWS delivers it: names with underscores, INT32 and INT64, `-` in string columns and null in numeric ones
 * where a field is absent, GZIP.
 */
export function parquetFormat(fields: readonly Field[]): RecordFileFormat {
  return { extension: 'log.parquet', open: (path) => new ParquetFile(path, fields) };
}

class ParquetFile implements RecordFile {
  readonly congested = false;
  readonly #fields: readonly Field[];
  readonly #file: OutputFile;
  readonly #bytes = new ByteWriter(1 << 16);
  readonly #writer: ParquetWriter;
  #columns: Cell[][];

  constructor(path: string, fields: readonly Field[]) {
    this.#fields = fields;
    this.#file = new OutputFile(path);
    this.#columns = fields.map(() => []);
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: schemaFromColumnData({ columnData: this.#columnData() }),
      codec: 'GZIP',
      compressors: { GZIP: (input) => gzipSync(input, { level: 1 }) },
      createdBy: 'stale-sg generate',
    });
  }

  add(row: Row): void {
    const isGap = row.status !== 'OK';
    for (const [i, field] of this.#fields.entries()) {
      const value =
        'ofInterface' in field ? field.ofInterface(row.iface) : isGap && !field.inGaps ? undefined : field.ofRow(row);
      this.#columns[i]!.push(cell(value, field.type));
    }
    if (this.#columns[0]!.length === ROWS_PER_GROUP) this.#writeGroup();
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    if (this.#columns[0]!.length > 0) this.#writeGroup();
    await this.#writer.finish();
    this.#flush();
    this.#file.close();
  }

  #columnData(): { name: string; data: Cell[]; type: BasicType }[] {
    return this.#fields.map(({ name, type }, i) => ({
      name: name.replaceAll('-', '_'),
      data: this.#columns[i]!,
      type,
    }));
  }

  #writeGroup(): void {
    // Nothing to wait for: the writer's bytes stay in memory until the next line.
    const written = this.#writer.write({ columnData: this.#columnData(), rowGroupSize: ROWS_PER_GROUP });
    if (written !== undefined) throw new Error('the Parquet writer has become asynchronous');
    this.#columns = this.#fields.map(() => []);
    this.#flush();
  }

  #flush(): void {
    this.#file.write(new Uint8Array(this.#bytes.getBytes()));
    this.#bytes.index = 0;
  }
}

function cell(value: FieldValue, type: Field['type']): Cell {
  if (value === undefined) return type === 'STRING' ? '-' : null;
  return type === 'INT64' ? BigInt(value) : value;
}
