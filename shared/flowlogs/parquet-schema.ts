import type { SchemaTree } from 'hyparquet';
import { quoted } from '../text/plain.ts';
import { columnOfOtherLog, findColumns, KNOWN_FIELDS, USED_FIELDS, type UsedField } from './fields.ts';
import { isOcsf, OCSF_COLUMNS, OCSF_FIELDS, type OcsfColumn } from './ocsf-columns.ts';
import { cellReaderOf, type CellReader } from './parquet-column.ts';
import type { Nesting } from './parquet-levels.ts';
import { FlowLogError, OtherLogError } from './record.ts';

/** The columns of a Parquet flow log that the program looks at. */
export interface UsedColumns {
  /** By field, or, in OCSF, by what each holds. */
  readonly used: ReadonlyMap<string, ParquetColumn>;
  /** That the file tells. */
  readonly fields: readonly UsedField[];
  readonly isOcsf: boolean;
}

export interface ParquetColumn extends CellReader {
  /** As the file has it, with those that it lies in. */
  readonly path: readonly string[];
  readonly nesting: Nesting;
}

/** @throws FlowLogError where they are not those of a VPC flow log, or one is of a type that cannot be read */
export function usedColumnsOf(schema: SchemaTree): UsedColumns {
  const written = schema.children.map(({ element }) => element.name);
  if (isOcsf(written)) return { used: ocsfColumns(schema), fields: OCSF_FIELDS, isOcsf: true };
  const names = written.map((name) => name.replaceAll('_', '-'));
  const other = columnOfOtherLog(names);
  if (other !== undefined) throw new OtherLogError(other);
  const columns = findColumns(names);
  if (typeof columns === 'string') throw new FlowLogError(columns);
  mustBeWrittenAlike(written.filter((_, i) => KNOWN_FIELDS.has(names[i]!)));
  const used = new Map<UsedField, ParquetColumn>();
  for (const field of USED_FIELDS) {
    const tree = schema.children[columns[field]];
    if (tree) used.set(field, parquetColumnOf(field, [tree]));
  }
  return { used, fields: [...used.keys()], isOcsf: false };
}

/** @throws FlowLogError where a needed one is missing, or one is of a type that cannot be read */
function ocsfColumns(schema: SchemaTree): Map<OcsfColumn, ParquetColumn> {
  const used = new Map<OcsfColumn, ParquetColumn>();
  for (const [key, { names, as, isNeeded }] of Object.entries(OCSF_COLUMNS)) {
    const trees = names.map((name) => treesAt(schema, name.split('.'))).find((found) => found !== undefined);
    if (trees) used.set(key as OcsfColumn, ofAnyUnit(parquetColumnOf(as, trees)));
    else if (isNeeded) throw new FlowLogError(`not a VPC flow log in OCSF: no column ${quoted(names[0])}`);
  }
  if (used.has('src.interface') || used.has('dst.interface')) return used;
  throw new FlowLogError('not a VPC flow log in OCSF: no column "interface_uid" of an endpoint');
}

/** Times may be in milliseconds. */
function ofAnyUnit(column: ParquetColumn): ParquetColumn {
  const { kind } = column;
  return kind.is === 'number' ? { ...column, kind: { ...kind, most: Number.MAX_SAFE_INTEGER } } : column;
}

/** From the outermost to the innermost, which of a list is what it holds. */
function treesAt(schema: SchemaTree, path: readonly string[]): SchemaTree[] | undefined {
  const trees: SchemaTree[] = [];
  let at = schema;
  for (const name of path) {
    const child = at.children.find(({ element }) => element.name === name);
    if (!child) return undefined;
    trees.push((at = child));
  }
  const isList = isListed(at);
  while (isList && at.children.length === 1) trees.push((at = at.children[0]!));
  return trees;
}

function isListed({ element: { converted_type: converted, logical_type: logical } }: SchemaTree): boolean {
  return converted === 'LIST' || logical?.type === 'LIST';
}

/** @throws FlowLogError where it is of a type that cannot be read */
export function parquetColumnOf(field: UsedField, trees: readonly SchemaTree[]): ParquetColumn {
  const leaf = trees.at(-1)!;
  const kinds = trees.map(({ element }) => element.repetition_type);
  const isList = kinds.includes('REPEATED') && trees.length > 1;
  const type = cellReaderOf(
    field,
    isList ? { ...leaf, element: { ...leaf.element, repetition_type: 'OPTIONAL' } } : leaf,
  );
  if (typeof type === 'string') throw new FlowLogError(type);
  if (kinds.filter((kind) => kind === 'REPEATED').length > 1)
    throw new FlowLogError(`column "${field}" is a list of lists`);
  const definition = kinds.filter((kind) => kind !== 'REQUIRED').length;
  const path = trees.map(({ element }) => element.name);
  return { ...type, path, nesting: { definition, repetition: isList ? 1 : 0 } };
}

/** A file of both kinds was put together by somebody, and nobody knows from what. */
function mustBeWrittenAlike(names: readonly string[]): void {
  const hyphenated = names.find((name) => name.includes('-'));
  const underscored = names.find((name) => name.includes('_'));
  if (hyphenated === undefined || underscored === undefined) return;
  throw new FlowLogError(
    `columns are named half with "-" and half with "_" (${quoted(hyphenated)}, ${quoted(underscored)})`,
  );
}
