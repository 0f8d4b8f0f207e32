import type { Names } from '../../../../shared/inventory/peer-name.ts';
import { countedRule, countedReport, type CountedRule } from '../../../../shared/reports/build-report.ts';
import type { UsageReport } from '../../../../shared/reports/schema.ts';
import { lastUse, sumWithin } from '../../../../shared/usage/window.ts';
import type { Counters } from '../../../count-usage/ports/usage-store.ts';
import { SqliteStore, type StoredRule } from '../../../count-usage/sqlite/sqlite-store.ts';
import { daysSpanned, windowOf } from '../../../../shared/time.ts';

export interface UsageOptions {
  /** A file; without it, the tables that a deployment fills. */
  readonly store?: string;
  /** What the tables' names begin with. */
  readonly tables: string;
  readonly region?: string;
  readonly ruleId?: string | undefined;
  readonly group?: string;
}

/** Counters wherever they lie. */
export interface CountedStore {
  /** For messages. */
  readonly name: string;
  /** All rules ever known, ordered by group id, then rule id. */
  rules(): Promise<readonly StoredRule[]>;
  hasGroup(groupId: string): Promise<boolean>;
  /** Under the ids of `rules`. */
  read(): Promise<Counters>;
  close(): void;
}

export interface ShownUsage extends Pick<UsageReport, 'coverage' | 'records' | 'malformedSamples'> {
  /** Files counted so far. */
  readonly files: number;
  /** Of those, files whose records are only partly in the counters: they are being added right now. */
  readonly openFiles: number;
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
    const names = namesOf(await store.rules());
    const { usage, objects, openObjects, malformedSamples } = await store.read();
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
      openFiles: openObjects,
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

/** A store knows groups by their rules, and lists only by their ids. */
function namesOf(known: readonly StoredRule[]): Names {
  return { groups: new Map(known.map(({ rule }) => [rule.groupId, rule])), prefixLists: new Map() };
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
  const inGroup = (await store.rules()).filter(({ rule }) => group === undefined || rule.groupId === group);
  if (ruleId === undefined) return inGroup.filter(({ removedAt }) => removedAt === undefined);
  const found = inGroup.filter(({ rule }) => rule.ruleId === ruleId);
  if (found.length > 0) return found;
  throw new Error(`${store.name}: no rule ${ruleId} in this store${group === undefined ? '' : ` in group ${group}`}`);
}
