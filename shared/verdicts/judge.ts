import type { Inventory, Rule } from '../inventory/inventory.ts';
import { FATES, type AdmittingSet, type Day, type RuleDay, type Usage } from '../usage/usage.ts';
import { isIn, isoTime, sumWithin, windowOf, type Window } from '../usage/window.ts';
import { neverLogged } from './never-logged.ts';
import { Observation } from './observation.ts';
import type { NotObservedReason, Verdict } from './verdict.ts';

/** Tag of a rule: the reason to keep it, with an optional `until YYYY-MM-DD` (that day inclusive) at its end. */
export const KEEP_TAG = 'stale-sg:keep';
/** ICMP type or code of a rule for all of them. */
const ANY = -1;
/** A larger share of unreadable lines may hide any use. */
const MAX_MALFORMED_SHARE = 0.1;

/** Tag of a rule: its own window in days, 1 to 3,650, instead of the general one. */
export const WINDOW_TAG = 'stale-sg:window';

export interface JudgeOptions {
  /** UNIX seconds. */
  readonly asOf: number;
  readonly windowDays: number;
  /** UNIX seconds since when somebody vouches that the rules stood as they are; undefined where nobody does. */
  readonly rulesKnownSince: number | undefined;
}

export interface Judged {
  readonly rule: Rule;
  readonly verdict: Verdict;
  readonly window: Window;
  /** Use inside the window. */
  readonly use: RuleDay;
  readonly days: ReadonlyMap<Day, RuleDay> | undefined;
}

/**
 * Says of every rule what the evidence allows, in the order of the inventory. One inventory is taken to have stood for
 * the whole window: since when its rules exist is unknown unless `rulesKnownSince` says so.
 */
export function judge(inventory: Inventory, usage: Usage, options: JudgeOptions): Judged[] {
  const observations = new Map<number, Observation>();
  const referenced = new Set(
    inventory.rules.flatMap(({ groupId, peer }) => (peer.type === 'group' && peer.value !== groupId ? peer.value : [])),
  );
  const byId = new Map(inventory.rules.map((rule) => [rule.ruleId, rule]));
  const setsOf = new Map<string, AdmittingSet[]>();
  for (const set of usage.admittingSets.values()) {
    for (const ruleId of set.ruleIds) {
      const sets = setsOf.get(ruleId);
      if (sets) sets.push(set);
      else setsOf.set(ruleId, [set]);
    }
  }
  return inventory.rules.map((rule) => {
    const window = windowOf(options.asOf, windowDaysOf(rule, options.windowDays));
    let observation = observations.get(window.days);
    if (!observation) observations.set(window.days, (observation = new Observation(inventory, usage, window)));
    const days = usage.rules.get(rule.ruleId);
    const use = sumWithin(days, window);
    const sets = (setsOf.get(rule.ruleId) ?? []).filter(({ day }) => isIn(window, day));
    const others = coverOf(rule, sets, byId);
    const attached = observation.interfacesOf(rule.groupId).length > 0 || referenced.has(rule.groupId);
    const gap = (): NotObservedReason | undefined => gapOf(rule, use, inventory, usage, observation);
    return { rule, window, use, days, verdict: verdictOf(rule, use, others, attached, gap, window, options) };
  });
}

function verdictOf(
  rule: Rule,
  use: RuleDay,
  others: readonly string[] | undefined,
  attached: boolean,
  gap: () => NotObservedReason | undefined,
  window: Window,
  options: JudgeOptions,
): Verdict {
  const exempt = exemption(rule, options.asOf);
  if (exempt) return exempt;
  const since = options.rulesKnownSince;
  const ageUnknown = since === undefined;
  const tooYoung = since !== undefined && since > window.firstDay * 86_400;
  if (use.usedTimes + use.replyTimes > 0) {
    // Flows that it may have admitted are in no admitting set: nobody knows whether another rule covers them.
    const covered = use.soleTimes + use.possibleTimes === 0;
    if (others && covered && !gap() && !tooYoung) return { kind: 'redundant', coveredBy: others, ageUnknown };
    return { kind: 'active', unanswered: use.replyTimes === 0 };
  }
  const reason = gap();
  if (reason) return { kind: 'notObserved', ...reason };
  if (tooYoung) return { kind: 'tooYoung', since: isoTime(since) };
  return { kind: attached ? 'stale' : 'unattached', ageUnknown };
}

/** Rules that cover this one, at least one in every set it was seen in; undefined where some set holds none. */
function coverOf(
  rule: Rule,
  sets: readonly AdmittingSet[],
  byId: ReadonlyMap<string, Rule>,
): readonly string[] | undefined {
  const others = new Set<string>();
  for (const { ruleIds } of sets) {
    const covers = ruleIds.filter((id) => {
      const other = byId.get(id);
      return id !== rule.ruleId && other !== undefined && coversIcmp(other, rule);
    });
    if (covers.length === 0) return undefined;
    for (const id of covers) others.add(id);
  }
  return sets.length === 0 ? undefined : [...others].sort();
}

/**
 * Whether what passes by the rule passes by the other as well, where both were seen to admit the same flows. ICMP type
 * and code are never logged: a rule for one type says nothing of another, nor of what a rule for all of them let in.
 */
export function coversIcmp(other: Rule, { icmp }: Rule): boolean {
  if (!other.icmp || other.icmp.type === ANY) return true;
  return icmp?.type === other.icmp.type && (other.icmp.code === ANY || other.icmp.code === icmp.code);
}

function gapOf(
  rule: Rule,
  use: RuleDay,
  inventory: Inventory,
  usage: Usage,
  observation: Observation,
): NotObservedReason | undefined {
  if (rule.unmatchable !== undefined) return { reason: 'unmatchable', detail: rule.unmatchable };
  if (use.usedTimes + use.replyTimes === 0 && use.possibleTimes > 0) {
    return { reason: 'onlyPossibleUse', possibleTimes: use.possibleTimes };
  }
  if (use.usedTimes + use.replyTimes === 0 && use.setAsideTimes > 0) {
    return { reason: 'onlySetAside', setAsideTimes: use.setAsideTimes };
  }
  const tag = rule.tags[WINDOW_TAG];
  if (tag !== undefined && !isWindow(tag)) return { reason: 'windowTag', detail: tag };
  const { malformed } = usage.fates;
  const records = FATES.reduce((sum, fate) => sum + usage.fates[fate], 0);
  if (malformed > MAX_MALFORMED_SHARE * records) return { reason: 'malformed', malformed, records };
  const detail = neverLogged(rule, inventory, observation.interfacesOf(rule.groupId));
  return observation.gapOf(rule.groupId) ?? (detail === undefined ? undefined : { reason: 'neverLogged', detail });
}

function exemption(rule: Rule, asOf: number): Verdict | undefined {
  const tag = rule.tags[KEEP_TAG];
  if (tag === undefined) return undefined;
  const [, reason, until] = /^(.*?)(?:\s*\buntil (\d{4}-\d{2}-\d{2}))?$/s.exec(tag)!;
  const end = until === undefined ? Infinity : Date.parse(`${until}T23:59:59Z`) / 1000;
  if (end < asOf) return undefined;
  return { kind: 'exempt', reason: reason ?? '', until: until ?? null };
}

/** Of its tag, or the general one. */
export function windowDaysOf(rule: Rule, windowDays: number): number {
  const tag = rule.tags[WINDOW_TAG] ?? '';
  return isWindow(tag) ? Number(tag) : windowDays;
}

function isWindow(tag: string): boolean {
  return /^[1-9]\d{0,3}$/.test(tag) && Number(tag) <= 3650;
}
