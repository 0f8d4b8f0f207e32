import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DataBucket } from '../../shared/aws/data-bucket.ts';
import { toolsOf } from '../../shared/aws/observed.ts';
import { tableNames } from '../../shared/names.ts';
import { Compactor, type Compaction } from './compactor-adapter.ts';
import { readEnvironment } from './environment.ts';

/** Everything is made once for all invocations of the process. */
export function wire(variables: NodeJS.ProcessEnv) {
  const { tablePrefix, dataBucket, retentionDays } = readEnvironment(variables);
  const tools = toolsOf('compact-usage', tablePrefix);
  const { logger, metrics, tracer } = tools;
  const client = tracer.captureAWSv3Client(new DynamoDBClient());
  const bucket = new DataBucket(tracer.captureAWSv3Client(new S3Client()), dataBucket);
  const compactor = new Compactor({ client, tables: tableNames(tablePrefix), bucket, retentionDays });

  /** Goes on while there are batches, and as much time again as the last round took. */
  const compact = async (timeLeft: () => number): Promise<Compaction> => {
    let [batches, rules] = [0, 0];
    for (;;) {
      const before = timeLeft();
      const done = await compactor.compact(timeLeft);
      batches += done.batches;
      rules += done.rules;
      const took = before - timeLeft();
      if (done.batches > 0 && done.left > 0 && timeLeft() > 2 * took) continue;
      logger.info('compacted', { batches, rules, left: done.left });
      metrics.addMetric('BatchesCompacted', 'Count', batches);
      metrics.addMetric('BatchesLeft', 'Count', done.left);
      return { batches, rules, left: done.left };
    }
  };
  return { compact, tools };
}
