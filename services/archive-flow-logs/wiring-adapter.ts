import { EC2Client, paginateDescribeFlowLogs } from '@aws-sdk/client-ec2';
import { PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { backOff } from '../../shared/aws/back-off.ts';
import { DataBucket } from '../../shared/aws/data-bucket.ts';
import { toolsOf, type Tools } from '../../shared/aws/observed.ts';
import { keepBack } from '../../shared/aws/refused-batches.ts';
import { ARCHIVED_FOLDER } from '../../shared/names.ts';
import { fieldsOfLogFormat } from '../../shared/flowlogs/line-format.ts';
import { archiveBatch, type Archived } from './archive-batch.ts';
import { readEnvironment } from './environment.ts';
import type { PublishingFlowLog } from './log-objects.ts';

/** Of a try; with all tries of all calls, a batch is kept back long before the function's time is over. */
const CLIENT = { maxAttempts: 5, requestHandler: { connectionTimeout: 5000, socketTimeout: 10_000 } };
/** As long as another is writing the same object. */
const PATIENCE = { attempts: 5, baseMs: 100, longestMs: 2000 };

/** Everything is made once for all invocations of the process. */
export function wire(variables: NodeJS.ProcessEnv) {
  const { tablePrefix, dataBucket, logBucket, logKeyPrefix = '', accountId, region } = readEnvironment(variables);
  const tools = toolsOf('archive-flow-logs', tablePrefix);
  const { tracer } = tools;
  const s3 = tracer.captureAWSv3Client(new S3Client(CLIENT));
  const ec2 = tracer.captureAWSv3Client(new EC2Client({ ...CLIENT, retryMode: 'adaptive' }));
  const bucket = new DataBucket(s3, dataBucket);
  const known = new Map<string, { readonly flowLogs: readonly PublishingFlowLog[]; readonly at: number }>();

  const flowLogsOf = async (logGroup: string, since: number): Promise<readonly PublishingFlowLog[]> => {
    const found = known.get(logGroup);
    if (found && found.at > since) return found.flowLogs;
    const at = Date.now();
    const flowLogs = await publishing(ec2, logGroup);
    known.set(logGroup, { flowLogs, at });
    return flowLogs;
  };
  const archive = async (event: unknown): Promise<Archived> => {
    const archived = await archiveBatch(event, {
      place: { accountId, region, keyPrefix: `${logKeyPrefix}${ARCHIVED_FOLDER}` },
      flowLogsOf,
      putOnce: (key, bytes) => putOnce(s3, { Bucket: logBucket, Key: key, Body: bytes }),
      keepBack: async (event) => keepBack(bucket, JSON.stringify(event), Date.now() / 1000),
    });
    report(archived, tools);
    return archived;
  };
  return { archive, tools };
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-cwl.html */
async function publishing(client: EC2Client, logGroup: string): Promise<PublishingFlowLog[]> {
  const flowLogs: PublishingFlowLog[] = [];
  const Filter = [{ Name: 'log-group-name', Values: [logGroup] }];
  for await (const { FlowLogs = [] } of paginateDescribeFlowLogs({ client }, { Filter })) {
    for (const { FlowLogId = '', CreationTime, LogDestinationType, LogGroupName, LogFormat = '' } of FlowLogs) {
      // A filter takes patterns; this takes names.
      if (LogDestinationType !== 'cloud-watch-logs' || LogGroupName !== logGroup) continue;
      const createdAt = CreationTime?.getTime() ?? 0;
      flowLogs.push({ flowLogId: FlowLogId, createdAt, fields: fieldsOfLogFormat(LogFormat) });
    }
  }
  return flowLogs;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
async function putOnce(client: S3Client, object: { Bucket: string; Key: string; Body: Uint8Array }): Promise<boolean> {
  const again = backOff(PATIENCE);
  for (;;) {
    try {
      await client.send(new PutObjectCommand({ ...object, IfNoneMatch: '*', ContentType: 'application/gzip' }));
      return true;
    } catch (error) {
      if (!(error instanceof S3ServiceException)) throw error;
      if (error.name === 'PreconditionFailed') return false;
      if (error.name !== 'ConditionalRequestConflict' || !(await again())) throw error;
    }
  }
}

function report({ objects, lines, repeated, refused }: Archived, { logger, metrics }: Tools): void {
  if (refused === undefined) logger.info('archived', { objects, lines, repeated });
  else logger.error('a batch was kept back', { reason: refused });
  metrics.addMetric('LinesArchived', 'Count', lines);
  metrics.addMetric('ObjectsRepeated', 'Count', repeated);
  metrics.addMetric('BatchesEmpty', 'Count', refused === undefined && objects + repeated === 0 ? 1 : 0);
  metrics.addMetric('BatchesRefused', 'Count', refused === undefined ? 0 : 1);
}
