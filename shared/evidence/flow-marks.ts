import { flowKey } from './flow-sums.ts';
import type { ServiceFlow } from './service-flow.ts';

/**
 * Service flows of which a piece, or a day, shows something that is then said of the whole: how the evidence was cut
 * into pieces must not change a figure. They are marked in one reading and added up in another.
 */
export class MarkedFlows {
  readonly #rules = new Map<string, Set<string>>();

  get isEmpty(): boolean {
    return this.#rules.size === 0;
  }

  mark(flow: ServiceFlow, ruleIds: readonly string[]): void {
    if (ruleIds.length === 0) return;
    const key = flowKey(flow);
    const rules = this.#rules.get(key);
    if (rules) for (const id of ruleIds) rules.add(id);
    else this.#rules.set(key, new Set(ruleIds));
  }

  /** The rules that it was marked with; none if it was not. */
  rulesOf(flow: ServiceFlow): readonly string[] {
    return [...(this.#rules.get(flowKey(flow)) ?? [])];
  }
}
