import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { inParts } from '../../shared/in-parallel.ts';

/** What a message that failed waits first, twice as long each time after, and at most: seconds. */
const FIRST_SECONDS = 60;
const LONGEST_SECONDS = 1800;

/** Of one call. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html */
const MESSAGES_AT_ONCE = 10;

export interface GiveBackOptions {
  /** Made when the first message has failed. */
  readonly client: () => Promise<SQSClient>;
  readonly queueUrl: string;
  /** Told of messages that could not be given back: these come again when the queue's own time is over. */
  readonly onFailure: (messages: number, error: unknown) => void;
}

/**
 * Has messages come again soon, instead of when the queue takes their worker for dead. A cause that goes by, such as a
 * snapshot that is not there yet, costs a minute; one that stays has tried for hours by the time it is a dead letter.
 * Never fails.
 *
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 */
export async function giveBack(
  messages: readonly Pick<SQSRecord, 'receiptHandle' | 'attributes'>[],
  { client, queueUrl, onFailure }: GiveBackOptions,
): Promise<void> {
  for (const some of inParts(messages, MESSAGES_AT_ONCE)) {
    try {
      const { ChangeMessageVisibilityBatchCommand } = await import('@aws-sdk/client-sqs');
      const Entries = some.map(({ receiptHandle, attributes }, i) => ({
        Id: String(i),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: secondsToWait(Number(attributes.ApproximateReceiveCount)),
      }));
      const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries });
      const { Failed = [] } = await (await client()).send(command);
      if (Failed.length > 0) onFailure(Failed.length, new Error(Failed[0]?.Message ?? Failed[0]?.Code));
    } catch (error) {
      onFailure(some.length, error);
    }
  }
}

/** @param receives how often the message was received until now, this time too */
export function secondsToWait(receives: number): number {
  const doublings = Number.isFinite(receives) ? Math.max(0, receives - 1) : 0;
  return Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** doublings);
}
