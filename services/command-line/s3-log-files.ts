import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import type { Chunks } from '../../shared/flowlogs/read-text.ts';
import { FLOW_LOG_KINDS, isFlowLogName, isParquetName, type LogFile } from './log-files.ts';

/**
 * The flow log objects below `s3://bucket/prefix`, by the credentials and region of the SDK's default chain. An object
 * that changes while it is read is refused.
 *
 * @throws Error that names the place if it holds none
 */
export async function s3LogFiles(url: string, client = new S3Client({ followRegionRedirects: true })) {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(url) ?? [];
  if (bucket === undefined) throw new Error(`${url}: not an address of the form s3://bucket/prefix`);
  const files: { id: string; file: LogFile }[] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key, Size, ETag } of page.Contents ?? []) {
      if (Key === undefined || !isFlowLogName(Key)) continue;
      const name = `s3://${bucket}/${Key}`;
      files.push({ id: name, file: s3LogFile(client, { bucket, key: Key, etag: ETag }, name, Size ?? 0) });
    }
  }
  if (files.length === 0) throw new Error(`${url}: no flow log objects (${FLOW_LOG_KINDS}) there`);
  return files;
}

function s3LogFile(
  client: S3Client,
  object: { bucket: string; key: string; etag: string | undefined },
  name: string,
  size: number,
): LogFile {
  const get = async (range?: string) => {
    const { Body } = await client.send(
      new GetObjectCommand({ Bucket: object.bucket, Key: object.key, IfMatch: object.etag, Range: range }),
    );
    if (!Body) throw new Error('the object has no body');
    return Body;
  };
  return {
    name,
    size,
    isParquet: isParquetName(object.key),
    async *chunks(): Chunks {
      yield* (await get()) as Chunks;
    },
    withBuffer: (read) =>
      read({
        byteLength: size,
        slice: async (start, end = size) => {
          const bytes = await (await get(`bytes=${String(start)}-${String(end - 1)}`)).transformToByteArray();
          return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
        },
      }),
  };
}
