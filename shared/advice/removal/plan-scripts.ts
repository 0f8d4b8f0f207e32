import type { Plan, Removal, Stage } from './plan.ts';
import { nameAndId } from '../../text/name-and-id.ts';
import { ruleText } from '../../text/rule-text.ts';
import { shellComment, shellQuote } from './shell-quote.ts';
import { count } from '../../text/numbers.ts';

/** Of the AWS CLI: no pager waits for a key, in version 2. Version 1 takes no notice. */
const START = ['set -eu', "AWS_PAGER=''", 'export AWS_PAGER', ''];

/**
 * Tells apart a rule that stands as it did, one that is gone, and all else. `aws` is asked again for its reason, since
 * a shell cannot keep its two outputs apart.
 */
const UNCHANGED = `
# Succeeds if the rule reads as it did when the plan was made, fails if it is gone; else ends everything here.
unchanged() {
  rule=$1
  shift
  if state=$("$@" 2>/dev/null); then
    if [ "$state" = same ]; then return 0; fi
    printf '%s\\n' "$rule was changed since the plan was made: nothing more is removed. Make a new plan." >&2
    exit 1
  fi
  reason=$("$@" 2>&1 >/dev/null) || :
  case $reason in
    *InvalidSecurityGroupRuleId*NotFound*) return 1 ;;
  esac
  printf '%s\\n' "$rule cannot be looked up: nothing more is removed. $reason" >&2
  exit 1
}

# Ends everything here unless the rule stands as it did: others may go only because of it.
must_stand() {
  if unchanged "$@"; then return 0; fi
  printf '%s\\n' "$1 is gone, and rules of this stage are only covered by it: nothing is removed. Make a new plan." >&2
  exit 1
}
`.split('\n');

/** Goes on whatever fails: each rule that comes back is one more. */
const BACK = `
failed=0
# Runs a command; a rule that is there already is as good.
back() {
  rule=$1
  shift
  if said=$("$@" 2>&1); then
    printf '%s\\n' "$rule is back, under a new id:" "$said"
    return 0
  fi
  case $said in
    *InvalidPermission.Duplicate*) printf '%s\\n' "$rule is there, or another that admits the same" ;;
    *)
      printf '%s\\n' "$rule is NOT back: $said" >&2
      failed=1
      ;;
  esac
}
`.split('\n');

/** `stage-N.sh`: for a person to read, then run. */
export function stageScript({ asOf, windowDays, accounts, region, goodUntil, stages }: Plan, stage: Stage): string {
  const { number, removals, keepers, waitDays } = stage;
  return lines([
    '#!/bin/sh',
    `# Stage ${number} of ${stages.length}: removes ${count(removals.length, 'security group rule')} from AWS.`,
    `# Planned by stale-sg from what was seen in the ${windowDays} days up to ${asOf}. Read plan.md first.`,
    `# ${shellComment(`Account: ${accounts.join(', ') || 'not named'}. Region: ${region ?? 'as the AWS CLI is set'}.`)} Good until ${goodUntil}: then plan anew.`,
    '# Stops before the first rule that no longer reads as it did; may be run again, what is gone is passed over.',
    `# Undo: sh stage-${number}-undo.sh. Afterwards wait ${waitDays} days, check as plan.md says, then plan the next stage anew.`,
    ...START,
    ...UNCHANGED,
    ...(keepers.length > 0 ? ['# These stay, and take over.'] : []),
    ...keepers.map(({ ruleId, check }) => `must_stand ${shellQuote(ruleId)} ${check}`),
    ...(keepers.length > 0 ? [''] : []),
    ...removals.flatMap((removal, i) => removeLines(removal, `${i + 1} of ${removals.length}`)),
    `echo 'Stage ${number} is done.'`,
  ]);
}

function removeLines(removal: Removal, at: string): string[] {
  const { rule, check, command } = removal;
  const ruleId = shellQuote(rule.ruleId);
  return [
    ...ruleComment(removal, at),
    `if unchanged ${ruleId} ${check}; then`,
    `  printf '%s\\n' ${ruleId}`,
    `  ${command}`,
    'else',
    `  printf '%s is gone already\\n' ${ruleId}`,
    'fi',
    '',
  ];
}

/** `stage-N-undo.sh` */
export function undoScript({ stages }: Plan, { number, removals }: Stage): string {
  return lines([
    '#!/bin/sh',
    `# Undo of stage ${number} of ${stages.length}: makes ${count(removals.length, 'security group rule')} again,`,
    '# with description and tags (but not those that belong to AWS). AWS gives each a new id.',
    '# What is there already stays as it is; what fails is told, and the rest is done all the same.',
    ...START,
    ...BACK,
    ...removals.flatMap((removal, i) => [
      ...ruleComment(removal, `${i + 1} of ${removals.length}`),
      `back ${shellQuote(removal.rule.ruleId)} ${removal.undo}`,
      '',
    ]),
    'exit "$failed"',
  ]);
}

function ruleComment({ rule, peerName }: Removal, at: string): string[] {
  const { ruleId, groupId, groupName, description } = rule;
  const said = description === '' ? '' : ` -- ${description}`;
  return [
    `# ${at}: ${shellComment(`${ruleId} of ${nameAndId(groupName, groupId)}: ${ruleText(rule, { peerName })}${said}`)}`,
  ];
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
