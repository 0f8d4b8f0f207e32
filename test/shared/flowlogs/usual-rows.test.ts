import { expect, test } from '@jest/globals';
import { parseAddress } from '../../../shared/addresses/address.ts';
import { USED_FIELDS, type UsedField } from '../../../shared/flowlogs/fields.ts';
import { CellColumn, MOST_ROWS, type Cell } from '../../../shared/flowlogs/parquet-cells.ts';
import { kindOf } from '../../../shared/flowlogs/parquet-column.ts';
import { RowReader } from '../../../shared/flowlogs/parquet-rows.ts';
import { emptyRecord, type FlowRecord } from '../../../shared/flowlogs/record.ts';
import { MAX_IDS, MAX_ROWS } from '../../../shared/flowlogs/scan/layout.ts';
import { UsualRows } from '../../../shared/flowlogs/usual-rows.ts';
import { Random } from '../../oracle/random.ts';

const LONG = 'x'.repeat(129);
const ADDRESSES: readonly Cell[] = ['10.0.0.1', '203.0.113.9', '2001:db8::1'].map((text) => parseAddress(text)!);
/** Of each field, cells that are usual and, behind them, those that are not. */
const CELLS: Readonly<Record<UsedField, readonly [usual: readonly Cell[], odd: readonly Cell[]]>> = {
  'interface-id': [
    ['eni-1', 'eni-2', 'eni-3'],
    [null, '', LONG],
  ],
  srcaddr: [ADDRESSES, [null, 'none', '']],
  dstaddr: [ADDRESSES, [null, 'none']],
  srcport: [
    [0, 443, 65_535],
    [null, 65_536, -1, 'x'],
  ],
  dstport: [
    [22, 50_000, '80'],
    [null, 1.5],
  ],
  protocol: [
    [6, 17, 1],
    [null, 256],
  ],
  packets: [
    [1, 2 ** 40],
    [null, 2n ** 60n],
  ],
  bytes: [
    [40, Number.MAX_SAFE_INTEGER],
    [null, -4],
  ],
  start: [[1_767_571_200], [null, 2 ** 50]],
  end: [[1_767_571_260], [null]],
  action: [
    ['ACCEPT', 'REJECT'],
    [null, 'accept'],
  ],
  'log-status': [
    ['OK', 'OK', null, 'other'],
    ['NODATA', 'SKIPDATA'],
  ],
  'flow-direction': [['ingress', 'egress', null, 'both'], []],
  'tcp-flags': [[0, 2, 18, null, -1, 'x'], []],
  'pkt-srcaddr': [[...ADDRESSES, null, 'none'], []],
  'pkt-dstaddr': [[...ADDRESSES, null], []],
  'reject-reason': [['BPA', null, '', LONG], []],
  'vpc-id': [['vpc-1', null, LONG], []],
  'account-id': [['111122223333', 'unknown', null], []],
  'resource-id': [['nat-1', null], []],
};

function columnsOf(fields: readonly UsedField[], random: Random, rows: number, oddShare: number) {
  return new Map(
    fields.map((field) => {
      const column = new CellColumn(kindOf(field));
      const [usual, odd] = CELLS[field];
      for (let row = 0; row < rows; row++) {
        column.put(row, random.pick(odd.length > 0 && random.next() < oddShare ? odd : usual));
      }
      return [field, column] as const;
    }),
  );
}

/** What a reader sets: an absent address keeps its words, and so does all traffic of a row without. */
function told({ packetSource, packetDestination, ...record }: FlowRecord): unknown {
  const packets = [packetSource, packetDestination].map((address) =>
    address.family === 0 ? 'absent' : { ...address },
  );
  return { ...structuredClone(record), packets };
}

test('usual rows are what the reader of rows says of them, and others are left to it', () => {
  const usual = new UsualRows();
  let [read, left] = [0, 0];
  for (let seed = 1; seed <= 60; seed++) {
    const random = new Random(seed);
    const fields = USED_FIELDS.filter((_, at) => at < 11 || seed % 3 === 0 || random.next() < 0.5);
    const columns = columnsOf(fields, random, MOST_ROWS, [0, 0.01, 0.2][seed % 3]!);
    const [reader, record] = [new RowReader(columns, undefined), emptyRecord()];
    usual.use(columns);
    for (let from = 0; from < MOST_ROWS; from += MAX_ROWS) {
      usual.read(from, MAX_ROWS);
      for (let row = 0; row < MAX_ROWS; row++) {
        const reason = reader.read(from + row);
        if (usual.isOdd(row)) {
          left++;
          continue;
        }
        usual.fill(row, record);
        expect([seed, from + row, reason, told(record)]).toEqual([seed, from + row, undefined, told(reader.record)]);
        read++;
      }
    }
  }
  expect(read).toBeGreaterThan(20_000);
  expect(left).toBeGreaterThan(5000);
});

test('no more ids are kept than there is room for', () => {
  const usual = new UsualRows();
  const columns = columnsOf(USED_FIELDS, new Random(1), MOST_ROWS, 0);
  usual.use(columns);
  const [record, ids] = [emptyRecord(), columns.get('interface-id')!];
  for (let round = 0; round < 3 * (MAX_IDS / MAX_ROWS); round++) {
    for (let row = 0; row < MAX_ROWS; row++) ids.put(row, `eni-${round}-${row}`);
    usual.read(0, MAX_ROWS);
    usual.fill(MAX_ROWS - 1, record);
    expect(record.interfaceId).toBe(`eni-${round}-${MAX_ROWS - 1}`);
    expect(usual.ids.length).toBeLessThan(MAX_IDS + 8 * MAX_ROWS);
  }
});
