import { createHash } from 'node:crypto';
import { readSnapshot, type StoredSnapshot } from '../inventory/snapshot-file.ts';
import { DATA_PREFIXES } from '../names.ts';
import { LONGEST_TEXT, type DataBucket } from './data-bucket.ts';
import type { SnapshotEntry, SnapshotIndex, SnapshotReference } from './snapshot-index.ts';
import { isoTime } from '../time.ts';

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
   * Makes this document the newest snapshot, or notes that the newest is still true.
   *
   * Dies before the object is put: nothing happened. Dies between object and index: the object is there and nobody
   * knows; the next run with this content finds it there and appends it. The index is written in one transaction.
   *
   * @param takenAt when the reading began; fractions of a second are dropped
   */
  async publish(document: string, takenAt: Date): Promise<Publication> {
    const at = isoTime(takenAt.getTime() / 1000);
    const hash = sha256(document);
    const reference = { takenAt: at, key: `${DATA_PREFIXES.snapshots}${hash}.json.gz`, hash };
    let isStored = false;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const newest = await this.#index.newest();
      const isLater = newest === undefined || newest.stillTrueAt < at;
      if (newest?.hash === hash) {
        const isNoted = !isLater || (await this.#index.noteStillTrueIfNewest(newest, at));
        if (isNoted) return { outcome: 'same', entry: newest };
      } else if (isLater) {
        // What is there under this name is this content already.
        if (!isStored) await this.#bucket.putGzIfAbsent(reference.key, document);
        isStored = true;
        const isAppended = await this.#index.appendIfNewest(newest, reference);
        if (isAppended) return { outcome: 'new', entry: { ...reference, stillTrueAt: at, rulesWrittenAt: undefined } };
      } else {
        return { outcome: 'overtaken', entry: newest };
      }
      // Another run was at the end of the chain meanwhile: look again what is there.
    }
    throw new Error(`the snapshot of ${at} was not published: other runs came first, ${ATTEMPTS} times`);
  }

  /** @throws Error that names the key, if the document is not there, damaged, or of another version */
  async read({ key, hash }: SnapshotReference): Promise<StoredSnapshot> {
    const document = await this.#bucket.gzText(key, LONGEST_TEXT);
    const found = sha256(document);
    if (found !== hash) throw new Error(`${key}: is not what was written: its hash is ${found}`);
    return readSnapshot(document, key);
  }
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
