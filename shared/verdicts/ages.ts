import { entryKeys, type DayFacts } from '../history/day-facts.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Age, Past } from '../inventory/past/past.ts';
import { parseRuleId } from '../inventory/versioned-rules.ts';

/** Who says since when: snapshots, a person, or what the account remembers. */
export const AGE_SOURCES = ['snapshot', 'person', 'cloudtrail', 'config'] as const;

export interface KnownAge {
  /** UNIX seconds. */
  readonly since: number;
  /** It may be older: nothing tells of its birth. */
  readonly atLeast: boolean;
  readonly source: (typeof AGE_SOURCES)[number];
}

/** Since when rules and entries of prefix lists are as they are, as far as somebody knows. */
export class Ages {
  /** By content of a rule, or by list and entry. */
  readonly #since = new Map<string, number>();
  /** When the first snapshot known was taken; Infinity where there is none whose time is known. */
  #first = Infinity;
  #told: ReadonlyMap<string, Age> = new Map();

  add({ contents, entries }: Pick<DayFacts, 'contents' | 'entries'>): void {
    for (const [id, takenAt] of contents) {
      const { content = id } = parseRuleId(id);
      this.#note(content, takenAt);
    }
    for (const [key, takenAt] of entries) this.#note(key, takenAt);
  }

  addPast({ ages }: Pick<Past, 'ages'>): void {
    this.#told = ages;
  }

  /**
   * Undefined where nobody knows. What stood in the first snapshot may be older, as old as `vouched`; of what came later
   * snapshots tell the age, and what none of them shows is no older than `asOf`. A birth that the account remembers is
   * believed where a snapshot shows the thing before: it may have been made anew.
   *
   * @param thing content of a rule, or an entry as in {@link DayFacts.entries}
   */
  ageOf(thing: string, vouched: number | undefined, asOf: number): KnownAge | undefined {
    const told = this.#told.get(thing);
    if (told && !told.atLeast) return { ...told, since: Math.min(told.since, asOf) };
    const known: KnownAge[] = told ? [told] : [];
    if (this.#first < Infinity) {
      const seen = this.#since.get(thing);
      const shown = { since: seen ?? asOf, atLeast: false, source: 'snapshot' } as const;
      // Not there yet when the first snapshot was taken, whoever says otherwise.
      if (seen !== this.#first) return shown;
      known.push(shown);
    }
    if (vouched !== undefined) known.push({ since: vouched, atLeast: false, source: 'person' });
    return known.reduce<KnownAge | undefined>(
      (one, other) => (one && one.since <= other.since ? one : other),
      undefined,
    );
  }

  /** The same of the newest entry of a list; undefined also where it has no known entries. */
  newestEntryOf(
    inventory: Pick<Inventory, 'prefixLists'>,
    prefixListId: string,
    vouched: number | undefined,
    asOf: number,
  ): number | undefined {
    const ages = entryKeys(inventory, prefixListId).map((key) => this.ageOf(key, vouched, asOf));
    const known = ages.filter((age) => age !== undefined).map(({ since }) => since);
    return known.length === 0 ? undefined : Math.max(...known);
  }

  /** Whether of some entry of the list nobody knows whether it was there at `begin`, UNIX seconds. */
  hasEntryOfUnknownAge(
    inventory: Pick<Inventory, 'prefixLists'>,
    prefixListId: string,
    vouched: number | undefined,
    asOf: number,
    begin: number,
  ): boolean {
    const ages = entryKeys(inventory, prefixListId).map((key) => this.ageOf(key, vouched, asOf));
    return ages.some((age) => !age || (age.atLeast && age.since > begin));
  }

  #note(thing: string, takenAt: number): void {
    if (takenAt < (this.#since.get(thing) ?? Infinity)) this.#since.set(thing, takenAt);
    if (takenAt < this.#first) this.#first = takenAt;
  }
}
