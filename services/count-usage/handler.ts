import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import { observed } from '../../shared/aws/observed.ts';
import { wire } from './wiring-adapter.ts';

interface FinishOpen {
  readonly step: 'finishOpen';
}

const { count, finishOpen, tools } = wire(process.env);

const giveBack = (reason: Error, { messageId }: SQSRecord) =>
  tools.logger.warn('given back', { messageId, error: reason });

const ofQueue = observed<SQSEvent>(tools)
  .use(sqsPartialBatchFailure({ logger: giveBack }))
  .handler(({ Records }, context) => count(Records, context));

/** The night: what workers have left open whose messages are gone. */
const ofNight = observed<FinishOpen>(tools).handler((_, context) => finishOpen(context));

/** Messages of the queue, or the night's one step. */
export const handler = (event: SQSEvent | FinishOpen, context: Context): Promise<unknown> =>
  'step' in event ? ofNight(event, context) : ofQueue(event, context);
