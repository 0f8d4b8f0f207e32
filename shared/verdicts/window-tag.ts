import type { Rule } from '../inventory/inventory.ts';

/** Tag of a rule: its own window in days, 1 to 3,650, instead of the general one. */
export const WINDOW_TAG = 'stale-sg:window';

/** Of its tag, or the general one. */
export function windowDaysOf(rule: Rule, windowDays: number): number {
  const tag = rule.tags[WINDOW_TAG] ?? '';
  return isWindow(tag) ? Number(tag) : windowDays;
}

/** Whether fewer days than its window has may do: who tagged a rule with a window of its own knows that less shows nothing. */
export function mayGrow(rule: Rule): boolean {
  return rule.tags[WINDOW_TAG] === undefined;
}

export function isWindow(tag: string): boolean {
  return /^[1-9]\d{0,3}$/.test(tag) && Number(tag) <= 3650;
}
