import { S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { s3LogObject } from '../../shared/aws/s3-log-object.ts';
import { readText } from '../../shared/flowlogs/read-text.ts';
import { ContentLost, type FlowLogObject } from './flow-log-object.ts';
import type { LogObject } from './fold-object.ts';

/**
 * A flow log in S3, to be read as its event describes it: text from first byte to last, Parquet by parts; never held
 * whole. Reading fails with {@link ContentLost} where that content is not there any more.
 */
export function logObject(client: S3Client, object: FlowLogObject): LogObject {
  const { name, key, etag, day, flowLogId } = object;
  const { chunks, buffer } = s3LogObject(client, object);
  return {
    note: { name, version: etag, flowLogId },
    day,
    read: async (sink) => {
      try {
        if (!key.endsWith('.parquet')) {
          await readText(chunks(), sink);
          return;
        }
        // Loaded by the first Parquet file: most deployments have none, and their cold starts do without.
        const { readParquet } = await import('../../shared/flowlogs/read-parquet.ts');
        await readParquet(buffer, sink);
      } catch (error) {
        throw lost(error, name) ?? error;
      }
    },
  };
}

/** Without `s3:ListBucket`, S3 says `AccessDenied` of an object that is gone: that fails, and is not called gone. */
function lost(error: unknown, name: string): ContentLost | undefined {
  if (!(error instanceof S3ServiceException)) return undefined;
  if (error.name === 'NoSuchKey') return new ContentLost('gone', name, error);
  if (error.name === 'PreconditionFailed') return new ContentLost('overwritten', name, error);
  return undefined;
}
