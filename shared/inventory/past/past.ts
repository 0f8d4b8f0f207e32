import { formatPrefix, type Prefix } from '../../addresses/address.ts';
import { ruleContent } from '../content.ts';
import { ownAccounts } from '../accounts.ts';
import type { Inventory, NetworkInterface, PrefixList, Rule } from '../inventory.ts';
import { contentHash } from '../versioned-rules.ts';
import type { TimeSpan } from './timeline.ts';
import type { Memory } from './told.ts';

/** What an account remembers, held against what stands in it now. */
export interface Past {
  /** By content of a rule, or `pl-… CIDR`, of what stands now. */
  readonly ages: ReadonlyMap<string, Age>;
  /** By content of a rule, the oldest first: who made it, and who changed what. */
  readonly changes: ReadonlyMap<string, readonly RememberedChange[]>;
  /** Contents that are told, whether they stand or not. */
  readonly rules: readonly Life<Rule>[];
  readonly entries: readonly Life<ListEntry>[];
  /** One for each set of groups that an interface had. */
  readonly interfaces: readonly Life<NetworkInterface>[];
  /** By group that no snapshot shows, its VPC. */
  readonly formerGroups: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

/** Of an account that tells nothing. */
export const NOTHING_REMEMBERED: Past = {
  ages: new Map(),
  changes: new Map(),
  rules: [],
  entries: [],
  interfaces: [],
  formerGroups: new Map(),
  problems: [],
};

export interface Age {
  /** UNIX seconds; Infinity where what is told and what stands contradict each other: it may be of any moment. */
  readonly since: number;
  /** Nothing tells of its birth: it is at least that old. */
  readonly atLeast: boolean;
  readonly source: Memory;
}

export interface RememberedChange {
  /** UNIX seconds. */
  readonly at: number;
  /** Text of others; `''` where nobody says. */
  readonly by: string;
  /** `made` with its group, or by itself; `edited` from another content under the same id. */
  readonly what: 'made' | 'edited';
  /** What it said before, where that is told. */
  readonly before: Rule | undefined;
}

export interface Life<T> extends TimeSpan {
  readonly of: T;
  readonly source: Memory;
}

export interface ListEntry {
  readonly prefixListId: string;
  readonly prefix: Prefix;
}

/** The name of a rule's content in {@link Past}. */
export function contentKey(rule: Rule): string {
  return contentHash(ruleContent(rule));
}

/** The same for the same rules and entries of the account's own prefix lists, in whatever order they are listed. */
export function inventoryDigest(inventory: Inventory): string {
  const rules = inventory.rules.map((rule) => `${rule.ruleId} ${contentKey(rule)}`);
  const entries = ownLists(inventory).flatMap(({ prefixListId, entries: own = [] }) =>
    own.map((prefix) => entryKey({ prefixListId, prefix })),
  );
  return contentHash(JSON.stringify([...rules, ...entries].sort()));
}

/** Prefix lists that the account changes itself, so that its history tells of it. */
export function ownLists(inventory: Inventory): PrefixList[] {
  const own = ownAccounts(inventory);
  return [...inventory.prefixLists.values()].filter(({ ownerId }) => own?.has(ownerId) === true);
}

/** The name of an entry, as facts of a day have it too. */
export function entryKey({ prefixListId, prefix }: ListEntry): string {
  return `${prefixListId} ${formatPrefix(prefix)}`;
}

/** A capture of Config comes so long after the change, at most: it is made every day where it is not made at once. */
export const CAPTURE_SECONDS = 86_400;

/** What both tell of one account. Where they differ, the younger age is believed, and that is a problem. */
export function mergePasts(cloudTrail: Past, config: Past): Past {
  const ages = new Map(cloudTrail.ages);
  let contradictions = 0;
  for (const [key, recorded] of config.ages) {
    const told = ages.get(key);
    const agreed = told ? agreedAge(told, recorded) : recorded;
    if (!agreed) contradictions++;
    ages.set(key, agreed ?? (told!.since > recorded.since ? told! : recorded));
  }
  const problem = `CloudTrail and AWS Config tell different ages of ${String(contradictions)} rules or entries of lists: the younger are believed`;
  const both = combinePasts(cloudTrail, config);
  return {
    ...both,
    ages,
    changes: cloudTrail.changes,
    problems: contradictions === 0 ? both.problems : [...both.problems, problem],
  };
}

/** Undefined where they contradict each other. */
function agreedAge(told: Age, recorded: Age): Age | undefined {
  const [younger, older] = told.since < recorded.since ? [recorded, told] : [told, recorded];
  // What is at least so old may well be older.
  if (younger.atLeast || younger.since === older.since) return older;
  // Of a birth CloudTrail tells the second.
  return !older.atLeast && younger.since - older.since <= CAPTURE_SECONDS ? told : undefined;
}

/** Of two accounts or regions. */
export function combinePasts(one: Past, other: Past): Past {
  return {
    ages: new Map([...one.ages, ...other.ages]),
    changes: new Map([...one.changes, ...other.changes]),
    rules: [...one.rules, ...other.rules],
    entries: [...one.entries, ...other.entries],
    interfaces: [...one.interfaces, ...other.interfaces],
    formerGroups: new Map([...one.formerGroups, ...other.formerGroups]),
    problems: [...one.problems, ...other.problems],
  };
}

/** What is known from one of them, and from no snapshot. */
export interface OnlyRemembered {
  readonly source: Memory;
  /** Interfaces that are gone. */
  readonly interfaces: number;
  /** Contents of rules that no longer stand. */
  readonly rules: number;
  /** Rules that stand, and of which it tells the age. */
  readonly ages: number;
}

/** One for each of them that told anything. */
export function onlyRemembered({ ages, rules, interfaces }: Past, newest: Inventory): OnlyRemembered[] {
  const standing = new Set(newest.rules.map(contentKey));
  return (['cloudtrail', 'config'] as const)
    .map((source) => {
      const gone = interfaces.filter((one) => one.source === source && !newest.interfaces.has(one.of.interfaceId));
      const former = rules.filter((one) => one.source === source).map(({ of }) => contentKey(of));
      return {
        source,
        interfaces: new Set(gone.map(({ of }) => of.interfaceId)).size,
        rules: new Set(former.filter((key) => !standing.has(key))).size,
        ages: [...ages].filter(([key, age]) => age.source === source && standing.has(key)).length,
      };
    })
    .filter((one) => one.interfaces + one.rules + one.ages > 0);
}
