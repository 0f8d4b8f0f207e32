import type { RuleDay } from '../usage/usage.ts';
import type { NotObservedReason, Verdict, VerdictKind } from '../verdicts/verdict.ts';
import { count, figure } from '../text/numbers.ts';

/** What each verdict means, in a few words. */
export const VERDICT_MEANING: Readonly<Record<VerdictKind, string>> = {
  stale: 'unused, and observed well enough to say so',
  unattached: 'unused, and its group is on no interface',
  redundant: 'used, but other rules admitted all of it',
  notObserved: 'nothing seen, and not enough evidence to call it unused',
  tooYoung: 'unused, but not known for the whole window',
  exempt: 'kept on purpose',
  active: 'used',
};

/** What a verdict's words rest on besides the verdict: the rule's use inside the window. */
type Seen = Pick<RuleDay, 'usedTimes' | 'inferredTimes' | 'replyTimes' | 'untrackedReplies'>;

/**
 * One plain sentence on why the verdict is what it is, and what removing the rule would cut. May hold text of others
 * (tags): escape it where it is shown.
 */
export function verdictText(verdict: Verdict, seen: Seen): string {
  const cut = '; replies of untracked connections pass by it: removing it cuts those that are open';
  return `${reasonText(verdict, seen)}${seen.untrackedReplies > 0 ? cut : ''}`;
}

function reasonText(verdict: Verdict, seen: Seen): string {
  switch (verdict.kind) {
    case 'exempt': {
      const until = verdict.until === null ? '' : ` until ${verdict.until}`;
      const owner = verdict.owner === null ? '' : ` (${verdict.owner})`;
      return `kept on purpose${until}${owner}${verdict.reason === '' ? '' : `: ${verdict.reason}`}`;
    }
    case 'active':
      return usedText(seen);
    case 'redundant': {
      const { coveredBy } = verdict;
      const others = coveredBy.length === 1 ? coveredBy[0]! : `at least one of ${coveredBy.join(', ')}`;
      return `${usedText(seen)}; never alone, each time ${others} admitted the same${aged(verdict.ageUnknown)}`;
    }
    case 'notObserved':
      return notObservedText(verdict);
    case 'tooYoung':
      return `unused, but only known since ${verdict.since}`;
    case 'unattached':
      return (
        'unused; no interface and no other group names its group (launch templates, Lambda, ECS, RDS or services ' +
        `scaled to zero may)${aged(verdict.ageUnknown)}`
      );
    case 'stale':
      return `unused${aged(verdict.ageUnknown)}`;
  }
}

/** No more than the records show: who opened a connection is often inferred, and not every use is answered. */
function usedText({ usedTimes, inferredTimes, replyTimes }: Seen): string {
  if (usedTimes + replyTimes === 0)
    return 'used, as its last use or the streamed count tells; the days shown hold none';
  if (usedTimes === 0) return 'used: only replies were seen';
  const inferred = inferredTimes === usedTimes ? ', as far as ports and rules tell' : '';
  return replyTimes === 0 ? `used${inferred}: no reply was seen (as with scans)` : `used${inferred}`;
}

function aged(ageUnknown: boolean): string {
  return ageUnknown ? '; how old the rule is, is unknown' : '';
}

function notObservedText(verdict: NotObservedReason): string {
  switch (verdict.reason) {
    case 'unmatchable':
      return `cannot be matched: ${verdict.detail}`;
    case 'onlyPossibleUse':
      return `no sure use, but ${count(verdict.possibleTimes, 'record')} that it may have admitted`;
    case 'notCovered':
      return `flow logs read for ${figure(verdict.observedDays)} of ${count(verdict.interfaceDays, 'interface-day')}`;
    case 'onlySetAside':
      return `${count(verdict.setAsideTimes, 'record')} of a duplicate flow log may be its use, and the other log shows none`;
    case 'malformed':
      return `${figure(verdict.malformed)} of ${count(verdict.records, 'record')} could not be read`;
    case 'windowTag':
      return `its tag stale-sg:window is no number of days: ${verdict.detail}`;
    case 'skippedData':
      return `${figure(verdict.skipped)} of ${count(verdict.records, 'record')} told of skipped data`;
    case 'unknownInterfaces':
      return `${figure(verdict.unknown)} of ${count(verdict.accepted, 'accepted record')} came from unknown interfaces`;
    case 'neverLogged':
      return `flow logs never show its traffic (${verdict.detail})`;
    case 'sharedGroup':
      return `its group is also in ${verdict.vpcId}, whose logs are not here`;
  }
}
