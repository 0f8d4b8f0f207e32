import { accountAgeText, accountText, placesText, severalAccounts } from '../accounts-text.ts';
import { VERDICT_MEANING, VERDICT_NAME } from '../verdict-text.ts';
import { defaultGroupsText } from '../doable.ts';
import { caveats } from './caveats.ts';
import { bar, el, link, name, plainTable, type Child } from './dom.ts';
import { nextSteps, type Step } from '../next-steps.ts';
import { advisedOf, type PageReport } from './packed-report.ts';
import { placeHash } from './place.ts';
import { NO_FILTER, verdictCounts, type Filter } from './rows.ts';
import { moment } from './text.ts';
import { daysOfRecords } from '../days-with-records.ts';
import { growthText } from '../growth-text.ts';
import { count, figure, percent } from '../../text/numbers.ts';

/** What one must know first: of which time it speaks, how well that was seen, what was found, what to do. */
export function overview(report: PageReport): Node[] {
  const { window, windowDays, rules, records } = report;
  const grows = growthText(report);
  const defaultGroups = defaultGroupsText(rules);
  const groups = new Set(rules.map(({ groupId }) => groupId)).size;
  return [
    el('p', { class: 'eyebrow' }, ['Security group rules in use', placesText(report)].filter(Boolean).join(' · ')),
    el('h1', {}, `${window.from} to ${window.to}`),
    el(
      'p',
      { class: 'lead' },
      `${count(rules.length, 'rule')} in ${count(groups, 'group')}, held against ${count(records.total, 'flow log record')}. ` +
        `As of ${moment(report.asOf)}; days are UTC days.`,
    ),
    ...(grows === undefined ? [] : [el('p', { class: 'warning' }, grows)]),
    figures(report, windowDays),
    el('h2', {}, 'Verdicts'),
    verdicts(report),
    ...accountsPart(report),
    el('h2', {}, 'What to do next'),
    steps(report),
    ...(defaultGroups === undefined ? [] : [el('p', { class: 'muted aside' }, defaultGroups)]),
    el('h2', {}, 'Before you trust this'),
    trust(report),
  ];
}

function figures(report: PageReport, windowDays: number): HTMLElement {
  const days = `${figure(daysOfRecords(report).read)} of ${figure(windowDays)}`;
  const stale = report.rules.filter(({ verdict }) => verdict.kind === 'stale').length;
  const planned = report.plan?.stages.reduce((sum, { removals }) => sum + removals.length, 0);
  return el(
    'dl',
    { class: 'figures' },
    ...figureBox('Days observed', days, observedText(report)),
    ...figureBox(
      'Coverage',
      report.coverage === null ? 'none' : percent(report.coverage),
      report.coverage === null ? 'no accepted record' : 'of the accepted records are explained by rules',
    ),
    ...figureBox('Stale rules', figure(stale), `of ${figure(report.rules.length)}; ${VERDICT_MEANING.stale}`),
    ...(planned === undefined
      ? []
      : figureBox('In the plan', figure(planned), 'may go together, in stages, for what was seen')),
  );
}

function figureBox(term: string, value: string, note: string): Child[] {
  return [el('div', {}, el('dt', {}, term), el('dd', {}, el('strong', {}, value), el('span', {}, note)))];
}

function observedText({ observedBy, windowDays }: PageReport): string {
  const by = observedBy === 'flowLogs' ? 'by the list of flow logs' : 'by the records found';
  return `${windowDays === 1 ? 'the day' : 'the days'} that the figures speak of; interface-days are judged ${by}`;
}

function verdicts({ rules }: PageReport): HTMLElement {
  const counts = verdictCounts(rules);
  const strip = el('div', { class: 'strip', 'aria-hidden': 'true' });
  for (const { kind, rules: number } of counts) {
    const part = el('span', { class: `verdict-${kind}` });
    part.style.setProperty('flex-grow', String(number));
    strip.append(part);
  }
  const items = counts.map(({ kind, rules: number }) => {
    return el(
      'li',
      {},
      el('span', { class: `swatch verdict-${kind}`, 'aria-hidden': 'true' }),
      link(
        placeHash({ view: 'rules', filter: { ...NO_FILTER, verdict: kind } }),
        el('strong', {}, figure(number)),
        ` ${VERDICT_NAME[kind]}`,
      ),
      el('span', { class: 'muted' }, VERDICT_MEANING[kind]),
    );
  });
  return el('div', { class: 'verdicts' }, strip, el('ul', {}, ...items));
}

/** Where there are several: those with the most stale rules first. */
function accountsPart(report: PageReport): Node[] {
  const accounts = severalAccounts(report);
  if (accounts.length === 0) return [];
  const lines = accounts.map((account): Child[] => {
    const { accountId, regions, rules, verdicts, removable, riskiest, coverage } = account;
    return [
      accountId === ''
        ? accountText(account)
        : link(placeHash({ view: 'rules', filter: { ...NO_FILTER, accountId } }), name(accountText(account))),
      regions.join(', '),
      figure(rules),
      figure(verdicts.stale),
      removable === null ? '–' : figure(removable),
      riskiest ? link(placeHash({ view: 'rules', ruleId: riskiest.ruleId }), riskiest.rank.toFixed(0)) : '–',
      coverage === null ? '–' : percent(coverage),
      accountAgeText(account),
    ];
  });
  return [
    el('h2', {}, 'Accounts'),
    el(
      'div',
      { class: 'table-holder' },
      plainTable(
        'Accounts, those with the most stale rules first',
        [
          { title: 'Account' },
          { title: 'Regions' },
          { title: 'Rules', numeric: true },
          { title: 'Stale', numeric: true },
          { title: 'In the plan', numeric: true },
          { title: 'Highest priority', numeric: true },
          { title: 'Coverage', numeric: true },
          { title: 'Heard' },
        ],
        lines,
      ),
    ),
  ];
}

const inRules = (filter: Partial<Filter>) => ({ view: 'rules', filter: { ...NO_FILTER, ...filter } }) as const;

/** Where a step is taken. */
const STEP_PLACES: Readonly<Record<Step['kind'], Parameters<typeof placeHash>[0]>> = {
  remove: { view: 'plan' },
  finding: { view: 'findings' },
  quiet: inRules({ wentQuiet: true }),
  narrow: inRules({ tooWide: true }),
  unused: inRules({ verdict: 'stale' }),
  age: { view: 'quality' },
  evidence: inRules({ verdict: 'notObserved' }),
};

function steps(report: PageReport): HTMLElement {
  const found = nextSteps(advisedOf(report));
  if (found.length === 0) return el('p', {}, 'Nothing: every rule was used or is kept on purpose.');
  return el(
    'ol',
    { class: 'steps' },
    ...found.map(({ kind, title, text, score }) => {
      return el(
        'li',
        {},
        el('h3', {}, link(placeHash(STEP_PLACES[kind]), title)),
        el('p', {}, text),
        score > 0 && score < Infinity
          ? el('p', { class: 'rank' }, bar(score / 100), `priority ${score.toFixed(0)}`)
          : null,
      );
    }),
  );
}

function trust(report: PageReport): HTMLElement {
  const found = caveats(report);
  return el(
    'div',
    {},
    found.length === 0
      ? el('p', {}, 'Nothing stands out.')
      : el('ul', { class: 'caveats' }, ...found.map((text) => el('li', {}, text))),
    el(
      'p',
      { class: 'muted' },
      link(placeHash({ view: 'quality' }), 'Data quality'),
      ' shows what became of every record. A rule that is needed once a year looks unused for the rest of it: ask its owner before you remove it.',
    ),
  );
}
