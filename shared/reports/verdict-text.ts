import type { RuleDay } from '../usage/usage.ts';
import type { NotObservedReason, Provisional, Verdict, VerdictKind, Young } from '../verdicts/verdict.ts';
import { count, figure } from '../text/numbers.ts';

/** As people are shown it. */
export const VERDICT_NAME: Readonly<Record<VerdictKind, string>> = {
  stale: 'Stale',
  unattached: 'Unattached',
  redundant: 'Redundant',
  notObserved: 'Not observed',
  tooYoung: 'Too young',
  exempt: 'Exempt',
  active: 'Active',
};

/** What each verdict means, in a few words. */
export const VERDICT_MEANING: Readonly<Record<VerdictKind, string>> = {
  stale: 'unused, and observed well enough to say so',
  unattached: 'unused, and its group is on no interface',
  redundant: 'used, but other rules admitted all of it',
  notObserved: 'nothing seen, on too little evidence to call it unused',
  tooYoung: 'unused, but something of it is younger than the window',
  exempt: 'kept on purpose',
  active: 'used',
};

/** What a verdict's words rest on in addition to the verdict: the rule's use inside the window. */
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
      return `${usedText(seen)}; never alone, each time ${others} admitted the same${reserved(verdict)}`;
    }
    case 'notObserved': {
      const next = 'provisional' in verdict ? verdict.provisional?.nextBetterDay : undefined;
      const more = next === undefined ? '' : `; more can be said on ${next} at the earliest`;
      return `${notObservedText(verdict)}${more}`;
    }
    case 'tooYoung': {
      const { since, nextBetterDay } = verdict;
      const old = nextBetterDay === undefined ? 'wait until that is' : `on ${nextBetterDay} that is`;
      return `unused, but ${YOUNG[verdict.young]} ${since}: ${old} as old as the window`;
    }
    case 'unattached': {
      const referred = verdict.referred ? ', though rules of other groups name it' : '';
      return (
        `unused; its group is on no interface${referred} (launch templates, Lambda, ECS, RDS or services scaled to zero ` +
        `may name it still)${reserved(verdict)}`
      );
    }
    case 'stale':
      return `unused${reserved(verdict)}`;
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

const YOUNG: Readonly<Record<Young, string>> = {
  rule: 'the rule is only known since',
  listEntry: 'its prefix list has an entry that is only known since',
  member: 'the group that it names is on an interface only since',
  interface: 'its group is on an interface only since',
};

/** What a verdict that asks for action leaves open. */
function reserved({ ageUnknown, provisional }: Extract<Verdict, { readonly ageUnknown: boolean }>): string {
  return `${ageUnknown ? '; how old the rule is, is unknown' : ''}${provisional ? `; ${provisionalText(provisional)}` : ''}`;
}

function provisionalText({ watchedDays, windowDays, nextBetterDay, wholeOn }: Provisional): string {
  const days = `${figure(watchedDays)} of ${figure(windowDays)} days`;
  return `provisional: watched on ${days}, the next better answer comes on ${nextBetterDay ?? wholeOn}`;
}

function notObservedText(verdict: NotObservedReason): string {
  switch (verdict.reason) {
    case 'unmatchable':
      return `cannot be matched: ${verdict.detail}`;
    case 'onlyPossibleUse':
      return `no sure use, but ${count(verdict.possibleTimes, 'record')} that it may have admitted`;
    case 'onlySetAside':
      return `${count(verdict.setAsideTimes, 'record')} of a duplicate flow log may be its use, and the other log shows none`;
    case 'windowTag':
      return `its tag stale-sg:window is not a number of days: ${verdict.detail}`;
    case 'neverLogged':
      return `flow logs never show its traffic (${verdict.detail})`;
    case 'notWatched':
      return notWatchedText(verdict);
    case 'idle':
      return 'its interfaces carried no accepted traffic at all (a standby, a stopped instance): ask whoever owns them';
    case 'peerAbsent':
      return `nothing carried ${verdict.groupId}, the group that it names: what has that group next may need it`;
    case 'sharedGroup':
      return verdict.ownerId === null
        ? `its group is also in ${verdict.vpcId ?? 'another VPC'}, whose logs are not here: read them too`
        : `its group belongs to the account ${verdict.ownerId}, whose interfaces are not all here: ask there`;
  }
}

function notWatchedText({
  watchedDays,
  days,
  because,
  interfaceId,
}: Extract<NotObservedReason, { reason: 'notWatched' }>) {
  const whose = interfaceId === null ? '' : `, and ${interfaceId} was observed on too few of its own`;
  return `watched on ${figure(watchedDays)} of ${count(days, 'day')}${whose}: ${MISSED[because]}`;
}

/** What the days that were not watched lack, and what can be done about it. */
const MISSED: Readonly<Record<Extract<NotObservedReason, { reason: 'notWatched' }>['because'], string>> = {
  missing: 'nothing was read of the others; read their logs too',
  notCarried: 'its group was on no interface on the others; wait until it has been for as long as the window',
  notCovered:
    'no active flow log of accepted traffic covers all its interfaces; attach one (to the VPC covers all), or give its files',
  hoursMissing:
    'files of the flow log are missing on the others, more than two hours’ worth a day; give all its files, or let it aggregate every minute if it covers few interfaces',
  skippedData: 'the flow log skipped records of its interfaces on the others; wait until enough days are whole',
  malformed: 'more than 1 % of the lines of its flow log cannot be read on the others; give undamaged files',
  incomplete: 'the others are not settled, or began before the first snapshot; wait, or run their nights again',
  snapshotMissing:
    'no snapshot of the account was taken on the others, nor in the six hours before each; take one every day at least',
  noAccepted: 'not one accepted record of its VPC was read; attach a flow log of accepted traffic, or give its files',
  tooFewDays: 'that is too few to say anything',
};
