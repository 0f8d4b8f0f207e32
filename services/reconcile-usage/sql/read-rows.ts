import { KNOWN_FIELDS, LIMITS, type NumericField, type UsedField } from '../../../shared/flowlogs/fields.ts';
import { MAX_LINE_BYTES } from '../../../shared/flowlogs/lines.ts';
import { usedFields, type LogFormat } from './log-format.ts';
import { pattern, text, texts, whole } from './quote.ts';

/*
 * From the table to `readable`, one row for each record or unreadable line:
 *   file, flow_log_id, on_time   as they are in `delivered`
 *   unreadable                   null; 'none': a header, no record; 'header': one that names other fields than declared;
 *                                'malformed': another number of fields
 *   the used fields              text: null where absent; numbers: bigint, -1 where absent, null where they cannot be read
 */

/** What stands before `readable` and makes it, as common table expressions. */
export function readRows(format: LogFormat): string {
  return format.fileFormat === 'parquet' ? readParquet(format) : readText(format);
}

/** Columns of the table that are read. */
export function columnsToRead(format: LogFormat): string[] {
  return format.fileFormat === 'parquet'
    ? usedFields(format).map((field) => `"${field.replaceAll('-', '_')}"`)
    : ['line'];
}

/** Fields whose column has another name: `start` and `end` are words of SQL. */
const COLUMNS: Readonly<Partial<Record<UsedField, string>>> = { start: 'window_start', end: 'window_end' };

export const sqlColumn = (field: UsedField): string => COLUMNS[field] ?? field.replaceAll('-', '_');
export const isNumber = (field: UsedField): field is NumericField => field in LIMITS;
const CARRIED = ['file', 'flow_log_id', 'on_time'];

/** In the order of the list; what the format lacks is absent in every row. */
function eachField(format: LogFormat, value: (field: UsedField) => string): string[] {
  const used = usedFields(format);
  return ALL_FIELDS.map((field) => {
    const absent = isNumber(field) ? 'CAST(-1 AS bigint)' : 'CAST(NULL AS varchar)';
    const column = sqlColumn(field);
    const found = used.includes(field) ? value(field) : absent;
    return found === column ? column : `${found} AS ${column}`;
  });
}

const ALL_FIELDS: readonly UsedField[] = [
  ...([
    'account-id',
    'interface-id',
    'resource-id',
    'vpc-id',
    'srcaddr',
    'dstaddr',
    'pkt-srcaddr',
    'pkt-dstaddr',
  ] as const),
  ...(['srcport', 'dstport', 'protocol', 'packets', 'bytes', 'start', 'end', 'tcp-flags'] as const),
  ...(['action', 'log-status', 'flow-direction', 'reject-reason'] as const),
];

const list = (items: readonly string[], indent = '    '): string => items.join(`,\n${indent}`);

function readParquet(format: LogFormat): string {
  const value = (field: UsedField): string => {
    const column = `"${field.replaceAll('-', '_')}"`;
    if (!isNumber(field)) return `nullif(${column}, '-')`;
    return `CASE WHEN ${column} IS NULL THEN -1 WHEN ${column} BETWEEN 0 AND ${whole(LIMITS[field])} THEN CAST(${column} AS bigint)${otherwise(field)} END`;
  };
  // The columns of such a file have other names, or it is not a flow log: nothing of it is known.
  const isEmpty = usedFields(format).map((field) => {
    const column = `"${field.replaceAll('-', '_')}"`;
    return `${isNumber(field) ? column : `nullif(${column}, '-')`} IS NULL`;
  });
  return `readable AS (
  SELECT
    ${list([...CARRIED, `CASE WHEN ${isEmpty.join(' AND ')} THEN 'header' END AS unreadable`, ...eachField(format, value)])}
  FROM delivered
)`;
}

/** What is optional and cannot be read is absent. */
const otherwise = (field: NumericField): string => (field === 'tcp-flags' ? ' ELSE -1' : '');

/** Every byte up to the blank separates, as for `TextReader`. No engine's \\s is that. */
const FIELD = '[^\\x00-\\x20]+';
/** Where single blanks are not all that separates: rare, and slow to take apart. */
const ODD_BLANKS = '[\\x00-\\x1f]|  |^ | $|^\\x{feff}';
/** Before the first field of a line it is not part of it. */
const BYTE_ORDER_MARK = '^\\x{feff}';
const DIGITS = '^[0-9]{1,16}$';
/** Longest number of digits that a number may have, leading zeros and all. */
const NAME = '[a-z][a-z0-9-]*';
/** No interface and no number is such a name, so that few lines are looked at more closely. */
const FIRST_NAME = '^[a-z]([a-z-]*[a-z0-9-])?$';

function readText(format: LogFormat): string {
  const { fields } = format;
  const textOf = (field: UsedField): string => `nullif(element_at(parts, ${fields.indexOf(field) + 1}), '-')`;
  const value = (field: UsedField): string => {
    const column = sqlColumn(field);
    if (!isNumber(field)) return column;
    return `CASE WHEN ${column} IS NULL THEN -1 WHEN regexp_like(${column}, ${pattern(DIGITS)}) AND try_cast(${column} AS bigint) <= ${whole(LIMITS[field])} THEN try_cast(${column} AS bigint)${otherwise(field)} END`;
  };
  const named = usedFields(format).map((field) => `${textOf(field)} AS ${sqlColumn(field)}`);
  // A line too long, and one the table could not read, count as one field.
  return `split_lines AS (
  SELECT
    ${list([
      ...CARRIED,
      `CASE
      WHEN line IS NULL OR length(line) > ${whole(MAX_LINE_BYTES)} THEN ARRAY['-']
      WHEN regexp_like(line, ${pattern(ODD_BLANKS)}) THEN regexp_extract_all(regexp_replace(line, ${pattern(BYTE_ORDER_MARK)}, ''), ${pattern(FIELD)})
      ELSE split(line, ' ')
    END AS parts`,
    ])}
  FROM delivered
  WHERE line IS NULL OR regexp_like(line, ${pattern(FIELD)})
),
named_fields AS (
  SELECT
    ${list([
      ...CARRIED,
      `CASE
      WHEN NOT regexp_like(element_at(parts, 1), ${pattern(FIRST_NAME)}) THEN 'record'
      WHEN parts = ARRAY[${texts(fields)}] THEN 'none'
      WHEN cardinality(parts) <= 256 AND regexp_like(array_join(parts, ' '), ${pattern(`^${NAME}( ${NAME})*$`)})
        AND (element_at(parts, 1) IN (${texts([...KNOWN_FIELDS])}) OR contains(parts, ${text('srcaddr')}))
        THEN 'header'
      ELSE 'record'
    END AS line_kind`,
      `cardinality(parts) AS part_count`,
      ...named,
    ])}
  FROM split_lines
),
readable AS (
  SELECT
    ${list([
      ...CARRIED,
      `CASE WHEN line_kind <> 'record' THEN line_kind WHEN part_count <> ${whole(fields.length)} THEN 'malformed' END AS unreadable`,
      ...eachField(format, value),
    ])}
  FROM named_fields
)`;
}
