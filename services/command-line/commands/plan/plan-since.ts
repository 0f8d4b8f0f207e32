import type { Skipped } from '../../../../shared/advice/removal/plan.ts';
import { windowsOf } from '../../../../shared/advice/removal/plan-removal.ts';
import { ruleContent } from '../../../../shared/inventory/content.ts';
import type { Inventory, Rule } from '../../../../shared/inventory/inventory.ts';
import { KEEP_TAG } from '../../../../shared/verdicts/exemption.ts';
import { WINDOW_TAG } from '../../../../shared/verdicts/window-tag.ts';
import { KnownRules } from '../../../../shared/verdicts/known-rules.ts';
import type { LastUse } from '../../../../shared/verdicts/rule-sums.ts';
import { matchRules, type ParsedReport } from '../../evidence/reported-verdicts.ts';
import { isoTime } from '../../../../shared/time.ts';
import { isoDay, dayOf } from '../../../../shared/time.ts';
import type { JudgedRule } from '../../../../shared/advice/judged-rule.ts';
import { shown } from '../../../../shared/text/plain.ts';

/** The account since a report was made. */
export interface Since {
  /** The newest. */
  readonly inventory: Inventory;
  /** What stood while the report was made: it was made from one of them. */
  readonly before: readonly Inventory[];
  /** By versioned id or content, of any day and source. */
  readonly lastUses: Iterable<readonly [id: string, LastUse]>;
}

export interface JudgedSince {
  /** Of which the report still speaks, in the order of the inventory. */
  readonly rules: readonly JudgedRule[];
  readonly leftOut: readonly Skipped[];
}

/**
 * The rules of which a report still speaks. A verdict is one on a content, under the rules' tags of that time, and on what
 * was seen until then: a rule that has changed in any of it since is left out, and so is one that rests on such a rule.
 */
export function judgedSince(report: ParsedReport, { inventory, before, lastUses }: Since): JudgedSince {
  const { same, edited, added, gone } = matchRules(report.rules, inventory);
  const of = `the report of ${isoTime(report.asOf)}`;
  const stood = before.map(({ rules }) => new Map(rules.map((rule) => [rule.ruleId, rule])));
  /** A rule may have been edited and set back while the report was made. */
  const isChanged = (rule: Rule): boolean => !stoodWith(stood, rule, ruleContent);
  const changed = new Set([
    ...[...gone, ...edited.map(({ reported }) => reported)].map(({ ruleId }) => ruleId),
    ...same.filter(({ rule }) => isChanged(rule)).map(({ rule }) => rule.ruleId),
  ]);
  const usedLater = laterUse(report, inventory, lastUses);

  const doubt = ({ rule, report: { verdict } }: JudgedRule): string | undefined => {
    if (verdict.kind !== 'stale' && verdict.kind !== 'redundant') return undefined;
    if (changed.has(rule.ruleId)) return `it was edited since ${of}, or while that was made`;
    if (!stoodWith(stood, rule, adviceTags))
      return `its tag ${KEEP_TAG} or ${WINDOW_TAG} was changed since ${of}, or while that was made`;
    const cover = verdict.kind === 'redundant' ? verdict.coveredBy.find((id) => changed.has(id)) : undefined;
    if (cover !== undefined) return `${shown(cover)}, which covered it, was edited or removed since ${of}`;
    const day = usedLater(rule, verdict.kind);
    return day && `it was used on ${day}, or may have been, which ${of} does not know`;
  };
  const doubts = new Map(same.map((one) => [one, doubt(one)]));
  return {
    rules: same.filter((one) => doubts.get(one) === undefined),
    leftOut: [
      ...same.flatMap((one): Skipped[] => {
        const reason = doubts.get(one);
        return reason === undefined ? [] : [skipped(one.rule, one.report.verdict.kind, reason)];
      }),
      ...edited.map(({ rule, reported, here, there }) => {
        const was = `${of} judged it ${reported.verdict.kind} as ${shown(there)}`;
        return skipped(rule, 'tooYoung', `it was edited: ${was}, and now it is ${shown(here)}`);
      }),
      ...added.map((rule) => skipped(rule, 'tooYoung', `it is new: ${of} lacks it`)),
      ...gone.map((rule) => skipped(rule, rule.verdict.kind, `it is gone: removed since ${of}`)),
    ],
  };
}

function skipped(rule: Pick<Rule, 'ruleId' | 'groupId' | 'groupName'>, verdict: Skipped['verdict'], reason: string) {
  const { ruleId, groupId, groupName } = rule;
  return { ruleId, groupId, groupName, verdict, reason };
}

/** Whether the rule stood in all of them as it does now, and in some at all. */
function stoodWith(before: readonly ReadonlyMap<string, Rule>[], rule: Rule, what: (rule: Rule) => string): boolean {
  const then = before.map((rules) => rules.get(rule.ruleId));
  return then.length > 0 && then.every((one) => one !== undefined && what(one) === what(rule));
}

function adviceTags({ tags }: Rule): string {
  return JSON.stringify([tags[KEEP_TAG] ?? null, tags[WINDOW_TAG] ?? null]);
}

/** The day of a use in the rule's window, or since, that its verdict excludes. */
function laterUse({ asOf, windowDays }: ParsedReport, inventory: Inventory, lastUses: Since['lastUses']) {
  const windowOf = windowsOf({ asOf, windowDays });
  const known = new KnownRules(inventory.rules);
  const last = new Map<Rule, LastUse>();
  for (const [id, { lastUsed, lastPossible }] of lastUses) {
    for (const index of known.named(id)) {
      const rule = known.rules[index]!;
      const before = last.get(rule) ?? { lastUsed: -1, lastPossible: -1 };
      last.set(rule, {
        lastUsed: Math.max(before.lastUsed, lastUsed),
        lastPossible: Math.max(before.lastPossible, lastPossible),
      });
    }
  }
  return (rule: Rule, verdict: 'stale' | 'redundant'): string | undefined => {
    const { lastUsed, lastPossible } = last.get(rule) ?? { lastUsed: -1, lastPossible: -1 };
    const day = dayOf(Math.max(verdict === 'stale' ? lastUsed : -1, lastPossible));
    return day >= windowOf(rule).firstDay ? isoDay(day) : undefined;
  };
}
