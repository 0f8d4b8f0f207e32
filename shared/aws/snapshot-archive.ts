import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { readSnapshot, type StoredSnapshot } from '../inventory/snapshot-file.ts';
import { DATA_PREFIXES } from '../names.ts';
import type { SnapshotEntry, SnapshotIndex, SnapshotReference } from './snapshot-index.ts';
import { isoTime } from '../time.ts';

export interface Publication {
  /** `overtaken`: a later reading was published meanwhile, and this one is dropped. */
  readonly outcome: 'new' | 'same' | 'overtaken';
  /** The newest snapshot: that of this reading, or for `overtaken` that of the later one. */
  readonly entry: SnapshotEntry;
}

/** The same as for the files of an inventory: Node cannot hold a longer text than 512 Mi characters. */
const MAX_DOCUMENT_BYTES = 500 * 2 ** 20;
const ATTEMPTS = 5;

/** The documents of snapshots: in S3, named by their hash and never changed. The index says which are in force. */
export class SnapshotArchive {
  readonly #index: SnapshotIndex;
  readonly #s3: S3Client;
  readonly #bucket: string;

  constructor(index: SnapshotIndex, s3: S3Client, bucket: string) {
    this.#index = index;
    this.#s3 = s3;
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
        if (!isStored) await this.#store(reference.key, document);
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
    const bytes = await this.#unpacked(key).catch((cause: unknown) => {
      throw new Error(`${key}: cannot be read`, { cause });
    });
    const found = sha256(bytes);
    if (found !== hash) throw new Error(`${key}: is not what was written: its hash is ${found}`);
    return readSnapshot(bytes.toString('utf8'), key);
  }

  async #unpacked(key: string): Promise<Buffer> {
    const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
    if (!Body) throw new Error('no content');
    return promisify(gunzip)(await Body.transformToByteArray(), { maxOutputLength: MAX_DOCUMENT_BYTES });
  }

  async #store(key: string, document: string): Promise<void> {
    const content = { Body: await promisify(gzip)(document), ContentType: 'application/gzip' };
    try {
      // What is there under this name is this content already.
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
      await this.#s3.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, ...content, IfNoneMatch: '*' }));
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'PreconditionFailed') throw error;
    }
  }
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
