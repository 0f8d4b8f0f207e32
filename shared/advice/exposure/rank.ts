import type { Inventory, Rule } from '../../inventory/inventory.ts';
import type { Verdict } from '../../verdicts/verdict.ts';
import { exposureOf } from './exposure.ts';
import { dayOf, type Window, secondsFromIso } from '../../time.ts';

/** How urgently a person should look at a rule: how exposed × how unused, 0 to 100. */
export interface Rank {
  /** `100 × exposure × idleness`, to one decimal. */
  readonly score: number;
  /** 0 to 1: how much a rule would let in that nobody needs. */
  readonly exposure: number;
  /** 0 to 1: 0 for a rule that was used today, 1 for one that is unused as far as can be known. */
  readonly idleness: number;
}

/** What a rank rests on in addition to the rule. */
export interface RankFacts {
  readonly verdict: Verdict;
  readonly window: Window;
  /** UNIX seconds of the latest use or possible use of any day, in the window or before; -1 for none. */
  readonly lastSeen: number;
}

/** Nobody knows whether such a rule was used. */
const NOT_OBSERVED = 0.5;
/** Used, but nothing that was seen would miss it: half as idle as an unused one, at least. */
const REDUNDANT = 0.5;
/** A group on no interface lets nobody in before it is put on one. */
const ON_NO_INTERFACE = 0.25;

/** See README.md for the formula, with examples. */
export function rankOf(rule: Rule, facts: RankFacts, inventory: Inventory): Rank {
  const attached = facts.verdict.kind === 'unattached' ? ON_NO_INTERFACE : 1;
  const exposure = attached * exposureOf(rule, inventory);
  const idleness = idlenessOf(facts);
  return { score: scoreOf(exposure * idleness), exposure, idleness };
}

/** 0 to 1 as 0 to 100, to one decimal. */
export function scoreOf(share: number): number {
  return Math.round(1000 * share) / 10;
}

/**
 * The share of the window for which nothing of the rule has been seen, and for less where the verdict allows less. With
 * the same verdict, a longer silence never makes it smaller.
 */
export function idlenessOf({ verdict, window, lastSeen }: RankFacts): number {
  const since = (day: number): number => Math.min(1, Math.max(0, window.lastObservedDay - day) / window.days);
  const quiet = lastSeen < 0 ? 1 : since(dayOf(lastSeen));
  switch (verdict.kind) {
    case 'exempt':
      return 0;
    case 'active':
      return quiet;
    case 'redundant':
      return Math.max(REDUNDANT, quiet);
    case 'notObserved':
      return NOT_OBSERVED * quiet;
    case 'tooYoung':
      return Math.min(quiet, since(dayOf(secondsFromIso(verdict.since))));
    case 'unattached':
    case 'stale':
      return 1;
  }
}
