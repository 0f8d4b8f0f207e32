import type { Day } from '../../time.ts';

/** Flows that the same rules admitted. */
export interface CoverSet<R> {
  readonly members: readonly R[];
  /** Rules by which the flows would pass today: they stand unchanged, where the flows were seen. */
  readonly keepers: readonly R[];
  /** The last UTC day on which such a flow was seen. */
  readonly lastDay: Day;
}

export interface RemovalCandidate<R> {
  readonly rule: R;
  /** Flows last seen before this day do not bind it: they are outside of its window. */
  readonly firstDay: Day;
}

export interface RemovalSet<R> {
  readonly removed: readonly {
    readonly rule: R;
    /** Rules that stay and take over: at least one in every set that binds it. */
    readonly coveredBy: readonly R[];
  }[];
  /** Candidates that stay, with a set that would have nothing left. */
  readonly kept: readonly { readonly rule: R; readonly neededFor: CoverSet<R> }[];
}

/** Whether what passes by the removed rule in the set passes by the keeper as well. */
export type Covers<R> = (keeper: R, removed: R, set: CoverSet<R>) => boolean;

/**
 * The rules that may go together: in every set, each rule that goes leaves a keeper that stays and covers it. Tries the
 * candidates in the order given, so the first of two that cover each other goes. What is safe to remove together is safe
 * in part (fewer gone, more keepers), so no candidate left out could be added in the end: the set is maximal.
 */
export function removalSet<R>(
  candidates: readonly RemovalCandidate<R>[],
  sets: Iterable<CoverSet<R>>,
  covers: Covers<R>,
): RemovalSet<R> {
  const setsOf = new Map<R, CoverSet<R>[]>(candidates.map(({ rule }) => [rule, []]));
  for (const set of sets) for (const rule of new Set([...set.members, ...set.keepers])) setsOf.get(rule)?.push(set);

  const firstDays = new Map(candidates.map(({ rule, firstDay }) => [rule, firstDay]));
  const gone = new Set<R>();
  const isBoundBy = (rule: R, { lastDay }: CoverSet<R>): boolean => lastDay >= firstDays.get(rule)!;
  const isCovered = (rule: R, set: CoverSet<R>): boolean =>
    set.keepers.some((keeper) => !gone.has(keeper) && covers(keeper, rule, set));
  const isSafe = (set: CoverSet<R>): boolean =>
    set.members.every((rule) => !gone.has(rule) || !isBoundBy(rule, set) || isCovered(rule, set));

  const kept: RemovalSet<R>['kept'][number][] = [];
  for (const { rule } of candidates) {
    gone.add(rule);
    const neededFor = setsOf.get(rule)!.find((set) => !isSafe(set));
    if (!neededFor) continue;
    gone.delete(rule);
    kept.push({ rule, neededFor });
  }
  const removed = candidates
    .filter(({ rule }) => gone.has(rule))
    .map(({ rule }) => {
      const binding = setsOf.get(rule)!.filter((set) => set.members.includes(rule) && isBoundBy(rule, set));
      const choices = binding.map(({ keepers, ...set }) =>
        keepers.filter((keeper) => !gone.has(keeper) && covers(keeper, rule, { ...set, keepers })),
      );
      return { rule, coveredBy: oneOfEach(choices) };
    });
  return { removed, kept };
}

/** A few of all that are in at least one list, so that each list has one of them; lists with no choice come first. */
function oneOfEach<R>(lists: readonly (readonly R[])[]): R[] {
  const chosen = new Set<R>();
  for (const list of [...lists].sort((a, b) => a.length - b.length)) {
    if (!list.some((one) => chosen.has(one))) chosen.add(list[0]!);
  }
  return [...chosen];
}
