import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSRecord } from 'aws-lambda';
import { toolsOf } from '../../shared/aws/observed.ts';
import { DataBucket } from '../../shared/aws/data-bucket.ts';
import { tableNames } from '../../shared/names.ts';
import { countMessages } from './count-messages.ts';
import { DynamoStore } from './dynamo/dynamo-adapter.ts';
import { readEnvironment } from './environment.ts';
import { giveBack } from './give-back-adapter.ts';
import { dayInventories } from './inventories-adapter.ts';
import { reportFigures } from './report-figures.ts';
import { logObject } from './s3-adapter.ts';

/**
 * What is kept back of the time of an invocation: to look up interfaces, read an object once more, and add. A minute, and
 * no more than a fifth, so that a function with a short timeout reads something at all.
 */
const RESERVE_MS = 60_000;
const RESERVE_SHARE = 1 / 5;

/** A connection that is silent for so long is given up, so that the object fails and not the whole batch. */
const TIMEOUTS = { connectionTimeout: 5000, socketTimeout: 30_000 };

/** Everything is made once for all invocations of the process. */
export function wire(variables: NodeJS.ProcessEnv) {
  const { accountId, region, tablePrefix, dataBucket, queueUrl } = readEnvironment(variables);
  const tools = toolsOf('count-usage', tablePrefix);
  const { logger, tracer } = tools;
  const s3 = tracer.captureAWSv3Client(new S3Client({ requestHandler: TIMEOUTS }));
  const place = {
    client: tracer.captureAWSv3Client(new DynamoDBClient({ requestHandler: TIMEOUTS })),
    tables: tableNames(tablePrefix),
    bucket: new DataBucket(s3, dataBucket),
  };
  const store = new DynamoStore(place);
  const inventories = dayInventories(
    place,
    (error, interfaces) => logger.warn('interfaces not looked up', { interfaces, error }),
    (error, past) => logger.warn('what the account remembers is not used', { past, error }),
  );
  // Loaded when a message has failed, as few have.
  let sqs: Promise<SQSClient> | undefined;
  const connect = async () => {
    const { SQSClient } = await import('@aws-sdk/client-sqs');
    return tracer.captureAWSv3Client(new SQSClient({ requestHandler: TIMEOUTS }));
  };
  const count = async (messages: readonly SQSRecord[], context: Context) => {
    const reserveMs = Math.min(RESERVE_MS, context.getRemainingTimeInMillis() * RESERVE_SHARE);
    const settled = await countMessages(messages, {
      deployment: { accountId, region },
      open: (object) => logObject(s3, object),
      store,
      inventories,
      hasTime: () => context.getRemainingTimeInMillis() > reserveMs,
      now: () => Date.now() / 1000,
      report: (figures) => reportFigures(figures, tools),
    });
    await giveBack(
      messages.filter((_, i) => settled[i]?.status === 'rejected'),
      {
        client: () => (sqs ??= connect()),
        queueUrl,
        onFailure: (messages, error) => logger.warn('not given back soon', { messages, error }),
      },
    );
    return settled;
  };
  return { count, tools };
}
