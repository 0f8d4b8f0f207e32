/** Why nothing can be said of a rule that carried nothing. Each is a gap in the evidence, never a sign of disuse. */
export type NotObservedReason =
  /** The rule cannot be matched here: see `Rule.unmatchable`. */
  | { readonly reason: 'unmatchable'; readonly detail: string }
  /** Records that this rule may have admitted, and no sure use. */
  | { readonly reason: 'onlyPossibleUse'; readonly possibleTimes: number }
  /** Flow logs covered too few of its interfaces' days (of its VPC's days, where no interface carries its group). */
  | { readonly reason: 'notCovered'; readonly observedDays: number; readonly interfaceDays: number }
  /** Records of a duplicate flow log would have been credited to it, and the other log told of none. */
  | { readonly reason: 'onlySetAside'; readonly setAsideTimes: number }
  /** Too many lines could not be read: any of them may have shown a use. */
  | { readonly reason: 'malformed'; readonly malformed: number; readonly records: number }
  /** Its tag for a window of its own says no number of days. */
  | { readonly reason: 'windowTag'; readonly detail: string }
  /** SKIPDATA: the logs themselves say that records are missing. */
  | { readonly reason: 'skippedData'; readonly skipped: number; readonly records: number }
  /** Traffic of interfaces that the inventory does not know, any of which may carry the group. */
  | { readonly reason: 'unknownInterfaces'; readonly unknown: number; readonly accepted: number }
  /** It admits only traffic that flow logs never show. */
  | { readonly reason: 'neverLogged'; readonly detail: string }
  /** Its group is also in use in a VPC whose logs are not here. */
  | { readonly reason: 'sharedGroup'; readonly vpcId: string };

/** What is said of one rule. Closed: who switches over `kind` handles all. */
export type Verdict =
  /** Kept on purpose. `owner`: who answers for it; null where only a tag of the rule says so. */
  | { readonly kind: 'exempt'; readonly reason: string; readonly until: string | null; readonly owner: string | null }
  /** `unanswered`: used, but no reply was ever seen, as with scans. */
  | { readonly kind: 'active'; readonly unanswered: boolean }
  /** Used, but never alone: others stand in every set of rules it was seen in. */
  | { readonly kind: 'redundant'; readonly coveredBy: readonly string[]; readonly ageUnknown: boolean }
  | ({ readonly kind: 'notObserved' } & NotObservedReason)
  | { readonly kind: 'tooYoung'; readonly since: string }
  | { readonly kind: 'unattached'; readonly ageUnknown: boolean }
  | { readonly kind: 'stale'; readonly ageUnknown: boolean };

export type VerdictKind = Verdict['kind'];

/** All kinds, the ones that ask for action first. */
export const VERDICT_KINDS = [
  'stale',
  'unattached',
  'redundant',
  'notObserved',
  'tooYoung',
  'exempt',
  'active',
] as const satisfies readonly VerdictKind[];
