import type { DayFacts } from '../history/day-facts.ts';
import { parseRuleId } from '../inventory/versioned-rules.ts';

/** Since when rules read as they do, as far as snapshots, or a person, vouch for it. */
export class Ages {
  readonly #since = new Map<string, number>();
  /** When the first snapshot known was taken; Infinity where there is none whose time is known. */
  #first = Infinity;

  add({ contents }: Pick<DayFacts, 'contents'>): void {
    for (const [id, takenAt] of contents) {
      const { content = id } = parseRuleId(id);
      if (takenAt < (this.#since.get(content) ?? Infinity)) this.#since.set(content, takenAt);
      if (takenAt < this.#first) this.#first = takenAt;
    }
  }

  /**
   * UNIX seconds; undefined where nobody knows. What stood in the first snapshot may be older, as old as `vouched`; of
   * what came later snapshots tell the age, and what none of them shows is no older than `asOf`.
   */
  sinceOf(content: string, vouched: number | undefined, asOf: number): number | undefined {
    if (this.#first === Infinity) return vouched;
    const since = this.#since.get(content);
    if (since === undefined) return asOf;
    return since === this.#first && vouched !== undefined ? Math.min(since, vouched) : since;
  }
}
