import type { Plan, Removal, RulePlace, Stage } from './plan.ts';
import { nameAndId } from '../../text/name-and-id.ts';
import { ruleText } from '../../text/rule-text.ts';
import { expectedOf, groupQuery } from './aws-commands.ts';
import { shellComment, shellQuote } from './shell-quote.ts';
import { count } from '../../text/numbers.ts';

/** Rules that are removed by one call. */
const RULES_PER_CALL = 100;
/** Of what AWS should show of them, one word of a command: Linux has 128 KiB for that, Windows 32 for the command. */
const CHARACTERS_PER_CALL = 24_000;

/** Of the AWS CLI: no pager waits for a key, in version 2. Version 1 takes no notice. */
const START = `set -eu
AWS_PAGER=''
export AWS_PAGER
DRY_RUN=\${DRY_RUN:-}
`.split('\n');

const STOP = `
stop() {
  printf '%s\\n' "$*" >&2
  exit 1
}
`;

/** Which rules are meant, and whether these are the credentials for them. */
const CHOOSE = `
only=" $* "
for id; do
  case $known in
    *" $id "*) ;;
    *) stop "$id is no rule, group or VPC of this stage: nothing was done." ;;
  esac
done
# Succeeds if one of the ids was given, or none at all.
chosen() {
  if [ "$only" = '  ' ]; then return 0; fi
  for id; do
    case $only in
      *" $id "*) return 0 ;;
    esac
  done
  return 1
}
here=''
region=''
# What follows is of this account and Region: it is done if the credentials are of the account.
place() {
  here=''
  region=$2
  if [ -z "$1" ] || [ "$1" = "$account" ]; then here=yes; fi
}
`;

/** Whole groups are looked at and changed at a time: a call each, whatever the number of their rules. */
const REMOVE = `
asked=0
found=0
# Removes rules of a group that read as they did when the plan was made; what is gone is passed over.
# Arguments: group, VPC, direction, rules, what AWS should show of those with ports, and of others.
remove() {
  if [ -z "$here" ]; then return 0; fi
  group=$1
  way=$3
  wanted=''
  for rule in $4; do
    if chosen "$rule" "$group" "$2"; then wanted="$wanted $rule"; fi
  done
  if [ -z "$wanted" ]; then return 0; fi
  said=$(ec2 describe-security-group-rules --filters "Name=group-id,Values=$group" \\
    --query "$Q1$5$Q2$6$Q3" --output json) ||
    stop "The rules of $group cannot be looked up: nothing more is removed."
  case $said in
    '"'*' '*'"') ;;
    *) stop "The rules of $group cannot be looked up: nothing more is removed. $said" ;;
  esac
  said=\${said#'"'}
  said=\${said%'"'}
  same=",\${said%% *},"
  there=",\${said#* },"
  set --
  for rule in $wanted; do
    asked=$((asked + 1))
    case $same in
      *",$rule,"*)
        set -- "$@" "$rule"
        continue
        ;;
    esac
    case $there in
      *",$rule,"*) stop "$rule was changed since the plan was made: nothing more is removed. Make a new plan." ;;
    esac
    printf '%s is gone already\\n' "$rule"
  done
  if [ $# = 0 ]; then return 0; fi
  found=$((found + $#))
  if [ -n "$DRY_RUN" ]; then
    said=$(ec2 "revoke-security-group-$way" --group-id "$group" --security-group-rule-ids "$@" --dry-run 2>&1) || :
    case $said in
      *DryRunOperation*) printf 'would be removed from %s: %s\\n' "$group" "$*" ;;
      *) stop "$* of $group: $said" ;;
    esac
    return 0
  fi
  ec2 "revoke-security-group-$way" --group-id "$group" --security-group-rule-ids "$@" >/dev/null ||
    stop "$* of $group: not removed, and nothing more is."
  printf 'removed from %s: %s\\n' "$group" "$*"
}
`;

/** `aws` is asked again for its reason, since a shell cannot keep its two outputs apart. */
const MUST_STAND = `
# Ends everything here unless the rule stands as it did: others may go only because of it.
must_stand() {
  if [ -z "$here" ]; then return 0; fi
  rule=$1
  shift
  if state=$("$@" 2>/dev/null); then
    if [ "$state" = same ]; then return 0; fi
    stop "$rule was changed, and rules of this stage are only covered by it: nothing is removed. Make a new plan."
  fi
  reason=$("$@" 2>&1 >/dev/null) || :
  case $reason in
    *InvalidSecurityGroupRuleId*NotFound*)
      stop "$rule is gone, and rules of this stage are only covered by it: nothing is removed. Make a new plan."
      ;;
  esac
  stop "$rule cannot be looked up, and rules of this stage are only covered by it: nothing is removed. $reason"
}
`;

/** Goes on whatever fails: each rule that comes back is one more. */
const BACK = `
failed=0
# Runs a command that makes a rule again; one that is there already is as good. Arguments: rule, group, VPC, command.
back() {
  if [ -z "$here" ] || ! chosen "$1" "$2" "$3"; then return 0; fi
  rule=$1
  shift 3
  if [ -n "$DRY_RUN" ]; then set -- "$@" --dry-run; fi
  if said=$("$@" 2>&1); then
    printf '%s\\n' "$rule is back, under a new id:" "$said"
    return 0
  fi
  case $said in
    *InvalidPermission.Duplicate*) printf '%s\\n' "$rule is there, or another that admits the same" ;;
    *DryRunOperation*) printf '%s\\n' "$rule would be made again" ;;
    *)
      printf '%s\\n' "$rule is NOT back: $said" >&2
      failed=1
      ;;
  esac
}
`;

/**
 * `stage-N.sh`: for a person to read, then run.
 *
 * @throws Error for ids of another form than AWS gives: no plan holds such
 */
export function stageScript(plan: Plan, stage: Stage): string {
  const { asOf, windowDays, goodUntil, stages } = plan;
  const { number, removals, keepers, waitDays } = stage;
  const [q1, q2, q3] = groupQuery();
  return lines([
    '#!/bin/sh',
    `# Stage ${number} of ${stages.length}: removes ${count(removals.length, 'security group rule')} from AWS.`,
    `# Planned by stale-sg from what was seen in the ${windowDays} days up to ${asOf}. Read plan.md first.`,
    `# ${shellComment(placesText(removals))} Good until ${goodUntil}: then plan anew.`,
    ...plan.caveats.map((caveat) => `# Mind: ${shellComment(caveat)}`),
    '#',
    `# sh stage-${number}.sh                      does it; may be run again, what is gone is passed over.`,
    `# DRY_RUN=1 sh stage-${number}.sh            asks AWS whether it would work, and changes nothing.`,
    `# sh stage-${number}.sh sgr-... sg-... vpc-...   does it for these rules, groups or VPCs only.`,
    `# sh stage-${number}-undo.sh [the same]      makes the rules again.`,
    '# Stops before the first group with a rule that no longer reads as it did.',
    `# Afterwards wait ${waitDays} days, check as plan.md says, then plan the next stage anew.`,
    ...START,
    ...STOP.split('\\n'),
    `if ! [ "$(date -u +%Y%m%d)" -le ${goodUntil.replaceAll('-', '')} ] 2>/dev/null; then`,
    `  stop 'This plan was good until ${goodUntil}: what was not in use then may be by now. Plan anew.'`,
    'fi',
    ...identity(plan, removals),
    `Q1='${q1}'`,
    `Q2='${q2}'`,
    `Q3='${q3}'`,
    ...REMOVE.split('\\n'),
    ...(keepers.length > 0 ? MUST_STAND.split('\\n') : []),
    ...byPlace([...keepers, ...removals]).flatMap(([place, some]) => [
      ...placeLines(place),
      ...keeperLines(keepers.filter((one) => some.includes(one))),
      ...(removals.length > 0 ? groupLines(removals.filter((one) => some.includes(one))) : []),
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
export function undoScript(plan: Plan, { number, removals }: Stage): string {
  return lines([
    '#!/bin/sh',
    `# Undo of stage ${number} of ${plan.stages.length}: makes ${count(removals.length, 'security group rule')} again,`,
    '# with description and tags (but not those that belong to AWS). AWS gives each a new id.',
    '# What is there already stays as it is; what fails is told, and the rest is done all the same.',
    `# ${shellComment(placesText(removals))}`,
    `# sh stage-${number}-undo.sh sgr-... sg-... vpc-... makes these rules, or those of these groups or VPCs, only.`,
    ...START,
    ...STOP.split('\\n'),
    ...identity(plan, removals),
    ...BACK.split('\\n'),
    ...byPlace(removals).flatMap(([place, some]) => [
      ...placeLines(place),
      ...some.flatMap((removal) => [
        ...ruleComment(removal),
        `back ${[removal.rule.ruleId, removal.rule.groupId, removal.vpcId].map(shellQuote).join(' ')} ${removal.undo}`,
        '',
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
function identity({ profile }: Plan, removals: readonly Removal[]): string[] {
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
    `known=' ${[...new Set(ids)].filter((id) => id !== '').join(' ')} '`,
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

function accountsOf(removals: readonly Removal[]): string[] {
  return [...new Set(removals.map(({ accountId }) => accountId))];
}

function placeLines({ accountId, region }: RulePlace): string[] {
  return ['', `place ${shellQuote(accountId)} ${shellQuote(region)}`];
}

function keeperLines(keepers: Stage['keepers']): string[] {
  if (keepers.length === 0) return [];
  return [
    '# These stay, and take over.',
    ...keepers.map((one) => `must_stand ${shellQuote(one.ruleId)} ${one.check}`),
    '',
  ];
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
