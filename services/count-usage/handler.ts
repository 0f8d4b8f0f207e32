import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import middy from '@middy/core';
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { wire } from './wiring-adapter.ts';

const { count, logger, metrics, tracer } = wire(process.env);

/** Early answers are off: work that ran out of time dies with its process, and does not wake beside the next batch. */
export const handler = middy<SQSEvent>({ timeoutEarlyInMillis: 0 })
  .use(captureLambdaHandler(tracer, { captureResponse: false }))
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .use(
    sqsPartialBatchFailure({
      logger: (reason: Error, { messageId }: SQSRecord) => logger.warn('given back', { messageId, error: reason }),
    }),
  )
  .handler(({ Records }, context) => count(Records, context));
