import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import middy from '@middy/core';
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import { wire } from './wiring-adapter.ts';

const { count, finishOpen, logger, metrics, tracer } = wire(process.env);

/** Early answers are off: work that ran out of time dies with its process, and does not wake beside the next batch. */
const observed = <E, R>() =>
  middy<E, R>({ timeoutEarlyInMillis: 0 })
    .use(captureLambdaHandler(tracer, { captureResponse: false }))
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics));

const ofQueue = observed<SQSEvent, unknown>()
  .use(
    sqsPartialBatchFailure({
      logger: (reason: Error, { messageId }: SQSRecord) => logger.warn('given back', { messageId, error: reason }),
    }),
  )
  .handler(({ Records }, context) => count(Records, context));

/** The night: what workers have left open whose messages are gone. */
const ofNight = observed<FinishOpen, unknown>().handler((_, context) => finishOpen(context));

interface FinishOpen {
  readonly step: 'finishOpen';
}

/** Messages of the queue, or the night's one step. */
export const handler = (event: SQSEvent | FinishOpen, context: Context): Promise<unknown> =>
  'step' in event ? ofNight(event, context) : ofQueue(event, context);
