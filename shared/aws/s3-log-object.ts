import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { AsyncBuffer } from 'hyparquet';
import type { Chunks } from '../flowlogs/read-text.ts';

/** One content of one S3 object. */
export interface S3Content {
  readonly bucket: string;
  /** As it is: not URL-encoded. */
  readonly key: string;
  /** With quotes or without. Undefined where it is not known: then an object that changes while it is read goes unseen. */
  readonly etag: string | undefined;
  /** Bytes. */
  readonly size: number;
}

export interface S3LogObject {
  /** The bytes from first to last. */
  readonly chunks: () => Chunks;
  /** Any part of the bytes. */
  readonly buffer: AsyncBuffer;
}

/**
 * Reads one content of an S3 object, and no other: fails with the SDK's error if the object is gone (`NoSuchKey`) or has
 * another content by now (`PreconditionFailed`), and where fewer or more bytes come than were asked for.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function s3LogObject(client: S3Client, content: S3Content): S3LogObject {
  const { bucket, key, size } = content;
  const etag = content.etag?.replaceAll('"', '');
  const get = async (range?: string) => {
    const IfMatch = etag === undefined ? undefined : `"${etag}"`;
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch, Range: range }));
    if (!Body) throw new Error('the object has no body');
    return Body;
  };
  return {
    async *chunks(): AsyncIterable<Uint8Array> {
      let bytes = 0;
      for await (const chunk of (await get()) as Chunks) {
        bytes += chunk.length;
        yield chunk;
      }
      mustBe(size, bytes);
    },
    buffer: {
      byteLength: size,
      slice: async (start, end = size) => {
        // `bytes=5-4` would bring the whole object.
        if (end <= start) return new ArrayBuffer(0);
        const bytes = await (await get(`bytes=${String(start)}-${String(end - 1)}`)).transformToByteArray();
        mustBe(end - start, bytes.length);
        return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
      },
    },
  };
}

function mustBe(expected: number, bytes: number): void {
  if (bytes !== expected) throw new Error(`${String(bytes)} bytes came instead of ${String(expected)}`);
}
