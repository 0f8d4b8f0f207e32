import {
  type AttributeValue,
  type DynamoDBClient,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { SnapshotIndex } from '../../shared/aws/snapshot-index.ts';
import { conditionHeld, scanned } from '../../shared/aws/table.ts';
import type { RulesDataTable } from './publish-snapshot.ts';
import type { RuleItem, RuleChange, RuleValue } from './rules-data.ts';
import { isoTime } from '../../shared/time.ts';

/** A transaction holds 100 items and 4 MB; the first item is the condition. */
const CHANGES_PER_TRANSACTION = 99;
const BYTES_PER_TRANSACTION = 2_000_000;

/**
 * The table of rules. Every transaction holds the condition that its snapshot is the newest and seen by no later run:
 * that orders the writes of all runs, so that none undoes a later one's, wherever it was interrupted. Another run at the
 * same moment makes the transaction fail, and with it this run: the next one finishes.
 */
export function rulesDataTable(client: DynamoDBClient, rulesDataTable: string, index: SnapshotIndex): RulesDataTable {
  return {
    async known() {
      const attributes = ['rule_id', 'rule', 'vpc', 'content', 'content_since', 'last_seen', 'removed_at'];
      const known: RuleItem[] = [];
      const all = scanned(client, { table: rulesDataTable, attributes, consistent: true });
      for await (const item of all) known.push(knownRule(item));
      return known;
    },

    async writeWhileNewest(changes, entry, seenAt) {
      const at = isoTime(seenAt.getTime() / 1000);
      for (const some of inTransactions(changes)) {
        const updates = some.map((change) => updateOf(change, rulesDataTable));
        const TransactItems = [index.whileNewest(entry, at), ...updates];
        const isWritten = await conditionHeld(client.send(new TransactWriteItemsCommand({ TransactItems })));
        if (!isWritten) return false;
      }
      return index.noteRulesWrittenIfNewest(entry, at);
    },
  };
}

function knownRule(item: Record<string, AttributeValue>): RuleItem {
  const text = (name: string): string => item[name]?.S ?? '';
  const number = (name: string): number => Number(item[name]?.N ?? 0);
  return {
    ruleId: text('rule_id'),
    rule: text('rule'),
    vpc: text('vpc'),
    content: text('content'),
    contentSince: number('content_since'),
    lastSeen: number('last_seen'),
    removedAt: item.removed_at && number('removed_at'),
  };
}

function* inTransactions(changes: readonly RuleChange[]): Generator<RuleChange[]> {
  let some: RuleChange[] = [];
  let bytes = 0;
  for (const change of changes) {
    const more = Buffer.byteLength(JSON.stringify(change));
    if (some.length === CHANGES_PER_TRANSACTION || (some.length > 0 && bytes + more > BYTES_PER_TRANSACTION)) {
      yield some;
      some = [];
      bytes = 0;
    }
    some.push(change);
    bytes += more;
  }
  if (some.length > 0) yield some;
}

function updateOf({ ruleId, attributes }: RuleChange, TableName: string): TransactWriteItem {
  const named = Object.entries(attributes).map(([name, value], n) => ({ name, value, n }));
  const set = named.filter(({ value }) => value !== undefined);
  const removed = named.filter(({ value }) => value === undefined);
  const clauses = [
    `SET ${set.map(({ n }) => `#${n} = :${n}`).join(', ')}`,
    ...(removed.length > 0 ? [`REMOVE ${removed.map(({ n }) => `#${n}`).join(', ')}`] : []),
  ];
  return {
    Update: {
      TableName,
      Key: { rule_id: { S: ruleId } },
      UpdateExpression: clauses.join(' '),
      ExpressionAttributeNames: Object.fromEntries(named.map(({ n, name }) => [`#${n}`, name])),
      ExpressionAttributeValues: Object.fromEntries(set.map(({ n, value }) => [`:${n}`, attributeOf(value!)])),
    },
  };
}

function attributeOf(value: RuleValue): AttributeValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  return { M: Object.fromEntries(Object.entries(value).map(([key, S]) => [key, { S }])) };
}
