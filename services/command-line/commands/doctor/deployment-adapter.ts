import { DynamoDBClient, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { ListExecutionsCommand, paginateListStateMachines, SFNClient } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, GetQueueUrlCommand, QueueDoesNotExist, SQSClient } from '@aws-sdk/client-sqs';
import { DayMarks } from '../../../../shared/aws/day-marks.ts';
import { settledNights } from '../../../../shared/aws/settled-days.ts';
import { SnapshotIndex } from '../../../../shared/aws/snapshot-index.ts';
import { executionLink } from '../../../../shared/console-links.ts';
import { inParallel } from '../../../../shared/in-parallel.ts';
import { deadBatchesName, nightName, queueNames, tableNames } from '../../../../shared/names.ts';
import { dayFromIso, dayOf, secondsFromIso } from '../../../../shared/time.ts';
import { findBucket, type DeploymentOptions } from '../../deployment/evidence-adapter.ts';
import { findReport } from '../../deployment/report-adapter.ts';
import type { DeploymentFacts, NightRun } from './deployment-facts.ts';
import { look } from './looked.ts';

const NIGHTS = 20;
/** Marks of which the reasons are asked for. */
const MARKS_READ_AT_ONCE = 5;

/**
 * Looks at a deployment by the SDK's default credentials; every call reads only.
 *
 * @param now UNIX seconds
 * @throws Error of one line where there is no deployment of that name, or AWS cannot be asked at all
 */
export async function deploymentFacts(options: DeploymentOptions, now: number): Promise<DeploymentFacts> {
  const { tables: prefix, region } = options;
  const place = region === undefined ? {} : { region };
  const [dynamo, s3, sfn, sqs] = [
    new DynamoDBClient(place),
    new S3Client(place),
    new SFNClient(place),
    // The queue is asked where its URL was: emulators give hosts that nobody resolves.
    new SQSClient({ ...place, useQueueUrlAsEndpoint: false }),
  ];
  const tables = tableNames(prefix);
  const names = queueNames(prefix);
  try {
    const reading = await look('dynamodb:Query', () => lastReading(dynamo, tables.state));
    const marks = new DayMarks(dynamo, tables.state);
    return {
      now,
      prefix,
      region,
      lastReading: reading,
      waiting: await look('sqs:GetQueueAttributes', () => messagesIn(sqs, names.queue)),
      deadLetters: await look('sqs:GetQueueAttributes', () => messagesIn(sqs, names.deadLetters)),
      deadBatches: await look('sqs:GetQueueAttributes', () => deadBatches(sqs, deadBatchesName(prefix))),
      nights: await look('states:ListExecutions', () => newestNights(sfn, nightName(prefix))),
      marked: await look('dynamodb:Query', async () => {
        const days = await marks.open(Infinity);
        return inParallel(days, MARKS_READ_AT_ONCE, async (day) => ({ day, reasons: await marks.reasons(day) }));
      }),
      settled: await look('dynamodb:Query', async () => {
        const nights = await settledNights(dynamo, tables.state);
        return new Map([...nights].map(([day, settled]) => [dayFromIso(day)!, settled]));
      }),
      report: await look('s3:ListBucket and s3:GetObject', async () => {
        // Only rules of a snapshot tell what the bucket is called.
        const isEmpty = 'found' in reading && reading.found === undefined && options.dataBucket === undefined;
        return isEmpty
          ? undefined
          : findReport(s3, await findBucket(dynamo, tables.rulesData, prefix, options.dataBucket));
      }),
    };
  } finally {
    for (const client of [dynamo, s3, sfn, sqs]) client.destroy();
  }
}

/** When a reading last found the account as the newest snapshot shows it. */
async function lastReading(client: DynamoDBClient, table: string): Promise<number | undefined> {
  try {
    const newest = await new SnapshotIndex(client, table).newest();
    return newest && secondsFromIso(newest.stillTrueAt);
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    throw new Error(`no table ${table}; is stale-sg deployed here?`, { cause: error });
  }
}

async function messagesIn(client: SQSClient, QueueName: string): Promise<number> {
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
  );
  return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
}

async function deadBatches(client: SQSClient, name: string): Promise<number> {
  try {
    return await messagesIn(client, name);
  } catch (error) {
    if (error instanceof QueueDoesNotExist) return 0;
    throw error;
  }
}

async function newestNights(client: SFNClient, name: string): Promise<NightRun[]> {
  const stateMachineArn = await stateMachineNamed(client, name);
  if (stateMachineArn === undefined) return [];
  const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn, maxResults: NIGHTS }));
  return executions.map(({ startDate, status = '', executionArn = '' }) => {
    const startedAt = (startDate?.getTime() ?? 0) / 1000;
    const link = executionLink(executionArn.split(':')[3] ?? '', executionArn);
    return { startedAt, day: dayOf(startedAt) - 1, status, link };
  });
}

/** Its ARN; undefined where there is none of the name. */
export async function stateMachineNamed(client: SFNClient, name: string): Promise<string | undefined> {
  for await (const { stateMachines = [] } of paginateListStateMachines({ client }, {})) {
    const found = stateMachines.find((one) => one.name === name);
    if (found) return found.stateMachineArn;
  }
  return undefined;
}
