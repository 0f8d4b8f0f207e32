import {
  TransactionCanceledException,
  TransactionInProgressException,
  TransactWriteItemsCommand,
  type AttributeValue,
  type DynamoDBClient,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { backOff, type Patience } from '../../../shared/aws/back-off.ts';

/** Of one item of a transaction that was called off. */
export interface Refusal {
  /** Its condition did not hold. */
  readonly failed: boolean;
  /** The item as it was, where its condition did not hold and it asked for `ALL_OLD`. */
  readonly item: Readonly<Record<string, AttributeValue>> | undefined;
}

/** What may pass by itself. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const PASSING: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
]);

/** At most some 20 s for one transaction: a batch that cannot get through is given back whole. */
const PATIENCE: Patience = { attempts: 16, baseMs: 20, longestMs: 2000 };

export interface TransactionFigures {
  /** Transactions called off because another was at one of their items. */
  conflicts: number;
  /** Calls refused for want of capacity. */
  throttled: number;
}

/**
 * Sends a transaction until it is committed, and then returns undefined; or until one of its conditions does not hold,
 * and then tells of each item. Conflicts and throttling are waited out.
 *
 * The SDK makes one ClientRequestToken for each call and repeats it when it tries again after a lost answer, so what was
 * committed is not refused for its own sake.
 *
 * @throws the last error once patience is at an end
 */
export async function transact(
  client: DynamoDBClient,
  items: TransactWriteItem[],
  tally: TransactionFigures,
  patience: Patience = PATIENCE,
): Promise<Refusal[] | undefined> {
  const again = backOff(patience);
  for (;;) {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: items }));
      return undefined;
    } catch (error) {
      const refusals = refusalsOf(error, tally);
      if (refusals.some(({ failed }) => failed)) return refusals;
      if (!(await again())) throw error;
    }
  }
}

/** None where the transaction may be tried again as it is. */
function refusalsOf(error: unknown, tally: TransactionFigures): Refusal[] {
  if (error instanceof TransactionInProgressException) {
    tally.conflicts++;
    return [];
  }
  if (!(error instanceof TransactionCanceledException)) throw error;
  const reasons = error.CancellationReasons ?? [];
  const codes = reasons.map(({ Code = 'None' }) => Code);
  if (codes.includes('TransactionConflict')) tally.conflicts++;
  else if (codes.some((code) => PASSING.has(code))) tally.throttled++;
  const isOdd = (code: string): boolean => code !== 'None' && code !== 'ConditionalCheckFailed' && !PASSING.has(code);
  if (codes.length === 0 || codes.some(isOdd)) throw error;
  return reasons.map(({ Code, Item }) => ({ failed: Code === 'ConditionalCheckFailed', item: Item }));
}
