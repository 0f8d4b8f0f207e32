import type { Removal, Stage } from './plan.ts';
import { shellComment, shellQuote } from './shell-quote.ts';

/**
 * Rules of other accounts that alone cover what a stage removes from one: who has the credentials of the one cannot look at them.
 * An interface of a shared VPC may have groups of both.
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-group-sharing.html
 */
export function keepersElsewhere({ keepers, removals }: Stage, accountId: string): Stage['keepers'] {
  const own = removals.filter((removal) => removal.accountId === accountId);
  const covering = new Set(own.flatMap(({ coveredBy }) => coveredBy));
  return keepers.filter((one) => one.accountId !== '' && one.accountId !== accountId && covering.has(one.ruleId));
}

/**
 * Lines of a stage's script, for the place of one account: it stops unless somebody has looked there.
 *
 * @param wordsOf what a removal may be asked for by
 */
export function elsewhereLines(
  stage: Stage,
  accountId: string,
  wordsOf: (one: Removal) => readonly string[],
): string[] {
  const covered = (ruleId: string): string => {
    const own = stage.removals.filter((one) => one.accountId === accountId && one.coveredBy.includes(ruleId));
    return [...new Set(own.flatMap(wordsOf))].map(shellQuote).join(' ');
  };
  return keepersElsewhere(stage, accountId).flatMap(({ ruleId, accountId: other, check }) => [
    `# With credentials of ${shellComment(other)} this must print same, since only that rule covers some of what follows:`,
    `# ${shellComment(check)}`,
    `if [ -n "$here" ] && [ "$account" != ${shellQuote(other)} ] && [ -z "\${KEEPERS_CHECKED:-}" ] && chosen ${covered(ruleId)}; then`,
    `  stop ${shellQuote(`${ruleId} of account ${other} covers rules of this stage, and cannot be looked up with these credentials: nothing is removed. Look there, as a comment of this script says; where it prints same, run this with KEEPERS_CHECKED=1.`)}`,
    'fi',
  ]);
}
