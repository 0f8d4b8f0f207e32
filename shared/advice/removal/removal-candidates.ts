import type { Group, Rule } from '../../inventory/inventory.ts';
import { count, figure } from '../../text/numbers.ts';
import type { JudgedRule } from '../judged-rule.ts';
import { exemptionOf, KEEP_TAG } from '../../verdicts/exemption.ts';
import { noCommand } from './aws-commands.ts';
import type { CandidateKind } from './plan.ts';
import type { SeenOfRule } from './removal-evidence.ts';
import { secondsFromIso, type Day, type Window, startOfDay } from '../../time.ts';

/** What else decides whether a rule may be considered. */
export interface Circumstances {
  readonly window: Window;
  readonly group: Group | undefined;
  /** UNIX seconds since when somebody vouches that the rules stood as they are. */
  readonly rulesKnownSince: number | undefined;
  /** Why it stays by the wish of who asked for the plan. */
  readonly leftOut: string | undefined;
  readonly seen: SeenOfRule;
  /** Days of the window without evidence. */
  readonly missingDays: readonly Day[];
  /** On so many days its group must have been watched. */
  readonly minDays: number;
  /** The other account that owns its group: it alone may change it. */
  readonly foreignOwner: string | undefined;
}

export type Candidacy =
  | { readonly kind: CandidateKind }
  /** Unused or redundant, and yet it stays. */
  | { readonly kind: 'stays'; readonly reason: string }
  /** Neither: nobody would ask for it. */
  | { readonly kind: 'inUse' };

/** Whether the rule may be in the set of those removed together; a case of doubt stays. */
export function candidacyOf({ rule, report }: JudgedRule, circumstances: Circumstances): Candidacy {
  const { verdict, why } = report;
  switch (verdict.kind) {
    case 'active':
      return { kind: 'inUse' };
    case 'exempt':
      return report.usedTimes + report.replyTimes > 0 ? { kind: 'inUse' } : stays(why);
    case 'notObserved':
    case 'tooYoung':
      return stays(why);
    case 'unattached':
      return stays(`${why}; whatever carries the group next may need it: no plan removes it`);
    case 'stale':
    case 'redundant': {
      const reason =
        doubt(rule, verdict.ageUnknown, circumstances) ??
        tooFewDays(report, circumstances) ??
        evidenceAgainst(report, circumstances);
      return reason === undefined ? { kind: verdict.kind } : stays(reason);
    }
  }
}

/**
 * Why a rule in use that could be narrower stays as it is; undefined where it need not.
 *
 * @param narrowedDays days of the window whose service flows the narrower rules know, ascending
 */
export function staysWide(
  { rule, report }: JudgedRule,
  circumstances: Circumstances,
  narrowedDays: readonly Day[],
): string | undefined {
  const { seen, window } = circumstances;
  const { evidence, usedTimes, replyTimes } = report;
  const { knownSince } = evidence;
  // Days before the first one of which there is anything ask for no age.
  const firstDay = narrowedDays[0] ?? window.firstDay;
  if (seen.outsideFlows > 0)
    return `${count(seen.outsideFlows, 'flow')} that it was seen to admit would not pass what it could be narrowed to: analyze anew`;
  if ((evidence.days ?? evidence.watchedDays) > narrowedDays.length)
    return 'there is no evidence of some days of its window: on them it may have been used otherwise';
  if (seen.flowRecords < usedTimes + replyTimes)
    return `the evidence shows ${count(seen.flowRecords, 'record')} of its use, the report ${figure(usedTimes + replyTimes)}: make both in one run`;
  return (
    doubt(rule, !knownSince || secondsFromIso(knownSince) > startOfDay(firstDay), circumstances) ??
    tooFewDays(report, circumstances)
  );
}

function stays(reason: string): Candidacy {
  return { kind: 'stays', reason };
}

function doubt(rule: Rule, ageUnknown: boolean, circumstances: Circumstances): string | undefined {
  const { leftOut, rulesKnownSince: since, window, foreignOwner } = circumstances;
  if (leftOut !== undefined) return leftOut;
  // The report may be older than the tag.
  const kept = exemptionOf(rule, circumstances.group, undefined, startOfDay(window.lastDay));
  if (kept?.kind === 'exempt')
    return `the tag ${KEEP_TAG} says to keep it${kept.reason === '' ? '' : `: ${kept.reason}`}`;
  if (ageUnknown && since === undefined)
    return 'how old the rule is, is unknown: vouch for it with --rules-known-since';
  if (ageUnknown && since! > startOfDay(window.firstDay)) return 'younger than its window, as far as anybody vouches';
  if (foreignOwner !== undefined) return `its group belongs to the account ${foreignOwner}, which alone may change it`;
  const reason = noCommand(rule);
  return reason === undefined ? undefined : `no command can be given: ${reason}`;
}

function tooFewDays(
  { evidence: { watchedDays } }: JudgedRule['report'],
  { minDays }: Circumstances,
): string | undefined {
  if (watchedDays >= minDays) return undefined;
  return `watched on ${count(watchedDays, 'day')} only, and a plan wants ${String(minDays)} (--min-days)`;
}

/** The service flows are those that the report was made from, and they say nothing else. */
function evidenceAgainst(report: JudgedRule['report'], { seen, missingDays }: Circumstances): string | undefined {
  const { usedTimes, soleTimes, replyTimes, possibleTimes } = report;
  if (seen.possibleFlows > 0 || possibleTimes > 0) return 'it may have admitted flows that no set of rules tells of';
  if (report.verdict.kind === 'stale')
    return seen.records > 0 ? 'the evidence shows use that the report lacks' : undefined;
  if (soleTimes > 0) return 'it was alone in admitting a request';
  if (missingDays.length > 0)
    return `no evidence of ${count(missingDays.length, 'day')} of its window: others may not cover it`;
  // Another source may have seen what is in no figure of the report: some of it must be in the evidence all the same.
  const records = Math.max(1, usedTimes + replyTimes);
  if (seen.records < records) {
    return `the evidence shows ${count(seen.records, 'record')} of its use, the report ${figure(usedTimes + replyTimes)}: make both in one run`;
  }
  return undefined;
}
