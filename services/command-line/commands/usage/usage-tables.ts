import { DynamoDBClient, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { readCounters } from '../../../../shared/aws/counters.ts';
import { scanned } from '../../../../shared/aws/table.ts';
import { compareText } from '../../../../shared/text/compare.ts';
import { ruleContent } from '../../../../shared/inventory/content.ts';
import type { Rule } from '../../../../shared/inventory/inventory.ts';
import { contentHash, parseRuleId } from '../../../../shared/inventory/versioned-rules.ts';
import { tableNames } from '../../../../shared/names.ts';
import type { RuleDay, Usage } from '../../../../shared/usage/usage.ts';
import { addRuleDay } from '../../../../shared/usage/window.ts';
import { emptyRuleDay } from '../../../../shared/usage/usage.ts';
import type { StoredRule } from '../../../count-usage/sqlite/sqlite-store.ts';
import type { CountedStore } from './usage.ts';
import type { Day } from '../../../../shared/time.ts';

/** The tables of a deployment, by the SDK's default credentials; reads all of them. Nothing is written. */
export function openTables({ tables: prefix, region }: { tables: string; region?: string }): CountedStore {
  const place = region === undefined ? {} : { region };
  const client = new DynamoDBClient(place);
  const tables = tableNames(prefix);
  const known = once(() => knownRules(client, tables.rulesData));
  return {
    name: `tables ${prefix}-*`,
    rules: known,
    hasGroup: async (groupId) => (await known()).some(({ rule }) => rule.groupId === groupId),
    read: async () => {
      const counters = await readCounters({ client, tables });
      return { ...counters, usage: underContents(counters.usage, await known()) };
    },
    close: () => client.destroy(),
  };
}

async function knownRules(client: DynamoDBClient, TableName: string): Promise<StoredRule[]> {
  const rules: StoredRule[] = [];
  try {
    for await (const { rule, removed_at } of scanned(client, { table: TableName })) {
      rules.push({ rule: JSON.parse(rule?.S ?? '') as Rule, removedAt: removed_at && Number(removed_at.N) });
    }
  } catch (error) {
    if (error instanceof ResourceNotFoundException)
      throw new Error(`no table ${TableName}; is stale-sg deployed here?`);
    throw error;
  }
  return rules.sort((a, b) => compareText(a.rule.groupId, b.rule.groupId) || compareText(a.rule.ruleId, b.rule.ruleId));
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

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read());
}
