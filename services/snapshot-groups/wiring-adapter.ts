import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { toolsOf, type Tools } from '../../shared/aws/observed.ts';
import { DataBucket } from '../../shared/aws/data-bucket.ts';
import { SnapshotArchive } from '../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex, type SnapshotReference } from '../../shared/aws/snapshot-index.ts';
import { tableNames } from '../../shared/names.ts';
import { createEc2Client, ec2Account } from './ec2-adapter.ts';
import { readEnvironment } from './environment.ts';
import { publishSnapshot, type SnapshotFigures } from './publish-snapshot.ts';
import { rulesDataTable } from './rules-data-adapter.ts';

/** Everything is made once for all invocations of the process. */
export function wire(variables: NodeJS.ProcessEnv) {
  const { accountId, region, tablePrefix, dataBucket, retentionDays } = readEnvironment(variables);
  const tools = toolsOf('snapshot-groups', tablePrefix);
  const { tracer } = tools;
  const dynamo = tracer.captureAWSv3Client(new DynamoDBClient());
  const bucket = new DataBucket(tracer.captureAWSv3Client(new S3Client()), dataBucket);
  const ec2 = tracer.captureAWSv3Client(createEc2Client({ region }));
  const tables = tableNames(tablePrefix);
  const index = new SnapshotIndex(dynamo, tables.state);
  const archive = new SnapshotArchive(index, bucket);
  const ports = {
    account: ec2Account(ec2),
    publish: (document: string, takenAt: Date) => archive.publish(document, takenAt, retentionDays),
    writeUnion: (entry: SnapshotReference) => archive.writeUnion(entry),
    rules: rulesDataTable(dynamo, tables.rulesData, index),
    now: () => new Date(),
    report: (figures: SnapshotFigures) => report(figures, tools),
  };
  return { publish: () => publishSnapshot({ accountId, region }, ports), tools };
}

function report({ outcome, problems, rulesWritten = 0, ...sizes }: SnapshotFigures, { logger, metrics }: Tools) {
  logger.info('snapshot', { outcome, rulesWritten, ...sizes });
  for (const problem of problems) logger.warn('unknown', { problem });
  const counts = { Groups: sizes.groups, Rules: sizes.rules, Interfaces: sizes.interfaces, RulesWritten: rulesWritten };
  for (const [name, value] of Object.entries(counts)) metrics.addMetric(name, 'Count', value);
  metrics.addMetric('SnapshotsTaken', 'Count', outcome === 'new' ? 1 : 0);
}
