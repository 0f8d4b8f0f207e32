import { VERDICT_KINDS } from '../../verdicts/verdict.ts';
import { button, el, fill } from './dom.ts';
import type { PageReport } from './packed-report.ts';
import { placeHash, type Place } from './place.ts';
import {
  firstOrder,
  filterRows,
  hasGoneQuiet,
  isTooWide,
  ownerName,
  NO_FILTER,
  ruleRows,
  sortRows,
  type Filter,
  type RuleRow,
} from './rows.ts';
import { rulesTable } from './rules-table.ts';
import { groupText, VERDICT_NAME } from './text.ts';
import { count, figure } from '../../text/numbers.ts';

const ROWS_A_PAGE = 100;

export interface RulesView {
  readonly element: HTMLElement;
  /** Shows the rules of a place. */
  show(place: Place): void;
  /** All rows of the place last shown, in its order. */
  shown(): readonly RuleRow[];
}

/** All rules: filters, the table, a hundred rows at a time. What is asked for lives in the address. */
export function rulesView(report: PageReport, go: (hash: string) => void): RulesView {
  const rows = ruleRows(report.rules);
  let place: Place | undefined;
  let shown: readonly RuleRow[] = rows;

  const goTo = (change: Partial<Place>): void => go(placeHash({ ...place, view: 'rules', page: 1, ...change }));
  const filters = filterForm(report, (filter) => goTo({ filter }));
  const status = el('p', { class: 'status', role: 'status' });
  const table = rulesTable((sort) => goTo({ sort }));
  const pager = pages((page) => goTo({ page }));

  const show = (next: Place): void => {
    place = next;
    const sort = next.sort ?? firstOrder('rank');
    shown = sortRows(filterRows(rows, next.filter), sort);
    const last = Math.max(1, Math.ceil(shown.length / ROWS_A_PAGE));
    const page = Math.min(next.page, last);
    const first = (page - 1) * ROWS_A_PAGE;
    filters.show(next.filter);
    fill(status, statusText(shown.length, rows.length, first));
    table.show(shown.slice(first, first + ROWS_A_PAGE), place, sort);
    pager.show(page, last);
  };
  return {
    element: el(
      'div',
      {},
      el('h1', {}, 'Rules'),
      filters.element,
      status,
      el('div', { class: 'table-holder' }, table.element),
      pager.element,
    ),
    show,
    shown: () => shown,
  };
}

function statusText(shown: number, all: number, first: number): string {
  if (shown === 0) return `No rule of ${figure(all)} fits.`;
  const last = Math.min(shown, first + ROWS_A_PAGE);
  const part = shown > ROWS_A_PAGE ? `; rows ${figure(first + 1)} to ${figure(last)}` : '';
  return `${shown === all ? count(all, 'rule') : `${figure(shown)} of ${count(all, 'rule')}`}${part}`;
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

interface FilterForm {
  readonly element: HTMLElement;
  show(filter: Filter): void;
}

function filterForm({ rules }: PageReport, changed: (filter: Filter) => void): FilterForm {
  const text = el('input', { type: 'search', name: 'text', placeholder: 'group, rule, address, words of the reason' });
  const verdict = select(
    'Any verdict',
    VERDICT_KINDS.map((kind) => [kind, VERDICT_NAME[kind]]),
  );
  const groups = new Map(rules.map((rule) => [rule.groupId, groupText(rule)]));
  const group = select(
    'Any group',
    [...groups].sort(([, a], [, b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
  );
  const owners = [...new Set(rules.map(ownerName))].filter((name) => name !== '').sort();
  const owner = select(
    'Any owner',
    owners.map((name) => [name, name]),
  );
  const direction = select('Any direction', [
    ['ingress', 'In'],
    ['egress', 'Out'],
  ]);
  const protocols = [...new Set(rules.map(({ protocol }) => protocol))].sort();
  const protocol = select(
    'Any protocol',
    protocols.map((known) => [known, known === '-1' ? 'all' : known]),
  );
  const quiet = el('input', { type: 'checkbox', name: 'quiet' });
  const wide = el('input', { type: 'checkbox', name: 'wide' });

  const element = el(
    'form',
    { class: 'filters', role: 'search', 'aria-label': 'Filter the rules' },
    el('label', { class: 'wide' }, 'Text', text),
    el('label', {}, 'Verdict', verdict),
    el('label', {}, 'Group', group),
    ...(owners.length > 0 ? [el('label', {}, 'Owner', owner)] : []),
    el('label', {}, 'Direction', direction),
    el('label', {}, 'Protocol', protocol),
    el('label', { class: 'tick' }, quiet, `Went quiet (${figure(rules.filter(hasGoneQuiet).length)})`),
    el('label', { class: 'tick' }, wide, `Too wide (${figure(rules.filter(isTooWide).length)})`),
    button('Clear', () => changed(NO_FILTER)),
  );
  element.addEventListener('submit', (event) => event.preventDefault());
  element.addEventListener('input', () => {
    changed({
      text: text.value,
      verdict: VERDICT_KINDS.find((kind) => kind === verdict.value) ?? '',
      groupId: group.value,
      owner: owner.value,
      direction: direction.value,
      protocol: protocol.value,
      wentQuiet: quiet.checked,
      tooWide: wide.checked,
    });
  });
  return {
    element,
    show: (filter) => {
      // The cursor stays where it is while one types.
      if (text.value !== filter.text) text.value = filter.text;
      verdict.value = filter.verdict;
      group.value = filter.groupId;
      owner.value = filter.owner;
      direction.value = filter.direction;
      protocol.value = filter.protocol;
      quiet.checked = filter.wentQuiet;
      wide.checked = filter.tooWide;
    },
  };
}

function select(all: string, options: readonly (readonly [value: string, label: string])[]): HTMLSelectElement {
  return el(
    'select',
    {},
    el('option', { value: '' }, all),
    ...options.map(([value, label]) => el('option', { value }, label)),
  );
}
