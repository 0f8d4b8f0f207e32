import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { observed } from '../../shared/aws/observed.ts';
import { wire } from './wiring-adapter.ts';

const { count, tools } = wire(process.env);

const giveBack = (reason: Error, { messageId }: SQSRecord) =>
  tools.logger.warn('given back', { messageId, error: reason });

/** Messages of the queue. */
export const handler = observed<SQSEvent>(tools)
  .use(sqsPartialBatchFailure({ logger: giveBack }))
  .handler(({ Records }, context) => count(Records, context));
