import {
  BatchWriteItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { backOff } from '../../shared/aws/back-off.ts';
import { DayItems } from '../../shared/aws/day-items.ts';
import { SETTLED } from '../../shared/aws/settled-days.ts';
import { conditionHeld, itemAt, unlessConditionHeld } from '../../shared/aws/table.ts';
import { sourceText, type Source } from '../../shared/usage/source.ts';
import { inParallel } from '../../shared/in-parallel.ts';
import { TABLE_KEYS, type TableNames } from '../../shared/names.ts';
import type { RowChange } from '../../shared/tables/row-change.ts';
import { attributesOf } from '../../shared/tables/row-item.ts';
import { updateOf, type Item } from '../../shared/tables/row-update.ts';
import { isLastUse, rejectedPartition, usageRows } from '../../shared/tables/usage-rows.ts';
import type { Settled } from '../../shared/usage/settled.ts';
import type { Usage } from '../../shared/usage/usage.ts';
import type { SettledRun, Nights } from './settle-day.ts';
import { isoDay, type Day } from '../../shared/time.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const ITEMS_PER_WRITE = 25;
const CALLS_AT_ONCE = 16;
const PATIENCE = { attempts: 10, baseMs: 50, longestMs: 60_000 };
const DRIFT = 'drift';

type Table = RowChange['table'];

/** Nights in DynamoDB: each run's rows are under its own source, and one item says which run counts for the day. */
export class DynamoNights implements Nights {
  readonly #client: DynamoDBClient;
  readonly #tables: TableNames;
  readonly #retentionDays: number;
  readonly #items: DayItems;

  constructor(client: DynamoDBClient, tables: TableNames, retentionDays: number) {
    this.#client = client;
    this.#tables = tables;
    this.#retentionDays = retentionDays;
    this.#items = new DayItems(client, tables);
  }

  async streamed(day: Day, ruleIds: Iterable<string>): Promise<Usage> {
    return this.#items.streamed(day, ruleIds);
  }

  async settled(day: Day): Promise<Settled | undefined> {
    const item = await itemAt(this.#client, this.#tables.state, stateKey(SETTLED, day));
    return item && (JSON.parse(item.figures!.S!) as Settled);
  }

  async replace({ run, addition, settled, drift }: SettledRun, before: Settled | undefined): Promise<boolean> {
    const rows = usageRows(addition, this.#retentionDays);
    const [lasts, own] = [rows.filter(isLastUse), rows.filter((row) => !isLastUse(row))];
    // Dies here: rows that nobody reads, and that expire.
    await this.#writeAll(own.map((row) => [row.table, { PutRequest: { Item: itemOf(row) } }]));
    // True whether the run is settled or not: these packets were seen.
    await inParallel(lasts, CALLS_AT_ONCE, (row) => this.#moveForward(row));
    if (!(await this.#pointIfUnmoved(run.day, settled, JSON.stringify(drift), before))) return false;
    // Dies here: the day says what it should; the former rows stay until they expire.
    if (before) await this.#remove(run.day, before.run, addition.rules.keys());
    return true;
  }

  async #writeAll(writes: readonly (readonly [Table, WriteRequest])[]): Promise<void> {
    const batches = Array.from({ length: Math.ceil(writes.length / ITEMS_PER_WRITE) }, (_, i) =>
      writes.slice(i * ITEMS_PER_WRITE, (i + 1) * ITEMS_PER_WRITE),
    );
    await inParallel(batches, CALLS_AT_ONCE, async (batch) => {
      const byTable = Map.groupBy(batch, ([table]) => this.#tables[table]);
      let RequestItems = Object.fromEntries([...byTable].map(([name, some]) => [name, some.map(([, write]) => write)]));
      const again = backOff(PATIENCE);
      do {
        const { UnprocessedItems = {} } = await this.#client.send(new BatchWriteItemCommand({ RequestItems }));
        // What was left out for want of capacity.
        RequestItems = UnprocessedItems;
        if (Object.keys(RequestItems).length === 0) return;
      } while (await again());
      throw new Error('rows of the night were not written: DynamoDB is short of capacity');
    });
  }

  /** The last use of a rule only moves forward, whoever is first. */
  async #moveForward(row: RowChange): Promise<void> {
    let known: Item | undefined;
    for (;;) {
      const update = updateOf(row, known);
      if (!update) return;
      const { ExpressionAttributeValues, ...rest } = update;
      const move = new UpdateItemCommand({
        TableName: this.#tables[row.table],
        Key: keyOf(row),
        ...rest,
        ExpressionAttributeValues: ExpressionAttributeValues as Record<string, AttributeValue>,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      known = await unlessConditionHeld(this.#client.send(move));
      if (!known) return;
    }
  }

  /** Points the day to the run; false if it points to another one than `before` by now. */
  async #pointIfUnmoved(day: Day, settled: Settled, drift: string, before: Settled | undefined): Promise<boolean> {
    const TableName = this.#tables.state;
    const figures = { run: { S: settled.run }, figures: { S: JSON.stringify(settled) } };
    const condition = before
      ? { ConditionExpression: '#run = :before', ExpressionAttributeValues: { ':before': { S: before.run } } }
      : { ConditionExpression: 'attribute_not_exists(#run)' };
    const point = new TransactWriteItemsCommand({
      TransactItems: [
        {
          Put: {
            TableName,
            Item: { ...stateKey(SETTLED, day), ...figures },
            ExpressionAttributeNames: { '#run': 'run' },
            ...condition,
          },
        },
        { Put: { TableName, Item: { ...stateKey(DRIFT, day), run: { S: settled.run }, drift: { S: drift } } } },
      ],
    });
    return conditionHeld(this.#client.send(point), { onConflict: 'notHeld' });
  }

  /** Deletes what a run has said that no longer counts for the day. */
  async #remove(day: Day, run: string, ruleIds: Iterable<string>): Promise<void> {
    const source: Source = { kind: 'night', run };
    const { rules, days } = await this.#items.of(day, ruleIds);
    const rejected = await this.#items.query('dayUsage', rejectedPartition(day, source));
    const removed = (table: Table, items: readonly Item[]) =>
      items
        .filter((item) => item.source?.S === sourceText(source))
        .map((item): [Table, WriteRequest] => {
          const { partition, sort = '' } = TABLE_KEYS[table];
          const Key = { [partition]: item[partition], [sort]: item[sort] } as Record<string, AttributeValue>;
          return [table, { DeleteRequest: { Key } }];
        });
    await this.#writeAll([...removed('rulesUsage', rules), ...removed('dayUsage', [...days, ...rejected])]);
  }
}

function itemOf(row: RowChange): Record<string, AttributeValue> {
  return { ...keyOf(row), ...attributesOf(row) } as Record<string, AttributeValue>;
}

function keyOf({ table, key }: RowChange): Record<string, AttributeValue> {
  const { partition, sort = '' } = TABLE_KEYS[table];
  return { [partition]: { S: key[0] }, [sort]: { S: key[1] } };
}

function stateKey(id: string, day: Day): Record<string, AttributeValue> {
  return { [TABLE_KEYS.state.partition]: { S: id }, [TABLE_KEYS.state.sort!]: { S: isoDay(day) } };
}
