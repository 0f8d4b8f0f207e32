import { copyFile, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';

/** Where the Athena of the tests reads and writes. */
export interface ObjectStore {
  /** Keys that begin so, sorted, with what changes when the content does. */
  list(bucket: string, prefix: string): Promise<{ key: string; version: string }[]>;
  /** Writes the object's bytes into a file. */
  fetch(bucket: string, key: string, file: string): Promise<void>;
  put(bucket: string, key: string, body: Uint8Array): Promise<void>;
}

/** Buckets as folders, keys as paths in them. */
export function folderStore(root: string): ObjectStore {
  return {
    list: async (bucket, prefix) => {
      const entries = await readdir(join(root, bucket), { recursive: true, withFileTypes: true }).catch(() => []);
      const keys = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(join(root, bucket).length + 1))
        .filter((key) => key.startsWith(prefix))
        .sort();
      return Promise.all(
        keys.map(async (key) => {
          const { size, mtimeMs } = await stat(join(root, bucket, key));
          return { key, version: `${size} ${mtimeMs}` };
        }),
      );
    },
    fetch: (bucket, key, file) => copyFile(join(root, bucket, key), file),
    put: async (bucket, key, body) => {
      await mkdir(dirname(join(root, bucket, key)), { recursive: true });
      await writeFile(join(root, bucket, key), body);
    },
  };
}

/** The part of the bed of S3 that is needed here. */
interface S3Bed {
  s3(): S3Client;
  putObject(bucket: string, key: string, body: Uint8Array): Promise<string>;
}

export function s3Store(bed: S3Bed): ObjectStore {
  const s3 = bed.s3();
  return {
    list: async (Bucket, Prefix) => {
      const found: { key: string; version: string }[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }));
        found.push(...(page.Contents ?? []).map(({ Key, ETag }) => ({ key: Key!, version: ETag! })));
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      return found;
    },
    fetch: async (Bucket, Key, file) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      await pipeline(Body as Readable, createWriteStream(file));
    },
    put: async (bucket, key, body) => {
      await bed.putObject(bucket, key, body);
    },
  };
}
