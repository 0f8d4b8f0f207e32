import { PutItemCommand, UpdateItemCommand, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inParallel } from '../in-parallel.ts';
import { TABLE_KEYS } from '../names.ts';
import type { RowChange } from '../tables/row-change.ts';
import { dayOf, startOfDay } from '../time.ts';
import { attributes, conditionHeld, expressions, unlessConditionHeld, type StoredItem } from './table.ts';

/** A write unit of DynamoDB. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
const UNIT_BYTES = 1024;
const CALLS_AT_ONCE = 32;

/**
 * The item of a rule and day in one write unit: what does not fit is in the sums of the day alone.
 *
 * @param through the last batch that it tells of; a night's tells of none
 */
export function itemOfRule(row: RowChange, through?: number): StoredItem {
  const { facts, sums = {}, latest } = row;
  const item = { ...keyOfRow(row), ...attributes({ ...facts, ...latest, through }) };
  let bytes = sizeOf(item);
  for (const [name, value] of Object.entries(sums).sort(byUse)) {
    const sum = attributes({ [name]: value });
    bytes += sizeOf(sum);
    if (bytes > UNIT_BYTES - LEFT_OUT_BYTES) return { ...item, [LEFT_OUT]: { N: '1' } };
    Object.assign(item, sum);
  }
  return item;
}

/** Tells that hours or ports did not fit. */
const LEFT_OUT = 'left_out';
const LEFT_OUT_BYTES = LEFT_OUT.length + 2;

/** The sums of the rule, then its hours, then its ports, the busiest first: see `usage-rows.ts`. */
function byUse([a, x]: readonly [string, number], [b, y]: readonly [string, number]): number {
  const rank = (name: string): number => (name.startsWith('hour ') ? 1 : name.includes(' ') ? 2 : 0);
  return rank(a) - rank(b) || y - x;
}

/** No less than DynamoDB counts. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function sizeOf(item: Readonly<Record<string, AttributeValue>>): number {
  const ofValue = ({ S, N, SS }: AttributeValue): number =>
    S !== undefined
      ? Buffer.byteLength(S)
      : N !== undefined
        ? (N.length >> 1) + 2
        : Buffer.byteLength((SS ?? []).join());
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + ofValue(value), 0);
}

export function keyOfRow({ key }: Pick<RowChange, 'key'>): StoredItem {
  const { partition, sort = '' } = TABLE_KEYS.rulesUsage;
  return attributes({ [partition]: key[0], [sort]: key[1] });
}

/** The counters of rules as a table: a view of what the sums of days say, which is never read to count on. */
export class RuleView {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, rulesUsage: string) {
    this.#client = client;
    this.#table = rulesUsage;
  }

  /** Sets the items to what batches up to `through` say, unless they say what later ones do. May be done again. */
  async show(rows: readonly RowChange[], through: number): Promise<void> {
    const ConditionExpression = 'attribute_not_exists(#through) OR #through < :through';
    const unlessLater = expressions({ ConditionExpression }, { through });
    await inParallel(rows, CALLS_AT_ONCE, (row) => {
      const put = new PutItemCommand({ TableName: this.#table, Item: itemOfRule(row, through), ...unlessLater });
      return conditionHeld(this.#client.send(put));
    });
  }

  /** Moves last uses forward, each where its UTC day does, whoever else is at it. */
  async moveLastUses(rows: readonly RowChange[]): Promise<void> {
    await inParallel(rows, CALLS_AT_ONCE, (row) => this.#moveForward(row));
  }

  async #moveForward(row: RowChange): Promise<void> {
    let times = Object.entries(row.latest ?? {});
    while (times.length > 0) {
      const set = [...times.map(([name]) => name), ...Object.keys(row.facts)].map((name) => `#${name} = :${name}`);
      const later = times.map(([name]) => `(attribute_not_exists(#${name}) OR #${name} < :day_of_${name})`);
      const days = times.map(([name, time]): [string, number] => [`day_of_${name}`, startOfDay(dayOf(time))]);
      const move = new UpdateItemCommand({
        TableName: this.#table,
        Key: keyOfRow(row),
        ...expressions(
          { UpdateExpression: `SET ${set.join(', ')}`, ConditionExpression: later.join(' AND ') },
          { ...row.facts, ...Object.fromEntries([...times, ...days]) },
        ),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const known = await unlessConditionHeld(this.#client.send(move));
      if (!known) return;
      // One of them is as far already, and does not move back: what is left is said without it.
      times = times.filter(([name, time]) => !(dayOf(Number(known[name]?.N ?? NaN)) >= dayOf(time)));
    }
  }
}
