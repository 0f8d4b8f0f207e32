/** The parts of a stage's scripts that are the same in all of them, in POSIX shell. */

/** Of the AWS CLI: no pager waits for a key, in version 2. Version 1 takes no notice. */
export const START_PART = `set -eu
AWS_PAGER=''
export AWS_PAGER
DRY_RUN=\${DRY_RUN:-}
`.split('\n');

export const STOP_PART = `
stop() {
  printf '%s\\n' "$*" >&2
  exit 1
}
`;

/** Which rules are meant, and whether these are the credentials for them. */
export const CHOOSE = `
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
# What follows is of this owner or account, where stages are of several: see plan.md.
party=''
# What follows is of this account and Region: it is done if the credentials are of the account.
place() {
  here=''
  region=$2
  if [ -z "$1" ] || [ "$1" = "$account" ]; then here=yes; fi
}
`;

/** Whole groups are looked at and changed at a time: a call each, whatever the number of their rules. */
export const REMOVE = `
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
    if chosen "$rule" "$group" "$2" "$party"; then wanted="$wanted $rule"; fi
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
export const MUST_STAND = `
# Ends everything here unless the rule stands as it did: others may go only because of it, of which one must be asked for.
# Arguments: rule, by what these may be asked for, command.
must_stand() {
  if [ -z "$here" ] || ! chosen $2; then return 0; fi
  rule=$1
  shift 2
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
export const BACK = `
failed=0
# Runs a command that makes a rule again; one that is there already is as good. Arguments: rule, group, VPC, command.
back() {
  if [ -z "$here" ] || ! chosen "$1" "$2" "$3" "$party"; then return 0; fi
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
