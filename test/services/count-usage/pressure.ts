import { Readable } from 'node:stream';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Random } from '../../oracle/random.ts';

/** What was done to calls, by kind. */
export type Injected = Record<'throttled' | 'conflicts' | 'serverErrors' | 'lostAnswers', number>;

interface Request {
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

type Handle = (request: Request, options?: unknown) => Promise<{ response: unknown }>;

/**
 * Answers some calls as a busy DynamoDB does, below the SDK, so that its own retries take part: throttling, transactions
 * called off for a conflict, server errors, and answers that get lost after the call was carried out.
 */
export function putUnderPressure(client: DynamoDBClient, random: Random, share: number, injected: Injected): void {
  const handler = client.config.requestHandler as unknown as { handle: Handle };
  const handle = handler.handle.bind(handler);
  handler.handle = async (request, options) => {
    if (!random.chance(share)) return handle(request, options);
    const isTransaction = request.headers['x-amz-target']?.endsWith('TransactWriteItems');
    const kind = random.pick(['throttled', 'serverErrors', 'lostAnswers', ...(isTransaction ? ['conflicts'] : [])]);
    injected[kind as keyof Injected]++;
    switch (kind) {
      case 'throttled':
        return isTransaction ? called('ThrottlingError', request) : failure(400, 'ThrottlingException', {});
      case 'conflicts':
        return called('TransactionConflict', request);
      case 'lostAnswers':
        await handle(request, options);
        return failure(500, 'InternalServerError', {});
      default:
        return failure(500, 'InternalServerError', {});
    }
  };
}

/** A transaction that was called off because of its last item. */
function called(Code: string, { body }: Request): { response: unknown } {
  const { TransactItems } = JSON.parse(new TextDecoder().decode(body as Uint8Array)) as { TransactItems: unknown[] };
  const CancellationReasons = TransactItems.map((_, i) => ({ Code: i === TransactItems.length - 1 ? Code : 'None' }));
  return failure(400, 'TransactionCanceledException', { Message: 'called off', CancellationReasons });
}

function failure(statusCode: number, type: string, fields: object): { response: unknown } {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'injected', ...fields });
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'content-length': String(Buffer.byteLength(body)) };
  return { response: { statusCode, headers, body: Readable.from([Buffer.from(body)]) } };
}
