import { entryKeys, type DayFacts } from '../history/day-facts.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { parseRuleId } from '../inventory/versioned-rules.ts';

/** Since when rules and entries of prefix lists are as they are, as far as snapshots, or a person, vouch for it. */
export class Ages {
  /** By content of a rule, or by list and entry. */
  readonly #since = new Map<string, number>();
  /** When the first snapshot known was taken; Infinity where there is none whose time is known. */
  #first = Infinity;

  add({ contents, entries }: Pick<DayFacts, 'contents' | 'entries'>): void {
    for (const [id, takenAt] of contents) {
      const { content = id } = parseRuleId(id);
      this.#note(content, takenAt);
    }
    for (const [key, takenAt] of entries) this.#note(key, takenAt);
  }

  /**
   * UNIX seconds; undefined where nobody knows. What stood in the first snapshot may be older, as old as `vouched`; of
   * what came later snapshots tell the age, and what none of them shows is no older than `asOf`.
   *
   * @param thing content of a rule, or an entry as in {@link DayFacts.entries}
   */
  sinceOf(thing: string, vouched: number | undefined, asOf: number): number | undefined {
    if (this.#first === Infinity) return vouched;
    const since = this.#since.get(thing);
    if (since === undefined) return asOf;
    return since === this.#first && vouched !== undefined ? Math.min(since, vouched) : since;
  }

  /** The same of the newest entry of a list; undefined also where it has no known entries. */
  newestEntryOf(
    inventory: Pick<Inventory, 'prefixLists'>,
    prefixListId: string,
    vouched: number | undefined,
    asOf: number,
  ): number | undefined {
    const times = entryKeys(inventory, prefixListId).map((key) => this.sinceOf(key, vouched, asOf));
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  }

  #note(thing: string, takenAt: number): void {
    if (takenAt < (this.#since.get(thing) ?? Infinity)) this.#since.set(thing, takenAt);
    if (takenAt < this.#first) this.#first = takenAt;
  }
}
