import type { SnapshotReference } from '../../shared/aws/snapshot-index.ts';
import { interfaceIdentity } from '../../shared/inventory/interface-from-aws.ts';
import type { Inventory, NetworkInterface } from '../../shared/inventory/inventory.ts';
import { withInterfaces } from '../../shared/inventory/union.ts';
import { withVersionedRules } from '../../shared/inventory/versioned-rules.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import type { FoundInterface, InterfaceFinder } from './find-interfaces.ts';
import { DAYS_AT_HAND, type Inventories } from './fold-object.ts';
import { secondsFromIso, type Day } from '../../shared/time.ts';
import type { Moment } from '../../shared/history/day-facts.ts';

/** The snapshots that were taken, and the interfaces that were looked up. */
export interface Snapshots {
  newest(): Promise<SnapshotReference | undefined>;
  /** Those in force on the day, the oldest first. */
  inForce(day: Day): Promise<readonly SnapshotReference[]>;
  /** Names what the account remembered when it was asked last; undefined where it never was. */
  newestPast(): Promise<string | undefined>;
  /** What of that is of the day, by a name that days of the same have in common in it; undefined for nothing. */
  past(name: string, day: Day): Promise<RememberedDay | undefined>;
  /** Of those in force on the day. */
  union(day: Day, references: readonly SnapshotReference[]): Promise<Inventory>;
  observed(day: Day): Promise<readonly NetworkInterface[]>;
  /** Keeps them for everybody who counts records of the day. */
  observe(day: Day, found: readonly FoundInterface[]): Promise<readonly NetworkInterface[]>;
}

/** What the account remembers of a day. */
export interface RememberedDay {
  readonly name: string;
  on(moment: Moment): Inventory;
}

/** Some 20 MB each for 10,000 rules and 5,000 interfaces. One more than who loads some needs at once, so that today stays. */
const MAX_HELD = DAYS_AT_HAND + 1;
/** Days that share an inventory: before the first snapshot, or while nothing changed. */
const MAX_DAYS = 400;
const BETWEEN_LOOKS_MS = 60_000;

interface Held {
  readonly references: readonly SnapshotReference[];
  /** What the account remembers, and of that the {@link RememberedDay}. */
  readonly past: string | undefined;
  /** Of the snapshots, and of what the account remembers. */
  readonly union: Inventory;
  /** By identity. */
  readonly observed: ReadonlyMap<string, NetworkInterface>;
  readonly compiled: CompiledInventory;
}

/**
 * The inventories that days are counted against: the union of the snapshots in force on the day and of the interfaces
 * looked up on it, under versioned rule ids. Kept from one invocation to the next.
 */
export class DayInventories implements Inventories {
  /** What AWS delivers holds some minutes; so much is only what somebody put together. */
  readonly mostDays = 31;
  readonly #snapshots: Snapshots;
  readonly #finder: InterfaceFinder;
  readonly #now: () => number;
  /** The day used last comes last. */
  readonly #days = new Map<Day, Held>();
  /** Days whose inventory was up to date when a newer snapshot was looked for last. */
  readonly #current = new Set<Day>();
  #newest: string | undefined;
  #past: string | undefined;
  #nextLook = 0;

  /** @param now milliseconds */
  constructor(snapshots: Snapshots, finder: InterfaceFinder, now: () => number) {
    this.#snapshots = snapshots;
    this.#finder = finder;
    this.#now = now;
  }

  /** To be called before each batch: looks for a newer snapshot, at most once a minute. */
  async refresh(): Promise<void> {
    if (this.#now() < this.#nextLook) return;
    const [newest, past] = await Promise.all([this.#snapshots.newest(), this.#snapshots.newestPast()]);
    this.#nextLook = this.#now() + BETWEEN_LOOKS_MS;
    if (newest?.takenAt !== this.#newest || past !== this.#past) this.#current.clear();
    [this.#newest, this.#past] = [newest?.takenAt, past];
  }

  of(day: Day): CompiledInventory | undefined {
    const held = this.#days.get(day);
    if (!held || !this.#current.has(day)) return undefined;
    this.#hold(day, held);
    return held.compiled;
  }

  /** @throws Error if no snapshot was ever taken, or one cannot be read */
  async load(day: Day): Promise<void> {
    const newest = this.#past;
    const [references, interfaces, remembered] = await Promise.all([
      this.#snapshots.inForce(day),
      this.#snapshots.observed(day),
      newest === undefined ? undefined : this.#snapshots.past(newest, day),
    ]);
    const past = remembered && `${newest} ${remembered.name}`;
    const observed = byIdentity(interfaces);
    const known = [...this.#days.values()].filter((held) => held.past === past && isSame(held.references, references));
    const same = known.find((held) => isSameKeys(held.observed, observed));
    const union = known[0]?.union ?? (await this.#union(day, references, remembered));
    this.#hold(day, same ?? compiled({ references, past, union, observed }));
    this.#current.add(day);
  }

  async #union(
    day: Day,
    references: readonly SnapshotReference[],
    past: RememberedDay | undefined,
  ): Promise<Inventory> {
    const inventory = await this.#snapshots.union(day, references);
    return past?.on({ takenAt: secondsFromIso(references[0]?.takenAt ?? ''), inventory }) ?? inventory;
  }

  async lookUpMissing(day: Day, interfaceIds: readonly string[]): Promise<boolean> {
    const isKnown = (id: string): boolean => this.#days.get(day)?.compiled.interfaceOf(id) !== undefined;
    const held = this.#days.get(day);
    const wanted = this.#finder.possible(interfaceIds.filter((id) => !isKnown(id)));
    if (held && wanted.length > 0) {
      const byOthers = await this.#snapshots.observed(day);
      const seen = new Set(byOthers.map(({ interfaceId }) => interfaceId));
      const found = await this.#finder.find(wanted.filter((id) => !seen.has(id)));
      const byUs = found.length > 0 ? await this.#snapshots.observe(day, found) : [];
      const observed = byIdentity([...byOthers, ...byUs]);
      if (observed.size > held.observed.size) this.#hold(day, compiled({ ...held, observed }));
    }
    return interfaceIds.some(isKnown);
  }

  takenFor(day: Day): readonly string[] {
    return this.#days.get(day)?.references.map(({ takenAt }) => takenAt) ?? [];
  }

  #hold(day: Day, held: Held): void {
    this.#days.delete(day);
    this.#days.set(day, held);
    for (const oldest of this.#days.keys()) {
      if (new Set(this.#days.values()).size <= MAX_HELD && this.#days.size <= MAX_DAYS) break;
      this.#days.delete(oldest);
    }
  }
}

function compiled({ references, past, union, observed }: Omit<Held, 'compiled'>): Held {
  const inventory = withVersionedRules(withInterfaces(union, [...observed.values()]));
  return { references, past, union, observed, compiled: new CompiledInventory(inventory) };
}

function byIdentity(interfaces: readonly NetworkInterface[]): Map<string, NetworkInterface> {
  return new Map(interfaces.map((one) => [interfaceIdentity(one), one]));
}

function isSame(some: readonly SnapshotReference[], others: readonly SnapshotReference[]): boolean {
  return some.length === others.length && some.every(({ takenAt }, index) => takenAt === others[index]?.takenAt);
}

function isSameKeys(some: ReadonlyMap<string, unknown>, others: ReadonlyMap<string, unknown>): boolean {
  return some.size === others.size && [...some.keys()].every((key) => others.has(key));
}
