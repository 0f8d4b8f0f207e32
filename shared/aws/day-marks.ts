import { DeleteItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isoDay, type Day, dayFromIso } from '../time.ts';
import { conditionHeld, expressions, itemAt, queried, stateKey, type StoredItem } from './table.ts';

const MARK = 'mark';

/** Days that the night must run, or run again, and why: in the state table, until a run that knew why was settled. */
export class DayMarks {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, stateTable: string) {
    this.#client = client;
    this.#table = stateTable;
  }

  /** For something that came, or is missing: a reason to try again, however often it was tried. */
  async mark(day: Day, reason: string): Promise<void> {
    await this.#update(day, 'ADD #reasons :reasons, #marks :one REMOVE #tries', [reason]);
  }

  /** For a run that failed: a reason to try again as long as it was not tried too often. */
  async markFailed(day: Day, reason: string): Promise<void> {
    await this.#update(day, 'ADD #reasons :reasons, #marks :one', [reason]);
  }

  /** For a day that no run can settle as things lie: the reason stays, and counts as tried so often until something comes. */
  async giveUp(day: Day, reason: string, tries: number): Promise<void> {
    await this.#update(day, 'ADD #reasons :reasons, #marks :one, #tries :tries', [reason], tries);
  }

  /** How often the day was marked since it was cleared: what {@link clear} is to be told. */
  async count(day: Day): Promise<number> {
    const item = await itemAt(this.#client, this.#table, keyOf(day));
    return Number(item?.marks?.N ?? 0);
  }

  /** Why the day is marked; none where it is not. */
  async reasons(day: Day): Promise<string[]> {
    const item = await itemAt(this.#client, this.#table, keyOf(day));
    return [...(item?.reasons?.SS ?? [])].sort();
  }

  /** Days that were tried fewer than `tries` times since they were marked last. */
  async open(tries: number): Promise<Day[]> {
    const days: Day[] = [];
    for await (const { at, tries: tried } of queried(this.#client, { table: this.#table, partition: ['id', MARK] })) {
      if (Number(tried?.N ?? 0) < tries) days.push(dayFromIso(at!.S!)!);
    }
    return days;
  }

  async tried(day: Day): Promise<void> {
    await this.#update(day, 'ADD #tries :one');
  }

  /** Takes the mark off, unless the day was marked once more since it was counted. */
  async clear(day: Day, count: number): Promise<void> {
    if (count === 0) return;
    const remove = new DeleteItemCommand({
      TableName: this.#table,
      Key: keyOf(day),
      ...expressions({ ConditionExpression: '#marks = :count' }, { count }),
    });
    await conditionHeld(this.#client.send(remove));
  }

  async #update(day: Day, UpdateExpression: string, reasons: readonly string[] = [], tries = 1): Promise<void> {
    const update = expressions({ UpdateExpression }, { reasons, one: 1, tries });
    await this.#client.send(new UpdateItemCommand({ TableName: this.#table, Key: keyOf(day), ...update }));
  }
}

function keyOf(day: Day): StoredItem {
  return stateKey(MARK, isoDay(day));
}
