import { DynamoDBClient, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { readCounters } from '../../../../shared/aws/counters.ts';
import { DataBucket } from '../../../../shared/aws/data-bucket.ts';
import { itemAt, queried, scanned, type StoredItem } from '../../../../shared/aws/table.ts';
import { inParallel } from '../../../../shared/in-parallel.ts';
import { plainText } from '../../../../shared/text/plain.ts';
import { compareText } from '../../../../shared/text/compare.ts';
import { ruleContent } from '../../../../shared/inventory/content.ts';
import type { Rule } from '../../../../shared/inventory/inventory.ts';
import { contentHash, parseRuleId } from '../../../../shared/inventory/versioned-rules.ts';
import { TABLE_KEYS, tableNames } from '../../../../shared/names.ts';
import type { RuleDay, Usage } from '../../../../shared/usage/usage.ts';
import { addRuleDay } from '../../../../shared/usage/window.ts';
import { emptyRuleDay } from '../../../../shared/usage/usage.ts';
import type { StoredRule } from '../../../count-usage/sqlite/sqlite-store.ts';
import { findBucket, type DeploymentOptions } from '../../deployment/evidence-adapter.ts';
import type { CountedStore, RuleSelection } from './usage.ts';
import type { Day } from '../../../../shared/time.ts';

const CALLS_AT_ONCE = 8;

/** What a deployment has counted, by the SDK's default credentials. Nothing is written. */
export function openTables({ tables: prefix, region, dataBucket }: DeploymentOptions): CountedStore {
  const place = region === undefined ? {} : { region };
  const [client, s3] = [new DynamoDBClient(place), new S3Client(place)];
  const tables = tableNames(prefix);
  const rules = new KnownRules(client, tables.rulesData);
  return {
    name: `tables ${prefix}-*`,
    rules: (of) => rules.of(of),
    hasGroup: async (groupId) => (await rules.oneOf(groupId)) !== undefined,
    ruleOfEach: async (groupIds) => {
      const found = await inParallel([...groupIds], CALLS_AT_ONCE, (groupId) => rules.oneOf(groupId));
      return new Map(found.flatMap((one) => (one ? [[one.rule.groupId, one.rule]] : [])));
    },
    read: async (known) => {
      const bucket = new DataBucket(s3, await findBucket(client, tables.rulesData, prefix, dataBucket));
      const counters = await readCounters({ client, tables, bucket }, (day, error) => {
        process.stderr.write(`stale-sg: ${day} is left out: ${plainText(String(error))}\n`);
      });
      return { ...counters, usage: underContents(counters.usage, known) };
    },
    close: () => {
      client.destroy();
      s3.destroy();
    },
  };
}

/** What is known of rules, first seen to removed. */
class KnownRules {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, rulesDataTable: string) {
    this.#client = client;
    this.#table = rulesDataTable;
  }

  /** All, where neither is given. */
  async of({ ruleId, group }: RuleSelection): Promise<StoredRule[]> {
    if (group !== undefined) return this.#read(this.#ofGroup(group));
    if (ruleId === undefined) return this.#read(scanned(this.#client, { table: this.#table }));
    return this.#read(this.#ofRule(ruleId));
  }

  async oneOf(group: string): Promise<StoredRule | undefined> {
    const first = await this.#rules(this.#ofGroup(group, 1)).next();
    return first.done ? undefined : first.value;
  }

  #ofGroup(group: string, pageSize = 100): AsyncGenerator<StoredItem> {
    const { name, partition } = TABLE_KEYS.rulesData.index!;
    return queried(this.#client, { table: this.#table, index: name, partition: [partition, group], pageSize });
  }

  async *#ofRule(ruleId: string): AsyncGenerator<StoredItem> {
    const item = await itemAt(this.#client, this.#table, { [TABLE_KEYS.rulesData.partition]: { S: ruleId } });
    if (item) yield item;
  }

  async #read(items: AsyncIterable<StoredItem>): Promise<StoredRule[]> {
    const rules: StoredRule[] = [];
    for await (const rule of this.#rules(items)) rules.push(rule);
    return rules.sort(
      (a, b) => compareText(a.rule.groupId, b.rule.groupId) || compareText(a.rule.ruleId, b.rule.ruleId),
    );
  }

  async *#rules(items: AsyncIterable<StoredItem>): AsyncGenerator<StoredRule> {
    try {
      for await (const { rule, removed_at } of items) {
        yield { rule: JSON.parse(rule?.S ?? '') as Rule, removedAt: removed_at && Number(removed_at.N) };
      }
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
      throw new Error(`no table ${this.#table}; is stale-sg deployed here?`);
    }
  }
}

/**
 * What was counted for each rule as it reads now. A rule is its content: what the same content carried under a former id
 * is with it, what the same id carried before it was edited is not.
 */
function underContents(usage: Usage, known: readonly StoredRule[]): Usage {
  const byContent = new Map<string, Map<Day, RuleDay>>();
  for (const [id, days] of usage.rules) {
    const { ruleId, content = ruleId } = parseRuleId(id);
    const sums = byContent.get(content) ?? new Map<Day, RuleDay>();
    byContent.set(content, sums);
    for (const [day, use] of days) {
      const sum = sums.get(day) ?? emptyRuleDay();
      sums.set(day, sum);
      addRuleDay(sum, use);
    }
  }
  const rules = known.map(({ rule }): [string, Map<Day, RuleDay>] => [
    rule.ruleId,
    byContent.get(contentHash(ruleContent(rule))) ?? new Map<Day, RuleDay>(),
  ]);
  return { ...usage, rules: new Map(rules) };
}
