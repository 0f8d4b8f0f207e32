import { UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { queried } from '../../../shared/aws/table.ts';
import { TABLE_KEYS, type TableNames } from '../../../shared/names.ts';
import { SmallestHashes } from '../../../shared/usage/smallest-hashes.ts';
import { REJECTED_KEPT } from '../../../shared/usage/usage.ts';
import { isRejected, REJECTED_LEFT_OUT, totalsBeside } from '../../../shared/tables/usage-rows.ts';
import type { RowChange } from '../../../shared/tables/row-change.ts';

const { partition: PART, sort: ROW = '' } = TABLE_KEYS.dayUsage;

/**
 * Of the rejected flows of each day and source, those with the smallest hashes are kept: one that has as many before it
 * as are kept will never be among them, and is not written. What a worker knows of the others' flows may be old: it
 * writes a few more than it must.
 */
export class RejectedFlows {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  /** By partition, of the flows that are in it. */
  readonly #hashes = new Map<string, Promise<SmallestHashes<true>>>();
  readonly #toldLeftOut = new Set<string>();

  constructor(client: DynamoDBClient, { dayUsage }: TableNames) {
    this.#client = client;
    this.#table = dayUsage;
  }

  /** The changes without the flows that need not be written. That there were such is told before this returns. */
  async without(changes: readonly RowChange[]): Promise<RowChange[]> {
    const kept: RowChange[] = [];
    for (const change of changes) {
      const bound = isRejected(change) ? (await this.#of(change)).bound : undefined;
      if (bound === undefined || hashOf(change) <= bound) kept.push(change);
      else await this.#tellLeftOut(change.key[0]);
    }
    return kept;
  }

  /** These changes were committed. */
  async learn(changes: readonly RowChange[]): Promise<void> {
    for (const change of changes.filter(isRejected)) (await this.#of(change)).keep(hashOf(change), () => true);
  }

  #of({ key: [partition] }: RowChange): Promise<SmallestHashes<true>> {
    let hashes = this.#hashes.get(partition);
    if (!hashes) this.#hashes.set(partition, (hashes = this.#read(partition)));
    return hashes;
  }

  async #read(partition: string): Promise<SmallestHashes<true>> {
    const hashes = new SmallestHashes<true>(REJECTED_KEPT);
    const asked = { table: this.#table, partition: [PART, partition], attributes: [ROW], consistent: false } as const;
    for await (const item of queried(this.#client, asked)) {
      hashes.keep(parsed(item[ROW]!.S!), () => true);
      if (hashes.bound !== undefined) break;
    }
    return hashes;
  }

  /** May be told any number of times. Dies after it: it is true all the same, what was left out is in nobody's hands. */
  async #tellLeftOut(partition: string): Promise<void> {
    if (this.#toldLeftOut.has(partition)) return;
    const { source, key } = totalsBeside(partition);
    await this.#client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: { [PART]: { S: key[0] }, [ROW]: { S: key[1] } },
        UpdateExpression: 'SET #left = :one, #source = :source',
        ExpressionAttributeNames: { '#left': REJECTED_LEFT_OUT, '#source': 'source' },
        ExpressionAttributeValues: { ':one': { N: '1' }, ':source': { S: source } },
      }),
    );
    this.#toldLeftOut.add(partition);
  }
}

function hashOf({ key: [, hash] }: RowChange): number {
  return parsed(hash);
}

function parsed(hash: string): number {
  return Number.parseInt(hash, 16);
}
