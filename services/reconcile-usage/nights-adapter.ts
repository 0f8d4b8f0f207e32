import {
  BatchWriteItemCommand,
  TransactWriteItemsCommand,
  type DynamoDBClient,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { backOff } from '../../shared/aws/back-off.ts';
import { itemOfRule, keyOfRow, RuleView } from '../../shared/aws/rule-view.ts';
import { historyOf, SETTLED } from '../../shared/aws/settled-days.ts';
import { StreamedDays, type CountedPlace } from '../../shared/aws/streamed-days.ts';
import { attributes, conditionHeld, expressions, itemAt, stateKey } from '../../shared/aws/table.ts';
import type { Addition } from '../../shared/usage/addition.ts';
import { UsageBySource } from '../../shared/usage/by-source.ts';
import { inParallel, inParts } from '../../shared/in-parallel.ts';
import { EXPIRES_AT, expiryOf } from '../../shared/names.ts';
import type { RowChange } from '../../shared/tables/row-change.ts';
import { lastUseRow, ruleRow, rulesIn } from '../../shared/tables/usage-rows.ts';
import type { Settled } from '../../shared/usage/settled.ts';
import type { Usage } from '../../shared/usage/usage.ts';
import type { SettledRun, Nights } from './settle-day.ts';
import { isoDay, type Day } from '../../shared/time.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const ITEMS_PER_WRITE = 25;
const CALLS_AT_ONCE = 16;
const PATIENCE = { attempts: 10, baseMs: 50, longestMs: 60_000 };
const DRIFT = 'drift';

export interface NightsPlace extends CountedPlace {
  /** Days that counters are kept after their own. */
  readonly retentionDays: number;
}

/** Nights in DynamoDB: each run's counters of rules are under its own source, and one item says which run counts for the day. */
export class DynamoNights implements Nights {
  readonly #client: DynamoDBClient;
  readonly #place: NightsPlace;
  readonly #streamed: StreamedDays;
  readonly #view: RuleView;

  constructor(place: NightsPlace) {
    this.#client = place.client;
    this.#place = place;
    this.#streamed = new StreamedDays(place);
    this.#view = new RuleView(place.client, place.tables.rulesUsage);
  }

  async streamed(day: Day): Promise<Usage> {
    return this.#streamed.usage(day);
  }

  async settled(day: Day): Promise<Settled | undefined> {
    const item = await itemAt(this.#client, this.#place.tables.state, stateKey(SETTLED, isoDay(day)));
    return item && (JSON.parse(item.figures!.S!) as Settled);
  }

  async replace({ run, addition, settled, drift }: SettledRun, before: Settled | undefined): Promise<boolean> {
    // Dies here: rows that nobody reads, and that expire.
    await this.#writeAll(this.#rowsOf(addition).map((row) => ({ PutRequest: { Item: itemOfRule(row) } })));
    // True whether the run is settled or not: these packets were seen.
    await this.#view.moveLastUses([...rulesIn(addition)].map(lastUseRow));
    if (!(await this.#pointIfUnmoved(run.day, settled, JSON.stringify(drift), before))) return false;
    // Dies here: the day says what it should; the former rows stay until they expire.
    if (before) await this.#remove(run.day, before.run);
    return true;
  }

  #rowsOf(addition: Addition): RowChange[] {
    return [...rulesIn(addition)].map((rule) => ruleRow(rule, this.#place.retentionDays));
  }

  async #writeAll(writes: readonly WriteRequest[]): Promise<void> {
    await inParallel(inParts(writes, ITEMS_PER_WRITE), CALLS_AT_ONCE, async (batch) => {
      let RequestItems: Record<string, WriteRequest[]> = { [this.#place.tables.rulesUsage]: batch };
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

  /** Points the day to the run; false if it points to another one than `before` by now. */
  async #pointIfUnmoved(day: Day, settled: Settled, drift: string, before: Settled | undefined): Promise<boolean> {
    const TableName = this.#place.tables.state;
    const run = { run: settled.run, [EXPIRES_AT]: expiryOf(day, this.#place.retentionDays) };
    const ConditionExpression = before ? '#run = :before' : 'attribute_not_exists(#run)';
    const point = new TransactWriteItemsCommand({
      TransactItems: [
        {
          Put: {
            TableName,
            Item: { ...stateKey(SETTLED, isoDay(day)), ...attributes({ ...run, figures: JSON.stringify(settled) }) },
            ...expressions({ ConditionExpression }, { before: before?.run ?? '' }),
          },
        },
        { Put: { TableName, Item: { ...stateKey(DRIFT, isoDay(day)), ...attributes({ ...run, drift }) } } },
      ],
    });
    return conditionHeld(this.#client.send(point), { onConflict: 'notHeld' });
  }

  /** Deletes what a run has said that no longer counts for the day. */
  async #remove(day: Day, run: string): Promise<void> {
    const { usage } = await historyOf(this.#place.bucket, isoDay(day), run);
    const sources = new UsageBySource([[{ kind: 'night', run }, usage]]);
    const rows = this.#rowsOf({ days: new Map([[day, { sources, malformedSamples: [] }]]), rules: new Map() });
    await this.#writeAll(rows.map((row) => ({ DeleteRequest: { Key: keyOfRow(row) } })));
  }
}
