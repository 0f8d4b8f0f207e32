import { checkedFormat, type LogFormat } from './log-format.ts';
import { deliveryDays, deliveredOn, yearMonthDate } from './partitions.ts';
import { pattern, quotedTable, text, texts, checkWhole, type TableName } from './quote.ts';
import { FANNED_OUT, flowsOf, grouped, ofCounting, ofOneKind, PAIRED, withOpener } from './fold-steps.ts';
import { columnsToRead, readRows } from './read-rows.ts';
import type { Day } from '../../../shared/time.ts';

export interface Fold {
  readonly table: TableName;
  readonly format: LogFormat;
  /** Whose records, by the UTC date of `end`. */
  readonly day: Day;
  /**
   * Hours after the day's end, by the time in the file's name, whose files are read too. A file is named by the `end`s it
   * was meant for; what AWS could not deliver then follows in a later one. Default {@link LATE_HOURS}.
   */
  readonly lateHours?: number | undefined;
  /** 1 to 100 parts, told from 0 by the last column, {@link PART}; an interface is in one of them. Default 1. */
  readonly parts?: number | undefined;
  /** Only every so manieth part: a day that no engine holds at once is folded by several statements. Default all. */
  readonly share?: Share | undefined;
}

/** Of the parts of a fold, those whose number leaves `index` when it is divided by `of`; no more than there are parts. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/** Delivery takes some ten minutes; the night begins hours later. What comes after it marks its day to be run again. */
export const LATE_HOURS = 6;
/** 9999-12-30: the day after it still has four digits. */
const MAX_DAY = 2_932_895;
const MAX_LATE_HOURS = 30 * 24;
/** The column that tells the part a row is in; it is not part of `FoldedRow`. */
export const PART = 'part';
/** What UNLOAD writes at most. https://docs.aws.amazon.com/athena/latest/ug/unload.html */
const MAX_PARTS = 100;
/** https://docs.aws.amazon.com/athena/latest/ug/service-limits.html */
export const MAX_STATEMENT_BYTES = 262_144;

/**
 * The query that folds one day: rows as `FoldedRow` describes them. It reads, sets aside, pairs and groups, and knows
 * nothing of rules. One scan, in words that Trino and DuckDB (with `duckDbSetup`) understand alike.
 *
 * @throws RangeError for a value out of its bounds, and where the flow logs are too many for one statement
 */
export function foldQuery(fold: Fold): string {
  const { table, day, lateHours = LATE_HOURS, parts = 1, share = { index: 0, of: 1 } } = fold;
  const format = checkedFormat(fold.format);
  checkWhole('day', day, 0, MAX_DAY);
  checkWhole('lateHours', lateHours, 0, MAX_LATE_HOURS);
  checkWhole('parts', parts, 1, MAX_PARTS);
  checkWhole('share.of', share.of, 1, parts);
  checkWhole('share.index', share.index, 0, share.of - 1);
  const query = `WITH
${delivered(table, format, day, lateHours)},
${readRows(format)},
${ofOneKind(format)},
${ofCounting(day)},
${flowsOf(day, parts, share)},
${PAIRED},
${FANNED_OUT},
${withOpener(day)}
${grouped(parts)}`;
  if (Buffer.byteLength(query) > MAX_STATEMENT_BYTES - 1024) {
    throw new RangeError(`the statement is too long: ${format.flowLogIds.length} flow logs of one format`);
  }
  return query;
}

/** As AWS names its files: which flow log, and the time from which on its records end. */
const FILE_NAME = '/[0-9]{12}_vpcflowlogs_[a-z0-9-]+_(fl-[0-9a-f]+)_([0-9]{8}T[0-9]{4})Z_[0-9A-Za-z]+[.]log';

/** Files of these flow logs that can hold records of the day. `on_time`: delivered on the day itself. */
function delivered(table: TableName, format: LogFormat, day: Day, lateHours: number): string {
  const days = deliveryDays(day, lateHours).map((one) => deliveredOn(one.day, format, one.hours));
  const end = day * 24 + 24 + lateHours;
  const until = `${yearMonthDate(Math.floor(end / 24)).join('')}T${String(end % 24).padStart(2, '0')}00`;
  return `files AS (
  SELECT
    "$path" AS file,
    regexp_extract("$path", ${pattern(FILE_NAME)}, 1) AS flow_log_id,
    regexp_extract("$path", ${pattern(FILE_NAME)}, 2) AS published,
    ${days[0]!} AS on_time,
    ${columnsToRead(format).join(',\n    ')}
  FROM ${quotedTable(table)}
  WHERE ${days.map((condition) => `(${condition})`).join(' OR ')}
),
delivered AS (
  SELECT *
  FROM files
  WHERE flow_log_id IN (${texts(format.flowLogIds)})
    AND published < ${text(until)}
)`;
}
