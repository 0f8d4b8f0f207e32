import type { Names } from '../../../../shared/inventory/peer-name.ts';
import { countedRule, countedReport, type CountedRule } from '../../../../shared/reports/build-report.ts';
import type { UsageReport } from '../../../../shared/reports/schema.ts';
import { lastUse, sumWithin } from '../../../../shared/usage/window.ts';
import type { CountedUsage } from '../../../../shared/usage/addition.ts';
import { SqliteStore, type StoredRule } from '../../../count-usage/sqlite/sqlite-store.ts';
import { daysSpanned, windowOf } from '../../../../shared/time.ts';

export interface UsageOptions extends RuleSelection {
  /** A file; without it, the tables that a deployment fills. */
  readonly store?: string;
  /** What the tables' names begin with. */
  readonly tables: string;
  readonly region?: string;
  readonly dataBucket?: string;
}

/** All rules, where neither is given. */
export interface RuleSelection {
  readonly ruleId?: string | undefined;
  readonly group?: string | undefined;
}

/** Counters wherever they lie. */
export interface CountedStore {
  /** For messages. */
  readonly name: string;
  /** Of one group, or the group of one rule, or all, whatever was ever known; ordered by group id, then rule id. */
  rules(of: RuleSelection): Promise<readonly StoredRule[]>;
  hasGroup(groupId: string): Promise<boolean>;
  /** A rule of each of these groups, as far as one is known: it says the group's name. */
  ruleOfEach(groupIds: ReadonlySet<string>): Promise<Names['groups']>;
  /** Under the ids of these rules. */
  read(rules: readonly StoredRule[]): Promise<CountedUsage>;
  close(): void;
}

export interface ShownUsage extends Pick<UsageReport, 'coverage' | 'records' | 'malformedSamples'> {
  /** Files counted so far. */
  readonly files: number;
  readonly unknownInterfaces: UsageReport['unknownInterfaces'];
  readonly rejectedFlows: CountedRejects;
  readonly rules: readonly CountedRule[];
}

/**
 * The counters of a store, over all its days.
 *
 * @throws Error of one line where the file is not a store, or the store knows no such rule or group
 */
export async function usage(options: UsageOptions): Promise<ShownUsage> {
  const store = options.store === undefined ? await openTables(options) : openFile(options.store);
  try {
    const rules = await chosen(store, options);
    // A store knows groups by their rules, and lists only by their ids.
    const names = { groups: await store.ruleOfEach(groupsIn(rules)), prefixLists: new Map() };
    const { usage, objects, malformedSamples } = await store.read(rules);
    const asOf = Math.max(0, usage.lastEnd);
    const windowDays = usage.lastEnd < 0 ? 1 : daysSpanned(usage.firstEnd, usage.lastEnd);
    const window = windowOf(asOf, windowDays);
    const counted = rules.map(({ rule }) => {
      const days = new Map([...(usage.rules.get(rule.ruleId) ?? [])].sort(([a], [b]) => a - b));
      return countedRule({ rule, days, use: sumWithin(days, window), ...lastUse(days) }, names);
    });
    const input = { asOf, windowDays, rulesKnownSince: undefined, observedBy: 'records', window } as const;
    const report = countedReport({ ...input, malformedSamples, inventoryProblems: [] }, usage);
    const { coverage, records, unknownInterfaces, rejectedFlows } = report;
    return {
      files: objects,
      coverage,
      records,
      malformedSamples,
      unknownInterfaces,
      rejectedFlows: countedRejects(rejectedFlows),
      rules: counted,
    };
  } finally {
    store.close();
  }
}

/** Which rule they nearly passed by, only who has the inventory can say. */
export interface CountedRejects {
  readonly distinct: number;
  readonly top: readonly Omit<UsageReport['rejectedFlows']['top'][number], 'nearest'>[];
}

export function countedRejects({ distinct, top }: CountedRejects): CountedRejects {
  const counted = top.map((flow) => Object.fromEntries(Object.entries(flow).filter(([key]) => key !== 'nearest')));
  return { distinct, top: counted as unknown as CountedRejects['top'] };
}

/** Their own, and those that they refer to. */
function groupsIn(rules: readonly StoredRule[]): Set<string> {
  return new Set(
    rules.flatMap(({ rule: { groupId, peer } }) => [groupId, ...(peer.type === 'group' ? [peer.value] : [])]),
  );
}

/** The SDK is loaded only when needed. */
async function openTables(options: UsageOptions): Promise<CountedStore> {
  return (await import('./usage-tables.ts')).openTables(options);
}

function openFile(path: string): CountedStore {
  const store = new SqliteStore(path, { create: false });
  return {
    name: path,
    rules: () => Promise.resolve(store.rules()),
    hasGroup: (groupId) => Promise.resolve(store.hasGroup(groupId)),
    ruleOfEach: () => Promise.resolve(new Map(store.rules().map(({ rule }) => [rule.groupId, rule]))),
    read: () => store.read(),
    close: () => {
      store.close();
    },
  };
}

/** All rules of the inventory; one that was removed since is shown to who asks for it by name. */
async function chosen(store: CountedStore, { ruleId, group }: UsageOptions): Promise<StoredRule[]> {
  if (group !== undefined && !(await store.hasGroup(group)))
    throw new Error(`${store.name}: no group ${group} in this store`);
  const known = await store.rules({ ruleId, group });
  const inGroup = known.filter(({ rule }) => group === undefined || rule.groupId === group);
  if (ruleId === undefined) return inGroup.filter(({ removedAt }) => removedAt === undefined);
  const found = inGroup.filter(({ rule }) => rule.ruleId === ruleId);
  if (found.length > 0) return found;
  throw new Error(`${store.name}: no rule ${ruleId} in this store${group === undefined ? '' : ` in group ${group}`}`);
}
