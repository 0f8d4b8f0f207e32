import * as z from 'zod';

const count = z.number().nonnegative();
const notObserved = z.literal('notObserved');

/** Why nothing can be said of a rule that carried nothing. Each is a gap in the evidence, never a sign of disuse. */
const gap = z.discriminatedUnion('reason', [
  /** The rule cannot be matched here: see `Rule.unmatchable`. */
  z.object({ kind: notObserved, reason: z.literal('unmatchable'), detail: z.string() }),
  /** Records that this rule may have admitted, and no sure use. */
  z.object({ kind: notObserved, reason: z.literal('onlyPossibleUse'), possibleTimes: count }),
  /** Flow logs covered too few of its interfaces' days (of its VPC's days, where no interface carries its group). */
  z.object({ kind: notObserved, reason: z.literal('notCovered'), observedDays: count, interfaceDays: count }),
  /** Records of a duplicate flow log would have been credited to it, and the other log told of none. */
  z.object({ kind: notObserved, reason: z.literal('onlySetAside'), setAsideTimes: count }),
  /** Too many lines could not be read: any of them may have shown a use. */
  z.object({ kind: notObserved, reason: z.literal('malformed'), malformed: count, records: count }),
  /** Its tag for a window of its own says no number of days. */
  z.object({ kind: notObserved, reason: z.literal('windowTag'), detail: z.string() }),
  /** SKIPDATA: the logs themselves say that records are missing. */
  z.object({ kind: notObserved, reason: z.literal('skippedData'), skipped: count, records: count }),
  /** Traffic of interfaces that the inventory does not know, any of which may carry the group. */
  z.object({ kind: notObserved, reason: z.literal('unknownInterfaces'), unknown: count, accepted: count }),
  /** It admits only traffic that flow logs never show. */
  z.object({ kind: notObserved, reason: z.literal('neverLogged'), detail: z.string() }),
  /** Its group is also in use in a VPC whose logs are not here. */
  z.object({ kind: notObserved, reason: z.literal('sharedGroup'), vpcId: z.string() }),
]);

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
  /** Used, but never alone: others stand in every set of rules it was seen in. */
  z.object({ kind: z.literal('redundant'), coveredBy: z.array(z.string()), ageUnknown: z.boolean() }),
  gap,
  z.object({ kind: z.literal('tooYoung'), since: z.string() }),
  z.object({ kind: z.literal('unattached'), ageUnknown: z.boolean() }),
  z.object({ kind: z.literal('stale'), ageUnknown: z.boolean() }),
]);
