import { VERDICT_NAME } from '../verdict-text.ts';
import { VERDICT_KINDS } from '../../verdicts/verdict.ts';
import { button, el } from './dom.ts';
import type { PageReport } from './packed-report.ts';
import { isGroupBy, type Place } from './place.ts';
import { isTooWide } from '../doable.ts';
import { GROUPINGS } from './row-groups.ts';
import { hasGoneQuiet, NO_FILTER, ownerName, UNTOLD } from './rows.ts';
import { groupText } from './text.ts';
import { figure } from '../../text/numbers.ts';

export interface FilterForm {
  readonly element: HTMLElement;
  show(asked: AskedFor): void;
  /** Puts the cursor into the field of the text. */
  search(): void;
}

/** What the form asks for. */
export type AskedFor = Pick<Place, 'filter' | 'by'>;

export function filterForm({ rules }: PageReport, changed: (asked: AskedFor) => void): FilterForm {
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
  const owner = toldSelect('owner', rules.map(ownerName), 1);
  const account = toldSelect(
    'account',
    rules.map(({ accountId = '' }) => accountId),
    2,
    new Map(rules.map(({ accountId = '', accountName = '' }) => [accountId, accountName])),
  );
  const region = toldSelect(
    'Region',
    rules.map((rule) => rule.region ?? ''),
    2,
  );
  const vpc = toldSelect(
    'VPC',
    rules.map(({ vpcId = '' }) => vpcId),
    2,
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
  const by = select(
    'Nothing',
    Object.entries(GROUPINGS).map(([key, { noun }]) => [key, `${noun.charAt(0).toUpperCase()}${noun.slice(1)}`]),
  );
  const quiet = el('input', { type: 'checkbox', name: 'quiet' });
  const wide = el('input', { type: 'checkbox', name: 'wide' });

  const element = el(
    'form',
    { class: 'filters', role: 'search', 'aria-label': 'Filter the rules' },
    el('label', { class: 'wide' }, 'Text (press / to get here)', text),
    el('label', {}, 'Verdict', verdict),
    el('label', {}, 'Group', group),
    ...[owner, account, region, vpc].flatMap(({ label }) => label),
    el('label', {}, 'Direction', direction),
    el('label', {}, 'Protocol', protocol),
    el('label', { class: 'tick' }, quiet, `Went quiet (${figure(rules.filter(hasGoneQuiet).length)})`),
    el('label', { class: 'tick' }, wide, `Too wide (${figure(rules.filter(isTooWide).length)})`),
    el('label', {}, 'Group by', by),
    button('Clear', () => changed({ filter: NO_FILTER, by: null })),
  );
  element.addEventListener('submit', (event) => event.preventDefault());
  element.addEventListener('input', () => {
    changed({
      filter: {
        text: text.value,
        verdict: VERDICT_KINDS.find((kind) => kind === verdict.value) ?? '',
        groupId: group.value,
        owner: owner.field.value,
        accountId: account.field.value,
        region: region.field.value,
        vpcId: vpc.field.value,
        direction: direction.value,
        protocol: protocol.value,
        wentQuiet: quiet.checked,
        tooWide: wide.checked,
      },
      by: isGroupBy(by.value) ? by.value : null,
    });
  });
  return {
    element,
    search: () => {
      text.focus();
      text.select();
    },
    show: ({ filter, by: grouped }) => {
      // The cursor stays where it is while one types.
      if (text.value !== filter.text) text.value = filter.text;
      verdict.value = filter.verdict;
      group.value = filter.groupId;
      owner.field.value = filter.owner;
      account.field.value = filter.accountId;
      region.field.value = filter.region;
      vpc.field.value = filter.vpcId;
      direction.value = filter.direction;
      protocol.value = filter.protocol;
      quiet.checked = filter.wentQuiet;
      wide.checked = filter.tooWide;
      by.value = grouped ?? '';
    },
  };
}

/**
 * @param least of so many values it is worth a place
 * @param names of some of them
 */
function toldSelect(
  noun: string,
  values: readonly string[],
  least: number,
  names: ReadonlyMap<string, string> = new Map(),
) {
  const all = new Set(values);
  const known = [...all].filter((value) => value !== '').sort();
  const untold: [string, string][] = all.has('') ? [[UNTOLD, `No ${noun} told`]] : [];
  const field = select(`Any ${noun}`, [
    ...untold,
    ...known.map((value) => [value, `${value} ${names.get(value) ?? ''}`.trim()] as const),
  ]);
  const title = `${noun.charAt(0).toUpperCase()}${noun.slice(1)}`;
  return { field, label: known.length >= least ? [el('label', {}, title, field)] : [] };
}

function select(all: string, options: readonly (readonly [value: string, label: string])[]): HTMLSelectElement {
  return el(
    'select',
    {},
    el('option', { value: '' }, all),
    ...options.map(([value, label]) => el('option', { value }, label)),
  );
}
