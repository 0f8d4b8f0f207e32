import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { wire } from './wiring-adapter.ts';

const { judge, logger, metrics, tracer } = wire(process.env);

/** After a night: see `judge-night.ts`. */
export const handler = middy({ timeoutEarlyInMillis: 0 })
  .use(captureLambdaHandler(tracer, { captureResponse: false }))
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler((event: unknown, context: Context) => judge(event, () => context.getRemainingTimeInMillis()));
