import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inParallel } from '../in-parallel.ts';
import { parseRuleId } from '../inventory/versioned-rules.ts';
import { TABLE_KEYS, type TableNames } from '../names.ts';
import { queried, scanned } from './table.ts';
import type { Item } from '../tables/row-update.ts';
import { UsageReader } from '../tables/usage-items.ts';
import { partitionsOfDay, totalsOf } from '../tables/usage-rows.ts';
import { FATES, type Usage } from '../usage/usage.ts';
import { isoDay, type Day } from '../time.ts';

const QUERIES_AT_ONCE = 16;

/** The counters of one day, wherever they lie in the tables. */
export class DayItems {
  readonly #client: DynamoDBClient;
  readonly #tables: TableNames;

  constructor(client: DynamoDBClient, tables: TableNames) {
    this.#client = client;
    this.#tables = tables;
  }

  /** What was streamed, whatever a night has said of the day since; of rules, of these and of all that are known. */
  async streamed(day: Day, ruleIds: Iterable<string>): Promise<Usage> {
    const reader = new UsageReader();
    const { rules, days } = await this.of(day, ruleIds);
    for (const item of rules) reader.addRule(item);
    for (const item of days) reader.addDay(item);
    return reader.counters().usage;
  }

  /** Records that were streamed for the day until now: read at little cost, and it only grows until the day expires. */
  async streamedRecords(day: Day): Promise<number> {
    const reader = new UsageReader();
    for (const item of await this.query('dayUsage', ...totalsOf(day))) reader.addDay(item);
    const { fates } = reader.counters().usage;
    return FATES.reduce((sum, fate) => sum + fates[fate], 0);
  }

  /** Of all sources; of rules, of these and of all that are known. */
  async of(day: Day, ruleIds: Iterable<string>): Promise<{ rules: Item[]; days: Item[] }> {
    const ids = new Set([...ruleIds].map((id) => parseRuleId(id).ruleId));
    const { partition } = TABLE_KEYS.rulesData;
    const known = { table: this.#tables.rulesData, attributes: [partition], consistent: true };
    for await (const item of scanned(this.#client, known)) ids.add(item[partition]!.S!);
    const rules = inParallel([...ids], QUERIES_AT_ONCE, (id) => this.query('rulesUsage', id, `${isoDay(day)}#`));
    return { rules: (await rules).flat(), days: await this.ofDay(day) };
  }

  /** Of all sources, what is not of a rule. None where nothing of the day was counted. */
  async ofDay(day: Day): Promise<Item[]> {
    const parts = inParallel(partitionsOfDay(day), QUERIES_AT_ONCE, (part) => this.query('dayUsage', part));
    return (await parts).flat();
  }

  async query(table: 'rulesUsage' | 'dayUsage', partition: string, sortBegin?: string): Promise<Item[]> {
    const { partition: name, sort = '' } = TABLE_KEYS[table];
    const found = queried(this.#client, {
      table: this.#tables[table],
      partition: [name, partition],
      ...(sortBegin !== undefined && { sort: { name: sort, beginsWith: sortBegin } }),
    });
    const items: Item[] = [];
    for await (const item of found) items.push(item);
    return items;
  }
}
