import { gzipSync } from 'node:zlib';
import { parquetMetadata, type FileMetaData } from 'hyparquet';
import { ByteWriter, parquetWriteBuffer } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';

export interface Form {
  readonly codec?: 'UNCOMPRESSED' | 'SNAPPY' | 'GZIP';
  /** Of zlib, 1 to 9. */
  readonly gzipLevel?: number;
  /** How integers are stored: as AWS does, all in 32 or in 64 bits where they fit, or as text. */
  readonly integers?: 'aws' | 'INT32' | 'INT64' | 'STRING';
  /** How `-` is written: as null everywhere, or as itself where the column is text. */
  readonly absent?: 'null' | 'dash';
  readonly rowGroupSize?: number;
  /** Bytes; a column of a row group is cut into pages of some such size. */
  readonly pageSize?: number;
  /** Columns that must not be null: their pages come one by one. AWS's may be. */
  readonly required?: boolean;
}

const SHORT = ['version', 'srcport', 'dstport', 'protocol', 'tcp-flags', 'traffic-path', 'encryption-status'];
const LONG = ['packets', 'bytes', 'start', 'end'];

function typeOf(name: string, integers: Form['integers']): 'INT32' | 'INT64' | 'STRING' {
  if (!SHORT.includes(name) && !LONG.includes(name)) return 'STRING';
  if (integers === 'aws' || integers === undefined) return SHORT.includes(name) ? 'INT32' : 'INT64';
  return integers;
}

/** A Parquet file of the rows of a text: the first is the header. */
export function parquetOf(rows: readonly (readonly string[])[], form: Form = {}): Uint8Array {
  const [header, ...body] = rows as [readonly string[], ...string[][]];
  const columnData = header.map((name, column) => {
    const type = typeOf(name, form.integers);
    const data = body.map((row) => {
      const text = row[column]!;
      if (text === '-' && (type !== 'STRING' || form.absent !== 'dash')) return null;
      if (type === 'STRING') return text;
      return type === 'INT32' ? Number(text) : BigInt(text);
    });
    return { name: name.replaceAll('-', '_'), data, type, nullable: form.required !== true };
  });
  return new Uint8Array(
    parquetWriteBuffer({
      columnData,
      codec: form.codec ?? 'SNAPPY',
      compressors: { GZIP: (bytes) => gzipSync(bytes, form.gzipLevel === undefined ? {} : { level: form.gzipLevel }) },
      rowGroupSize: form.rowGroupSize ?? 1000,
      pageSize: form.pageSize ?? 1_048_576,
    }),
  );
}

/** The same file with other words in its footer. */
export function doctored(file: Uint8Array, change: (footer: FileMetaData) => void): Uint8Array {
  const footer = parquetMetadata(file);
  const data = file.subarray(0, file.length - 8 - footer.metadata_length);
  change(footer);
  const writer = new ByteWriter();
  writer.appendBytes(data);
  writeMetadata(writer, footer);
  writer.appendBytes(Buffer.from('PAR1'));
  return writer.getBytes();
}
