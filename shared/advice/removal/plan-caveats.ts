import type { Rule } from '../../inventory/inventory.ts';
import { count, figure } from '../../text/numbers.ts';
import { dayOf, isoDay, isoTime, type Day } from '../../time.ts';
import type { JudgedRule } from '../judged-rule.ts';
import type { Removal } from './plan.ts';

/** What a plan is made from. */
interface PlanBasis {
  readonly asOf: number;
  readonly rulesKnownSince?: number | undefined;
  readonly minDays?: number | undefined;
  readonly includeManaged?: boolean | undefined;
  /** Of the window. */
  readonly days: number;
  /** Those without evidence. */
  readonly missingDays: readonly Day[];
}

/** What is shown wherever the plan is, a sentence each: in its scripts, page, mail, text and on the terminal. */
export function planCaveats(
  removals: readonly Removal[],
  byRule: ReadonlyMap<Rule, JudgedRule>,
  { asOf, rulesKnownSince, days, missingDays, includeManaged }: PlanBasis,
): string[] {
  if (removals.length === 0) return [];
  const reports = removals.map(({ rule }) => byRule.get(rule as Rule)!.report);
  const watched = Math.min(...reports.map(({ evidence }) => evidence.watchedDays));
  const provisional = reports.flatMap(({ verdict }) =>
    (verdict.kind === 'stale' || verdict.kind === 'redundant') && verdict.provisional ? [verdict.provisional] : [],
  );
  const [least] = provisional.toSorted((x, y) => x.watchedDays - y.watchedDays);
  const vouched = reports.filter(({ verdict }) => 'ageUnknown' in verdict && verdict.ageUnknown).length;
  const managed = includeManaged ? removals.filter(({ managedBy }) => managedBy.length > 0).length : 0;
  const placeless = removals.filter(({ region }) => region === '').length;
  const untracked = removals.filter(({ cutsUntracked }) => cutsUntracked).length;
  return [
    `What is used less often than once in ${count(watched, 'day')} may not have been seen: on so many days, at least, the groups of these rules were watched, until ${isoTime(asOf)}.`,
    ...(least === undefined
      ? []
      : [
          `Provisional: ${count(provisional.length, 'rule')} of these ${provisional.length === 1 ? 'was' : 'were'} watched on fewer days than the window has, one on ${figure(least.watchedDays)} of ${figure(least.windowDays)}; that window is whole on ${least.wholeOn}.`,
        ]),
    ...(placeless === 0
      ? []
      : [
          `Of which Region ${count(placeless, 'rule')} ${placeless === 1 ? 'is' : 'are'}, the inventory does not say: scripts ask the one that the AWS CLI is set to. Better: plan with --region.`,
        ]),
    ...(missingDays.length === 0
      ? []
      : [
          `Of ${count(missingDays.length, 'day')} of the ${figure(days)} there is no evidence, the first ${isoDay(missingDays[0]!)}: no redundant rule whose window has such a day is removed.`,
        ]),
    ...(vouched === 0 || rulesKnownSince === undefined
      ? []
      : [
          `How old ${count(vouched, 'rule')} is, only who asked for the plan says: since ${isoDay(dayOf(rulesKnownSince))}.`,
        ]),
    ...(untracked === 0
      ? []
      : [`Removing ${count(untracked, 'rule')} cuts open connections, once: their replies pass untracked.`]),
    ...(managed === 0
      ? []
      : [`${count(managed, 'rule')} of the stages are written by a tool or a service, and may come back.`]),
  ];
}
