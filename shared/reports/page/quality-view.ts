import { FATES, type Fate } from '../../usage/usage.ts';
import { bar, el, name, pairs, plainTable, type Child } from './dom.ts';
import { glossary } from './glossary.ts';
import type { PageReport } from './packed-report.ts';

import { count, figure, percent } from '../../text/numbers.ts';

const FATE_MEANING: Readonly<Record<Fate, string>> = {
  noData: 'the interface had no traffic in that interval (NODATA)',
  skipData: 'AWS skipped records in that interval (SKIPDATA): a gap, not silence',
  malformed: 'the line could not be read',
  otherAccount: 'an interface of an account and a VPC that the inventory is not about',
  duplicateLog: 'a second flow log told the same',
  rejected: 'turned away (REJECT)',
  unknownInterface: 'an interface that the inventory does not know',
  noGroup: 'an interface without security groups, such as a NAT gateway',
  unknownDirection: 'neither end is an address of the interface',
  possible: 'accepted, and some rule may have admitted it',
  unexplained: 'accepted, and no rule admits it: not the inventory that was in force',
  attributed: 'credited to the rules that admit it',
};

/** What became of every record, and what is missing. */
export function qualityView(report: PageReport): Node[] {
  const { malformedSamples, unknownInterfaces, inventoryProblems, ageKnownSince, remembered = [] } = report;
  return [
    el('h1', {}, 'Data quality'),
    el('p', { class: 'lead' }, coverageText(report)),
    el('h2', {}, 'What became of every record'),
    fatesTable(report),
    el('h2', {}, 'Days'),
    daysTable(report),
    el('h2', {}, 'Age of the rules'),
    el(
      'p',
      {},
      ageKnownSince === null
        ? 'Nothing vouches for how long the rules have stood as they are.'
        : `The rules are known to stand as they are since ${ageKnownSince}.`,
    ),
    el('h2', {}, 'What the account remembers'),
    listOr('It was not asked.', remembered, (one) => [rememberedText(one)]),
    el('h2', {}, 'Lines that could not be read'),
    listOr('None.', malformedSamples, ({ file, line, reason }) => [
      name(`${file}:${String(line)}`),
      ': ',
      name(reason),
    ]),
    el('h2', {}, 'Interfaces that are not in the inventory'),
    unknownInterfaces.distinct > unknownInterfaces.sample.length
      ? el('p', {}, `${count(unknownInterfaces.distinct, 'interface')}; some of them:`)
      : null,
    listOr('None.', unknownInterfaces.sample, (interfaceId) => [name(interfaceId)]),
    el('h2', {}, 'Problems in the inventory'),
    listOr('None.', inventoryProblems, (problem) => [name(problem)]),
    el('h2', {}, 'What the words mean'),
    pairs(glossary()),
  ].filter((node) => node !== null);
}

function rememberedText({ source, interfaces, rules, ages }: NonNullable<PageReport['remembered']>[number]): string {
  const who = source === 'cloudtrail' ? 'CloudTrail' : 'AWS Config';
  return `${who} alone tells: interfaces that went ${figure(interfaces)}, former contents of rules ${figure(rules)}, ages of rules ${figure(ages)}.`;
}

function coverageText({ coverage, records }: PageReport): string {
  const share =
    coverage === null ? 'No accepted record was read.' : `Rules explain ${percent(coverage)} of the accepted records.`;
  const { requests, replies, ambiguous } = records;
  return `${share} ${count(requests, 'request')} and ${figure(replies)} replies; who opened the connection was doubtful in ${figure(ambiguous)}.`;
}

function fatesTable({ records }: PageReport): HTMLElement {
  const lines: Child[][] = [...FATES].reverse().map((fate) => {
    const share = records.total === 0 ? 0 : records[fate] / records.total;
    return [fate, figure(records[fate]), el('span', {}, bar(share), percent(share)), FATE_MEANING[fate]];
  });
  const sum = FATES.reduce((all, fate) => all + records[fate], 0);
  const whole =
    sum === records.total ? 'every record is in exactly one row' : `the rows add up to ${figure(sum)}: report this`;
  lines.push([el('strong', {}, 'total'), el('strong', {}, figure(records.total)), '', whole]);
  return el(
    'div',
    { class: 'table-holder' },
    plainTable(
      'Fates of the records',
      [{ title: 'Fate' }, { title: 'Records', numeric: true }, { title: 'Share' }, { title: 'Meaning' }],
      lines,
    ),
  );
}

function daysTable({ days }: PageReport): HTMLElement {
  const lines = days.map(({ day, source, records, driftShare, driftingRules, incomplete }) => [
    day,
    figure(records),
    source,
    driftShare === null
      ? '–'
      : `${percent(driftShare)}${driftingRules === null ? '' : `, ${count(driftingRules, 'rule')}`}`,
    incomplete === null ? '–' : name(incomplete),
  ]);
  return el(
    'div',
    {},
    el(
      'p',
      { class: 'muted' },
      'Read: from files by this program. Streamed: counted as it came. Reconciled: worked out again by the night, which sees both ends of a connection; the drift is what it credits otherwise.',
    ),
    el(
      'div',
      { class: 'table-holder' },
      plainTable(
        'Days',
        [
          { title: 'Day' },
          { title: 'Records', numeric: true },
          { title: 'Source' },
          { title: 'Drift' },
          { title: 'Why incomplete' },
        ],
        lines,
      ),
    ),
  );
}

function listOr<T>(none: string, items: readonly T[], show: (item: T) => readonly Child[]): HTMLElement {
  if (items.length === 0) return el('p', { class: 'muted' }, none);
  return el('ul', { class: 'samples' }, ...items.map((item) => el('li', {}, ...show(item))));
}
