import * as z from 'zod';

const count = z.number().nonnegative();
const time = z.iso.datetime();
const notObserved = z.literal('notObserved');

/** Why a day tells nothing of a group's rules. */
export const dayGap = z.enum([
  /** Nothing was read of the day. */
  'missing',
  /** Nothing carried the group. */
  'notCarried',
  /** A deployment has not settled it, or it began before the first snapshot. */
  'incomplete',
  /** No active flow log of accepted traffic covers one of its interfaces, and none that was read told of it. */
  'notCovered',
  /** Files of that flow log are missing: it was heard in fewer than 22 hours, hours with some of their files in part. */
  'hoursMissing',
  /** More than 1 % of the lines of that flow log could not be read. */
  'malformed',
  /** SKIPDATA of one of its interfaces: the log itself says that records are missing. */
  'skippedData',
  /** No snapshot of the account was taken, or found still true, on the day or in the six hours before: nobody knows what stood. */
  'snapshotMissing',
]);

/** Reports of before do not say. */
const nextBetterDay = z.iso.date().optional();

/**
 * Told with a verdict over fewer days than the window has, of which more days may make another: on how many its group was
 * watched. Days are UTC days, `2026-03-31`, as of whose first second there is a better answer if every day is watched from now
 * on: `nextBetterDay` the next one (the first verdict, the first plan that may name the rule, the whole window), `wholeOn` the last.
 */
const provisional = z.object({
  watchedDays: count,
  windowDays: count,
  nextBetterDay,
  wholeOn: z.iso.date(),
});
const growing = { provisional: provisional.optional() };

/** Why nothing can be said of a rule that carried nothing. Each is a gap in the evidence, never a sign of disuse. */
const gap = z.discriminatedUnion('reason', [
  /** The rule cannot be matched here: see `Rule.unmatchable`. */
  z.object({ kind: notObserved, reason: z.literal('unmatchable'), detail: z.string() }),
  /** Records that this rule may have admitted, and no sure use. */
  z.object({ kind: notObserved, reason: z.literal('onlyPossibleUse'), possibleTimes: count }),
  /** Records of a duplicate flow log would have been credited to it, and the other log told of none. */
  z.object({ kind: notObserved, reason: z.literal('onlySetAside'), setAsideTimes: count }),
  /** Its tag for a window of its own says no number of days. */
  z.object({ kind: notObserved, reason: z.literal('windowTag'), detail: z.string() }),
  /** It admits only traffic that flow logs never show, or a service demands it. */
  z.object({ kind: notObserved, reason: z.literal('neverLogged'), detail: z.string() }),
  /**
   * Too few days on which its use would have been seen, of those of which there could be anything. `because`: what most
   * of the other days lack; `noAccepted`: not one accepted record was read of its VPC in the window. `interfaceId`: one
   * that was observed on too few of its own days; null where it is not that.
   */
  z.object({
    kind: notObserved,
    reason: z.literal('notWatched'),
    watchedDays: count,
    days: count,
    because: z.enum([...dayGap.options, 'noAccepted', 'tooFewDays']),
    interfaceId: z.string().nullable(),
    ...growing,
  }),
  /** Its interfaces carried no accepted record at all: a standby, a stopped instance. */
  z.object({ kind: notObserved, reason: z.literal('idle'), ...growing }),
  /** Nothing carried the group that it names. */
  z.object({ kind: notObserved, reason: z.literal('peerAbsent'), groupId: z.string(), ...growing }),
  /** Its group belongs to another account, or is also in use in a VPC whose logs are not here. */
  z.object({
    kind: notObserved,
    reason: z.literal('sharedGroup'),
    ownerId: z.string().nullable(),
    vpcId: z.string().nullable(),
  }),
]);

/** What of a rule can be younger than its window: its content, an entry of its list, the first interface of a group. */
export const young = z.enum(['rule', 'listEntry', 'member', 'interface']);

const reserve = { ageUnknown: z.boolean(), ...growing };

/** What is said of one rule. Closed: code that switches over `kind` handles all of them. */
export const verdict = z.discriminatedUnion('kind', [
  /** Kept on purpose. `owner`: who answers for it; null where only a tag of the rule says so. */
  z.object({
    kind: z.literal('exempt'),
    reason: z.string(),
    until: z.string().nullable(),
    owner: z.string().nullable(),
  }),
  /** `unanswered`: used, but no reply was ever seen, as with scans. */
  z.object({ kind: z.literal('active'), unanswered: z.boolean() }),
  /** Used, but never alone: others that may stand in for it are in every set of rules it was seen in. */
  z.object({ kind: z.literal('redundant'), coveredBy: z.array(z.string()), ...reserve }),
  gap,
  /** `nextBetterDay`: the UTC day on which that is as old as the window. */
  z.object({ kind: z.literal('tooYoung'), young, since: time, nextBetterDay }),
  /** `referred`: rules of other groups name its group. */
  z.object({ kind: z.literal('unattached'), referred: z.boolean(), ...reserve }),
  z.object({ kind: z.literal('stale'), ...reserve }),
]);
