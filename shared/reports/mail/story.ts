import type { RankedFinding } from '../../advice/findings/finding.ts';
import type { RuleToDecide } from '../candidates.ts';
import { accountAgeText, accountText, severalAccounts, strangersTexts } from '../accounts-text.ts';
import { defaultGroupsText } from '../doable.ts';
import { recordsTexts } from '../days-with-records.ts';
import { growthText } from '../growth-text.ts';
import type { AccountReport, RuleReport, UsageReport } from '../schema.ts';
import { digestOf, type Digest, type QuietRule, type RuleBack } from './digest.ts';
import type { Placed } from './fit-attachments.ts';
import { foreign } from './html.ts';
import { heatMapOf, type RuleHeatMap } from './heat-map.ts';
import { ownersLines, ownersNotices, type OwnersTold } from './owners-told.ts';
import type { Kept } from './place.ts';
import { placeText, subjectOf } from './subject.ts';
import { coverageText } from './words.ts';
import { count, figure } from '../../text/numbers.ts';
import type { AccountRegion } from '../../inventory/snapshot-file.ts';

/** All that a mail tells, in the order in which it is told; HTML and text say the same. */
export interface Story {
  readonly subject: string;
  readonly preview: string;
  readonly heading: string;
  readonly subheading: string;
  /** The one thing to do, if nothing else; undefined where there is nothing. Text of others is cleaned. */
  readonly doFirst: { readonly title: string; readonly text: string; readonly after: string } | undefined;
  /** While the window grows: what is there and what comes when, before anything else. */
  readonly growth: readonly string[];
  /** What is missing. */
  readonly notices: readonly string[];
  /** What the plan rests on and does not know. */
  readonly planCaveats: readonly string[];
  readonly figures: readonly { readonly figure: string; readonly label: string }[];
  readonly digest: Digest;
  readonly candidatesShown: readonly RuleToDecide[];
  readonly candidatesRest: string;
  /** In the place of candidates where there is none. */
  readonly noCandidates: string;
  readonly quietShown: readonly QuietRule[];
  readonly quietRest: string;
  readonly backShown: readonly RuleBack[];
  readonly backRest: string;
  readonly wideShown: readonly RuleReport[];
  readonly wideRest: string;
  readonly findingsShown: readonly RankedFinding[];
  readonly findingsRest: string;
  /** On the default groups; empty where none has rules. */
  readonly defaultGroups: string;
  /** What became of the mails to owners. */
  readonly owners: readonly string[];
  readonly heatMap: RuleHeatMap;
  readonly heatCaption: string;
  /** Where there are several: those with the most stale rules first. */
  readonly accounts: readonly AccountLine[];
  readonly accountsRest: string;
  readonly files: readonly Placed[];
  readonly kept: Kept | undefined;
  readonly footer: string;
}

/** Text of others is cleaned. */
export interface AccountLine {
  readonly stale: string;
  readonly account: string;
  readonly figures: string;
  readonly age: string;
}

export interface Telling {
  readonly place: AccountRegion | undefined;
  readonly files: readonly Placed[];
  readonly kept: Kept | undefined;
  /** Why there is no report.html; undefined where there is. */
  readonly pageMissing: string | undefined;
  /** Since when nobody knows whether this mail has gone out already; undefined where it has not. */
  readonly repeats: string | undefined;
  /** Whose rules these are; undefined where the report is of all. Text of others. */
  readonly owner?: string | undefined;
  /** What became of the mails to owners. */
  readonly owners?: OwnersTold | undefined;
}

const CANDIDATES_SHOWN = 10;
const QUIET_SHOWN = 8;
const BACK_SHOWN = 8;
/** No file of an owner's mail has them. */
const WIDE_SHOWN = { ofAll: 8, ofOwner: 25 };
const FINDINGS_SHOWN = 5;
const HEAT_ROWS = { most: 12, least: 8 };
const ACCOUNTS_SHOWN = 20;
const NAME_SHOWN = 60;
const DAYS_SHOWN = 5;
const REASON_SHOWN = 160;
const CAVEAT_SHOWN = 400;

export function storyOf(report: UsageReport, telling: Telling): Story {
  const digest = digestOf(report);
  const { candidates, wentQuiet, back, tooWide, findings } = digest;
  const { owner, owners } = telling;
  // They speak of all rules, whosever.
  const accounts = owner === undefined ? severalAccounts(report) : [];
  const { window, windowDays, asOf } = report;
  const [elsewhere, wide] =
    owner === undefined ? ['report.html', WIDE_SHOWN.ofAll] : ['the whole report', WIDE_SHOWN.ofOwner];
  return {
    subject: subjectOf(digest, { place: telling.place, hasPage: telling.pageMissing === undefined, owner }),
    preview: previewOf(digest),
    heading: `Security group rules${owner === undefined ? '' : ` of ${foreign(owner)}`}${telling.place ? ` ·${placeText(telling.place)}` : ''}`,
    subheading: `${window.from} to ${window.to} (${count(windowDays, 'day')}), as of ${asOf}; all times are UTC`,
    doFirst: doFirstOf(digest, elsewhere),
    growth: growthOf(digest),
    notices: noticesOf(digest, telling),
    planCaveats:
      digest.toRemove === undefined ? [] : (report.plan?.caveats ?? []).map((text) => foreign(text, CAVEAT_SHOWN)),
    figures: figuresOf(digest),
    digest,
    candidatesShown: candidates.slice(0, CANDIDATES_SHOWN),
    candidatesRest: restOf(candidates.length - CANDIDATES_SHOWN, 'candidates.csv'),
    noCandidates: noCandidatesOf(report),
    quietShown: wentQuiet.slice(0, QUIET_SHOWN),
    quietRest: restOf(wentQuiet.length - QUIET_SHOWN, 'rules.csv'),
    backShown: back.slice(0, BACK_SHOWN),
    backRest: restOf(back.length - BACK_SHOWN, 'rules.csv'),
    wideShown: tooWide.slice(0, wide),
    wideRest: restOf(tooWide.length - wide, elsewhere),
    findingsShown: findings.slice(0, FINDINGS_SHOWN),
    findingsRest: restOf(findings.length - FINDINGS_SHOWN, elsewhere),
    defaultGroups: defaultGroupsText(report.rules) ?? '',
    owners: owners ? ownersLines(owners) : [],
    heatMap: heatMapOf(report.rules, HEAT_ROWS.most, HEAT_ROWS.least),
    heatCaption:
      'Requests and replies that rules admitted in these days: the deeper the colour, the more, as in the page. The most and ' +
      'the least used rules by themselves, the others in sums. Numbers of records depend on the aggregation interval of the flow log.',
    accounts: accounts.slice(0, ACCOUNTS_SHOWN).map(accountLine),
    accountsRest: restOf(accounts.length - ACCOUNTS_SHOWN, 'report.html'),
    files: telling.files,
    kept: telling.kept,
    footer:
      (owner === undefined
        ? ''
        : 'You have this mail since tags name you, or whom you are listed for, as the owner of these rules. ') +
      'stale-sg only reads: it changes no security group. A verdict speaks of these days and of traffic that flow logs show. ' +
      'Before a rule is removed, read why it is called unused, and keep the undo.',
  };
}

function accountLine(account: AccountReport): AccountLine {
  const { verdicts, rules, riskiest, coverage } = account;
  return {
    stale: figure(verdicts.stale),
    account: foreign(accountText(account), NAME_SHOWN),
    figures:
      `of ${count(rules, 'rule')}; coverage ${coverageText(coverage)}` +
      (riskiest ? `; highest priority ${riskiest.rank.toFixed(0)} (${foreign(riskiest.ruleId)})` : ''),
    age: `heard on ${accountAgeText(account)}`,
  };
}

function doFirstOf({ doFirst, stepsAfter }: Digest, elsewhere: string): Story['doFirst'] {
  if (!doFirst) return undefined;
  const after = stepsAfter === 0 ? '' : `Then ${count(stepsAfter, 'more step')}, in ${elsewhere}.`;
  return { title: foreign(doFirst.title, CAVEAT_SHOWN), text: foreign(doFirst.text, CAVEAT_SHOWN), after };
}

/** The first mails have no verdicts: what was found so far needs no days. */
function growthOf({ daysOfRecords: { read }, groups, findings, report }: Digest): string[] {
  const text = growthText(report);
  if (text === undefined) return [];
  if (!report.growth?.verdictsOn) return [text];
  const found = [
    `${count(groups, 'group')} with ${count(report.rules.length, 'rule')}`,
    `${count(findings.length, 'finding')} that ${findings.length === 1 ? 'needs' : 'need'} no days of traffic`,
    ...(read === 0
      ? []
      : [
          `records of ${count(read, 'day')}${report.coverage === null ? '' : `, of which rules explain ${coverageText(report.coverage)}`}`,
        ]),
  ];
  return [text, `Found so far: ${found.join('; ')}.`];
}

function noCandidatesOf({ growth, rules }: UsageReport): string {
  if (growth?.verdictsOn) return `No rule is judged unused yet: the first verdicts come on ${growth.verdictsOn}.`;
  const unsure = rules.filter(({ verdict: { kind } }) => kind === 'notObserved' || kind === 'tooYoung').length;
  const rest = unsure === 0 ? '' : `; of ${count(unsure, 'rule')} it cannot be said`;
  return `No rule is judged unused or redundant${rest}.`;
}

function previewOf({ toRemove, unused, candidates, report }: Digest): string {
  if (report.growth?.verdictsOn)
    return `First verdicts on ${report.growth.verdictsOn}. What was found so far is inside.`;
  const rules = toRemove === undefined ? `${count(unused, 'rule')} unused` : `${count(toRemove, 'rule')} to remove`;
  return `${rules}, ${count(candidates.length, 'candidate')} of ${count(report.rules.length, 'rule')}, coverage ${coverageText(report.coverage)}.`;
}

function noticesOf({ incompleteDays, report }: Digest, { pageMissing, repeats, owner, owners }: Telling): string[] {
  const notices: string[] = owners ? ownersNotices(owners) : [];
  if (repeats !== undefined) {
    notices.push(
      `You may have this mail twice: it was begun at ${repeats}, and whether it went out then is not known. Both say the same.`,
    );
  }
  if (incompleteDays.length > 0) {
    const days = incompleteDays
      .slice(0, DAYS_SHOWN)
      .map(({ day, incomplete }) => `${day} (${foreign(incomplete ?? '', REASON_SHOWN)})`);
    const rest = incompleteDays.length > DAYS_SHOWN ? `, and ${incompleteDays.length - DAYS_SHOWN} more` : '';
    notices.push(
      `Not reconciled: ${days.join(', ')}${rest}. These days count as they were streamed; no rule is called unused for them.`,
    );
  }
  if (owner === undefined) notices.push(...strangersTexts(report).map((text) => foreign(text, CAVEAT_SHOWN)));
  notices.push(...recordsTexts(report));
  const [problem, ...others] = report.inventoryProblems;
  if (problem !== undefined && owner === undefined) {
    notices.push(
      `${count(others.length + 1, 'problem')} in the inventory, the first: ${foreign(problem, REASON_SHOWN)}. The page has all, below "Data quality".`,
    );
  }
  if (pageMissing !== undefined)
    notices.push(
      `report.html could not be made (${foreign(pageMissing, REASON_SHOWN)}). All figures are in this mail and its CSV files.`,
    );
  return notices;
}

function figuresOf({ toRemove, unused, wentQuiet, groups, findings, report }: Digest): Story['figures'] {
  const coverage = { figure: coverageText(report.coverage), label: 'coverage' };
  const rules = { figure: figure(report.rules.length), label: 'rules in all' };
  if (report.growth?.verdictsOn) {
    return [
      rules,
      { figure: figure(groups), label: 'groups with rules' },
      { figure: figure(findings.length), label: findings.length === 1 ? 'finding' : 'findings' },
      coverage,
    ];
  }
  return [
    toRemove === undefined
      ? { figure: figure(unused), label: 'rules unused' }
      : { figure: figure(toRemove), label: 'rules to remove' },
    { figure: figure(wentQuiet.length), label: 'went quiet' },
    coverage,
    rules,
  ];
}

function restOf(number: number, file: string): string {
  return number > 0 ? `… and ${figure(number)} more in ${file}.` : '';
}
