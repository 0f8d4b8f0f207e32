/** What a CREATE EXTERNAL TABLE says, as far as files are found and read by it. */
export interface ExternalTable {
  readonly database: string;
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly type: 'string' | 'bigint' }[];
  readonly fileFormat: 'plain-text' | 'parquet';
  readonly bucket: string;
  /** What all keys begin with. */
  readonly prefix: string;
  /** What keys in a partition begin with: a group for each column of `partitionColumns`, in their order of appearance. */
  readonly keys: RegExp;
  readonly partitionColumns: readonly string[];
  /** Whether projection gives the column this value. */
  projects(column: string, value: string, now: Date): boolean;
}

const STATEMENT =
  /^CREATE EXTERNAL TABLE IF NOT EXISTS `(\w+)`\.`(\w+)` \(([^)]*)\)\s+PARTITIONED BY \(([^)]*)\)\s+(ROW FORMAT .*?)\s+LOCATION '([^']*)'\s+TBLPROPERTIES \((.*)\)\s*$/s;
const LINES = 'org.apache.hadoop.hive.serde2.RegexSerDe';
const PARQUET = 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe';

/** @throws Error for a statement that is not of the kinds that are written here, or that Athena would refuse */
export function readCreateTable(statement: string): ExternalTable {
  const [, database, table, columnText, partitionText, format, root, propertyText] = STATEMENT.exec(statement) ?? [];
  if (root === undefined) throw new Error('FAILED: ParseException: cannot recognize input');
  const columns = columnsOf(columnText!);
  const fileFormat = format!.includes(PARQUET) ? 'parquet' : 'plain-text';
  if (fileFormat === 'plain-text' && !(format!.includes(LINES) && format!.includes('"input.regex" = "(.*)"'))) {
    throw new Error(`this bed reads whole lines only, not ${format!}`);
  }
  const properties = new Map(
    [...propertyText!.matchAll(/'([^']*)' = '([^']*)'/g)].map(([, key, value]) => [key!, value!]),
  );
  const template = properties.get('storage.location.template') ?? '';
  const partitions = columnsOf(partitionText!).map(({ name }) => name);
  const projections = new Map(partitions.map((name) => [name, projectionOf(name, properties)]));
  if (properties.get('projection.enabled') !== 'true') throw new Error('partitions are projected, or there are none');
  if (!template.startsWith(root) || !root.endsWith('/') || !template.endsWith('/')) {
    throw new Error(`${template} is no folder below ${root}`);
  }
  const [, bucket, folders] = /^s3:\/\/([^/]+)\/(.*)$/.exec(template)!;
  const inOrder = [...folders!.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!);
  if (inOrder.toSorted().join() !== partitions.toSorted().join()) {
    throw new Error(`${template} does not name each column of partitions once`);
  }
  const source = folders!
    .split(/\$\{(\w+)\}/)
    .map((part, i) => (i % 2 === 0 ? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : projections.get(part)!.shape))
    .join('');
  return {
    database: database!,
    table: table!,
    columns,
    fileFormat,
    bucket: bucket!,
    prefix: root.slice(`s3://${bucket!}/`.length),
    keys: new RegExp(`^${source}`),
    partitionColumns: inOrder,
    projects: (column, value, now) => projections.get(column)!.holds(value, now),
  };
}

function columnsOf(text: string): { name: string; type: 'string' | 'bigint' }[] {
  return text.split(',').map((column) => {
    const [, name, type] = /^\s*`(\w+)` (string|bigint)\s*$/.exec(column) ?? [];
    if (type === undefined) throw new Error(`no column: ${column}`);
    return { name: name!, type: type as 'string' | 'bigint' };
  });
}

interface Projection {
  /** A group around what a value looks like. */
  readonly shape: string;
  holds(value: string, now: Date): boolean;
}

function projectionOf(column: string, properties: ReadonlyMap<string, string>): Projection {
  const property = (name: string): string => {
    const value = properties.get(`projection.${column}.${name}`);
    if (value === undefined) throw new Error(`HIVE_METASTORE_ERROR: missing projection configuration: [${column}]`);
    return value;
  };
  const [from, to] = property('range').split(',') as [string, string];
  switch (property('type')) {
    case 'integer':
      return {
        shape: `([0-9]{${property('digits')}})`,
        holds: (value) => Number(from) <= Number(value) && Number(value) <= Number(to),
      };
    case 'date': {
      if (property('format') !== 'yyyy/MM/dd') throw new Error('this bed knows days only as yyyy/MM/dd');
      const [, days] = /^NOW\+(\d+)DAYS$/.exec(to) ?? [];
      if (days === undefined) throw new Error(`this bed knows no range to ${to}`);
      const dayOf = (date: Date): string => date.toISOString().slice(0, 10).replaceAll('-', '/');
      return {
        shape: '([0-9]{4}/[0-9]{2}/[0-9]{2})',
        holds: (value, now) => from <= value && value <= dayOf(new Date(now.getTime() + Number(days) * 86_400_000)),
      };
    }
    default:
      throw new Error(`this bed knows no projection of type ${property('type')}`);
  }
}
