import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { s3LogObject } from '../../../shared/aws/s3-log-object.ts';
import { FLOW_LOG_KINDS, kindOfFile, type FoundFiles, type LogFile, type LogFileRef } from './log-files.ts';

/**
 * The flow log objects below `s3://bucket/prefix`, by the credentials and region of the SDK's default chain. An object
 * that changes while it is read is refused.
 *
 * @throws Error that names the place if it holds none
 */
export async function s3LogFiles(url: string, client = newClient()): Promise<FoundFiles> {
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
      files.push(s3LogFile({ name, size: Size ?? 0, isNamed: Key === prefix, stamp: ETag }, client));
    }
  }
  if (files.length === 0) throw new Error(`${url}: no flow log objects (${FLOW_LOG_KINDS}) there`);
  return { files, notRead };
}

function newClient(): S3Client {
  return new S3Client({ followRegionRedirects: true });
}

let shared: S3Client | undefined;

/** An object that was found before. */
export function s3LogFile(ref: LogFileRef, client = (shared ??= newClient())): LogFile {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(ref.name) ?? [];
  const { chunks, buffer } = s3LogObject(client, { bucket, key, etag: ref.stamp, size: ref.size });
  return { ...ref, chunks, withBuffer: (read) => read(buffer) };
}
