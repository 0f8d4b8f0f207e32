import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { AsyncBuffer } from 'hyparquet';
import { s3LogObject } from './s3-log-object.ts';

export interface Bound {
  /** Bytes of the content, inclusive. Of a packed one as it is unpacked, and no more than that packed. */
  readonly atMost: number;
}

/** The longest text that Node can hold, in bytes of ASCII. */
export const LONGEST_TEXT: Bound = { atMost: 2 ** 29 - 25 };

/** The bucket of a deployment. What is read from it is never held beyond a bound, whoever wrote it. */
export class DataBucket {
  readonly name: string;
  readonly #s3: S3Client;

  constructor(s3: S3Client, name: string) {
    this.#s3 = s3;
    this.name = name;
  }

  /** @throws Error that names the key, where the object is not there or larger than the bound */
  async text(key: string, { atMost }: Bound = LONGEST_TEXT): Promise<string> {
    return named(key, async () => (await this.#bytes(key, atMost)).toString('utf8'));
  }

  /** @throws Error that names the key, where the object is not there, is damaged, or unpacks to more than the bound */
  async gzText(key: string, { atMost }: Bound = LONGEST_TEXT): Promise<string> {
    return named(key, async () => (await unpacked(await this.#bytes(key, atMost), atMost)).toString('utf8'));
  }

  /** @throws Error as {@link gzText}, and where the text is not the one whose {@link nameByContent} the key has in it */
  async hashedText(key: string): Promise<string> {
    const text = await this.gzText(key);
    const hash = nameByContent(text);
    if (!key.includes(hash)) throw new Error(`${key}: is not what was written: its hash is ${hash}`);
    return text;
  }

  /** Any part of the bytes the object has now. @throws the SDK's error, where it is not there */
  async buffer(key: string): Promise<AsyncBuffer> {
    const { ETag, ContentLength = 0 } = await this.#s3.send(new HeadObjectCommand({ Bucket: this.name, Key: key }));
    return s3LogObject(this.#s3, { bucket: this.name, key, etag: ETag, size: ContentLength }).buffer;
  }

  async put(key: string, content: Uint8Array, contentType?: string): Promise<void> {
    const object = { Bucket: this.name, Key: key, Body: content, ContentType: contentType };
    await this.#s3.send(new PutObjectCommand(object));
  }

  async putGz(key: string, text: string, contentType?: string): Promise<void> {
    await this.put(key, await promisify(gzip)(text), contentType);
  }

  /** Names of the folders below the prefix, without slashes. */
  async folders(prefix: string): Promise<string[]> {
    const found: string[] = [];
    const asked = { Bucket: this.name, Prefix: prefix, Delimiter: '/' };
    for await (const { CommonPrefixes = [] } of paginateListObjectsV2({ client: this.#s3 }, asked)) {
      for (const { Prefix = '' } of CommonPrefixes) found.push(Prefix.slice(prefix.length, -1));
    }
    return found;
  }

  /** Does nothing where it is not there. */
  async remove(key: string): Promise<void> {
    await this.#s3.send(new DeleteObjectCommand({ Bucket: this.name, Key: key }));
  }

  async #bytes(key: string, atMost: number): Promise<Buffer> {
    const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.name, Key: key }));
    if (!(Body instanceof Readable)) throw new Error('the object has no body');
    const body: AsyncIterable<Uint8Array> = Body;
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > atMost) throw new Error(`it has more than ${atMost} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
}

/** SHA-256 in hexadecimal digits: names what is never changed. */
export function nameByContent(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Bytes: zlib's own 16 KiB take four times as long for a large text. */
const UNPACKED_AT_ONCE = 256 * 1024;
/** https://nodejs.org/api/errors.html#err_buffer_too_large */
const TOO_LONG = 'ERR_BUFFER_TOO_LARGE';

async function unpacked(bytes: Buffer, atMost: number): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: atMost, chunkSize: UNPACKED_AT_ONCE });
  } catch (error) {
    const isTooLong = typeof error === 'object' && error !== null && 'code' in error && error.code === TOO_LONG;
    if (!isTooLong) throw error;
    throw new Error(`it has more than ${atMost} bytes unpacked`, { cause: error });
  }
}

async function named<T>(key: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new Error(`${key}: cannot be read`, { cause: error });
  }
}
