import {
  BatchGetItemCommand,
  type AttributeValue,
  type DynamoDBClient,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { TABLE_KEYS, type TableNames } from '../../../shared/names.ts';
import { RejectedFlows } from './rejected-adapter.ts';
import { rowKey, type RowChange } from '../../../shared/tables/row-change.ts';
import { updateOf, type Item, type Update } from '../../../shared/tables/row-update.ts';
import { transact, type TransactionFigures } from './transact-adapter.ts';

/** Adds chunks of changes to the tables. */
export class ChunkWriter {
  readonly #client: DynamoDBClient;
  readonly #tables: TableNames;
  readonly #tally: TransactionFigures;
  readonly #rejected: RejectedFlows;

  constructor(client: DynamoDBClient, tables: TableNames, tally: TransactionFigures) {
    this.#client = client;
    this.#tables = tables;
    this.#tally = tally;
    this.#rejected = new RejectedFlows(client, tables);
  }

  /**
   * Commits the changes together with `cursor`, an update whose condition holds only for who comes first.
   *
   * @returns undefined when committed; else the item of the cursor, as whoever came first has left it
   */
  async commit(changes: readonly RowChange[], cursor: TransactWriteItem): Promise<Item | undefined> {
    const kept = await this.#rejected.without(changes);
    const known = await this.#known(kept);
    for (;;) {
      const updates = kept.flatMap((change) => {
        const update = updateOf(change, known.get(rowKey(change)));
        return update ? [{ change, item: this.#item(change, update) }] : [];
      });
      const refusals = await transact(this.#client, [cursor, ...updates.map(({ item }) => item)], this.#tally);
      if (!refusals) break;
      const [first, ...others] = refusals;
      if (first?.failed) return first.item ?? {};
      // It has moved as far as was to be said of it, and does not move back: what is known now leaves that out.
      others.forEach(({ failed, item }, i) => {
        if (failed) known.set(rowKey(updates[i]!.change), item ?? {});
      });
    }
    await this.#rejected.learn(kept);
    return undefined;
  }

  #item(change: RowChange, update: Update): TransactWriteItem {
    const { ExpressionAttributeValues, ...expressions } = update;
    return {
      Update: {
        TableName: this.#tables[change.table],
        Key: keyOf(change),
        ...expressions,
        ExpressionAttributeValues: ExpressionAttributeValues as Record<string, AttributeValue>,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    };
  }

  /** The items as they were of late. One that is left out for want of capacity is as good as one that is not there. */
  async #known(changes: readonly RowChange[]): Promise<Map<string, Item>> {
    const known = new Map<string, Item>();
    if (changes.length === 0) return known;
    const byTable = Map.groupBy(changes, ({ table }) => table);
    const { Responses = {} } = await this.#client.send(
      new BatchGetItemCommand({
        RequestItems: Object.fromEntries(
          [...byTable].map(([table, rows]) => [this.#tables[table], { Keys: rows.map(keyOf) }]),
        ),
      }),
    );
    for (const table of byTable.keys()) {
      const { partition, sort = '' } = TABLE_KEYS[table];
      for (const item of (Responses[this.#tables[table]] ?? []) as Item[]) {
        known.set(rowKey({ table, key: [item[partition]!.S!, item[sort]!.S!] }), item);
      }
    }
    return known;
  }
}

function keyOf({ table, key }: RowChange): Record<string, AttributeValue> {
  const { partition, sort = '' } = TABLE_KEYS[table];
  return { [partition]: { S: key[0] }, [sort]: { S: key[1] } };
}
