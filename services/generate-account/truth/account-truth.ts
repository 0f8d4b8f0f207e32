import type { KindCount, KindOfTraffic } from '../options/mix.ts';
import type { CheckedOptions } from '../options/options.ts';
import type { World } from '../world/build-world.ts';
import { isoTime } from '../../../shared/time.ts';
import type { RuleTruth } from './rules-truth.ts';

/** What a run wrote. */
export interface GenerateSummary {
  readonly files: number;
  readonly records: number;
  readonly connections: number;
  /** In the inventory. */
  readonly interfaces: number;
  readonly rules: number;
  readonly kinds: Readonly<Record<string, KindCount & { readonly share: number; readonly targetShare: number }>>;
  /** Rules of the inventory by purpose. */
  readonly purposes: Readonly<Record<string, number>>;
}

/** `account.json`: the summary, the options, and what of the world the inventory does not show. */
export function accountTruth(summary: GenerateSummary, options: CheckedOptions, world: World): object {
  const { built } = world;
  return {
    // Where it was written is not part of it: the same seed gives the same bytes anywhere.
    options: { ...options, out: undefined },
    start: isoTime(world.start),
    end: isoTime(world.end),
    quietSince: isoTime(world.quietSince),
    editedAt: isoTime(world.editedAt),
    changedAt: isoTime(world.changedAt),
    flowLogs: built.flowLogs.map(({ id, resourceId, trafficType, windowSeconds, delivers }) => ({
      id,
      resourceId,
      trafficType,
      windowSeconds,
      delivers,
    })),
    hiddenPrefixListEntries: Object.fromEntries(
      [...built.prefixLists.values()]
        .filter((list) => !list.entriesInInventory)
        .map((list) => [list.id, list.entries.map((entry) => entry.text)]),
    ),
    formerPrefixListEntries: Object.fromEntries(
      [...built.prefixLists.values()].flatMap((list) => {
        const former = list.entries.filter(({ until }) => until < Infinity);
        return former.length === 0 ? [] : [[list.id, former.map((entry) => entry.text)]];
      }),
    ),
    // Between the addresses of each pair, references to groups admit nothing.
    middleboxes: built.middleboxes.map(({ between }) => between.map(({ cidr }) => cidr)),
    ...summary,
  };
}

export function summarize(
  traffic: readonly KindOfTraffic[],
  counts: readonly KindCount[],
  ruleTruths: readonly RuleTruth[],
  totals: Pick<GenerateSummary, 'files' | 'records' | 'connections' | 'interfaces'>,
): GenerateSummary {
  const shares = traffic.reduce((sum, { share }) => sum + share, 0);
  const kinds = traffic.map(({ kind, share }, i) => {
    const count = counts[i]!;
    const percent = (part: number, whole: number): number => Math.round((part / Math.max(1, whole)) * 1e5) / 1e3;
    const actual = percent(count.records, totals.records);
    return [kind, { ...count, share: actual, targetShare: percent(share, shares) }] as const;
  });
  const purposes: Record<string, number> = {};
  for (const { purpose } of ruleTruths) purposes[purpose.kind] = (purposes[purpose.kind] ?? 0) + 1;
  return { ...totals, rules: ruleTruths.length, kinds: Object.fromEntries(kinds), purposes };
}
