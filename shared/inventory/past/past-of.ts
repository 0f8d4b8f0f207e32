import { compareText } from '../../text/compare.ts';
import { count } from '../../text/numbers.ts';
import { shown } from '../../text/plain.ts';
import { foreignOwner, ownAccounts } from '../accounts.ts';
import type { Inventory, Rule } from '../inventory.ts';
import { GROUP_EVENTS, LIST_EVENTS, OTHER_EVENTS, RULE_EVENTS } from './event-names.ts';
import { interfaceLives } from './interface-lives.ts';
import {
  contentKey,
  entryKey,
  inventoryDigest,
  ownLists,
  type Age,
  type Life,
  type ListEntry,
  type Past,
  mergePasts,
  type RememberedChange,
} from './past.ts';
import { Timeline } from './timeline.ts';
import { MEMORY_NAMES, type AnsweredLookup, type Memory, type Told, type ToldEntry, type ToldRule } from './told.ts';

/** Nobody reads more of one rule. */
const CHANGES_KEPT = 20;

/**
 * Puts together what one of them told.
 *
 * @param now what stands
 * @param takenAt when `now` was described, UNIX seconds; undefined where nobody says: then up to when was asked
 */
export function pastOf(told: Told, now: Inventory, takenAt: number | undefined): Past {
  const problems: string[] = [...told.problems];
  const isOfThese = told.digests.length === 0 || told.digests.includes(inventoryDigest(now));
  const vouchedBy = (events: readonly string[]): number | undefined =>
    isOfThese ? vouchedFrom(told.asked, events, takenAt) : undefined;
  const vouched = vouchedBy(RULE_EVENTS);
  if (!isOfThese) {
    problems.push(
      'the history was read for other rules or list entries than the inventory has now: its silence tells no age; take both anew',
    );
  }
  const rules = new RulesOfPast(told, now);
  const entries = entriesOf(told.entries);
  const known = new Map(now.rules.map((rule) => [contentKey(rule), rule]));
  return {
    ages: new Map([
      ...rules.ages(known, vouched, problems),
      ...agesOfEntries(entries, now, told, vouchedBy(LIST_EVENTS)),
    ]),
    changes: rules.changes(known),
    rules: rules.lives(),
    entries: [...entries.values()].flatMap(({ of, timeline }) => lives(of, timeline, told.source)),
    interfaces: interfaceLives(told, now, groupsKnownFrom(told, takenAt), problems),
    formerGroups: new Map(
      told.groups.flatMap(({ groupId, vpcId }) => (groupId === undefined ? [] : [[groupId, vpcId]])),
    ),
    problems,
  };
}

/**
 * What both of them told of one account, in any number of parts each; undefined where neither told anything.
 *
 * @param now what stands
 * @param takenAt when `now` was described, UNIX seconds; undefined where nobody says
 */
export function pastTold(told: readonly Told[], now: Inventory, takenAt: number | undefined): Past | undefined {
  const [cloudTrail, config] = (['cloudtrail', 'config'] as const).map((source) => {
    const parts = told.filter((one) => one.source === source);
    return parts.length === 0 ? undefined : pastOf(togetherTold(parts), now, takenAt);
  });
  return cloudTrail && config ? mergePasts(cloudTrail, config) : (cloudTrail ?? config);
}

/**
 * Since when, up to `takenAt`, all that CloudTrail tells was asked for and answered whole, UNIX seconds: from then on a day
 * is known as if somebody had described it. Undefined where some of it is missing.
 */
export function wholeSince(told: readonly Told[], takenAt: number): number | undefined {
  const asked = told.flatMap((one) => one.asked);
  const since = vouchedFrom(asked, [...RULE_EVENTS, ...OTHER_EVENTS], takenAt);
  if (since === undefined) return undefined;
  return told.flatMap(({ unplaced }) => unplaced).reduce((latest, at) => Math.max(latest, at + 1), since);
}

/** Up to when all that makes rules was asked for, UNIX seconds; undefined where some of it never was. */
export function rulesAskedUntil(told: readonly Told[]): number | undefined {
  const latest = new Map<string, number>();
  for (const { eventName, until } of told.flatMap((one) => one.asked))
    latest.set(eventName, Math.max(until, latest.get(eventName) ?? -Infinity));
  const until = Math.min(...RULE_EVENTS.map((name) => latest.get(name) ?? -Infinity));
  return until === -Infinity ? undefined : until;
}

/** Of several snapshots of one account, told by one of them: what comes twice counts once. */
export function togetherTold(told: readonly Told[]): Told {
  if (told.length === 1) return told[0]!;
  const together = <T>(of: (one: Told) => readonly T[]): T[] => [
    ...new Map(told.flatMap(of).map((one) => [JSON.stringify(one), one])).values(),
  ];
  return {
    source: told[0]!.source,
    recordedSince: told.reduce((latest, { recordedSince }) => latestKnown(latest, recordedSince), Infinity),
    rules: together(({ rules }) => rules),
    groups: together(({ groups }) => groups),
    entries: together(({ entries }) => entries),
    interfaces: together(({ interfaces }) => interfaces),
    instances: together(({ instances }) => instances),
    unplaced: together(({ unplaced }) => unplaced),
    asked: together(({ asked }) => asked),
    digests: together(({ digests }) => digests),
    problems: together(({ problems }) => problems),
  };
}

/** Of two starts of recording the later one; Infinity is none. */
function latestKnown(one: number, other: number): number {
  return one === Infinity || other === Infinity ? Math.min(one, other) : Math.max(one, other);
}

function lives<T>(of: T, { spans }: Timeline, source: Memory): Life<T>[] {
  return spans.map((span) => ({ of, source, ...span }));
}

/**
 * Since when all events of these names are known, up to when the account was described; undefined where some of it was not
 * asked for, or not answered whole.
 */
function vouchedFrom(
  asked: readonly AnsweredLookup[],
  names: readonly string[],
  takenAt: number | undefined,
): number | undefined {
  const end = takenAt ?? Math.max(...asked.map(({ wanted }) => wanted));
  const starts = names.map((name) => {
    let start = end;
    // The one that ends last first: each may carry on where it begins.
    const ofName = asked.filter(({ eventName }) => eventName === name).sort((a, b) => b.until - a.until);
    for (const { from, until } of ofName) if (until + 1 >= start) start = Math.min(start, from);
    return start;
  });
  const start = Math.max(...starts);
  return start < end ? start : undefined;
}

/** Config tells of groups by each state; CloudTrail by the changes, if all of them were asked for. */
function groupsKnownFrom({ source, asked }: Told, takenAt: number | undefined): number | undefined {
  return source === 'config' ? -Infinity : vouchedFrom(asked, GROUP_EVENTS, takenAt);
}

interface Content {
  readonly rule: Rule;
  readonly timeline: Timeline;
  /** The oldest first; of an edited rule, those of what it said before too. */
  changes: readonly RememberedChange[];
}

/** Contents of rules through time. */
class RulesOfPast {
  readonly #contents = new Map<string, Content>();
  readonly #told: Told;
  readonly #now: Inventory;
  readonly #standing: ReadonlySet<string>;
  /** By id of a rule, what it said last, as far as is told. */
  readonly #byId = new Map<string, Rule>();
  /** By group, `''` for all: up to then something was made of which nobody knows what. */
  readonly #clouded = new Map<string, number>();
  /** By group, and by VPC, which its default group came with. */
  readonly #born = new Map<string, { readonly at: number; readonly by: string }>();

  constructor(told: Told, now: Inventory) {
    const { rules, groups } = told;
    this.#told = told;
    this.#now = now;
    this.#standing = new Set(now.rules.map(contentKey));
    for (const { at, by, groupId, vpcId } of groups) this.#born.set(groupId ?? vpcId, { at, by });
    const direction = new Map(now.rules.map((rule) => [rule.ruleId, rule.direction]));
    for (const one of rules) {
      const known = one.rule && one.ruleId !== '' && one.what !== 'edited';
      if (known) direction.set(one.ruleId, one.rule.direction);
    }
    for (const one of rules.toSorted((a, b) => a.at - b.at)) {
      const way = direction.get(one.ruleId);
      if (one.what === 'edited') this.#edit(one, one.rule && way && { ...one.rule, direction: way });
      else this.#add(one);
    }
  }

  lives(): Life<Rule>[] {
    // What is not there any more, though nobody told its end, would be a ghost that takes the use of others.
    return [...this.#contents].flatMap(([key, { rule, timeline }]) =>
      lives(rule, timeline, this.#told.source).filter(({ until }) => until < Infinity || this.#standing.has(key)),
    );
  }

  changes(known: ReadonlyMap<string, Rule>): Map<string, readonly RememberedChange[]> {
    const told = [...this.#contents].filter(([key]) => known.has(key));
    const all = new Map(told.map(([key, { changes }]) => [key, changes]));
    for (const [key, rule] of known) {
      const born = this.#born.get(rule.groupId);
      if (born && !all.has(key) && isDefaultEgress(rule)) all.set(key, [{ ...born, what: 'made', before: undefined }]);
    }
    return all;
  }

  ages(known: ReadonlyMap<string, Rule>, vouched: number | undefined, problems: string[]): Map<string, Age> {
    const ages = new Map<string, Age>();
    const own = ownAccounts(this.#now);
    const contradicted: string[] = [];
    for (const [key, rule] of known) {
      const content = this.#contents.get(key);
      const said = this.#byId.get(rule.ruleId);
      if ((content && !content.timeline.isOpen) || (said && contentKey(said) !== key)) {
        contradicted.push(rule.ruleId);
        ages.set(key, { since: Infinity, atLeast: false, source: this.#told.source });
        continue;
      }
      const silent = foreignOwner(this.#now, rule.groupId, own) === undefined ? vouched : undefined;
      const age = content && ageFrom(content.timeline, this.#told);
      const cloud = Math.max(...[rule.groupId, ''].map((id) => this.#clouded.get(id) ?? -Infinity));
      if (age && cloud > age.since) ages.set(key, { ...age, since: cloud, atLeast: true });
      else if (age) ages.set(key, age);
      else if (silent !== undefined) ages.set(key, this.#silentSince(rule, silent));
    }
    if (contradicted.length > 0) {
      problems.push(
        `${count(contradicted.length, 'rule')} (${contradicted.slice(0, 5).map(shown).join(', ')}) stand otherwise than ` +
          `${MEMORY_NAMES[this.#told.source]} tells: they count as new`,
      );
    }
    return ages;
  }

  /** Nothing is told of the rule: it is as old as the history, or as its group, or as what may have made it. */
  #silentSince({ groupId }: Rule, vouched: number): Age {
    const vpcId = this.#now.groups.get(groupId)?.vpcId ?? '';
    const clouds = [this.#clouded.get(groupId), this.#clouded.get('')].filter((at) => at !== undefined);
    const births = [this.#born.get(groupId)?.at, this.#born.get(vpcId)?.at].filter((at) => at !== undefined);
    const since = Math.max(vouched, ...clouds, ...births);
    return { since, atLeast: births.every((at) => at < since), source: this.#told.source };
  }

  #add({ what, at, by, groupId, ruleId, rule }: ToldRule): void {
    if (rule) {
      const content = this.#contentOf(rule);
      content.timeline[what === 'edited' ? 'made' : what](at);
      if (what === 'made')
        content.changes = [...content.changes, { at, by, what, before: undefined }].slice(-CHANGES_KEPT);
      if (ruleId !== '' && what === 'made') this.#byId.set(ruleId, rule);
      else if (ruleId !== '') this.#byId.delete(ruleId);
    } else if (what === 'made') this.#cloud(groupId, at);
  }

  #edit({ at, by, groupId, ruleId }: ToldRule, rule: Rule | undefined): void {
    if (!rule) {
      this.#cloud(groupId, at);
      return;
    }
    const before = this.#byId.get(ruleId);
    // Only its description was edited.
    if (before && contentKey(before) === contentKey(rule)) return;
    if (before) this.#contentOf(before).timeline.gone(at);
    const content = this.#contentOf(rule);
    const former = before ? this.#contentOf(before).changes : [];
    content.timeline.made(at);
    content.changes = [...former, { at, by, what: 'edited' as const, before }].slice(-CHANGES_KEPT);
    this.#byId.set(ruleId, rule);
  }

  #cloud(groupId: string, at: number): void {
    this.#clouded.set(groupId, Math.max(at, this.#clouded.get(groupId) ?? -Infinity));
  }

  #contentOf(rule: Rule): Content {
    const key = contentKey(rule);
    let content = this.#contents.get(key);
    if (!content) this.#contents.set(key, (content = { rule, timeline: new Timeline(), changes: [] }));
    return content;
  }
}

/** Undefined where nothing is told of its birth. Of what stands otherwise than is told the birth may be any. */
function ageFrom(timeline: Timeline, { source, recordedSince }: Told): Age | undefined {
  if (!timeline.isOpen) return { since: Infinity, atLeast: false, source };
  // It may have gone and come while nothing was recorded.
  if (recordedSince === Infinity) return undefined;
  const since = timeline.since();
  const first = since > -Infinity ? since : timeline.seenAt;
  if (first === undefined) return undefined;
  if (first < recordedSince) return { since: recordedSince, atLeast: true, source };
  return { since: first, atLeast: since === -Infinity, source };
}

/** A group comes with a rule that lets everything out, of which no event of its own tells. */
function isDefaultEgress({ direction, protocol, peer }: Rule): boolean {
  return direction === 'egress' && protocol === '-1' && (peer.value === '0.0.0.0/0' || peer.value === '::/0');
}

type EntryTimes = ReadonlyMap<string, { readonly of: ListEntry; readonly timeline: Timeline }>;
/** Of all lists: of which it was is not told. */
const ANY_LIST = '';

function entriesOf(told: readonly ToldEntry[]): EntryTimes {
  const entries = new Map<string, { readonly of: ListEntry; readonly timeline: Timeline }>();
  for (const { what, at, prefixListId, prefix } of told.toSorted(
    (a, b) => a.at - b.at || compareText(b.what, a.what),
  )) {
    // Any of its entries may have come then.
    if (!prefix)
      for (const { of, timeline } of entries.values())
        if ([of.prefixListId, ANY_LIST].includes(prefixListId)) timeline.made(at);
    if (!prefix) continue;
    const key = entryKey({ prefixListId, prefix });
    const entry = entries.get(key) ?? { of: { prefixListId, prefix }, timeline: new Timeline() };
    entry.timeline[what](at);
    entries.set(key, entry);
  }
  return entries;
}

/**
 * Of entries that are told, of all of a list of which nobody knows what came, and of those of the account's own lists of which
 * nothing is told, since `vouched`; of other accounts' lists silence tells nothing.
 */
function agesOfEntries(entries: EntryTimes, now: Inventory, told: Told, vouched: number | undefined): Map<string, Age> {
  const own = new Set(ownLists(now));
  const ages = new Map<string, Age>();
  const ofAny = told.entries.filter(({ prefix }) => !prefix);
  for (const [prefixListId, list] of now.prefixLists) {
    const { entries: standing = [] } = list;
    const silent = own.has(list) ? vouched : undefined;
    const latest = Math.max(
      ...ofAny.flatMap((one) => ([prefixListId, ANY_LIST].includes(one.prefixListId) ? one.at : [])),
    );
    for (const prefix of standing) {
      const key = entryKey({ prefixListId, prefix });
      const timeline = entries.get(key)?.timeline;
      const age = timeline && ageFrom(timeline, told);
      if (latest > (age?.since ?? -Infinity)) ages.set(key, { since: latest, atLeast: false, source: told.source });
      else if (age) ages.set(key, age);
      else if (silent !== undefined) ages.set(key, { since: silent, atLeast: true, source: told.source });
    }
  }
  return ages;
}
