import type { Plan, Removal, RulePlace, Stage } from './plan.ts';
import { nameAndId } from '../../text/name-and-id.ts';
import { ruleText } from '../../text/rule-text.ts';
import { expectedOf, groupQuery } from './aws-commands.ts';
import { BACK, CHOOSE, MUST_STAND, REMOVE, START_PART, STOP_PART } from './script-parts.ts';
import { elsewhereLines } from './keepers-elsewhere.ts';
import { shellComment, shellQuote } from './shell-quote.ts';
import { partyOf, partyTitle, partyWord, stageScripts } from './staging.ts';
import { count } from '../../text/numbers.ts';

/** Rules that are removed by one call. */
const RULES_PER_CALL = 100;
/** Of what AWS should show of them, one word of a command: Linux has 128 KiB for that, Windows 32 for the command. */
const CHARACTERS_PER_CALL = 24_000;

/**
 * `stage-N.sh`: for a person to read, then run.
 *
 * @throws Error for ids of another form than AWS gives: no plan holds such
 */
export function stageScript(plan: Plan, stage: Stage): string {
  const { asOf, windowDays, goodUntil, stages } = plan;
  const { number, removals, keepers, waitDays } = stage;
  const { script, undo } = stageScripts(stage);
  const [q1, q2, q3] = groupQuery();
  return lines([
    '#!/bin/sh',
    `# Stage ${number} of ${stages.length}${ofText(stage, plan)}: removes ${count(removals.length, 'security group rule')} from AWS.`,
    `# Planned by stale-sg from what was seen in the ${windowDays} days up to ${asOf}. Read plan.md first.`,
    `# ${shellComment(placesText(removals))} Good until ${goodUntil}: then plan anew.`,
    ...plan.caveats.map((caveat) => `# Mind: ${shellComment(caveat)}`),
    '#',
    `# sh ${script}                      does it; may be run again, what is gone is passed over.`,
    `# DRY_RUN=1 sh ${script}            asks AWS whether it would work, and changes nothing.`,
    `# sh ${script} ${askedFor(stage, plan)}   does it for these ${askedKinds(stage, plan)} only.`,
    `# sh ${undo} [the same]      makes the rules again.`,
    '# Stops before the first group with a rule that no longer reads as it did.',
    `# Afterwards wait ${waitDays} days, check as plan.md says, then plan the next stage anew.`,
    '# Not to be run once anything of a newer plan was: what takes over there may be what goes here.',
    ...START_PART,
    ...STOP_PART.split('\\n'),
    `if ! [ "$(date -u +%Y%m%d)" -le ${goodUntil.replaceAll('-', '')} ] 2>/dev/null; then`,
    `  stop 'This plan was good until ${goodUntil}: what was not in use then may be by now. Plan anew.'`,
    'fi',
    ...identity(plan, stage),
    `Q1='${q1}'`,
    `Q2='${q2}'`,
    `Q3='${q3}'`,
    ...REMOVE.split('\\n'),
    ...(keepers.length > 0 ? MUST_STAND.split('\\n') : []),
    // All of it before anything goes: what is found out of one Region must stop the others, too.
    ...byPlace([...keepers, ...removals]).flatMap(([place, some]) => {
      const of = keepers.filter((one) => some.includes(one));
      const checks = [
        ...elsewhereLines(stage, place.accountId, (one) => askingWords(one, stage, plan)),
        ...keeperLines(of, stage, plan),
      ];
      return checks.length > 0 ? [...placeLines(place), ...checks] : [];
    }),
    ...byPlace(removals).flatMap(([place, some]) => [
      ...placeLines(place),
      ...byParty(some, stage, plan).flatMap(([party, those]) => [...party, ...groupLines(those)]),
    ]),
    'if [ "$found" = 0 ]; then',
    '  stop "None of the rules asked for ($asked) is there: was the stage carried out before, or is this another account?"',
    'fi',
    'if [ -n "$DRY_RUN" ]; then',
    '  echo "Nothing was removed: $found of $asked rules would be."',
    'else',
    `  echo "Stage ${number} is done: $found of $asked rules removed, the others were gone. Wait ${waitDays} days."`,
    'fi',
    ...othersLeft(removals),
  ]);
}

/** `stage-N-undo.sh` */
export function undoScript(plan: Plan, stage: Stage): string {
  const { number, removals } = stage;
  return lines([
    '#!/bin/sh',
    `# Undo of stage ${number} of ${plan.stages.length}${ofText(stage, plan)}: makes ${count(removals.length, 'security group rule')} again,`,
    '# with description and tags (but not those that belong to AWS). AWS gives each a new id.',
    '# What is there already stays as it is; what fails is told, and the rest is done all the same.',
    `# ${shellComment(placesText(removals))}`,
    `# sh ${stageScripts(stage).undo} ${askedFor(stage, plan)} makes only these again: ${askedKinds(stage, plan)}.`,
    ...START_PART,
    ...STOP_PART.split('\\n'),
    ...identity(plan, stage),
    ...BACK.split('\\n'),
    ...byPlace(removals).flatMap(([place, some]) => [
      ...placeLines(place),
      ...byParty(some, stage, plan).flatMap(([party, those]) => [
        ...party,
        ...those.flatMap((removal) => [
          ...ruleComment(removal),
          `back ${[removal.rule.ruleId, removal.rule.groupId, removal.vpcId].map(shellQuote).join(' ')} ${removal.undo}`,
          '',
        ]),
      ]),
    ]),
    ...othersLeft(removals),
    'exit "$failed"',
  ]);
}

/** Rules of one account and Region. */
function byPlace<T extends RulePlace>(all: readonly T[]): (readonly [T, readonly T[]])[] {
  return [...Map.groupBy(all, ({ accountId, region }) => `${accountId} ${region}`).values()].map((some) => [
    some[0]!,
    some,
  ]);
}

function placesText(removals: readonly Removal[]): string {
  const texts = byPlace(removals).map(([{ accountId, region }]) => {
    const whose = accountId === '' ? 'an account that the inventory does not name' : `account ${accountId}`;
    return `${whose}, ${region === '' ? 'Region as the AWS CLI is set' : region}`;
  });
  return `Of ${texts.join('; ')}.`;
}

/** Who runs it, and what may be asked for. */
function identity(plan: Plan, stage: Stage): string[] {
  const { profile } = plan;
  const { removals } = stage;
  const withProfile = profile === null ? '' : ` --profile ${shellQuote(profile)}`;
  // Of the partition, which has its own; without one the AWS CLI asks nobody.
  const region = removals.find((one) => one.region !== '')?.region;
  const inRegion = region === undefined ? '' : ` --region ${shellQuote(region)}`;
  const ids = removals.flatMap(({ rule: { ruleId, groupId }, vpcId }) => [ruleId, groupId, vpcId]);
  const strange = [...ids, ...accountsOf(removals)].find((id) => !/^[\w-]*$/.test(id));
  if (strange !== undefined) throw new Error(`no script is made of the id ${JSON.stringify(strange)}`);
  const accounts = accountsOf(removals);
  const named = accounts.every((id) => id !== '');
  return [
    `known=' ${[...new Set([...ids, ...partyWords(removals, stage, plan)])].filter((id) => id !== '').join(' ')} '`,
    ...CHOOSE.split('\n'),
    `ec2() { aws ec2 "$@" \${region:+--region "$region"}${withProfile}; }`,
    `account=$(aws sts get-caller-identity --query Account --output text${inRegion}${withProfile}) ||`,
    "  stop 'It cannot be asked whose credentials these are: nothing was done.'",
    ...(named
      ? [
          `case ' ${accounts.join(' ')} ' in`,
          '  *" $account "*) ;;',
          `  *) stop "These credentials are of account $account, and the rules are of ${accounts.join(', ')}: nothing was done." ;;`,
          'esac',
        ]
      : []),
  ];
}

/** Where several share a stage, what each is asked for by. */
function partyWords(removals: readonly Removal[], { of }: Stage, { by = 'vpc' }: Plan): string[] {
  return by === 'vpc' || of !== undefined ? [] : removals.map((one) => partyWord(partyOf(one, by), by));
}

/** Rules of one party, with the line that says whose they are. */
function byParty(removals: readonly Removal[], stage: Stage, plan: Plan): (readonly [string[], readonly Removal[]])[] {
  const words = partyWords(removals, stage, plan);
  if (words.length === 0) return [[[], removals]];
  return [
    ...Map.groupBy(
      removals.map((one, i) => [words[i]!, one] as const),
      ([word]) => word,
    ),
  ].map(([word, some]) => [[`party=${shellQuote(word)}`, ''], some.map(([, one]) => one)]);
}

function ofText({ of }: Stage, { by = 'vpc' }: Plan): string {
  return of === undefined ? '' : `, of ${shellComment(partyTitle(of, by))}`;
}

/** What may stand behind a script. */
function askedFor(stage: Stage, plan: Plan): string {
  return ['sgr-...', 'sg-...', 'vpc-...', ...partyWords(stage.removals, stage, plan).slice(0, 1)].join(' ');
}

function askedKinds(stage: Stage, plan: Plan): string {
  const some = partyWords(stage.removals, stage, plan).length > 0 ? `, VPCs or ${plan.by!}s` : ' or VPCs';
  return `rules, groups${some}`;
}

function accountsOf(removals: readonly Removal[]): string[] {
  return [...new Set(removals.map(({ accountId }) => accountId))];
}

function placeLines({ accountId, region }: RulePlace): string[] {
  return ['', `place ${shellQuote(accountId)} ${shellQuote(region)}`];
}

function keeperLines(keepers: Stage['keepers'], stage: Stage, plan: Plan): string[] {
  if (keepers.length === 0) return [];
  const askedBy = new Map(keepers.map(({ ruleId }) => [ruleId, new Set<string>()]));
  for (const one of stage.removals) {
    for (const keeper of one.coveredBy)
      for (const word of askingWords(one, stage, plan)) askedBy.get(keeper)?.add(word);
  }
  return [
    '# These stay, and take over.',
    ...keepers.map(
      ({ ruleId, check }) =>
        `must_stand ${shellQuote(ruleId)} ${shellQuote([...askedBy.get(ruleId)!].join(' '))} ${check}`,
    ),
    '',
  ];
}

/** What a removal may be asked for by. */
function askingWords(one: Removal, stage: Stage, plan: Plan): string[] {
  const { ruleId, groupId } = one.rule;
  return [ruleId, groupId, one.vpcId, ...partyWords([one], stage, plan)].filter((word) => word !== '');
}

/** By group and direction. */
function groupLines(removals: readonly Removal[]): string[] {
  const groups = Map.groupBy(removals, ({ rule: { groupId, direction } }) => `${groupId} ${direction}`);
  return [...groups.values()].flatMap((some) =>
    callsFor(some).flatMap((part) => {
      const [{ rule, vpcId }] = part;
      const { withPorts, others } = expectedOf(part.map((removal) => removal.rule));
      const ids = part.map((removal) => removal.rule.ruleId).join(' ');
      return [
        ...part.flatMap(ruleComment),
        `remove ${[rule.groupId, vpcId, rule.direction, ids].map(shellQuote).join(' ')} '${withPorts}' '${others}'`,
        '',
      ];
    }),
  );
}

/** Tags may be long. */
function callsFor(removals: readonly Removal[]): (readonly [Removal, ...Removal[]])[] {
  const calls: [Removal, ...Removal[]][] = [];
  let left = 0;
  for (const removal of removals) {
    const { withPorts, others } = expectedOf([removal.rule]);
    left -= withPorts.length + others.length;
    const last = calls.at(-1);
    if (last && left >= 0 && last.length < RULES_PER_CALL) last.push(removal);
    else {
      calls.push([removal]);
      left = CHARACTERS_PER_CALL - withPorts.length - others.length;
    }
  }
  return calls;
}

/** One run does what is of one account. */
function othersLeft(removals: readonly Removal[]): string[] {
  const accounts = accountsOf(removals);
  if (accounts.length < 2) return [];
  return [
    `echo "Of accounts other than $account (${accounts.join(', ')}) nothing was done: run it with their credentials."`,
  ];
}

function ruleComment({ rule, peerName }: Removal): string[] {
  const { ruleId, groupId, groupName, description } = rule;
  const said = description === '' ? '' : ` -- ${description}`;
  return [`# ${shellComment(`${ruleId} of ${nameAndId(groupName, groupId)}: ${ruleText(rule, { peerName })}${said}`)}`];
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
