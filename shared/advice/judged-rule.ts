import type { Rule } from '../inventory/inventory.ts';
import type { Narrower } from './narrowing/narrower.ts';
import type { Verdict } from '../verdicts/verdict.ts';

/** What advice reads of a rule that was judged: the same keys as in a report. */
export interface RuleVerdict {
  readonly verdict: Verdict;
  /** The verdict's reason in words. */
  readonly why: string;
  /** The counters speak of the window; times are numbers of records. */
  readonly usedTimes: number;
  readonly soleTimes: number;
  readonly replyTimes: number;
  readonly possibleTimes: number;
  readonly untrackedReplies: number;
  /** ISO 8601, UTC; of any day read, in the window or before it. */
  readonly lastUsed: string | null;
  /** How urgently a person should look at it, 0 to 100; undefined where nobody ranked it. */
  readonly rank?: { readonly score: number } | undefined;
  /** Rules that could take its place; undefined or null where there is no proposal. */
  readonly narrower?: Pick<Narrower, 'rules' | 'givesUp' | 'days' | 'caveats'> | null | undefined;
  readonly evidence: {
    /** Days of the window on which every interface of its group was observed. */
    readonly watchedDays: number;
    /** Days of the window of which there is anything; undefined where nobody says. */
    readonly days?: number | undefined;
    /** Since when it reads as it does, ISO 8601, UTC; null or undefined where nobody tells. */
    readonly knownSince?: string | null | undefined;
    /** What of the rule is younger than the window; null where nothing is. */
    readonly young: object | null;
  };
  /** Who made and edited it, the oldest first, as far as the account remembers. Text of others. */
  readonly changes?:
    | readonly { readonly time: string; readonly by: string; readonly what: 'made' | 'edited' }[]
    | undefined;
}

/** A rule and what the report says of it. */
export interface JudgedRule {
  readonly rule: Rule;
  readonly report: RuleVerdict;
}
