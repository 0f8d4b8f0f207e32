import type { AsyncBuffer, SchemaTree } from 'hyparquet';
import type { FoldedRow } from './folded-record.ts';
import { CellColumn, type CellKind } from './parquet-cells.ts';
import { ParquetFile } from './parquet-file.ts';
import { parquetColumnOf, type ParquetColumn } from './parquet-schema.ts';

const TEXTS = [
  'kind',
  'file',
  'flow_log_id',
  'account_id',
  'interface_id',
  'resource_id',
  'vpc_id',
  'action',
  'flow_direction',
  'reject_reason',
  'opener',
  'paired',
  'service',
] as const satisfies readonly (keyof FoldedRow)[];
const ADDRESSES = ['srcaddr', 'dstaddr', 'pkt_srcaddr', 'pkt_dstaddr'] as const satisfies readonly (keyof FoldedRow)[];
const NUMBERS = [
  'srcport',
  'dstport',
  'protocol',
  'syn_seen',
  'records',
  'packets',
  'bytes',
  'first_start',
  'first_end',
  'last_end',
] as const satisfies readonly (keyof FoldedRow)[];

type Name = (typeof TEXTS)[number] | (typeof ADDRESSES)[number] | (typeof NUMBERS)[number];

/** -1 stands for what is absent. */
const NUMBER: CellKind = { is: 'number', least: -1, most: Number.MAX_SAFE_INTEGER };

/**
 * The rows of the nightly fold that one Parquet file holds, many at a time: who waits for each by itself waits as long again.
 *
 * @throws FlowLogError where it is damaged, or has not all their columns; errors of the file
 */
export async function* foldedRows(file: AsyncBuffer): AsyncGenerator<readonly FoldedRow[]> {
  const parquet = await ParquetFile.open(file);
  const used = await parquet.look(() => {
    const of = (name: Name, column: (tree: SchemaTree) => ParquetColumn): readonly [Name, ParquetColumn] => {
      const tree = parquet.schema.children.find(({ element }) => element.name === name);
      if (!tree) throw new Error(`no column ${name}`);
      return [name, column(tree)];
    };
    return new Map<Name, ParquetColumn>([
      ...TEXTS.map((name) => of(name, (tree) => parquetColumnOf('action', [tree]))),
      ...ADDRESSES.map((name) => of(name, (tree) => parquetColumnOf('srcaddr', [tree]))),
      ...NUMBERS.map((name) => of(name, numbersOf)),
    ]);
  });
  const into = new Map([...used].map(([name, { kind }]) => [name, new CellColumn(kind)]));
  const columns = Object.fromEntries(into) as Record<Name, CellColumn>;
  for await (const rows of parquet.rows(used, into)) {
    yield Array.from({ length: rows }, (_, row) => rowAt(columns, row));
  }
}

function numbersOf(tree: SchemaTree): ParquetColumn {
  const { element } = tree;
  if (element.type !== 'BOOLEAN') return { ...parquetColumnOf('packets', [tree]), kind: NUMBER };
  const definition = element.repetition_type === 'REQUIRED' ? 0 : 1;
  const cellOf = (raw: unknown): number => Number(raw);
  const nesting = { definition, repetition: 0 } as const;
  return { element, isText: false, isPlain: false, kind: NUMBER, cellOf, path: [element.name], nesting };
}

function rowAt(columns: Readonly<Record<Name, CellColumn>>, row: number): FoldedRow {
  return {
    kind: textAt(columns.kind, row) as FoldedRow['kind'],
    file: textAt(columns.file, row),
    flow_log_id: textAt(columns.flow_log_id, row),
    account_id: textAt(columns.account_id, row),
    interface_id: textAt(columns.interface_id, row),
    resource_id: textAt(columns.resource_id, row),
    vpc_id: textAt(columns.vpc_id, row),
    srcaddr: addressAt(columns.srcaddr, row),
    dstaddr: addressAt(columns.dstaddr, row),
    pkt_srcaddr: addressAt(columns.pkt_srcaddr, row),
    pkt_dstaddr: addressAt(columns.pkt_dstaddr, row),
    srcport: numberAt(columns.srcport, row),
    dstport: numberAt(columns.dstport, row),
    protocol: numberAt(columns.protocol, row),
    action: textAt(columns.action, row),
    flow_direction: textAt(columns.flow_direction, row),
    reject_reason: textAt(columns.reject_reason, row),
    opener: textAt(columns.opener, row) as FoldedRow['opener'],
    syn_seen: numberAt(columns.syn_seen, row) === 1,
    paired: textAt(columns.paired, row) as FoldedRow['paired'],
    service: textAt(columns.service, row) as FoldedRow['service'],
    records: numberAt(columns.records, row),
    packets: numberAt(columns.packets, row),
    bytes: numberAt(columns.bytes, row),
    first_start: numberAt(columns.first_start, row),
    first_end: numberAt(columns.first_end, row),
    last_end: numberAt(columns.last_end, row),
  };
}

function textAt({ cells, codes }: CellColumn, row: number): string | null {
  return cells.texts[codes[row]!]!;
}

function addressAt({ cells, codes }: CellColumn, row: number): FoldedRow['srcaddr'] {
  return cells.sharedAt(codes[row]!) as FoldedRow['srcaddr'];
}

function numberAt(column: CellColumn, row: number): number {
  const value = column.cells.numbers[column.codes[row]!]!;
  return value >= NUMBER.least ? value : Number(column.get(row));
}
