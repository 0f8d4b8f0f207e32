/**
 * A process that loads a bundle as Lambda does and invokes its handler for each message of its parent:
 * `fork('invokes-bundle.ts', [BUNDLE])`.
 */
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Compaction } from '../../../services/compact-usage/compactor-adapter.ts';

export interface Invocation {
  /** None for a function that takes any. */
  readonly event?: SQSEvent | undefined;
  /** Counted down from the start. */
  readonly remainingMs: number;
  /** What the context says instead, whenever it is asked again. */
  readonly laterMs?: number | undefined;
}

/** Empty: loaded. */
export interface Answer {
  readonly response?: SQSBatchResponse | Compaction;
  readonly error?: string;
}

type Handler = (event: SQSEvent | undefined, context: Context) => Promise<SQSBatchResponse | Compaction>;

async function load(): Promise<Handler> {
  const bundle = (await import(process.argv[2]!)) as { handler: Handler };
  return bundle.handler;
}

async function answerTo(handler: Handler, { event, remainingMs, laterMs }: Invocation): Promise<Answer> {
  const end = Date.now() + remainingMs;
  let asked = 0;
  const context = {
    functionName: 'count-usage',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:111122223333:function:count-usage',
    memoryLimitInMB: '1769',
    awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
    getRemainingTimeInMillis: () => (asked++ === 0 ? remainingMs : (laterMs ?? end - Date.now())),
  };
  return { response: await handler(event, context as Context) };
}

load().then(
  (handler) => {
    process.on('message', (invocation: Invocation) => {
      answerTo(handler, invocation).then(
        (answer) => process.send!(answer),
        (error: unknown) => process.send!({ error: String(error) }),
      );
    });
    process.send!({});
  },
  // Lambda tells of it like this; Node alone would print the line of the bundle first, all of it.
  (error: unknown) => process.send!({ error: String(error) }, () => process.disconnect()),
);
