import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import middy from '@middy/core';

const NAMESPACE = 'stale-sg';

/** What a service tells of itself. */
export interface Tools {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** AWS clients are traced one by one; other requests are not. */
  readonly tracer: Tracer;
}

/** @param deployment the prefix of its tables, which tells its metrics from those of others in the account */
export function toolsOf(serviceName: string, deployment: string): Tools {
  return {
    logger: new Logger({ serviceName }),
    metrics: new Metrics({ namespace: NAMESPACE, serviceName, defaultDimensions: { deployment } }),
    tracer: new Tracer({ serviceName, captureHTTPsRequests: false }),
  };
}

/**
 * Wraps a handler: its invocations are traced, logged with their context, and publish their metrics at the end. Early
 * answers are off: work that ran out of time ends with its process, and does not go on beside the next invocation.
 */
export function observed<Event = unknown, Result = unknown>({ logger, metrics, tracer }: Tools) {
  return middy<Event, Result>({ timeoutEarlyInMillis: 0 })
    .use(captureLambdaHandler(tracer, { captureResponse: false }))
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics));
}
