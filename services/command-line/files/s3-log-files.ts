import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { s3LogObject } from '../../../shared/aws/s3-log-object.ts';
import { FLOW_LOG_KINDS, kindOfFile, type FoundFiles, type LogFile } from './log-files.ts';

/**
 * The flow log objects below `s3://bucket/prefix`, by the credentials and region of the SDK's default chain. An object
 * that changes while it is read is refused.
 *
 * @throws Error that names the place if it holds none
 */
export async function s3LogFiles(
  url: string,
  client = new S3Client({ followRegionRedirects: true }),
): Promise<FoundFiles> {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(url) ?? [];
  if (bucket === undefined) throw new Error(`${url}: not an address of the form s3://bucket/prefix`);
  const files: LogFile[] = [];
  const notRead: string[] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key, Size, ETag } of page.Contents ?? []) {
      if (Key === undefined || Key.endsWith('/')) continue;
      const name = `s3://${bucket}/${Key}`;
      const kind = kindOfFile(Key);
      if (kind === 'notRead') notRead.push(name);
      if (kind !== 'flowLog') continue;
      const size = Size ?? 0;
      const { chunks, buffer } = s3LogObject(client, { bucket, key: Key, etag: ETag, size });
      files.push({ name, size, isNamed: Key === prefix, chunks, withBuffer: (read) => read(buffer) });
    }
  }
  if (files.length === 0) throw new Error(`${url}: no flow log objects (${FLOW_LOG_KINDS}) there`);
  return { files, notRead };
}
