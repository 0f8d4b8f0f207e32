import { nameAndId } from '../../text/name-and-id.ts';
import { markdownCode, markdownRow } from '../../text/markdown.ts';
import { partyOf, partyTitle, partyWord, stageScripts } from './staging.ts';
import { groupPlanLines } from './group-text.ts';
import { keepersElsewhere } from './keepers-elsewhere.ts';
import type { Plan, Removal, Skipped, Stage } from './plan.ts';
import { ruleText } from '../../text/rule-text.ts';
import { count } from '../../text/numbers.ts';

/** Covering rules shown of one rule; all are in plan.json. */
const SHOWN = 5;

/** `plan.md`: for a reviewer. Text of others stands in code, where Markdown finds nothing to act on. */
export function planText(plan: Plan): string {
  const { stages, inCode, skipped } = plan;
  const removals = [...stages.flatMap((stage) => stage.removals), ...inCode];
  const { script, undo } = stageScripts(stages[0] ?? { number: 1 });
  const of = (verdict: Removal['verdict']): number => removals.filter((one) => one.verdict === verdict).length;
  return [
    '# Security group rules that may be removed',
    '',
    `Of what was seen in the ${plan.windowDays} days up to ${plan.asOf}, nothing would miss these rules together: ` +
      `${count(of('stale'), 'unused rule')} and ${count(of('redundant'), 'rule')} of which others admitted the same. ` +
      `${count(skipped.length, 'other rule')} ${skipped.length === 1 ? 'is' : 'are'} left out, with reasons below.`,
    '',
    evidenceLine(plan),
    `${placeText(plan)} Good until ${plan.goodUntil}: what was not in use then may be by now, so plan anew after that.`,
    ...(plan.caveats.length > 0 ? ['', ...plan.caveats.map((caveat) => `- ${markdownCode(caveat)}`)] : []),
    '',
    '## How to carry it out',
    '',
    '1. Review this page. What a service needs once a year was not seen: ask whoever owns it.',
    `2. Run \`DRY_RUN=1 sh ${script}\`: AWS says whether it would work, and nothing is changed. Then \`sh ${script}\`. It asks`,
    '   whose credentials it has, and stops before a rule that has changed since this plan was made. With ids of rules,',
    '   groups or VPCs behind it, it does only these.',
    `3. If something breaks: \`sh ${undo}\`, or \`sh ${undo} sgr-...\` for one rule. It makes the rules again; AWS`,
    '   gives them new ids.',
    '4. Wait as long as the stage says. Removing a rule does not cut tracked connections: idle ones live up to 5 days, busy',
    '   ones until they end. What breaks may break only when a client connects anew.',
    '5. Check the rejected flows since, against the inventory as it was before the stage, which lies in `inventory/`:',
    '',
    '   ```sh',
    '   stale-sg check-plan --plan plan.json --stage 1 --logs PATH... --since TIME',
    '   ```',
    '',
    '   It lists what was rejected and would have passed by a removed rule, and ends with status 1 if there is any.',
    '6. Then take a new inventory, analyze and plan again, and go on with the next stage of the new plan. The first stage of',
    '   a VPC is a canary of a few rules; each that follows has four times as many. Once anything of a newer plan was carried',
    '   out, by whomever, nothing of this one is to be removed any more: what takes over there may be what goes here. Its undo',
    '   stays good.',
    ...independentLines(plan),
    '',
    '`plan.json` has for each rule the single commands, their undo, and where Terraform would hold it.',
    ...partyLines(plan),
    ...stages.flatMap((stage) => stageLines(stage, plan)),
    ...inCodeLines(inCode),
    ...groupPlanLines(plan.groups ?? []),
    ...skippedLines(skipped),
    '',
  ].join('\n');
}

function placeText({ accounts, regions }: Plan): string {
  const whose =
    accounts.length === 0 ? 'an account that the inventory does not name' : accounts.map(markdownCode).join(', ');
  const where = regions.length === 0 ? 'Region left to the AWS CLI' : `Region ${regions.map(markdownCode).join(', ')}`;
  return `Of ${whose}, ${where}.`;
}

function evidenceLine({ evidence: { source, days, missingDays } }: Plan): string {
  const gap =
    missingDays.length === 0
      ? ''
      : ` There is none of ${count(missingDays.length, 'day')} (${missingDays.slice(0, SHOWN).join(', ')}` +
        `${missingDays.length > SHOWN ? ', …' : ''}): no redundant rule whose window has such a day is removed.`;
  return `Evidence: ${count(days, 'day')} of service flows in ${markdownCode(source)}.${gap}`;
}

/** Whose stages wait for nobody else's. */
function independentLines({ by = 'vpc' }: Plan): string[] {
  if (by === 'vpc') return [];
  return [
    '',
    `Each ${by} goes on by itself, in any order and side by side: all rules of this plan may go together, and what takes over`,
    'from them is in none of its stages. Only the stages of one wait for each other. That holds within one plan: whoever plans',
    `anew does so for every ${by}, and tells all of them.`,
  ];
}

/** Who finds what where, where stages are of owners or accounts. */
function partyLines({ by = 'vpc', stages }: Plan): string[] {
  if (by === 'vpc' || stages.length === 0) return [];
  const parts = stages.flatMap((stage) => {
    const { script } = stageScripts(stage);
    const parties = Map.groupBy(stage.removals, (removal) => partyOf(removal, by));
    return [...parties].map(([party, { length }]) => ({
      party,
      rules: length,
      command: stage.of === undefined ? `sh ${script} ${partyWord(party, by)}` : `sh ${script}`,
    }));
  });
  const rows = [...Map.groupBy(parts, ({ party }) => party)].map(([party, some]) => {
    const rules = some.reduce((sum, one) => sum + one.rules, 0);
    const commands = some.map((one) => `${markdownCode(one.command)} (${one.rules})`).join(', then ');
    return markdownRow([party === '' ? partyTitle(party, by) : markdownCode(party), String(rules), commands]);
  });
  return ['', `## By ${by}`, '', `| ${by} | rules | run, one after the other |`, '| --- | --- | --- |', ...rows];
}

function stageLines(stage: Stage, { stages, by = 'vpc' }: Plan): string[] {
  const { number, removals, keepers, waitDays, of } = stage;
  const accounts = [...new Set(removals.map(({ accountId }) => accountId))];
  const elsewhere = [...new Set(accounts.flatMap((accountId) => keepersElsewhere(stage, accountId)))];
  const { script, undo } = stageScripts(stage);
  const named = of === undefined ? `several ${by}s` : of === '' ? partyTitle(of, by) : markdownCode(of);
  const whose = by === 'vpc' ? '' : `, ${named}`;
  return [
    '',
    `## Stage ${number} of ${stages.length}${whose}: ${count(removals.length, `${removals[0]!.verdict} rule`)}`,
    '',
    `\`${script}\`, undo \`${undo}\`. Then wait ${waitDays} days.`,
    ...stagePlaces(removals),
    ...(keepers.length > 0
      ? [`Takes for granted that what covers them stands (${count(keepers.length, 'rule')}); it checks.`]
      : []),
    ...(elsewhere.length > 0
      ? [
          `But not with credentials of another account: ${elsewhere.map(({ ruleId, accountId }) => `${markdownCode(ruleId)} of ${markdownCode(accountId)}`).join(', ')}. Look there first; the`,
          'script has the command, and stops unless `KEEPERS_CHECKED=1` says that it was done.',
        ]
      : []),
    '',
    ...removalTable(removals),
  ];
}

/** Where it is of several accounts or regions, with how many rules of each. */
function stagePlaces(removals: readonly Removal[]): string[] {
  const places = Map.groupBy(removals, ({ accountId, region }) => [accountId, region].join(' ').trim());
  if (places.size < 2) return [];
  const texts = [...places].map(([place, some]) => `${markdownCode(place === '' ? '-' : place)} ${some.length}`);
  return [`Rules of each account and Region, whose credentials it wants in turn: ${texts.join(', ')}.`];
}

function placeCell({ accountId, region, vpcId }: Removal, removals: readonly Removal[]): string {
  const isAlike = removals.every((one) => one.accountId === accountId && one.region === region);
  return isAlike ? vpcId : [accountId, region, vpcId].filter((part) => part !== '').join(' ');
}

function removalTable(removals: readonly Removal[]): string[] {
  return [
    '| rule | group | VPC | admits | description | why | last used | covered by | mind |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...removals.map((removal) => markdownRow(removalCells(removal, placeCell(removal, removals)))),
  ];
}

/** No script takes them away: whoever writes them would bring them back, or fail. */
function inCodeLines(inCode: readonly Removal[]): string[] {
  if (inCode.length === 0) return [];
  return [
    '',
    `## To be changed in code: ${count(inCode.length, 'rule')}`,
    '',
    'These may go as well, with the stages or without, and no script removes them: a tool or a service writes them, and brings',
    'them back. Take them out there. `--include-managed` puts them into stages all the same.',
    '',
    ...removalTable(inCode),
  ];
}

function removalCells(removal: Removal, place: string): string[] {
  const { rule, peerName, why, lastUsed, coveredBy, cutsUntracked, notes, managedBy } = removal;
  const others = coveredBy.slice(0, SHOWN).map(markdownCode).join(', ');
  return [
    markdownCode(rule.ruleId),
    markdownCode(nameAndId(rule.groupName, rule.groupId)),
    markdownCode(place),
    markdownCode(ruleText(rule, { peerName })),
    markdownCode(rule.description),
    markdownCode(why),
    lastUsed ?? 'never, as far as is known',
    coveredBy.length > SHOWN ? `${others} and ${coveredBy.length - SHOWN} more` : others,
    [
      ...(cutsUntracked ? ['Cuts open connections at once, a single time: their replies pass by it, untracked.'] : []),
      ...[...managedBy.map(({ note }) => note), ...notes].map(markdownCode),
    ].join(' '),
  ];
}

function skippedLines(skipped: readonly Skipped[]): string[] {
  if (skipped.length === 0) return [];
  return [
    '',
    '## Not removed',
    '',
    '| rule | group | verdict | why it stays |',
    '| --- | --- | --- | --- |',
    ...skipped.map(({ ruleId, groupId, groupName, verdict, reason }) =>
      markdownRow([markdownCode(ruleId), markdownCode(nameAndId(groupName, groupId)), verdict, markdownCode(reason)]),
    ),
  ];
}
