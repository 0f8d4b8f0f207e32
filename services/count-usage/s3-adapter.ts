import { S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { s3LogObject } from '../../shared/aws/s3-log-object.ts';
import { readLog } from '../../shared/flowlogs/read-log.ts';
import { FlowLogError } from '../../shared/flowlogs/record.ts';
import { ContentLost, type FlowLogObject } from './flow-log-object.ts';
import type { LogObject } from './fold-object.ts';

/**
 * A flow log in S3, to be read as its event describes it: text from first byte to last, Parquet by parts; never held
 * whole. Reading fails with {@link ContentLost} where that content is not there any more.
 */
export function logObject(client: S3Client, object: FlowLogObject): LogObject {
  const { name, etag, day, flowLogId } = object;
  const { chunks, buffer } = s3LogObject(client, object);
  return {
    note: { name, version: etag, flowLogId },
    day,
    read: async (sink) => {
      try {
        const { form } = await readLog({ name, chunks, withBuffer: (read) => read(buffer) }, sink);
        if (form !== 'lines' && form !== 'parquet') throw new FlowLogError(NOT_OF_NIGHT);
      } catch (error) {
        throw lost(error, name) ?? error;
      }
    },
  };
}

/** Where it was counted, the night would count it out again, or say that it cannot be read. */
const NOT_OF_NIGHT =
  'a flow log by way of CloudWatch Logs, Firehose or Security Lake, which the query of the night cannot read: docs/sources.md';

/** Without `s3:ListBucket`, S3 says `AccessDenied` of an object that is gone: that fails, and is not called gone. */
function lost(error: unknown, name: string): ContentLost | undefined {
  if (!(error instanceof S3ServiceException)) return undefined;
  if (error.name === 'NoSuchKey') return new ContentLost('gone', name, error);
  if (error.name === 'PreconditionFailed') return new ContentLost('overwritten', name, error);
  return undefined;
}
