import type { Random } from '../../oracle/random.ts';
import { isDynamoDb, isTransaction, transactItems, type Request } from './killed-calls.ts';
import type { Answer } from './killed-witness.ts';

/** What the network and a busy AWS do to calls; `lostAnswers` are carried out first. */
export type Trouble = 'throttled' | 'conflicts' | 'serverErrors' | 'lostAnswers';

/** Calls to DynamoDB and S3 that meet trouble; transactions are few, and the protocol is about them. */
const SHARE = 0.05;
const SHARE_OF_TRANSACTIONS = 0.2;

/** Decides whether a call meets trouble, and counts it in `injected`. */
export function troubleOf(request: Request, random: Random, injected: Record<Trouble, number>): Trouble | undefined {
  const isAtOnce = isDynamoDb(request) && isTransaction(request);
  if (!random.chance(isAtOnce ? SHARE_OF_TRANSACTIONS : SHARE)) return undefined;
  const kinds: Trouble[] = ['throttled', 'serverErrors', 'lostAnswers'];
  if (isAtOnce) kinds.push('conflicts', 'conflicts');
  const trouble = random.pick(kinds);
  injected[trouble]++;
  return trouble;
}

/** The answer to a call that was not carried out. */
export function refusal(trouble: Exclude<Trouble, 'lostAnswers'>, request: Request): Answer {
  if (!isDynamoDb(request)) return { status: 503, body: Buffer.from('<Error><Code>SlowDown</Code></Error>') };
  if (trouble === 'serverErrors') return failure(500, 'InternalServerError');
  if (!isTransaction(request)) return failure(400, 'ThrottlingException');
  const Code = trouble === 'conflicts' ? 'TransactionConflict' : 'ThrottlingError';
  const items = transactItems(request.body);
  const CancellationReasons = items.map((_, i) => ({ Code: i === items.length - 1 ? Code : 'None' }));
  return failure(400, 'TransactionCanceledException', { Message: 'called off', CancellationReasons });
}

function failure(status: number, type: string, fields: object = {}): Answer {
  const body = { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'injected', ...fields };
  return { status, body: Buffer.from(JSON.stringify(body)) };
}
