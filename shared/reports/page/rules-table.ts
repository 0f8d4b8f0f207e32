import {
  bar,
  button,
  columnHead,
  el,
  link,
  name,
  nameOverId,
  tableCell,
  liveTable,
  tableRow,
  type Child,
} from './dom.ts';
import { meaningOf, type Word } from './glossary.ts';
import { placeHash, type Place } from './place.ts';
import type { PageRule } from './packed-report.ts';
import { isTooWide } from '../doable.ts';
import { isAgeUnknown } from '../next-steps.ts';
import { VERDICT_MEANING, VERDICT_NAME } from '../verdict-text.ts';
import { firstOrder, hasGoneQuiet, type RuleRow, type Sort, type SortKey } from './rows.ts';
import type { RowGroup } from './row-groups.ts';
import { count, figure } from '../../text/numbers.ts';

interface RuleColumn {
  readonly key: SortKey;
  readonly title: string;
  readonly numeric?: boolean;
  cell(row: RuleRow, place: Place): readonly Child[];
}

const COLUMNS: readonly RuleColumn[] = [
  { key: 'rank', title: 'Priority', numeric: true, cell: ({ rule }) => rankCell(rule.rank.score) },
  { key: 'verdict', title: 'Verdict', cell: (row) => verdictCell(row) },
  { key: 'group', title: 'Group', cell: ({ rule }) => [nameOverId(rule.groupName, rule.groupId)] },
  { key: 'service', title: 'Rule', cell: (row, place) => [rowLink(row, place)] },
  { key: 'peer', title: 'Peer', cell: ({ rule }) => [nameOverId(rule.peer.name, rule.peer.value)] },
  { key: 'used', title: 'Used', numeric: true, cell: ({ rule }) => [timesText(rule.usedTimes)] },
  { key: 'sole', title: 'Sole', numeric: true, cell: ({ rule }) => [timesText(rule.soleTimes)] },
  { key: 'lastUsed', title: 'Last used', cell: ({ rule }) => [rule.lastUsed?.slice(0, 10) ?? 'never seen'] },
  { key: 'why', title: 'Why', cell: ({ rule }) => [whyCell(rule.why)] },
];

const EXPLAINED: ReadonlySet<string> = new Set<Word>(['Priority', 'Verdict', 'Used', 'Sole', 'Last used', 'Why']);

/** A group as the table has it, in front of as many of its rules as are shown. */
export interface GroupLine {
  readonly group: RowGroup;
  readonly isOpen: boolean;
}

/** What is left of an open group, and where all of it is. */
export interface RestLine {
  readonly rest: number;
  readonly hash: string;
}

export interface RulesTable {
  readonly element: HTMLElement;
  show(lines: readonly (RuleRow | GroupLine | RestLine)[], place: Place, sort: Sort): void;
}

/**
 * One page of the rules, in an order that its column heads show and change. The heads stay, so focus stays on them, and that
 * of a group comes back to it.
 */
export function rulesTable(sortBy: (sort: Sort) => void, toggle: (key: string) => void): RulesTable {
  let sorted: Sort | undefined;
  const heads = COLUMNS.map((column) => {
    const { key, title } = column;
    const next = (): Sort => (sorted?.key === key ? { key, descending: !sorted.descending } : firstOrder(key));
    return columnHead(
      column,
      button(title, () => sortBy(next()), {
        'data-sort': key,
        title: EXPLAINED.has(title) ? meaningOf(title as Word) : false,
      }),
    );
  });
  const caption = el('caption', { class: 'hidden' }, 'Rules; times are numbers of log records');
  const { element, body } = liveTable('cards rules', caption, heads, []);
  return {
    element,
    show: (shown, place, sort) => {
      sorted = sort;
      const order = sort.descending ? 'descending' : 'ascending';
      for (const [i, head] of heads.entries()) head.ariaSort = COLUMNS[i]!.key === sort.key ? order : 'none';
      const { activeElement } = document;
      const focused = activeElement instanceof HTMLElement && body.contains(activeElement) ? activeElement : undefined;
      const key = focused?.dataset.group;
      const lines = shown.map((line) => {
        if ('group' in line && 'isOpen' in line) return groupRow(line, toggle);
        if ('rest' in line) return restRow(line);
        return tableRow(COLUMNS.map((column) => tableCell(column, ...column.cell(line, place))));
      });
      body.replaceChildren(...lines);
      if (key === undefined) return;
      [...body.querySelectorAll<HTMLElement>('[data-group]')].find(({ dataset }) => dataset.group === key)?.focus();
    },
  };
}

function groupRow({ group, isOpen }: GroupLine, toggle: (key: string) => void): HTMLElement {
  const { key, title, rows, stale, redundant, tooWide } = group;
  const open = el(
    'button',
    { type: 'button', 'aria-expanded': isOpen ? 'true' : 'false', 'data-group': key },
    name(title),
  );
  open.addEventListener('click', () => toggle(key));
  const figures = [
    count(rows.length, 'rule'),
    `${figure(stale)} stale`,
    `${figure(redundant)} redundant`,
    `${figure(tooWide)} too wide`,
  ].map((text) => el('span', { class: text.startsWith('0 ') ? 'muted' : false }, text));
  return wholeRow('group-row', open, ...figures);
}

function restRow({ rest, hash }: RestLine): HTMLElement {
  return wholeRow('rest-row', link(hash, `${figure(rest)} more: show these rules alone`));
}

function wholeRow(kind: string, ...children: readonly Child[]): HTMLElement {
  const cell = el('td', { colspan: COLUMNS.length, role: 'cell' }, ...children);
  return el('tr', { class: kind, role: 'row' }, cell);
}

export function ruleLink(ruleId: string, place: Place): HTMLElement {
  const made = link(placeHash({ ...place, ruleId }), name(ruleId));
  made.classList.add('rule-link');
  return made;
}

/** What the rule admits, above its id. */
function rowLink({ rule, service }: RuleRow, place: Place): HTMLElement {
  const made = link(placeHash({ ...place, ruleId: rule.ruleId }));
  made.classList.add('row-link');
  made.append(nameOverId(`${rule.direction === 'ingress' ? 'in' : 'out'} ${service}`, rule.ruleId));
  return made;
}

export function verdictBadge({ rule }: Pick<RuleRow, 'rule'>): HTMLElement {
  const { kind } = rule.verdict;
  return el('span', { class: `badge verdict-${kind}`, title: VERDICT_MEANING[kind] }, VERDICT_NAME[kind]);
}

/** Beside the badge of a verdict that rests on a part of its window. */
export function provisionalMark({ verdict }: PageRule): HTMLElement | null {
  const provisional = 'provisional' in verdict ? verdict.provisional : undefined;
  if (!provisional) return null;
  const { watchedDays, windowDays, nextBetterDay, wholeOn } = provisional;
  const title = `Provisional; the next better answer comes on ${nextBetterDay ?? wholeOn} if every day is watched`;
  return el('span', { class: 'mark provisional', title }, `${figure(watchedDays)} of ${figure(windowDays)} days`);
}

/** Beside the badge of a verdict that would call the rule unused, and cannot say since when it stands. */
export function ageBadge(rule: PageRule): HTMLElement | null {
  return isAgeUnknown(rule) ? el('span', { class: 'badge age', title: meaningOf('Age unknown') }, 'age unknown') : null;
}

function verdictCell(row: RuleRow): Child[] {
  return [
    verdictBadge(row),
    provisionalMark(row.rule),
    ageBadge(row.rule),
    hasGoneQuiet(row.rule) ? mark('went quiet', 'Went quiet') : null,
    isTooWide(row.rule) ? mark('too wide', 'Too wide') : null,
  ];
}

function mark(text: string, word: Word): HTMLElement {
  return el('span', { class: 'mark', title: meaningOf(word) }, text);
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
