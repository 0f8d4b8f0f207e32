import { BatchGetItemCommand, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inParallel } from '../in-parallel.ts';
import { ruleContent } from '../inventory/content.ts';
import type { Rule } from '../inventory/inventory.ts';
import { contentHash, versionedId } from '../inventory/versioned-rules.ts';
import { TABLE_KEYS, type TableNames } from '../names.ts';
import { LAST } from '../tables/usage-rows.ts';
import type { LastUse } from '../verdicts/rule-sums.ts';
import { backOff } from './back-off.ts';
import { scanned } from './table.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const KEYS_PER_CALL = 100;
const CALLS_AT_ONCE = 8;
const PATIENCE = { attempts: 10, baseMs: 100, longestMs: 60_000 };

type Key = Record<string, AttributeValue>;

/**
 * When the contents of these rules were used last, under every id that has one of them or had it to its end. Rows of last
 * uses never expire, and every source moves them; each is true to the day.
 */
export async function lastUses(
  client: DynamoDBClient,
  tables: TableNames,
  rules: readonly Rule[],
): Promise<(readonly [id: string, LastUse])[]> {
  const wanted = new Set<string>();
  const pairs = new Map<string, readonly [id: string, content: string]>();
  const add = (id: string, content: string): unknown => pairs.set(versionedId(id, content), [id, content]);
  for (const rule of rules) {
    const content = contentHash(ruleContent(rule));
    wanted.add(content);
    add(rule.ruleId, content);
  }
  const { partition } = TABLE_KEYS.rulesData;
  const all = scanned(client, { table: tables.rulesData, attributes: [partition, 'content'] });
  for await (const item of all) {
    const content = contentHash(item.content?.S ?? '');
    if (wanted.has(content)) add(item[partition]!.S!, content);
  }
  const keys = [...pairs.values()].map(([id, content]) => keyOf(id, content));
  const found = await inParallel(inLots(keys), CALLS_AT_ONCE, (lot) => itemsOf(client, tables.rulesUsage, lot));
  return found.flat().map((item) => [idOf(item), lastUseOf(item)] as const);
}

function keyOf(id: string, content: string): Key {
  const { partition, sort = '' } = TABLE_KEYS.rulesUsage;
  return { [partition]: { S: id }, [sort]: { S: `${LAST}#${content}` } };
}

function idOf(item: Key): string {
  const { partition, sort = '' } = TABLE_KEYS.rulesUsage;
  const [, content] = item[sort]!.S!.split('#');
  return versionedId(item[partition]!.S!, content);
}

function lastUseOf(item: Key): LastUse {
  const time = (name: string): number => Number(item[name]?.N ?? -1);
  return { lastUsed: time('sg_rule_last_used'), lastPossible: time('last_possible') };
}

function inLots(keys: readonly Key[]): Key[][] {
  const lots = Math.ceil(keys.length / KEYS_PER_CALL);
  return Array.from({ length: lots }, (_, i) => keys.slice(i * KEYS_PER_CALL, (i + 1) * KEYS_PER_CALL));
}

/** @throws Error where DynamoDB leaves some out again and again: a last use that is not read would look like none */
async function itemsOf(client: DynamoDBClient, table: string, lot: Key[]): Promise<Key[]> {
  const items: Key[] = [];
  let Keys = lot;
  const again = backOff(PATIENCE);
  do {
    const request = { RequestItems: { [table]: { Keys, ConsistentRead: true } } };
    const { Responses = {}, UnprocessedKeys = {} } = await client.send(new BatchGetItemCommand(request));
    items.push(...(Responses[table] ?? []));
    Keys = UnprocessedKeys[table]?.Keys ?? [];
    if (Keys.length === 0) return items;
  } while (await again());
  throw new Error('last uses were not read: DynamoDB is short of capacity');
}
