import { dayFromIso, isoDay } from '../time.ts';
import type { RuleReport, UsageReport } from './schema.ts';

/** So long nothing is seen of a rule before it is back. */
const MIN_QUIET_DAYS = 28;
/** So long a rule that is back is told of as such. */
const NEWS_DAYS = 7;

/** A rule that was used after a long time. */
export interface BackInUse {
  /** The first UTC day of use since. */
  readonly since: string;
  /** Days with records before it, on which the rule stood and no use of it was seen; at least 28. */
  readonly quietDays: number;
}

/**
 * Tells that a rule is back in use: it was used within the last 7 days of the window, after 28 days or more of which there are records,
 * and on which it stood and no use of it was seen. Whether these days were watched for its group is not asked: it is news to
 * whoever would remove the rule, and no verdict.
 */
export function backInUse({ window: { from, to }, days }: Pick<UsageReport, 'window' | 'days'>) {
  const read = days.filter(({ records }) => records > 0).map(({ day }) => dayFromIso(day)!);
  const [first, last] = [dayFromIso(from)!, dayFromIso(to)!];
  return ({ history, evidence: { knownSince } }: Pick<RuleReport, 'history' | 'evidence'>): BackInUse | undefined => {
    const used = history
      .filter(({ usedTimes, replyTimes }) => usedTimes + replyTimes > 0)
      .map(({ day }) => dayFromIso(day)!);
    const stood = Math.max(first, dayFromIso(knownSince?.slice(0, 10) ?? from)!);
    const at = used.findIndex((day) => day > last - NEWS_DAYS);
    if (at < 0) return undefined;
    const before = used[at - 1] ?? stood - 1;
    const quietDays = read.filter((day) => day > before && day < used[at]!).length;
    return quietDays < MIN_QUIET_DAYS ? undefined : { since: isoDay(used[at]!), quietDays };
  };
}
