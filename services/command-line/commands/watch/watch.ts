import { setTimeout as sleep } from 'node:timers/promises';
import { CompiledInventory } from '../../../../shared/matching/compiled-inventory.ts';
import { count } from '../../../../shared/text/numbers.ts';
import { countObjects, type Outcome } from '../../../count-usage/count-objects.ts';
import type { Inventories, LogObject } from '../../../count-usage/fold-object.ts';
import { SqliteStore } from '../../../count-usage/sqlite/sqlite-store.ts';
import { OtherLogError } from '../../../../shared/flowlogs/record.ts';
import { namedError } from '../../../../shared/text/named-error.ts';
import { readInventories } from '../../files/read-inventories.ts';
import { isAsNoted, lookAt, objectOf, type SeenFile, type SeenFolder } from './watch-folder.ts';
import { startScreen, type Screen } from './watch-screen.ts';

export interface WatchOptions {
  readonly logs: string;
  readonly inventory: readonly string[];
  readonly store: string;
  readonly once?: boolean;
  /** Seconds between two looks at the folder. */
  readonly poll: number;
}

/** Of one commit: what is lost when the program dies, and what has to be held until then. */
const BATCH_FILES = 50;
const BATCH_BYTES = 64 * 2 ** 20;

/**
 * Counts the flow logs of a folder into a store: those that are there, or, without `once`, those that come as well.
 *
 * @throws Error with `once` that names the files that could not be read, after all others were counted
 */
export async function watch(options: WatchOptions): Promise<void> {
  const inventory = await readInventories(options.inventory);
  // Before the store is made: a mistyped folder leaves nothing behind.
  await lookAt(options.logs);
  const store = new SqliteStore(options.store, { create: true });
  try {
    store.putInventory(inventory, Date.now() / 1000);
    const folder = new WatchedFolder(store, fixedInventory(new CompiledInventory(inventory)), startScreen(options));
    if (options.once) {
      const seen = await lookAt(options.logs);
      folder.note(seen);
      await folder.count(seen.files);
      folder.end();
      return;
    }
    let last: readonly SeenFile[] = [];
    for (;;) {
      const seen = await lookAt(options.logs);
      folder.note(seen);
      const before = new Map(last.map(({ name, stamp }) => [name, stamp]));
      // A file is whole when it has been left alone from one look to the next.
      await folder.count(seen.files.filter(({ name, stamp }) => before.get(name) === stamp));
      last = seen.files;
      await sleep(options.poll * 1000);
    }
  } finally {
    store.close();
  }
}

/** One inventory for all days: what is not in it stays unknown. */
function fixedInventory(compiled: CompiledInventory): Inventories {
  return {
    mostDays: Infinity,
    of: () => compiled,
    load: () => Promise.resolve(),
    takenFor: () => [],
    lookUpMissing: () => Promise.resolve(false),
  };
}

/** What one run has seen to. Only saves work: what was counted is in the store. */
class WatchedFolder {
  readonly #store: SqliteStore;
  readonly #inventories: Inventories;
  readonly #screen: Screen;
  /** Stamp of each file that needs no more attention unless it changes. */
  readonly #settled = new Map<string, string>();
  readonly #failed = new Map<string, Error>();
  readonly #noted = new Set<string>();

  constructor(store: SqliteStore, inventories: Inventories, screen: Screen) {
    this.#store = store;
    this.#inventories = inventories;
    this.#screen = screen;
  }

  /** Says once of each what is not read. */
  note({ pipes }: SeenFolder): void {
    for (const name of pipes.filter((one) => !this.#noted.has(one))) {
      this.#noted.add(name);
      this.#screen.notRead(name);
    }
  }

  async count(files: readonly SeenFile[]): Promise<void> {
    let batch: SeenFile[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      if (batch.length > 0) await this.#countBatch(batch);
      batch = [];
      bytes = 0;
    };
    for (const file of files) {
      // Only once that one is counted is it known whether this is the same.
      if (file.twin !== undefined && batch.some(({ name }) => name === file.twin)) await flush();
      if (await this.#isDone(file)) continue;
      batch.push(file);
      bytes += file.size;
      if (batch.length >= BATCH_FILES || bytes >= BATCH_BYTES) await flush();
    }
    await flush();
  }

  /** @throws Error that names the files that could not be read */
  end(): void {
    this.#screen.stop();
    if (this.#failed.size === 0) return;
    const causes = [...this.#failed.values()].map(({ message }) => message);
    throw new Error(`${count(causes.length, 'file')} not counted: ${causes.join('; ')}`);
  }

  async #isDone(file: SeenFile): Promise<boolean> {
    if (this.#settled.get(file.name) === file.stamp) return true;
    const own = await this.#store.counted(file.name);
    const note = own ?? (file.twin === undefined ? undefined : await this.#store.counted(file.twin));
    if (!note) return false;
    const isSame = await isAsNoted(file, note).catch((error: unknown) => {
      if (own) this.#fail(file, error);
      return own !== undefined;
    });
    // The same name but for its end, and another content: a file of its own.
    if (!own && !isSame) return false;
    if (!isSame) this.#screen.overwritten(file.path);
    else if (!this.#settled.has(file.name)) this.#screen.before();
    this.#settled.set(file.name, file.stamp);
    return true;
  }

  async #countBatch(files: readonly SeenFile[]): Promise<void> {
    const objects: LogObject[] = [];
    for (const file of files) {
      this.#failed.delete(file.name);
      this.#settled.set(file.name, file.stamp);
      try {
        objects.push(await objectOf(file));
      } catch (error) {
        this.#fail(file, error);
      }
    }
    const byName = new Map(files.map((file) => [file.name, file]));
    const started = performance.now();
    const outcome: Outcome = await countObjects(objects, { store: this.#store, inventories: this.#inventories });
    for (const { name, error } of outcome.failed) this.#fail(byName.get(name)!, error);
    // Counted by another worker: whether that was the content seen here is looked at next time.
    for (const { name } of outcome.before) this.#settled.delete(name);
    this.#screen.batch(outcome, (performance.now() - started) / 1000);
  }

  /** Left alone until it changes. */
  #fail({ name, path }: SeenFile, error: unknown): void {
    if (error instanceof OtherLogError) {
      this.#screen.otherLog();
      return;
    }
    const named = namedError(path, error);
    this.#failed.set(name, named);
    this.#screen.failed(named.message);
  }
}
