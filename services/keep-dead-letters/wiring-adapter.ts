import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { DataBucket } from '../../shared/aws/data-bucket.ts';
import { toolsOf } from '../../shared/aws/observed.ts';
import { keepBack } from '../../shared/aws/refused-batches.ts';
import { readEnvironment } from './environment.ts';

/** Of a try; with all tries, it fails before the function's time is over. */
const CLIENT = { maxAttempts: 3, requestHandler: { connectionTimeout: 5000, socketTimeout: 10_000 } };

/**
 * What of a message matters: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html. The body is the event as Lambda was given
 * it, and is not read. `SentTimestamp` is milliseconds since 1970, here of this century and the next.
 */
const MESSAGES = z.object({
  Records: z.array(
    z.object({
      body: z.string(),
      attributes: z.object({ SentTimestamp: z.string().regex(/^\d{12,13}$/, 'no time in milliseconds') }),
    }),
  ),
});

/** Everything is made once for all invocations of the process. */
export function wire(variables: NodeJS.ProcessEnv) {
  const { tablePrefix, dataBucket } = readEnvironment(variables);
  // Whoever keeps a batch back, it is one figure, and one alarm looks at it.
  const tools = toolsOf('archive-flow-logs', tablePrefix);
  const { logger, metrics, tracer } = tools;
  const bucket = new DataBucket(tracer.captureAWSv3Client(new S3Client(CLIENT)), dataBucket);

  /**
   * Keeps back what became a dead letter, under the day on which it did. May be done any number of times.
   *
   * @throws where a message has no body or time, or cannot be written: then it stays among the dead letters, and comes again
   */
  const keep = async (event: unknown): Promise<{ readonly kept: number }> => {
    const { Records } = MESSAGES.parse(event);
    for (const { body, attributes } of Records) {
      await keepBack(bucket, body, Number(attributes.SentTimestamp) / 1000);
      logger.error('a dead letter was kept back', { sentAt: attributes.SentTimestamp });
      metrics.addMetric('BatchesRefused', 'Count', 1);
    }
    return { kept: Records.length };
  };
  return { keep, tools };
}
