import { HeadBucketCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { AsyncBuffer } from 'hyparquet';
import { assumedRole } from '../../../shared/aws/assumed-role.ts';
import { backOff } from '../../../shared/aws/back-off.ts';
import { s3LogObject } from '../../../shared/aws/s3-log-object.ts';
import {
  FLOW_LOG_KINDS,
  kindOfFile,
  PART_BYTES,
  type FoundFiles,
  type LogFile,
  type LogFileRef,
  type Wanted,
} from './log-files.ts';
import { BEGINNING_BYTES, beginsAsLog } from '../../../shared/flowlogs/peek-log.ts';
import { inParallel } from '../../../shared/in-parallel.ts';
import { askedText, mayTellOf, type S3Access } from './asked-days.ts';
import { listObjects } from './s3-listing.ts';

/** Beginnings that are looked at at the same time. */
const AT_ONCE = 16;
/** A connection that says nothing for so long is given up, and the part asked for again. */
const SILENT_MS = 60_000;
const PATIENCE = { attempts: 5, baseMs: 200, longestMs: 5000 };

/** Flow logs in S3, read by the same credentials. */
export class S3Logs {
  readonly #access: S3Access;
  /** By region; `''` for the one that was given, or that the SDK finds. */
  readonly #clients = new Map<string, S3Client>();

  constructor(access: S3Access) {
    this.#access = access;
  }

  /**
   * The flow log objects below `s3://bucket/prefix` that can tell of the days.
   *
   * @throws Error that names the place if it holds none
   */
  async find(url: string, { asked, formats }: Wanted): Promise<FoundFiles> {
    const [, bucket, prefix] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(url) ?? [];
    if (bucket === undefined || prefix === undefined) {
      throw new Error(`${url}: not an address of the form s3://bucket/prefix`);
    }
    const region = await this.#regionOf(bucket);
    const { objects, otherFolders, calls, keys } = await listObjects(this.#client(region), bucket, prefix, asked);
    const files: LogFile[] = [];
    const unsure: LogFile[] = [];
    const notRead: string[] = [];
    for (const { key, size, etag } of objects) {
      const name = `s3://${bucket}/${key}`;
      const isNamed = key === prefix;
      if (asked && !isNamed && !mayTellOf(asked, key)) continue;
      const kind = kindOfFile(key);
      if (kind === 'notRead') notRead.push(name);
      if (kind === 'notRead' || kind === 'other') continue;
      const file = this.file({ name, size, isNamed, stamp: etag, region });
      (kind === 'flowLog' || isNamed ? files : unsure).push(file);
    }
    const isLog = await inParallel(unsure, AT_ONCE, async (file) => {
      const beginning = await this.#slice(file, 0, Math.min(file.size, BEGINNING_BYTES));
      return beginsAsLog(new Uint8Array(beginning), formats);
    });
    for (const [i, file] of unsure.entries()) {
      if (isLog[i]) files.push(file);
      else if (kindOfFile(file.name) !== 'json') notRead.push(file.name);
    }
    if (files.length === 0) {
      const days = asked ? ` that can tell of ${askedText(asked)}` : '';
      throw new Error(`${url}: no flow log objects (${FLOW_LOG_KINDS}) there${days}`);
    }
    const folders = otherFolders.map((folder) => `s3://${bucket}/${folder}`);
    return { files, notRead, otherFolders: folders, listed: { calls, keys } };
  }

  /** An object that was found before. One that has another content by now is refused. */
  file(ref: LogFileRef): LogFile {
    return { ...ref, ...this.#reading, ...(ref.size <= PART_BYTES && this.#fetching) };
  }

  /** One for all objects, of which there may be a million. */
  readonly #slice = async ({ name, size, stamp, region }: LogFileRef, start: number, end: number) => {
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(name) ?? [];
    const { buffer } = s3LogObject(this.#client(region), { bucket, key, etag: stamp, size });
    return patiently(async () => buffer.slice(start, end));
  };

  readonly #reading = readingBy(this.#slice);
  readonly #fetching = fetchingBy(this.#slice);

  #client(region = ''): S3Client {
    const { profile, roleArn, region: first } = this.#access;
    const made = this.#clients.get(region);
    if (made) return made;
    const place = region === '' ? first : region;
    const client = new S3Client({
      followRegionRedirects: true,
      requestHandler: { connectionTimeout: SILENT_MS, socketTimeout: SILENT_MS },
      ...(place !== undefined && { region: place }),
      ...(profile !== undefined && { profile }),
      ...(roleArn !== undefined && { credentials: assumedRole({ roleArn, region: first }) }),
    });
    this.#clients.set(region, client);
    return client;
  }

  /** Undefined where nobody may ask: each call is then sent on by itself. */
  async #regionOf(bucket: string): Promise<string | undefined> {
    try {
      return (await this.#client().send(new HeadBucketCommand({ Bucket: bucket }))).BucketRegion;
    } catch (error) {
      if (error instanceof S3ServiceException) return undefined;
      if (error instanceof Error && error.message === 'Region is missing') {
        throw new Error('the SDK knows no region; give one (--region, AWS_REGION)', { cause: error });
      }
      throw error;
    }
  }
}

type Slice = (ref: LogFileRef, start: number, end: number) => Promise<ArrayBuffer>;

function readingBy(slice: Slice) {
  return {
    async *chunks(this: LogFile): AsyncIterable<Uint8Array> {
      for (let start = 0; start < this.size; start += PART_BYTES) {
        yield new Uint8Array(await slice(this, start, Math.min(start + PART_BYTES, this.size)));
      }
    },
    withBuffer<T>(this: LogFile, read: (buffer: AsyncBuffer) => Promise<T>): Promise<T> {
      return read({ byteLength: this.size, slice: (start, end = this.size) => slice(this, start, end) });
    },
  };
}

function fetchingBy(slice: Slice) {
  return {
    async fetch(this: LogFile): Promise<Uint8Array> {
      return new Uint8Array(await slice(this, 0, this.size));
    },
  };
}

/** Connections break where thousands of objects are read. What S3 refuses, the SDK has asked for often enough. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const again = backOff(PATIENCE);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof S3ServiceException || !(await again())) throw error;
    }
  }
}
