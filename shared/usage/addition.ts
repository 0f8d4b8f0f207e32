import { compareText } from '../text/compare.ts';
import type { Rule } from '../inventory/inventory.ts';
import type { MalformedSample } from '../flowlogs/malformed.ts';
import { addResolved, UsageBySource } from './by-source.ts';
import { addUsage } from './merge.ts';
import { emptyUsage, type Usage } from './usage.ts';
import type { Day } from '../time.ts';

/** What the records of one UTC day add. */
export interface DayAddition {
  readonly sources: UsageBySource;
  /** The first few by object and line, at most {@link MALFORMED_KEPT}. */
  readonly malformedSamples: readonly MalformedSample[];
  /** When the snapshots were taken that it was counted against, in order; none where there is one inventory for all. */
  readonly snapshots?: readonly string[];
}

export type RuleFacts = Pick<Rule, 'groupId' | 'protocol' | 'direction'>;

/** What objects add to the counters. */
export interface Addition {
  /** Unreadable lines, which have no `end`, are on the day of the object's name. */
  readonly days: ReadonlyMap<Day, DayAddition>;
  /** Of all rules that are in it, by id. */
  readonly rules: ReadonlyMap<string, RuleFacts>;
}

/** All that was counted. */
export interface CountedUsage {
  readonly usage: Usage;
  readonly objects: number;
  readonly malformedSamples: readonly MalformedSample[];
}

/** What is to be known of those rules that have usage. */
export function rulesNamed(usage: Usage, rules: Iterable<Rule>): Map<string, RuleFacts> {
  const facts = new Map<string, RuleFacts>();
  for (const { ruleId, groupId, protocol, direction } of rules) {
    if (usage.rules.has(ruleId)) facts.set(ruleId, { groupId, protocol, direction });
  }
  return facts;
}

/** Of all sources and days, whether a source counts or not. */
export function usagesIn({ days }: Pick<Addition, 'days'>): Usage[] {
  return [...days.values()].flatMap(({ sources }) => sources.usages());
}

/** What they say together, the conditions of their sources decided. */
export function resolvedUsage({ days }: Pick<Addition, 'days'>): Usage {
  const usage = emptyUsage();
  for (const { sources } of days.values()) addResolved(usage, sources);
  return usage;
}

export const MALFORMED_KEPT = 20;

/** The sum of additions: the same whatever their order. What is added stays as it is. */
export class AdditionSum implements Addition {
  readonly days = new Map<Day, DayAddition>();
  readonly rules = new Map<string, RuleFacts>();

  add({ days, rules }: Addition): void {
    for (const [day, { sources, malformedSamples, snapshots = [] }] of days) {
      const before = this.days.get(day);
      const sums = {
        sources: before?.sources ?? new UsageBySource(),
        malformedSamples: firstSamples([...(before?.malformedSamples ?? []), ...malformedSamples]),
        snapshots: [...new Set([...(before?.snapshots ?? []), ...snapshots])].sort(),
      };
      this.days.set(day, sums);
      for (const [source, usage] of sources) addUsage(sums.sources.of(source), usage);
    }
    for (const [id, facts] of rules) this.rules.set(id, facts);
  }
}

export function mergeAdditions(additions: readonly Addition[]): Addition {
  const sum = new AdditionSum();
  for (const addition of additions) sum.add(addition);
  return sum;
}

export function firstSamples(samples: readonly MalformedSample[]): MalformedSample[] {
  return [...samples].sort((a, b) => compareText(a.file, b.file) || a.line - b.line).slice(0, MALFORMED_KEPT);
}
