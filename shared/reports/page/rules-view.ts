import { button, el, fill } from './dom.ts';
import { filterForm } from './filter-form.ts';
import type { PageReport } from './packed-report.ts';
import { MOST_OPEN, placeHash, type Place } from './place.ts';
import { GROUPINGS, groupRows, type RowGroup } from './row-groups.ts';
import { firstOrder, filterRows, ruleRows, sortRows, type RuleRow } from './rows.ts';
import { rowsTools } from './rows-tools.ts';
import { rulesTable, type GroupLine, type RestLine } from './rules-table.ts';
import { count, figure } from '../../text/numbers.ts';

/** Of an open group; the rest is behind a link. */
const ROWS_A_GROUP = 25;
const ROWS_A_PAGE = 100;

export interface RulesView {
  readonly element: HTMLElement;
  /** Shows the rules of a place. */
  show(place: Place): void;
  /** All rows of the place last shown, in its order. */
  shown(): readonly RuleRow[];
  /** Puts the cursor where one types what to look for. */
  search(): void;
}

/** All rules: filters, the table, a hundred rows at a time. What is asked for lives in the address. */
export function rulesView(report: PageReport, go: (hash: string) => void): RulesView {
  const rows = ruleRows(report.rules);
  let place: Place | undefined;
  let shown: readonly RuleRow[] = rows;

  const goTo = (change: Partial<Place>): void => go(placeHash({ ...place, view: 'rules', page: 1, ...change }));
  const filters = filterForm(report, ({ filter, by }) => {
    // Keys of other groups say nothing.
    goTo({ filter, by, open: by === place?.by ? place.open : [] });
  });
  const status = el('p', { class: 'status', role: 'status' });
  const toggle = (key: string): void => {
    const { open = [], page = 1 } = place ?? {};
    const others = open.filter((one) => one !== key);
    goTo({ page, open: others.length < open.length ? others : [...others, key].slice(-MOST_OPEN) });
  };
  const table = rulesTable((sort) => goTo({ sort }), toggle);
  const pager = pages((page) => goTo({ page }));

  const show = (next: Place): void => {
    place = next;
    const sort = next.sort ?? firstOrder('rank');
    const sorted = sortRows(filterRows(rows, next.filter), sort);
    const groups = next.by === null ? undefined : groupRows(sorted, next.by);
    shown = groups ? groups.flatMap((group) => group.rows) : sorted;
    const units = groups ?? sorted;
    const last = Math.max(1, Math.ceil(units.length / ROWS_A_PAGE));
    const page = Math.min(next.page, last);
    const first = (page - 1) * ROWS_A_PAGE;
    filters.show(next);
    fill(status, statusText(sorted.length, rows.length, { of: units.length, first, by: next.by }));
    const here = { first, end: first + ROWS_A_PAGE };
    const lines = groups
      ? groups.slice(here.first, here.end).flatMap((group) => linesOf(group, next))
      : sorted.slice(here.first, here.end);
    table.show(lines, next, sort);
    pager.show(page, last);
  };
  const element = el(
    'div',
    {},
    el('h1', {}, 'Rules'),
    filters.element,
    el(
      'div',
      { class: 'above' },
      status,
      rowsTools(() => shown, report.window.to),
    ),
    el('div', { class: 'table-holder' }, table.element),
    pager.element,
  );
  // On paper there is no next page to turn to: all that fit, however many.
  addEventListener('beforeprint', () => {
    if (!place || !element.isConnected) return;
    fill(status, statusText(shown.length, rows.length, { of: 1, first: 0, by: null }));
    table.show(shown, place, place.sort ?? firstOrder('rank'));
  });
  addEventListener('afterprint', () => {
    if (place && element.isConnected) show(place);
  });
  return { element, show, shown: () => shown, search: () => filters.search() };
}

/** A group, and where it is open its first rules. */
function linesOf(group: RowGroup, place: Place): (RuleRow | GroupLine | RestLine)[] {
  const isOpen = place.open.includes(group.key);
  if (!isOpen) return [{ group, isOpen }];
  const rest = group.rows.length - ROWS_A_GROUP;
  const only = { ...place.filter, ...GROUPINGS[place.by!].filter(group.key) };
  const hash = placeHash({ view: 'rules', filter: only, sort: place.sort });
  return [{ group, isOpen }, ...group.rows.slice(0, ROWS_A_GROUP), ...(rest > 0 ? [{ rest, hash }] : [])];
}

/** @param lines rows or groups, of which a page shows a hundred */
function statusText(
  shown: number,
  all: number,
  { of, first, by }: { readonly of: number; readonly first: number; readonly by: Place['by'] },
): string {
  if (shown === 0) return `No rule of ${figure(all)} fits.`;
  const last = Math.min(of, first + ROWS_A_PAGE);
  const noun = by === null ? 'row' : GROUPINGS[by].noun;
  const part = of > ROWS_A_PAGE ? `; ${noun}s ${figure(first + 1)} to ${figure(last)}` : '';
  const groups = by === null ? '' : `, ${count(of, noun)}`;
  return `${shown === all ? count(all, 'rule') : `${figure(shown)} of ${count(all, 'rule')}`}${groups}${part}`;
}

interface Pager {
  readonly element: HTMLElement;
  show(page: number, last: number): void;
}

function pages(turn: (page: number) => void): Pager {
  let shown = 1;
  const previous = button('Previous', () => turn(shown - 1));
  const next = button('Next', () => turn(shown + 1));
  const where = el('span');
  const element = el('nav', { class: 'pager', 'aria-label': 'Pages of the table' }, previous, where, next);
  return {
    element,
    show: (page, last) => {
      shown = page;
      previous.disabled = page === 1;
      next.disabled = page === last;
      fill(where, `Page ${figure(page)} of ${figure(last)}`);
      element.hidden = last === 1;
    },
  };
}
