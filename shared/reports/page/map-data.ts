import { usesOf } from '../heat-scale.ts';
import { ruleText, portText } from '../../text/rule-text.ts';
import { daysBetween, dayAfter, unpackHistory, type PageReport, type PageRule } from './packed-report.ts';
import { groupText } from './text.ts';

/** What is true of a cell beside figures: no use, but the group was not watched; or nothing but possible use. */
export type Doubt = 'gap' | 'possible';

/** Figures over two axes; absent cells are absent, not zero. */
export interface HeatMap {
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  /** Indexes into `columns` and `rows`. */
  readonly cells: readonly HeatCell[];
  /** All figures that colours are for, where these are more than those of the cells. */
  readonly scaledOver?: readonly number[];
}

export interface HeatCell {
  readonly column: number;
  readonly row: number;
  /** 0 where there is a doubt instead. */
  readonly value: number;
  readonly doubt?: Doubt;
}

const RULES_SHOWN = 40;
const PORTS_SHOWN = 40;
const RULES_A_GROUP = 8;
/** More days than this are put together by weeks. */
const DAYS_SHOWN = 100;
const DAYS_A_WEEK = 7;

/** Rules by direction, the most used ones: the picture that AWS's own sample draws. */
export function rulesByDirection(rules: readonly PageRule[]): HeatMap {
  const used = rules.filter((rule) => usesOf(rule) > 0);
  const shown = used.toSorted((a, b) => usesOf(b) - usesOf(a)).slice(0, RULES_SHOWN);
  return {
    columns: ['in', 'out'],
    rows: rowNames(shown),
    cells: shown.map((rule, row) => ({ column: rule.direction === 'ingress' ? 0 : 1, row, value: usesOf(rule) })),
    scaledOver: used.map(usesOf),
  };
}

/**
 * Rules of the riskiest groups by day, or by week where there are many days. A day on which a rule was not used and its
 * group was not watched is a gap: nothing can be said of it.
 */
export function rulesByDay({ rules, window, days: read }: Pick<PageReport, 'rules' | 'window' | 'days'>): HeatMap {
  const shown = riskiest(rules);
  const days = daysBetween(window.from, window.to) + 1;
  const width = days > DAYS_SHOWN ? DAYS_A_WEEK : 1;
  const columns = Array.from({ length: Math.ceil(days / width) }, (_, i) => dayAfter(window.from, i * width));
  const isRead = new Set(
    read.filter(({ records, incomplete }) => records > 0 && incomplete === null).map(({ day }) => day),
  );
  const unread = Array.from({ length: days }, (_, i) => i).filter((i) => !isRead.has(dayAfter(window.from, i)));
  const cells = shown.flatMap((rule, row) => {
    const sums = columns.map(() => 0);
    const doubts = columns.map((): Doubt | undefined => undefined);
    const doubt = (day: number, what: Doubt): void => {
      if (day >= 0 && day < days) doubts[Math.floor(day / width)] ??= what;
    };
    for (const { offset, ...day } of unpackHistory(rule.history)) {
      const times = usesOf(day);
      if (times === 0) doubt(offset, 'possible');
      else if (offset >= 0) sums[Math.floor(offset / width)]! += times;
    }
    for (const { from, to } of rule.evidence.gaps ?? []) {
      for (let day = daysBetween(window.from, from); day <= daysBetween(window.from, to); day++) doubt(day, 'gap');
    }
    if (!rule.evidence.gaps) for (const day of unread) doubt(day, 'gap');
    return columns.flatMap((_, column): HeatCell[] => {
      const [value, what] = [sums[column]!, doubts[column]];
      if (value > 0) return [{ column, row, value }];
      return what ? [{ column, row, value, doubt: what }] : [];
    });
  });
  return { columns, rows: rowNames(shown), cells };
}

/** Of the groups with the highest ranks, the highest ranks of each. */
function riskiest(rules: readonly PageRule[]): PageRule[] {
  const sorted = rules.toSorted((a, b) => b.rank.score - a.rank.score);
  return [...Map.groupBy(sorted, ({ groupId }) => groupId).values()]
    .flatMap((some) => some.slice(0, RULES_A_GROUP))
    .slice(0, RULES_SHOWN);
}

/** The name of the group first; its id, where names alone do not tell groups apart. */
function rowNames(rules: readonly PageRule[]): string[] {
  const ids = Map.groupBy(rules, ({ groupName }) => groupName);
  return rules.map((rule) => {
    const isAlone = new Set(ids.get(rule.groupName)!.map(({ groupId }) => groupId)).size === 1;
    return `${isAlone && rule.groupName !== '' ? rule.groupName : groupText(rule)}: ${ruleText(rule)}`;
  });
}

/** Records by service port and protocol, over all rules. Protocols without ports have one row. */
export function portsByProtocol(rules: readonly PageRule[]): HeatMap {
  const sums = new Map<string, { protocol: string; port: string; from: number; value: number }>();
  for (const one of rules.flatMap(({ ports }) => ports)) {
    const { protocol, fromPort, toPort } = one;
    if (usesOf(one) === 0) continue;
    const port = fromPort === null ? 'no ports' : portText(fromPort, toPort ?? fromPort);
    const key = `${protocol} ${port}`;
    const sum = sums.get(key) ?? { protocol, port, from: fromPort ?? -1, value: 0 };
    sum.value += usesOf(one);
    sums.set(key, sum);
  }
  const shown = [...sums.values()].sort((a, b) => b.value - a.value).slice(0, PORTS_SHOWN);
  const rows = [...new Map(shown.map(({ port, from }) => [port, from]))]
    .sort(([, a], [, b]) => a - b)
    .map(([port]) => port);
  const columns = [...new Set(shown.map(({ protocol }) => protocol))].sort();
  const cells = shown.map(({ protocol, port, value }) => {
    return { column: columns.indexOf(protocol), row: rows.indexOf(port), value };
  });
  return { columns, rows, cells };
}

export const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));

/** Requests by UTC hour and day. */
export function hoursMap({ days }: Pick<PageReport, 'days'>): HeatMap {
  return {
    columns: HOURS,
    rows: days.map(({ day }) => day),
    cells: days.flatMap(({ hours }, row) => {
      return hours.map((value, column) => ({ column, row, value })).filter(({ value }) => value > 0);
    }),
  };
}
