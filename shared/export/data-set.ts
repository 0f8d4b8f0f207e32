import { DAY_COLUMN, RULES, TYPES, USAGE, type ColumnType, type EXPORTED_TABLES } from './tables.ts';

/** What the dashboard shows: as far back as a verdict looks by default. */
const DAYS_SHOWN = 90;

/** Of usage whose rule is not there any more, or says something else by now. */
export const GONE = 'gone';

interface Shown {
  /** Of what {@link dataSetSql} selects from. */
  readonly sql: string;
  readonly type: ColumnType;
}

const ofRow = (name: keyof typeof USAGE): Shown => ({ sql: `rows_of_all.${name}`, type: USAGE[name].type });
const ofRule = (name: keyof typeof RULES): Shown => ({ sql: `rules.${name}`, type: RULES[name].type });
const text = (sql: string): Shown => ({ sql, type: 'text' });

/**
 * Columns of the data set, by name. Labels begin with an id or a number: names and descriptions are other people's text,
 * and a cell that begins with one can become a formula in the spreadsheet that somebody exports to.
 */
export const DATA_SET = {
  day: { sql: `CAST(rows_of_all.${DAY_COLUMN} AS timestamp)`, type: 'time' },
  detail: ofRow('detail'),
  account_id: ofRow('account_id'),
  region: ofRow('region'),
  vpc_id: text(`coalesce(known_groups.vpc_id, '')`),
  group_id: ofRow('group_id'),
  group_label: text(`rows_of_all.group_id || coalesce(' ' || known_groups.group_name, '')`),
  rule_id: ofRow('rule_id'),
  rule_label: text(`rows_of_all.rule_id || ' ' || coalesce(rules.rule_text, '(edited or removed)')`),
  direction: ofRow('direction'),
  verdict: text(`coalesce(rules.verdict, '${GONE}')`),
  reason: ofRule('reason'),
  rank_score: ofRule('rank_score'),
  /** Whatever the day: the latest use of all. */
  last_used: ofRule('last_used'),
  as_of: ofRule('as_of'),
  protocol: ofRow('protocol'),
  port: text(
    `CASE WHEN rows_of_all.detail <> 'port' THEN NULL WHEN rows_of_all.from_port IS NULL THEN 'no port' ` +
      `WHEN rows_of_all.from_port = rows_of_all.to_port THEN CAST(rows_of_all.from_port AS varchar) ` +
      `ELSE CAST(rows_of_all.from_port AS varchar) || '-' || CAST(rows_of_all.to_port AS varchar) END`,
  ),
  hour: ofRow('hour'),
  /** Requests and replies: 0 for an unused rule. */
  records: { sql: `rows_of_all.used_times + rows_of_all.reply_times`, type: 'count' },
  used_times: ofRow('used_times'),
  sole_times: ofRow('sole_times'),
  primary_times: ofRow('primary_times'),
  reply_times: ofRow('reply_times'),
  possible_times: ofRow('possible_times'),
  packets: ofRow('packets'),
  bytes: ofRow('bytes'),
  port_records: { sql: `rows_of_all.port_used_times + rows_of_all.port_reply_times`, type: 'count' },
  hour_requests: ofRow('hour_used_times'),
} as const satisfies Record<string, Shown>;

export type ShownColumn = keyof typeof DATA_SET;

/** As QuickSight is told. */
export const DATA_SET_COLUMNS = Object.entries(DATA_SET).map(([name, { type }]) => ({
  name,
  type: TYPES[type].quickSight,
}));

const HERE = ['account_id', 'region'] as const;
const here = (one: string, other: string): string =>
  HERE.map((column) => `${one}.${column} = ${other}.${column}`).join(' AND ');

const USAGE_NAMES = Object.keys(USAGE) as (keyof typeof USAGE)[];
/** Columns of a row that says of a rule and a day that nothing was seen. */
const NOTHING_SEEN = USAGE_NAMES.map((name) => {
  const { type, nullable }: { type: ColumnType; nullable: boolean } = USAGE[name];
  if (name === 'detail') return `'day'`;
  if (!nullable) return `rules.${name}`;
  const isOfDay = type === 'count' && !name.startsWith('port_') && !name.startsWith('hour_');
  return isOfDay ? '0' : 'NULL';
});

/**
 * One row for each row of usage, and one of zeros for each day and rule: a rule that is never used is in every period. The
 * verdict is that of now, whatever day the use is of. Use belongs to the rule that says the same today, be it under
 * another id; use of what no rule says any more is kept, as {@link GONE}. Runs in Athena, and in DuckDB for the tests.
 *
 * @param database of letters, digits and underscores
 */
export function dataSetSql(database: string, days = DAYS_SHOWN): string {
  if (!/^\w+$/.test(database)) throw new RangeError(`${database} is not the name of a database`);
  const table = (name: keyof typeof EXPORTED_TABLES): string => `"${database}"."${name}"`;
  const since = `CAST(CAST(current_date - interval '${days}' day AS date) AS varchar)`;
  const columns = USAGE_NAMES.join(', ');
  return `WITH rules AS (
  SELECT * FROM ${table('rules')}
), recent AS (
  SELECT ${DAY_COLUMN}, ${columns} FROM ${table('usage')} WHERE ${DAY_COLUMN} >= ${since}
), heirs AS (
  SELECT account_id, region, content, min(rule_id) AS rule_id FROM rules GROUP BY account_id, region, content
), known_groups AS (
  SELECT account_id, region, group_id, max(group_name) AS group_name, max(vpc_id) AS vpc_id
  FROM rules GROUP BY account_id, region, group_id
), days AS (
  SELECT account_id, region, ${DAY_COLUMN} FROM recent
  UNION SELECT account_id, region, CAST(CAST(as_of - interval '1' second AS date) AS varchar) FROM rules
), rows_of_all AS (
  SELECT days.${DAY_COLUMN}, rules.rule_id AS current_id, ${NOTHING_SEEN.map((sql, i) => `${sql} AS ${USAGE_NAMES[i]!}`).join(', ')}
  FROM rules JOIN days ON ${here('days', 'rules')}
  UNION ALL
  SELECT recent.${DAY_COLUMN}, coalesce(same.rule_id, heirs.rule_id), ${USAGE_NAMES.map((name) =>
    name === 'rule_id' ? `coalesce(same.rule_id, heirs.rule_id, recent.rule_id)` : `recent.${name}`,
  ).join(', ')}
  FROM recent
  LEFT JOIN rules same ON ${here('same', 'recent')} AND same.rule_id = recent.rule_id AND same.content = recent.content
  LEFT JOIN heirs ON ${here('heirs', 'recent')} AND heirs.content = recent.content
)
SELECT ${Object.entries(DATA_SET)
    .map(([name, { sql }]) => `${sql} AS ${name}`)
    .join(',\n  ')}
FROM rows_of_all
LEFT JOIN rules ON ${here('rules', 'rows_of_all')} AND rules.rule_id = rows_of_all.current_id
LEFT JOIN known_groups ON ${here('known_groups', 'rows_of_all')} AND known_groups.group_id = rows_of_all.group_id`;
}
