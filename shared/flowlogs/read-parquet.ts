import { parquetMetadataAsync, parquetRead, parquetSchema, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { parseAddressInto, type Address } from '../addresses/address.ts';
import {
  findColumns,
  LIMITS,
  NEEDED_FIELDS,
  noNumber,
  OPTIONAL_FIELDS,
  type NumericField,
  type UsedField,
} from './fields.ts';
import { emptyRecord, FlowLogError, type RecordSink } from './record.ts';
import { hasPorts } from '../protocols.ts';
import { quoted } from '../text/plain.ts';

/** Row groups are held one at a time; a larger one than this is no flow log that AWS writes. */
const MAX_ROW_GROUP_BYTES = 1024 * 1024 * 1024;

type Rows = ReadonlyMap<UsedField, readonly unknown[]>;

/**
 * Reads a Parquet flow log row group by row group: columns by name with `_` for `-`, integers of 32 or 64 bits, GZIP,
 * SNAPPY or no compression; nulls and `-` alike are absent. Rows are counted from 1, as lines are.
 *
 * @throws FlowLogError when the file is no Parquet file or no flow log.
 */
export async function readParquet(file: AsyncBuffer, sink: RecordSink): Promise<void> {
  const source = watched(file);
  const metadata = await parsed(source, () => parquetMetadataAsync(source.file));
  const names = await parsed(source, () =>
    parquetSchema(metadata).children.map(({ element }) => element.name.replaceAll('_', '-')),
  );
  const columns = findColumns(names);
  if (typeof columns === 'string') throw new FlowLogError(columns);
  const rowCounts = metadata.row_groups.map((group) => Number(group.num_rows));
  const total = rowCounts.reduce((sum, count) => sum + count, 0);
  if (!rowCounts.every((count) => count >= 0) || total !== Number(metadata.num_rows)) {
    throw new FlowLogError('not a readable Parquet file: the rows of its groups are not its rows');
  }
  const used = [...NEEDED_FIELDS, ...OPTIONAL_FIELDS].filter((field) => columns[field] >= 0);

  let rowStart = 0;
  for (const group of metadata.row_groups) {
    if (group.total_byte_size > MAX_ROW_GROUP_BYTES) {
      throw new FlowLogError(`a row group of ${String(group.total_byte_size)} bytes: not a VPC flow log`);
    }
    const rowEnd = rowStart + Number(group.num_rows);
    const rows = await parsed(source, () => readRowGroup(source.file, metadata, used, rowStart, rowEnd));
    for (let row = 0; row < rowEnd - rowStart; row++) {
      const reason = readRow(rows, row);
      if (reason === undefined) sink.record(record, rowStart + row + 1);
      else sink.malformed(rowStart + row + 1, reason);
    }
    rowStart = rowEnd;
  }
}

interface Source {
  readonly file: AsyncBuffer;
  /** What reading the file itself failed with, in a list so that any value can be told from none. */
  readonly failures: readonly unknown[];
}

/** Tells a file that could not be fetched from one whose bytes are wrong: by who threw, not by how the error looks. */
function watched(file: AsyncBuffer): Source {
  const failures: unknown[] = [];
  const slice = async (from: number, to = file.byteLength): Promise<ArrayBuffer> => {
    if (!(from >= 0 && from <= to && to <= file.byteLength)) throw new Error('a part lies outside of the file');
    try {
      return await file.slice(from, to);
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
  return { file: { byteLength: file.byteLength, slice }, failures };
}

async function parsed<T>({ failures }: Source, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (failures.length > 0) throw failures[0];
    const message = error instanceof Error ? error.message : String(error);
    throw new FlowLogError(`not a readable Parquet file: ${quoted(message, 200)}`);
  }
}

async function readRowGroup(
  file: AsyncBuffer,
  metadata: FileMetaData,
  used: readonly UsedField[],
  rowStart: number,
  rowEnd: number,
): Promise<Rows> {
  const rows = new Map<UsedField, unknown[]>();
  for (const field of used) rows.set(field, []);
  await parquetRead({
    file,
    metadata,
    columns: used.map((field) => field.replaceAll('-', '_')),
    rowStart,
    rowEnd,
    compressors,
    onChunk: ({ columnName, columnData, rowStart: at }) => {
      const values = rows.get(columnName.replaceAll('_', '-') as UsedField);
      if (!values) return;
      for (let i = 0; i < columnData.length; i++) values[at - rowStart + i] = columnData[i];
    },
  });
  for (const [field, values] of rows) {
    if (values.length < rowEnd - rowStart) throw new Error(`column ${field} has too few rows`);
  }
  return rows;
}

const record = emptyRecord();

/** Fills the record from the row; returns why it is malformed, or undefined. */
function readRow(rows: Rows, row: number): string | undefined {
  let reason: string | undefined;
  const value = (field: UsedField): unknown => {
    const found = rows.get(field)?.[row];
    return found === '-' || found === null ? undefined : found;
  };
  const text = (field: UsedField): string => {
    const found = value(field);
    return typeof found === 'string' ? found : '';
  };
  const number = (field: NumericField, absent = -1): number => {
    const found = value(field);
    if (found === undefined && absent >= 0) return absent;
    const shown =
      typeof found === 'string' || typeof found === 'number' || typeof found === 'bigint' ? String(found) : '-';
    const read = /^\d{1,16}$/.test(shown) ? Number(shown) : Infinity;
    if (read <= LIMITS[field]) return read;
    reason ??= noNumber(field, shown);
    return -1;
  };
  const address = (field: UsedField, into: Address, needed: boolean): void => {
    into.family = 0;
    if (!needed && value(field) === undefined) return;
    const shown = text(field) || '-';
    if (!parseAddressInto(shown, into)) reason ??= `${field} ${quoted(shown)} is no address`;
  };

  const status = text('log-status');
  record.status = status === 'NODATA' || status === 'SKIPDATA' ? status : 'OK';
  record.interfaceId = text('interface-id');
  record.vpcId = text('vpc-id');
  record.accountId = text('account-id');
  record.resourceId = text('resource-id');
  record.start = number('start');
  record.end = number('end');
  record.accepted = false;
  if (record.status !== 'OK' || reason !== undefined) return reason;

  const action = text('action');
  if (action !== 'ACCEPT' && action !== 'REJECT') {
    return `action ${quoted(action || '-')} is neither ACCEPT nor REJECT`;
  }
  record.accepted = action === 'ACCEPT';
  record.protocol = number('protocol');
  const portAbsent = hasPorts(record.protocol) ? -1 : 0;
  record.sourcePort = number('srcport', portAbsent);
  record.destinationPort = number('dstport', portAbsent);
  const sizeAbsent = record.accepted ? -1 : 0;
  record.packets = number('packets', sizeAbsent);
  record.bytes = number('bytes', sizeAbsent);
  record.tcpFlags = value('tcp-flags') === undefined ? -1 : number('tcp-flags');
  address('srcaddr', record.source, true);
  address('dstaddr', record.destination, true);
  address('pkt-srcaddr', record.packetSource, false);
  address('pkt-dstaddr', record.packetDestination, false);
  const direction = text('flow-direction');
  record.direction = direction === 'ingress' || direction === 'egress' ? direction : undefined;
  record.rejectReason = text('reject-reason');
  return reason;
}
