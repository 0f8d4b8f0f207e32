import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { Context, SQSRecord } from 'aws-lambda';
import { toolsOf } from '../../shared/aws/observed.ts';
import { DataBucket } from '../../shared/aws/data-bucket.ts';
import { tableNames } from '../../shared/names.ts';
import { countMessages } from './count-messages.ts';
import { DynamoStore } from './dynamo/dynamo-adapter.ts';
import { readEnvironment } from './environment.ts';
import { dayInventories } from './inventories-adapter.ts';
import { reportFigures } from './report-figures.ts';
import { logObject } from './s3-adapter.ts';

/**
 * What is kept back of the time of an invocation: to look up interfaces, read an object once more, and add. A minute, and
 * no more than a fifth, so that a function with a short timeout reads something at all.
 */
const RESERVE_MS = 60_000;
const RESERVE_SHARE = 1 / 5;

/**
 * After its deadline a function has up to 2 s to shut down, then it is killed; the rest is for clocks that differ.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown
 */
const LEASE_MARGIN_MS = 3000;

/** A connection that is silent for so long is given up, so that the object fails and not the whole batch. */
const TIMEOUTS = { connectionTimeout: 5000, socketTimeout: 30_000 };

/** Everything is made once for all invocations of the process. */
export function wire(variables: NodeJS.ProcessEnv) {
  const { accountId, region, tablePrefix, dataBucket, retentionDays } = readEnvironment(variables);
  const tools = toolsOf('count-usage', tablePrefix);
  const { logger, tracer } = tools;
  const s3 = tracer.captureAWSv3Client(new S3Client({ requestHandler: TIMEOUTS }));
  const bucket = new DataBucket(s3, dataBucket);
  const dynamo = tracer.captureAWSv3Client(new DynamoDBClient({ requestHandler: TIMEOUTS }));
  const tables = tableNames(tablePrefix);
  /** When the current invocation is over or killed at the latest; a process has one at a time. UNIX milliseconds. */
  let end = 0;
  const store = new DynamoStore({
    client: dynamo,
    tables,
    bucket,
    retentionDays,
    get leaseMs() {
      return end - Date.now();
    },
  });
  const inventories = dayInventories({
    dynamo,
    stateTable: tables.state,
    bucket,
    onLookupFailure: (error, interfaces) => logger.warn('interfaces not looked up', { interfaces, error }),
  });
  const begin = (context: Context): number => {
    const timeMs = context.getRemainingTimeInMillis();
    end = Date.now() + timeMs + LEASE_MARGIN_MS;
    return timeMs;
  };
  const finishOpen = async (context: Context) => {
    begin(context);
    const finished = await store.finishOpen();
    logger.info('batches finished that were left open', { finished });
    return { finished };
  };
  const count = (messages: readonly SQSRecord[], context: Context) => {
    const reserveMs = Math.min(RESERVE_MS, begin(context) * RESERVE_SHARE);
    return countMessages(messages, {
      deployment: { accountId, region },
      open: (object) => logObject(s3, object),
      store,
      inventories,
      hasTime: () => context.getRemainingTimeInMillis() > reserveMs,
      now: () => Date.now() / 1000,
      report: (figures) => reportFigures(figures, tools),
    });
  };
  return { count, finishOpen, tools };
}
