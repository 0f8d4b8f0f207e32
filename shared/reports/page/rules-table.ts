import { nameAndId } from '../../text/name-and-id.ts';
import { bar, button, columnHead, el, link, name, tableCell, liveTable, tableRow, type Child } from './dom.ts';
import { placeHash, type Place } from './place.ts';
import type { PageRule } from './packed-report.ts';
import { firstOrder, hasGoneQuiet, isTooWide, type RuleRow, type Sort, type SortKey } from './rows.ts';
import { VERDICT_NAME } from './text.ts';
import { figure } from '../../text/numbers.ts';

interface RuleColumn {
  readonly key: SortKey;
  readonly title: string;
  readonly numeric?: boolean;
  cell(row: RuleRow, place: Place): readonly Child[];
}

const COLUMNS: readonly RuleColumn[] = [
  { key: 'rank', title: 'Rank', numeric: true, cell: ({ rule }) => rankCell(rule.rank.score) },
  { key: 'verdict', title: 'Verdict', cell: (row) => verdictCell(row) },
  { key: 'rule', title: 'Rule', cell: ({ rule }, place) => [ruleLink(rule.ruleId, place)] },
  { key: 'group', title: 'Group', cell: ({ group }) => [name(group)] },
  { key: 'direction', title: 'Direction', cell: ({ rule }) => [rule.direction === 'ingress' ? 'in' : 'out'] },
  { key: 'service', title: 'Service', cell: ({ service }) => [service] },
  { key: 'peer', title: 'Peer', cell: ({ rule }) => [name(nameAndId(rule.peer.name, rule.peer.value))] },
  { key: 'used', title: 'Used', numeric: true, cell: ({ rule }) => [timesText(rule.usedTimes)] },
  { key: 'sole', title: 'Sole', numeric: true, cell: ({ rule }) => [timesText(rule.soleTimes)] },
  { key: 'lastUsed', title: 'Last used', cell: ({ rule }) => [rule.lastUsed?.slice(0, 10) ?? 'never seen'] },
  { key: 'why', title: 'Why', cell: ({ rule }) => [whyCell(rule.why)] },
];

export interface RulesTable {
  readonly element: HTMLElement;
  show(rows: readonly RuleRow[], place: Place, sort: Sort): void;
}

/** One page of the rules, in an order that its column heads show and change. The heads stay, so focus stays on them. */
export function rulesTable(sortBy: (sort: Sort) => void): RulesTable {
  let sorted: Sort | undefined;
  const heads = COLUMNS.map((column) => {
    const { key, title } = column;
    const next = (): Sort => (sorted?.key === key ? { key, descending: !sorted.descending } : firstOrder(key));
    return columnHead(
      column,
      button(title, () => sortBy(next()), { 'data-sort': key }),
    );
  });
  const caption = el('caption', { class: 'hidden' }, 'Rules; times are numbers of log records');
  const { element, body } = liveTable('cards rules', caption, heads, []);
  return {
    element,
    show: (rows, place, sort) => {
      sorted = sort;
      const order = sort.descending ? 'descending' : 'ascending';
      for (const [i, head] of heads.entries()) head.ariaSort = COLUMNS[i]!.key === sort.key ? order : 'none';
      const lines = rows.map((row) => {
        return tableRow(COLUMNS.map((column) => tableCell(column, ...column.cell(row, place))));
      });
      body.replaceChildren(...lines);
    },
  };
}

export function ruleLink(ruleId: string, place: Place): HTMLElement {
  const made = link(placeHash({ ...place, ruleId }), name(ruleId));
  made.classList.add('rule-link');
  return made;
}

export function verdictBadge({ rule }: Pick<RuleRow, 'rule'>): HTMLElement {
  const { kind } = rule.verdict;
  return el('span', { class: `badge verdict-${kind}` }, VERDICT_NAME[kind]);
}

/** Beside the badge of a verdict that rests on a part of its window. */
export function provisionalMark({ verdict }: PageRule): HTMLElement | null {
  const provisional = 'provisional' in verdict ? verdict.provisional : undefined;
  if (!provisional) return null;
  const { watchedDays, windowDays, nextBetterDay, wholeOn } = provisional;
  const title = `Provisional; the next better answer comes on ${nextBetterDay ?? wholeOn} if every day is watched`;
  return el('span', { class: 'mark provisional', title }, `${figure(watchedDays)} of ${figure(windowDays)} days`);
}

function verdictCell(row: RuleRow): Child[] {
  return [
    verdictBadge(row),
    provisionalMark(row.rule),
    hasGoneQuiet(row.rule) ? el('span', { class: 'mark' }, 'went quiet') : null,
    isTooWide(row.rule) ? el('span', { class: 'mark' }, 'too wide') : null,
  ];
}

/** As wide as a digit. */
const FIGURE_SPACE = '\u2007';

function rankCell(score: number): Child[] {
  return [el('span', {}, bar(score / 100), score.toFixed(0).padStart(3, FIGURE_SPACE))];
}

function timesText(times: number): string {
  return times === 0 ? '–' : figure(times);
}

function whyCell(why: string): HTMLElement {
  return el('span', { class: 'why', dir: 'auto' }, why);
}
