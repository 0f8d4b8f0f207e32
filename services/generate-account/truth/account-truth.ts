import { type KindCount, MIX } from '../options/mix.ts';
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
    // Where it was written is no part of it: the same seed gives the same bytes anywhere.
    options: { ...options, out: undefined },
    start: isoTime(world.start),
    end: isoTime(world.end),
    quietSince: isoTime(world.quietSince),
    editedAt: isoTime(world.editedAt),
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
    ...summary,
  };
}

export function summarize(
  counts: readonly KindCount[],
  ruleTruths: readonly RuleTruth[],
  totals: Pick<GenerateSummary, 'files' | 'records' | 'connections' | 'interfaces'>,
): GenerateSummary {
  const kinds = MIX.map(({ kind, share }, i) => {
    const count = counts[i]!;
    const percent = Math.round((count.records / Math.max(1, totals.records)) * 1e5) / 1e3;
    return [kind, { ...count, share: percent, targetShare: share }] as const;
  });
  const purposes: Record<string, number> = {};
  for (const { purpose } of ruleTruths) purposes[purpose.kind] = (purposes[purpose.kind] ?? 0) + 1;
  return { ...totals, rules: ruleTruths.length, kinds: Object.fromEntries(kinds), purposes };
}
