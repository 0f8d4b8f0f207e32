import type { Inventory } from '../inventory/inventory.ts';
import type { Evidence, Judged } from '../verdicts/judge.ts';
import { findings } from './findings/findings.ts';
import type { RankedFinding } from './findings/finding.ts';
import type { Narrower, NarrowerOptions } from './narrowing/narrower.ts';
import type { Narrowing } from './narrowing/narrowing.ts';
import { rankOf, type Rank } from './exposure/rank.ts';
import { dayOf } from '../time.ts';
import type { StaleReference } from '../inventory/stale-references.ts';

export interface AdviceInput {
  /** The newest: advice is on what stands now. */
  readonly inventory: Inventory;
  readonly judged: readonly (Pick<
    Judged,
    'rule' | 'verdict' | 'window' | 'lastUsed' | 'lastPossible' | 'isFounded' | 'use'
  > &
    Readonly<Record<'evidence', Pick<Evidence, 'knownSince'>>>)[];
  /** Undefined where there is no evidence of service flows. */
  readonly narrowing: Narrowing | undefined;
  readonly narrower: Partial<NarrowerOptions>;
  /** Empty where nobody asked AWS. */
  readonly staleReferences: readonly StaleReference[];
  /** Ids of rules that a plan removes. */
  readonly planned?: ReadonlySet<string>;
}

/** By rule id; every judged rule has a rank. */
export interface Advice {
  readonly ranks: ReadonlyMap<string, Rank>;
  readonly narrower: ReadonlyMap<string, Narrower>;
  /** The highest rank first. */
  readonly findings: readonly RankedFinding[];
}

/** Rules in the place of those in use that are too wide, by id, behind the same gates as unused ones. */
export function narrowerRules({
  judged,
  narrowing,
  narrower: options,
}: Pick<AdviceInput, 'judged' | 'narrowing' | 'narrower'>): ReadonlyMap<string, Narrower> {
  const narrower = new Map<string, Narrower>();
  // Traffic that nothing explains may need any rule of the group as it is.
  const inDoubt = new Set(judged.flatMap(({ rule, use }) => (use.possibleTimes > 0 ? [rule.groupId] : [])));
  for (const { rule, verdict, evidence, isFounded } of judged) {
    const isUsed = verdict.kind === 'active' || verdict.kind === 'redundant';
    const since = evidence.knownSince === undefined ? undefined : dayOf(evidence.knownSince);
    const found =
      isUsed && isFounded && !inDoubt.has(rule.groupId) ? narrowing?.result(rule.ruleId, options, since) : undefined;
    if (found) narrower.set(rule.ruleId, found);
  }
  return narrower;
}

/** What a report says in addition to the verdicts. */
export function advise(input: AdviceInput, narrower = narrowerRules(input)): Advice {
  const { inventory, judged, staleReferences, planned } = input;
  const ranks = new Map<string, Rank>();
  for (const { rule, verdict, window, lastUsed, lastPossible } of judged) {
    ranks.set(rule.ruleId, rankOf(rule, { verdict, window, lastSeen: Math.max(lastUsed, lastPossible) }, inventory));
  }
  const idleness = new Map([...ranks].map(([ruleId, rank]) => [ruleId, rank.idleness]));
  return { ranks, narrower, findings: findings(inventory, { staleReferences, idleness, ...(planned && { planned }) }) };
}
