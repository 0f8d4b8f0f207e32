import type { PageReport, PageRule } from './packed-report.ts';
import { groupText } from './text.ts';
import { portText, ruleText } from '../../text/rule-text.ts';

/** Figures over two axes; absent cells are absent, not zero. */
export interface HeatMap {
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  /** Indexes into `columns` and `rows`. */
  readonly cells: readonly { readonly column: number; readonly row: number; readonly value: number }[];
}

const RULES_SHOWN = 40;
const PORTS_SHOWN = 40;

/** Rules by direction, the most used ones: the picture that AWS's own sample draws. */
export function rulesByDirection(rules: readonly PageRule[]): HeatMap {
  const used = rules.filter(({ usedTimes }) => usedTimes > 0);
  const shown = used.sort((a, b) => b.usedTimes - a.usedTimes).slice(0, RULES_SHOWN);
  return {
    columns: ['in', 'out'],
    rows: shown.map((rule) => `${groupText(rule)}: ${ruleText(rule)}`),
    cells: shown.map((rule, row) => ({ column: rule.direction === 'ingress' ? 0 : 1, row, value: rule.usedTimes })),
  };
}

/** Requests by service port and protocol, over all rules. Protocols without ports have one row. */
export function portsByProtocol(rules: readonly PageRule[]): HeatMap {
  const sums = new Map<string, { protocol: string; port: string; from: number; value: number }>();
  for (const { protocol, fromPort, toPort, usedTimes } of rules.flatMap(({ ports }) => ports)) {
    if (usedTimes === 0) continue;
    const port = fromPort === null ? 'no ports' : portText(fromPort, toPort ?? fromPort);
    const key = `${protocol} ${port}`;
    const sum = sums.get(key) ?? { protocol, port, from: fromPort ?? -1, value: 0 };
    sum.value += usedTimes;
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
