import { markdownCode, markdownRow, markdownShell } from '../../text/markdown.ts';
import { nameAndId } from '../../text/name-and-id.ts';
import { count, percent } from '../../text/numbers.ts';
import { ruleText } from '../../text/rule-text.ts';
import type { GroupPlan } from './plan.ts';
import { shellQuote } from './shell-quote.ts';

type Proposed = NonNullable<GroupPlan['proposal']>;

/** Of `plan.md`: what groups could be. Text of others stands in code. */
export function groupPlanLines(groups: readonly GroupPlan[]): string[] {
  const [made, none] = [groups.filter(({ proposal }) => proposal), groups.filter(({ proposal }) => !proposal)];
  if (groups.length === 0) return [];
  return [
    '',
    `## What a group could be: ${count(groups.length, 'group')}`,
    '',
    'Of groups more than half of whose rules are unused, redundant or too wide: the fewest rules that admit what was seen, inside what',
    'they admit now. The stages remove what goes for good: carry them out first. No script makes rules narrower: for that the commands',
    'stand here: those that make the new rules, and then those that take the old ones away, if all new ones were made. Wait a week,',
    'then look at what was rejected since, before the next group:',
    '',
    '```sh',
    'stale-sg check-plan --plan plan.json --group sg-... --logs PATH... --since TIME',
    '```',
    ...made.flatMap((group) => proposalLines(group, group.proposal!)),
    ...(none.length === 0
      ? []
      : [
          '',
          '### Without a proposal',
          '',
          '| group | rules | unneeded or too wide | why there is none |',
          '| --- | --- | --- | --- |',
          ...none.map(({ groupName, groupId, rules, unneeded, reason }) =>
            markdownRow([
              markdownCode(nameAndId(groupName, groupId)),
              String(rules),
              String(unneeded),
              markdownCode(reason ?? ''),
            ]),
          ),
        ]),
  ];
}

function proposalLines({ groupName, groupId, rules }: GroupPlan, proposal: Proposed): string[] {
  const { keeps, adds, removes, caveats } = proposal;
  const narrowed = removes.filter(({ isNarrowed }) => isNarrowed);
  return [
    '',
    `### ${markdownCode(nameAndId(groupName, groupId))}: ${count(rules, 'rule')}, then ${count(keeps.length + adds.length, 'rule')}`,
    '',
    '| | rule | admits | why |',
    '| --- | --- | --- | --- |',
    ...adds.map(({ rule, insteadOf, standsAs }) =>
      markdownRow([
        'new',
        standsAs === null ? '' : `there already as ${markdownCode(standsAs)}`,
        markdownCode(ruleText(rule)),
        `admits what was seen of ${insteadOf.map(markdownCode).join(', ')}`,
      ]),
    ),
    ...removes.map(({ ruleId, admits, isNarrowed, givesUp, why }) =>
      markdownRow([
        'goes',
        markdownCode(ruleId),
        markdownCode(admits),
        isNarrowed ? `too wide: ${percent(givesUp)} of it is given up` : `by a stage: ${markdownCode(why)}`,
      ]),
    ),
    ...keeps.map(({ ruleId, admits, reason }) =>
      markdownRow(['stays', markdownCode(ruleId), markdownCode(admits), markdownCode(reason)]),
    ),
    ...(caveats.length > 0 ? ['', ...caveats.map((caveat) => `- ${markdownCode(caveat)}`)] : []),
    ...(narrowed.length === 0
      ? []
      : [
          '',
          ...markdownShell(narrowingLines(proposal, narrowed)),
          '',
          'Undo:',
          '',
          ...markdownShell(undoLines(proposal, narrowed)),
        ]),
  ];
}

/**
 * Whoever pastes a block runs all of it: what is taken away must not go where what takes its place was refused. AWS refuses to
 * make a rule twice, and beyond the most that a group may have.
 */
const MADE = `all=yes
made() {
  said=$("$@" 2>&1) || case $said in
    *InvalidPermission.Duplicate*) ;;
    *) all=no; printf '%s\\n' "$said" "Not made: $*. What follows takes nothing away." ;;
  esac
}`.split('\n');

function narrowingLines({ keepers, adds }: Proposed, narrowed: Proposed['removes']): string[] {
  return [
    ...MADE,
    ...(keepers.length === 0 ? [] : ['# What must stand as it does, since it admits some of this.']),
    ...keepers.map(
      ({ ruleId, check }) =>
        `test "$(${check})" = same || { all=no; echo ${shellQuote(`${ruleId} is gone or has changed: this is no more to be taken.`)}; }`,
    ),
    ...(adds.length === 0 ? [] : ['# The new rules; one that says the same may be there already.']),
    ...adds.map(({ command }) => `made ${command}`),
    '# Then the old ones, if all of that is there, and each if it still reads as it did.',
    ...narrowed.map(({ check, command }) => `test $all = yes && test "$(${check})" = same && ${command}`),
  ];
}

function undoLines({ adds }: Proposed, narrowed: Proposed['removes']): string[] {
  const made = adds.filter(({ standsAs }) => standsAs === null);
  return [
    ...MADE,
    '# The old ones again.',
    ...narrowed.map(({ undo }) => `made ${undo}`),
    ...(made.length === 0 ? [] : ['# Then away with the new ones, but for such as were there before.']),
    ...made.map(({ undo }) => `test $all = yes && ${undo}`),
  ];
}
