import { parse } from 'csv-parse/sync';
import { emptyRecord, type FlowRecord } from '../../../shared/flowlogs/record.ts';
import { reference, words } from '../addresses/reference.ts';

/**
 * Reads the default format without a header, by other means than the program: csv-parse splits, BigInt counts, node:net
 * knows addresses. The limits are those of the fields' documentation.
 */
export function readAgain(text: Uint8Array): ReadonlyMap<number, FlowRecord | undefined> {
  const rows = parse(text, {
    delimiter: [' ', '\t', '\r', '\0'],
    record_delimiter: '\n',
    quote: null,
    encoding: 'latin1',
    relax_column_count: true,
  });
  const fields = rows.map((row) => row.filter((field) => field !== ''));
  return new Map(fields.flatMap((row, index) => (row.length === 0 ? [] : [[index + 1, recordOf(row)]])));
}

function recordOf(row: readonly string[]): FlowRecord | undefined {
  if (row.length !== 14) return undefined;
  const [, account, id, source, destination, srcport, dstport, protocol, packets, bytes, start, end, action, status] =
    row as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
  let readable = true;
  const number = (text: string, most: bigint, mayLack = false): number => {
    if (mayLack && text === '-') return 0;
    if (/^[0-9]{1,16}$/.test(text) && BigInt(text) <= most) return Number(text);
    readable = false;
    return 0;
  };
  const address = (text: string): FlowRecord['source'] => {
    const found = reference(text);
    readable &&= found !== undefined;
    return found ? words(found) : emptyRecord().source;
  };

  const record = emptyRecord();
  record.interfaceId = id === '-' ? '' : id;
  record.end = number(end, 253_402_300_799n);
  if (status === 'NODATA' || status === 'SKIPDATA') {
    record.status = status;
    // The status alone decides, but for the day.
    record.start = /^[0-9]{1,16}$/.test(start) && BigInt(start) <= 253_402_300_799n ? Number(start) : record.end;
  } else {
    record.start = number(start, 253_402_300_799n);
    readable &&= action === 'ACCEPT' || action === 'REJECT';
    record.accepted = action === 'ACCEPT';
    record.protocol = number(protocol, 255n);
    const portless = record.protocol !== 6 && record.protocol !== 17;
    record.sourcePort = number(srcport, 65_535n, portless);
    record.destinationPort = number(dstport, 65_535n, portless);
    record.packets = number(packets, 2n ** 53n - 1n, !record.accepted);
    record.bytes = number(bytes, 2n ** 53n - 1n, !record.accepted);
    record.source = address(source);
    record.destination = address(destination);
    record.accountId = account === '-' || account.length > 128 ? '' : account;
  }
  return readable ? record : undefined;
}
