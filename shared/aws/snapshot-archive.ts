import { NEAR_SECONDS } from '../history/day-facts.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { describedIn, readSnapshot, type DescribedAccount, type StoredSnapshot } from '../inventory/snapshot-file.ts';
import { readUnion, unionText } from '../inventory/union-file.ts';
import { unite } from '../inventory/union.ts';
import { DATA_PREFIXES } from '../names.ts';
import { nameByContent, type DataBucket } from './data-bucket.ts';
import type { SnapshotEntry, SnapshotIndex, SnapshotReference } from './snapshot-index.ts';
import { dayOf, isoTime, secondsFromIso, type Day } from '../time.ts';

export interface Publication {
  /** `overtaken`: a later reading was published meanwhile, and this one is dropped. */
  readonly outcome: 'new' | 'same' | 'overtaken';
  /** The newest snapshot: that of this reading, or for `overtaken` that of the later one. */
  readonly entry: SnapshotEntry;
}

const ATTEMPTS = 5;

/** The documents of snapshots: in S3, named by their hash and never changed. The index says which are in force. */
export class SnapshotArchive {
  readonly #index: SnapshotIndex;
  readonly #bucket: DataBucket;

  constructor(index: SnapshotIndex, bucket: DataBucket) {
    this.#index = index;
    this.#bucket = bucket;
  }

  /**
   * Makes this document the newest snapshot, or notes that the newest is still true. After hours in which nobody looked it
   * becomes the newest though it says the same: that it was true all the time is not known, and the index shows the gap.
   *
   * Dies before the objects are put: nothing happened. Dies between objects and index: the objects are there and nobody
   * knows; the next run with this content writes them again and appends it. The index is written in one transaction.
   * Objects expire by their age: that of the newest is written again once a day.
   *
   * @param takenAt when the reading began; fractions of a second are dropped
   * @param retentionDays days that a snapshot is kept after the last one on which it was in force
   */
  async publish(document: string, takenAt: Date, retentionDays: number): Promise<Publication> {
    const at = isoTime(takenAt.getTime() / 1000);
    const hash = nameByContent(document);
    const reference = { takenAt: at, key: `${DATA_PREFIXES.snapshots}${hash}.json.gz`, hash };
    let isStored = false;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const newest = await this.#index.newest();
      const isLater = newest === undefined || newest.stillTrueAt < at;
      if (newest?.hash === hash && !hasGap(newest, at)) {
        if (isLater && newest.stillTrueAt.slice(0, 10) < at.slice(0, 10)) {
          await this.#bucket.putGz(newest.key, document);
        }
        const isNoted = !isLater || (await this.#index.noteStillTrueIfNewest(newest, at));
        if (isNoted) return { outcome: 'same', entry: newest };
      } else if (isLater) {
        if (!isStored) await this.#bucket.putGz(reference.key, document);
        isStored = true;
        const isAppended = await this.#index.appendIfNewest(newest, reference, retentionDays);
        if (isAppended) return { outcome: 'new', entry: { ...reference, stillTrueAt: at, rulesWrittenAt: undefined } };
      } else {
        return { outcome: 'overtaken', entry: newest };
      }
      // Another run was at the end of the chain meanwhile: look again what is there.
    }
    throw new Error(`the snapshot of ${at} was not published: other runs came first, ${ATTEMPTS} times`);
  }

  /** @throws Error that names the key, if the document is not there, damaged, or of another version */
  async read({ key }: SnapshotReference): Promise<StoredSnapshot> {
    return readSnapshot(await this.#bucket.hashedText(key), key);
  }

  /** Its items as AWS described them. Throws as {@link read}. */
  async described({ key }: SnapshotReference): Promise<DescribedAccount> {
    return describedIn(await this.#bucket.hashedText(key), key);
  }

  /**
   * The union of the snapshots in force on a UTC day: one file, or a few snapshots where none was taken on the day itself.
   *
   * @param references as the index gives them for the day
   * @throws Error as {@link read}
   */
  async union(day: Day, references: readonly SnapshotReference[]): Promise<Inventory> {
    const last = references.at(-1);
    if (!last) throw new Error('no snapshot is in force');
    return (await this.#readUnion(day, last)) ?? (await this.#putTogether(references));
  }

  /** Undefined where it is of another day, was not made, or cannot be read: the snapshots say the same. */
  async #readUnion(day: Day, { takenAt, unionKey }: SnapshotReference): Promise<Inventory | undefined> {
    if (unionKey === undefined || dayOf(secondsFromIso(takenAt)) !== day) return undefined;
    const text = await this.#bucket.hashedText(unionKey).catch(() => undefined);
    return text === undefined ? undefined : readUnion(text);
  }

  async #putTogether(references: readonly SnapshotReference[]): Promise<Inventory> {
    let union: Inventory | undefined;
    for (const reference of references) {
      const { inventory } = await this.read(reference);
      union = union ? unite(union, inventory) : inventory;
    }
    return union!;
  }

  /**
   * Writes the union of the snapshots in force on the day on which this one was taken, up to it. Until then, and where that
   * fails, readers put it together from the snapshots.
   */
  async writeUnion(entry: SnapshotReference): Promise<void> {
    const day = dayOf(secondsFromIso(entry.takenAt));
    const { references } = await this.#index.inForce(day);
    const before = references.filter(({ takenAt }) => takenAt < entry.takenAt);
    if (before.length === 0) return;
    const text = unionText(unite(await this.union(day, before), (await this.read(entry)).inventory));
    const unionKey = `${DATA_PREFIXES.unions}${nameByContent(text)}.json.gz`;
    await this.#bucket.putGz(unionKey, text);
    await this.#index.noteUnion(entry, unionKey);
  }
}

/** Times as the index has them. */
function hasGap({ stillTrueAt }: Pick<SnapshotEntry, 'stillTrueAt'>, at: string): boolean {
  return secondsFromIso(at) - secondsFromIso(stillTrueAt) > NEAR_SECONDS;
}
