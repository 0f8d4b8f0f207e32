import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  paginateQuery,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { isoDay } from '../tables/usage-rows.ts';
import type { Day } from '../usage/usage.ts';

const MARK = 'mark';
const NAMES = { '#reasons': 'reasons', '#tries': 'tries' };
const DAY_MS = 86_400_000;

/** Days that the night must run, or run again, and why: in the state table, until a run that knew why was settled. */
export class DayMarks {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, stateTable: string) {
    this.#client = client;
    this.#table = stateTable;
  }

  async mark(day: Day, reason: string): Promise<void> {
    // A new reason is a new reason to try.
    await this.#update(day, 'ADD #reasons :reason REMOVE #tries', { ':reason': { SS: [reason] } }, NAMES);
  }

  async reasons(day: Day): Promise<readonly string[]> {
    const get = { TableName: this.#table, Key: keyOf(day), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetItemCommand(get));
    return [...(Item?.reasons?.SS ?? [])].sort();
  }

  /** Days that were tried fewer than `tries` times since they were marked last. */
  async open(tries: number): Promise<Day[]> {
    const query = {
      TableName: this.#table,
      KeyConditionExpression: '#id = :id',
      ExpressionAttributeNames: { '#id': 'id' },
      ExpressionAttributeValues: { ':id': { S: MARK } },
      ConsistentRead: true,
    };
    const days: Day[] = [];
    for await (const { Items = [] } of paginateQuery({ client: this.#client }, query)) {
      for (const item of Items) if (Number(item.tries?.N ?? 0) < tries) days.push(Date.parse(item.at!.S!) / DAY_MS);
    }
    return days;
  }

  async tried(day: Day): Promise<void> {
    await this.#update(day, 'ADD #tries :one', { ':one': { N: '1' } }, { '#tries': 'tries' });
  }

  /** Takes the mark off, unless there are more reasons by now than these. */
  async clear(day: Day, reasons: readonly string[]): Promise<void> {
    if (reasons.length === 0) return;
    try {
      await this.#client.send(
        new DeleteItemCommand({
          TableName: this.#table,
          Key: keyOf(day),
          ConditionExpression: '#reasons = :reasons',
          ExpressionAttributeNames: { '#reasons': 'reasons' },
          ExpressionAttributeValues: { ':reasons': { SS: [...reasons] } },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  async #update(
    day: Day,
    UpdateExpression: string,
    ExpressionAttributeValues: Record<string, AttributeValue>,
    ExpressionAttributeNames: Record<string, string>,
  ): Promise<void> {
    const update = { TableName: this.#table, Key: keyOf(day), UpdateExpression };
    await this.#client.send(new UpdateItemCommand({ ...update, ExpressionAttributeNames, ExpressionAttributeValues }));
  }
}

function keyOf(day: Day): Record<string, AttributeValue> {
  return { id: { S: MARK }, at: { S: isoDay(day) } };
}
