import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inParallel, inParts } from '../in-parallel.ts';
import { ruleContent } from '../inventory/content.ts';
import type { Rule } from '../inventory/inventory.ts';
import { contentHash, versionedId } from '../inventory/versioned-rules.ts';
import { TABLE_KEYS } from '../names.ts';
import { LAST } from '../tables/usage-rows.ts';
import { usagesIn, type Addition } from '../usage/addition.ts';
import type { LastUse } from '../verdicts/rule-sums.ts';
import { backOff } from './back-off.ts';
import { StreamedDays, type CountedPlace } from './streamed-days.ts';
import { attributes, scanned, type StoredItem } from './table.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const KEYS_PER_CALL = 100;
const CALLS_AT_ONCE = 8;
const PATIENCE = { attempts: 10, baseMs: 100, longestMs: 60_000 };

const { partition: ID, sort: AT = '' } = TABLE_KEYS.rulesUsage;

/**
 * When the contents of these rules were used last, under every id that has one of them or had it to its end; of an id there
 * may be several. Rows of last uses never expire, and every source moves them; each is true to the day. What was committed
 * and is not in them yet is read as well: a rule that it uses must not look unused, however far the table is behind.
 */
export async function lastUses(
  place: CountedPlace,
  rules: readonly Rule[],
): Promise<(readonly [id: string, LastUse])[]> {
  const { client, tables } = place;
  const wanted = new Set<string>();
  const keys = new Map<string, StoredItem>();
  const add = (id: string, content: string): unknown =>
    keys.set(versionedId(id, content), attributes({ [ID]: id, [AT]: `${LAST}#${content}` }));
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
  // Before the rows: what is not read here because it is in them by now is there when they are read.
  const behind: (readonly [id: string, LastUse])[] = [];
  for await (const addition of new StreamedDays(place).notShown()) {
    behind.push(...usesIn(addition).filter(([id]) => keys.has(id)));
  }
  const lots = inParts([...keys.values()], KEYS_PER_CALL);
  const found = await inParallel(lots, CALLS_AT_ONCE, (lot) => itemsOf(client, tables.rulesUsage, lot));
  return [...behind, ...found.flat().map((item) => [idOf(item), lastUseOf(item)] as const)];
}

/** Of conditional sources too, whichever of them holds by the end of the day. */
function usesIn(addition: Addition): (readonly [id: string, LastUse])[] {
  return usagesIn(addition).flatMap(({ rules }) =>
    [...rules].flatMap(([id, byDay]) => [...byDay.values()].map((use) => [id, use] as const)),
  );
}

function idOf(item: StoredItem): string {
  const [, content] = item[AT]!.S!.split('#');
  return versionedId(item[ID]!.S!, content);
}

function lastUseOf(item: StoredItem): LastUse {
  const time = (name: string): number => Number(item[name]?.N ?? -1);
  return { lastUsed: time('sg_rule_last_used'), lastPossible: time('last_possible') };
}

/** @throws Error where DynamoDB leaves some out again and again: a last use that is not read would look like none */
async function itemsOf(client: DynamoDBClient, table: string, lot: StoredItem[]): Promise<StoredItem[]> {
  const items: StoredItem[] = [];
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
