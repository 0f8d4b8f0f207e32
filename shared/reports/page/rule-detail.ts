import { CAVEAT_TEXTS } from '../../advice/narrowing/narrower.ts';
import { VERDICT_MEANING } from '../verdict-text.ts';
import { el, name, pairs, plainTable, type Child } from './dom.ts';
import { rulesOf } from './findings-view.ts';
import { groupLink } from '../../console-links.ts';
import { KEEP_TAG } from '../../verdicts/exemption.ts';
import { command } from './commands.ts';
import { dayAfter, type PageReport, type PageRule } from './packed-report.ts';
import type { Place } from './place.ts';
import { links, removalPart, UNTRACKED } from './removal.ts';
import { hoursChart, historyChart } from './rule-charts.ts';
import { useOf } from './rule-use.ts';
import { ageBadge, provisionalMark, verdictBadge } from './rules-table.ts';
import { groupText, proposedText } from './text.ts';
import { ruleText } from '../../text/rule-text.ts';
import { count, figure, percent } from '../../text/numbers.ts';

/** All that is known of one rule, the verdict and what it rests on first. */
export function ruleDetail(rule: PageRule, report: PageReport, place: Place): Node[] {
  return [
    el('p', { class: 'summary' }, name(ruleText(rule))),
    el('p', {}, 'Group ', name(groupText(rule)), ...placeParts(rule), ...consolePart(rule)),
    rule.description === '' ? null : el('p', { class: 'muted' }, 'Described as: ', name(rule.description)),
    ...verdictPart(rule, place),
    ...evidencePart(rule, report),
    ...changesPart(rule),
    ...planPart(rule, report, place),
    keepPart(rule, report),
    ...narrowerPart(rule),
    ...findingsPart(rule, report),
    el('h3', {}, 'Use by day'),
    historyChart(rule, report),
    el('h3', {}, 'Use by hour'),
    hoursChart(rule),
    ...useOf(rule),
    ...rejectedPart(rule, report),
  ].filter((node) => node !== null);
}

function placeParts({ accountId, accountName, region, vpcId }: PageRule): Child[] {
  const parts = [accountId && `account ${accountId}`, accountName, region, vpcId].filter((part) => part !== undefined);
  return parts.filter((part) => part !== '').flatMap((part) => [', ', name(part)]);
}

/** Where the Region is known: a console without one shows that of the last visit. */
function consolePart({ region = '', groupId }: PageRule): Child[] {
  if (!isId(region) || !isId(groupId)) return [];
  const href = groupLink(region, groupId);
  if (href === undefined) return [];
  return [' · ', el('a', { href, target: '_blank', rel: 'noopener noreferrer' }, 'open in the AWS console')];
}

/** Of letters, digits, hyphens and underscores: as ids of AWS are, and safe in a command. */
function isId(text: string): boolean {
  return /^[\w-]+$/.test(text);
}

const KEPT_DAYS = 365;

/** For who knows better than the logs: says so once, with a reason and an end, and no report asks again. */
function keepPart({ verdict, ruleId, region = '' }: PageRule, { asOf }: PageReport): Node | null {
  if (verdict.kind === 'exempt' || !isId(ruleId)) return null;
  const until = dayAfter(asOf.slice(0, 10), KEPT_DAYS);
  const where = isId(region) ? ` --region ${region}` : '';
  return el(
    'details',
    { class: 'keep' },
    el('summary', {}, 'Keep this rule on purpose'),
    el(
      'p',
      {},
      'One of the two, with your reason in it: a tag of the rule, or a line in the list that --exemptions names.',
    ),
    command(
      'Tag',
      `aws ec2 create-tags${where} --resources ${ruleId} --tags 'Key=${KEEP_TAG},Value=WHY IT IS KEPT until ${until}'`,
    ),
    command(
      'List',
      `stale-sg exempt ${ruleId} --reason 'WHY IT IS KEPT' --owner 'WHO ANSWERS FOR IT' --until ${until}`,
    ),
  );
}

function verdictPart(rule: PageRule, place: Place): (Node | null)[] {
  const { verdict, why, untrackedReplies, wentQuiet, rank } = rule;
  const coveredBy = verdict.kind === 'redundant' ? verdict.coveredBy : [];
  return [
    el('h3', {}, 'Verdict'),
    el(
      'p',
      {},
      verdictBadge({ rule }),
      ' ',
      ageBadge(rule),
      ' ',
      provisionalMark(rule),
      ' ',
      VERDICT_MEANING[verdict.kind],
    ),
    why === VERDICT_MEANING[verdict.kind] ? null : el('p', { dir: 'auto' }, why),
    coveredBy.length === 0
      ? null
      : el('p', {}, 'Each time, at least one of these admitted the same: ', ...links(coveredBy, place)),
    untrackedReplies === 0
      ? null
      : el('p', { class: 'warning' }, `${UNTRACKED} ${count(untrackedReplies, 'record')} of such replies.`),
    wentQuiet && el('p', { class: 'warning' }, quietText(wentQuiet)),
    el(
      'p',
      { class: 'muted' },
      `Priority ${rank.score.toFixed(1)} of 100: exposure ${rank.exposure.toFixed(2)} × idleness ${rank.idleness.toFixed(2)}.`,
    ),
  ];
}

function quietText({ usedDays, lastDay, quietDays }: NonNullable<PageRule['wentQuiet']>): string {
  return `Went quiet: used on ${count(usedDays, 'day')} until ${lastDay}, and not on the ${count(quietDays, 'day')} since.`;
}

const YOUNG: Readonly<Record<NonNullable<PageRule['evidence']['young']>['what'], string>> = {
  rule: 'the rule',
  listEntry: 'an entry of its prefix list',
  member: 'the first interface of the group that it names',
  interface: 'the first interface of its group',
};

function evidencePart({ evidence }: PageRule, { ageKnownSince }: PageReport): Node[] {
  const { days, watchedDays, gaps, interfaceDays, observedDays, records, skipped, knownSince, knownBy, young } =
    evidence;
  const share = interfaceDays === 0 ? '' : ` (${percent(observedDays / interfaceDays)})`;
  const missing = interfaceDays - observedDays;
  return [
    el('h3', {}, 'Evidence'),
    pairs([
      ['Days watched', `${figure(watchedDays)} of ${figure(days)}`],
      ['Interface-days observed', `${figure(observedDays)} of ${figure(interfaceDays)}${share}`],
      ...(gaps ? [['Days not watched', gapsText(gaps)] as const] : []),
      ['Interface-days missing', missing === 0 ? 'none' : figure(missing)],
      ['Records of its interfaces', `${figure(records)}, of these ${figure(skipped)} skipped`],
      ['Reads like this since', sinceText(knownSince ?? ageKnownSince, knownBy)],
      ['Younger than the window', young ? `${YOUNG[young.what]}, since ${young.since}` : 'nothing'],
    ]),
  ];
}

/** Stretches that are told each; the map has them all. */
const GAPS_SHOWN = 5;

function gapsText(gaps: NonNullable<PageRule['evidence']['gaps']>): string {
  if (gaps.length === 0) return 'none';
  const shown = gaps.slice(0, GAPS_SHOWN).map(({ from, to }) => (from === to ? from : `${from} to ${to}`));
  return `${shown.join(', ')}${gaps.length > GAPS_SHOWN ? `, and ${figure(gaps.length - GAPS_SHOWN)} more stretches` : ''}`;
}

const KNOWN_BY: Readonly<Record<NonNullable<PageRule['evidence']['knownBy']>, string>> = {
  snapshot: 'snapshots tell',
  person: 'somebody vouches',
  cloudtrail: 'CloudTrail tells',
  config: 'AWS Config tells',
};

function sinceText(since: string | null, by: PageRule['evidence']['knownBy']): string {
  if (since === null) return 'unknown';
  return by ? `${since}, as ${KNOWN_BY[by]}` : since;
}

function changesPart({ changes = [] }: PageRule): Node[] {
  if (changes.length === 0) return [];
  const lines = changes.map(({ time, by, what, before }) => {
    const was = before === null ? [] : [', and said before: ', name(before)];
    return el(
      'li',
      {},
      `${what === 'made' ? 'Made' : 'Edited'} ${time} by `,
      name(by === '' ? 'nobody knows whom' : by),
      ...was,
    );
  });
  return [el('h3', {}, 'Made and changed by'), el('ul', {}, ...lines)];
}

function planPart({ ruleId }: PageRule, { plan }: PageReport, place: Place): Node[] {
  if (!plan) return [];
  const left = plan.skipped.find((skipped) => skipped.ruleId === ruleId);
  if (left) return [el('h3', {}, 'Plan'), el('p', { dir: 'auto' }, `It stays: ${left.reason}`)];
  const inCode = plan.inCode.find((planned) => planned.ruleId === ruleId);
  if (inCode) return [el('h3', {}, 'Plan: to be changed in code'), ...removalPart(inCode, place, { isInCode: true })];
  for (const { number, waitDays, removals } of plan.stages) {
    const removal = removals.find((planned) => planned.ruleId === ruleId);
    if (!removal) continue;
    return [
      el('h3', {}, `Plan: stage ${String(number)}`),
      el('p', {}, `${togetherText(removals.length - 1)} Then wait ${count(waitDays, 'day')}.`),
      ...removalPart(removal, place),
    ];
  }
  return [];
}

function togetherText(others: number): string {
  return others === 0
    ? 'It is all of its stage.'
    : `It may go together with ${count(others, 'other rule')} of its stage.`;
}

function narrowerPart({ narrower }: PageRule): Node[] {
  if (!narrower) return [];
  const { rules, givesUp, serviceFlows, days, caveats } = narrower;
  return [
    el('h3', {}, 'Narrower'),
    el(
      'p',
      {},
      `${count(rules.length, 'rule')} in its place would admit what was seen (${count(serviceFlows, 'service flow')} on ` +
        `${count(days, 'day')}), and give up ${percent(givesUp)} of the addresses and ports it opens.`,
    ),
    el('ul', {}, ...rules.map((rule) => el('li', {}, el('code', {}, name(proposedText(rule)))))),
    ...caveats.map((caveat) => el('p', { class: 'warning' }, CAVEAT_TEXTS[caveat])),
  ];
}

function findingsPart({ ruleId }: PageRule, { findings }: PageReport): Node[] {
  const about = findings.filter(({ finding }) => rulesOf(finding).includes(ruleId));
  if (about.length === 0) return [];
  return [el('h3', {}, 'Findings'), el('ul', {}, ...about.map(({ text }) => el('li', { dir: 'auto' }, text)))];
}

function rejectedPart({ ruleId }: PageRule, { rejectedFlows }: PageReport): Node[] {
  const near = rejectedFlows.top.filter(({ nearest }) => nearest?.ruleId === ruleId);
  if (near.length === 0) return [];
  const lines = near.map(({ protocol, port, peer, times, nearest }) => [
    port === null ? protocol : `${protocol} ${String(port)}`,
    name(peer),
    figure(times),
    nearest!.differsIn,
  ]);
  const columns = [{ title: 'Service' }, { title: 'Peer' }, { title: 'Times', numeric: true }, { title: 'Differs in' }];
  return [
    el('h3', {}, 'Rejected, and nearly admitted by it'),
    el('div', { class: 'table-holder' }, plainTable('Rejected flows', columns, lines)),
  ];
}
