import { isoDay, type Day } from '../time.ts';
import type { Provisional } from './verdict.ts';

/** Of the days there are, and of the days of each interface. */
export const MIN_OBSERVED_SHARE = 0.95;
/** So many days are enough, however long the window. */
export const ENOUGH_DAYS = 28;
/** What a plan wants if nobody says otherwise: shorter evidence shows nothing that happens once a month. */
export const PLAN_DAYS = 30;

/** How many of so many days must have been watched for silence to mean anything; may be broken. */
export function leastWatched(days: number): number {
  return Math.min(MIN_OBSERVED_SHARE * days, ENOUGH_DAYS);
}

/** How far a window has grown. */
export interface Grown {
  readonly windowDays: number;
  /** Days of the window of which there is anything, and on how many of them whatever this is about was watched. */
  readonly days: number;
  readonly watchedDays: number;
  /** With fewer of them nothing is said. */
  readonly leastDays: number;
  /** The UTC day after the last of them. */
  readonly nextDay: Day;
}

/** There is something of fewer days than the window has. */
export function isGrowing({ days, windowDays }: Pick<Grown, 'days' | 'windowDays'>): boolean {
  return days < MIN_OBSERVED_SHARE * windowDays;
}

/**
 * UTC days as of whose first second more can be said, given that every day from {@link Grown.nextDay} on is watched: each the
 * earliest such day, undefined where it can be said already, or never.
 */
export interface Milestones {
  /** Rules are called unused. */
  readonly verdictsOn: Day | undefined;
  /** A plan may remove some. */
  readonly planOn: Day | undefined;
  /** The window is whole: what is said of rules is no longer provisional. */
  readonly wholeOn: Day | undefined;
}

export function milestonesOf(grown: Grown): Milestones {
  const { windowDays, days, watchedDays, leastDays, nextDay } = grown;
  let unwatched = 0;
  while (watchedDays + unwatched < leastWatched(days + unwatched)) unwatched++;
  const verdicts = Math.max(unwatched, Math.min(leastDays, windowDays) - days);
  const plan = windowDays < PLAN_DAYS ? 0 : PLAN_DAYS - watchedDays;
  const whole = Math.ceil(MIN_OBSERVED_SHARE * windowDays) - days;
  const inDays = (more: number): Day | undefined => (more > 0 ? nextDay + more : undefined);
  return { verdictsOn: inDays(verdicts), planOn: inDays(plan), wholeOn: inDays(whole) };
}

/**
 * What is told with the verdict on a rule of a group that was so watched; undefined where the window is whole.
 *
 * @param mayBePlanned false where no plan would remove the rule, whatever its verdict
 */
export function provisionalOf(grown: Grown, mayBePlanned: boolean): Provisional | undefined {
  const { verdictsOn = Infinity, planOn = Infinity, wholeOn } = milestonesOf(grown);
  if (wholeOn === undefined) return undefined;
  const next = Math.min(verdictsOn, mayBePlanned ? planOn : Infinity, wholeOn);
  const { watchedDays, windowDays } = grown;
  return { watchedDays, windowDays, nextBetterDay: isoDay(next), wholeOn: isoDay(wholeOn) };
}
