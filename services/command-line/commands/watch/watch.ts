import { setTimeout as sleep } from 'node:timers/promises';
import { CompiledInventory } from '../../../../shared/matching/compiled-inventory.ts';
import { count } from '../../../../shared/text/numbers.ts';
import { countObjects, type Outcome } from '../../../count-usage/count-objects.ts';
import type { Inventories, LogObject } from '../../../count-usage/fold-object.ts';
import { SqliteStore } from '../../../count-usage/sqlite/sqlite-store.ts';
import { OtherLogError } from '../../../../shared/flowlogs/record.ts';
import { namedError } from '../../../../shared/text/named-error.ts';
import { readInventory } from '../../files/read-inventory.ts';
import { isOverwritten, lookAt, objectOf, type SeenFile } from './watch-folder.ts';
import { startScreen, type Screen } from './watch-screen.ts';

export interface WatchOptions {
  readonly logs: string;
  readonly inventory: string;
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
  const inventory = await readInventory(options.inventory);
  // Before the store is made: a mistyped folder leaves nothing behind.
  await lookAt(options.logs);
  const store = new SqliteStore(options.store, { create: true });
  try {
    store.putInventory(inventory, Date.now() / 1000);
    const folder = new WatchedFolder(store, fixedInventory(new CompiledInventory(inventory)), startScreen(options));
    if (options.once) {
      await folder.count(await lookAt(options.logs));
      folder.end();
      return;
    }
    let last: readonly SeenFile[] = [];
    for (;;) {
      const seen = await lookAt(options.logs);
      const before = new Map(last.map(({ name, stamp }) => [name, stamp]));
      // A file is whole when it has been left alone from one look to the next.
      await folder.count(seen.filter(({ name, stamp }) => before.get(name) === stamp));
      last = seen;
      await sleep(options.poll * 1000);
    }
  } finally {
    store.close();
  }
}

/** One inventory for all days: what is not in it stays unknown. */
function fixedInventory(compiled: CompiledInventory): Inventories {
  return {
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
  readonly #failed = new Map<string, unknown>();

  constructor(store: SqliteStore, inventories: Inventories, screen: Screen) {
    this.#store = store;
    this.#inventories = inventories;
    this.#screen = screen;
  }

  async count(files: readonly SeenFile[]): Promise<void> {
    let batch: SeenFile[] = [];
    let bytes = 0;
    for (const file of files) {
      if (await this.#isDone(file)) continue;
      batch.push(file);
      bytes += file.size;
      if (batch.length < BATCH_FILES && bytes < BATCH_BYTES) continue;
      await this.#countBatch(batch);
      batch = [];
      bytes = 0;
    }
    if (batch.length > 0) await this.#countBatch(batch);
  }

  /** @throws Error that names the files that could not be read */
  end(): void {
    this.#screen.stop();
    if (this.#failed.size === 0) return;
    const causes = [...this.#failed].map(([name, error]) => namedError(name, error).message);
    throw new Error(`${count(causes.length, 'file')} not counted: ${causes.join('; ')}`);
  }

  async #isDone(file: SeenFile): Promise<boolean> {
    if (this.#settled.get(file.name) === file.stamp) return true;
    const note = await this.#store.counted(file.name);
    if (!note) return false;
    const isOther = await isOverwritten(file, note).catch((error: unknown) => {
      this.#fail(file.name, error);
      return false;
    });
    if (isOther) this.#screen.overwritten(file.name);
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
        this.#fail(file.name, error);
      }
    }
    const started = performance.now();
    const outcome: Outcome = await countObjects(objects, { store: this.#store, inventories: this.#inventories });
    for (const { name, error } of outcome.failed) this.#fail(name, error);
    // Counted by another worker: whether that was the content seen here is looked at next time.
    for (const { name } of outcome.before) this.#settled.delete(name);
    this.#screen.batch(outcome, (performance.now() - started) / 1000);
  }

  /** Left alone until it changes. */
  #fail(name: string, error: unknown): void {
    if (error instanceof OtherLogError) {
      this.#screen.otherLog();
      return;
    }
    this.#failed.set(name, error);
    this.#screen.failed(namedError(name, error).message);
  }
}
