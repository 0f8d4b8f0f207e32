import {
  type AttributeValue,
  type DynamoDBClient,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { EXPIRES_AT, expiryOf } from '../names.ts';
import { dayOf, isoTime, secondsFromIso, startOfDay } from '../time.ts';
import { conditionHeld, queried, stateKey, type StoredItem } from './table.ts';

/** A snapshot that was taken. Times are UTC, `2026-11-23T10:15:00Z`: their order is that of their texts. */
export interface SnapshotReference {
  readonly takenAt: string;
  /** In the data bucket. */
  readonly key: string;
  /** SHA-256 of the document, in hexadecimal digits. */
  readonly hash: string;
  /**
   * In the data bucket, the union of this one and all that are in force before it on the UTC day on which it was taken.
   * Undefined where it could not be made, and for snapshots of former versions.
   */
  readonly unionKey?: string;
}

/** The snapshots that a day is matched against, the oldest first. */
export interface SnapshotsInForce {
  readonly references: readonly [SnapshotReference, ...SnapshotReference[]];
  /** What stood at the day's beginning was never described: the first snapshot is later, and stands in for it. */
  readonly assumed: boolean;
}

export interface SnapshotEntry extends SnapshotReference {
  /** When a reading last found the account as this snapshot shows it. */
  readonly stillTrueAt: string;
  /** Time of the reading with which the table of rules was last brought up to this snapshot. */
  readonly rulesWrittenAt: string | undefined;
}

const SNAPSHOT = 'snapshot';
/** What the first snapshot follows, so that of two first ones only one does. */
const CHAIN_START = stateKey('snapshot-chain', 'start');
const CHAIN_NAMES = { '#followed': 'followed_by', '#still': 'still_true_at' };
/** A day begins with the last snapshot taken before this much was left of the day before: one is taken every 15 minutes. */
const MARGIN_SECONDS = 15 * 60;
/** Another run is at the end of the chain: look again what is there. */
const LOOK_AGAIN = { onConflict: 'notHeld' } as const;
/** Above every time. */
const EVER = '~';

/**
 * The index of the snapshots of one account and region, in the state table: an item each time the account had changed.
 *
 * It is a chain. An item says until when it was still true, and by what it is followed once there is another; both are
 * written only if nothing follows yet and time moves forward. So of two runs at once one comes first and the other sees
 * it, however long it was frozen.
 */
export class SnapshotIndex {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, stateTable: string) {
    this.#client = client;
    this.#table = stateTable;
  }

  async newest(): Promise<SnapshotEntry | undefined> {
    return (await this.#entries({ newestFirst: true, pageSize: 1 }).next()).value;
  }

  /**
   * The snapshots in force on a UTC day (days since 1970-01-01): the last one taken by 23:45 of the day before, and all
   * that were taken later, until the day's end. For a day before the first snapshot, the first.
   *
   * @throws Error if no snapshot was ever taken
   */
  async inForce(day: number): Promise<SnapshotsInForce> {
    const begin = isoTime(startOfDay(day) - MARGIN_SECONDS);
    const found: SnapshotReference[] = [];
    for await (const entry of this.#entries({ newestFirst: true, before: isoTime(startOfDay(day + 1)) })) {
      found.unshift(referenceOf(entry));
      if (entry.takenAt <= begin) break;
    }
    const [oldest, ...later] = found;
    if (oldest) return { references: [oldest, ...later], assumed: oldest.takenAt > begin };
    const { value: first } = await this.#entries({ newestFirst: false, pageSize: 1 }).next();
    if (!first) throw new Error('no snapshot of the account was ever taken: run snapshot-groups once');
    return { references: [referenceOf(first)], assumed: true };
  }

  /** Notes that the account was still as `entry` shows it. False if `entry` is no longer the newest, or is noted later. */
  async noteStillTrueIfNewest(entry: SnapshotReference, at: string): Promise<boolean> {
    return this.#updateIfNewest(entry, at, '<', { still_true_at: at });
  }

  /** Notes that the table of rules was brought up to `entry`. False if it no longer is the newest word: see `whileNewest`. */
  async noteRulesWrittenIfNewest(entry: SnapshotReference, at: string): Promise<boolean> {
    return this.#updateIfNewest(entry, at, '<=', { rules_written_at: at });
  }

  /**
   * A condition for other writes of the same transaction: `entry` is the newest, and no reading later than `at` has
   * found it still true. Nothing that is written under it can undo what a later run wrote.
   */
  whileNewest(entry: SnapshotReference, at: string): TransactWriteItem {
    return {
      ConditionCheck: {
        TableName: this.#table,
        Key: keyOf(entry),
        ConditionExpression: 'attribute_not_exists(#followed) AND #still <= :at',
        ExpressionAttributeNames: CHAIN_NAMES,
        ExpressionAttributeValues: { ':at': { S: at } },
      },
    };
  }

  /**
   * Puts `next` behind `before`, or at the chain's start. False if something else follows there, or is as late.
   *
   * @param retentionDays days that `before` is kept after the last one on which it is in force
   */
  async appendIfNewest(
    before: SnapshotEntry | undefined,
    { takenAt, key, hash }: SnapshotReference,
    retentionDays: number,
  ): Promise<boolean> {
    const TableName = this.#table;
    const texts = { id: SNAPSHOT, at: takenAt, key, hash, still_true_at: takenAt };
    const Item = Object.fromEntries(Object.entries(texts).map(([name, S]) => [name, { S }]));
    // What is taken in the last minutes of a day is in force on the next one beside the one before it.
    const expiry = expiryOf(dayOf(secondsFromIso(takenAt)) + 1, retentionDays);
    const follow = {
      TableName,
      Key: before ? keyOf(before) : CHAIN_START,
      UpdateExpression: `SET #followed = :at${before ? ', #expires = :expiry' : ''}`,
      ConditionExpression: 'attribute_not_exists(#followed) AND (attribute_not_exists(#still) OR #still < :at)',
      ExpressionAttributeNames: { ...CHAIN_NAMES, ...(before && { '#expires': EXPIRES_AT }) },
      ExpressionAttributeValues: { ':at': { S: takenAt }, ...(before && { ':expiry': { N: String(expiry) } }) },
    };
    const TransactItems = [{ Put: { TableName, Item } }, { Update: follow }];
    return conditionHeld(this.#client.send(new TransactWriteItemsCommand({ TransactItems })), LOOK_AGAIN);
  }

  /** Notes where the union of its day lies, up to the snapshot. */
  async noteUnion(entry: SnapshotReference, unionKey: string): Promise<void> {
    const note = new UpdateItemCommand({
      TableName: this.#table,
      Key: keyOf(entry),
      UpdateExpression: 'SET #union = :key',
      ConditionExpression: 'attribute_exists(id)',
      ExpressionAttributeNames: { '#union': 'union' },
      ExpressionAttributeValues: { ':key': { S: unionKey } },
    });
    await conditionHeld(this.#client.send(note));
  }

  async #updateIfNewest(
    entry: SnapshotReference,
    at: string,
    stillTrue: '<' | '<=',
    attribute: Readonly<Record<string, string>>,
  ): Promise<boolean> {
    const [[name, value] = ['', '']] = Object.entries(attribute);
    const update = new UpdateItemCommand({
      TableName: this.#table,
      Key: keyOf(entry),
      UpdateExpression: 'SET #name = :value',
      ConditionExpression: `attribute_not_exists(#followed) AND #still ${stillTrue} :at`,
      ExpressionAttributeNames: { ...CHAIN_NAMES, '#name': name },
      ExpressionAttributeValues: { ':at': { S: at }, ':value': { S: value } },
    });
    return conditionHeld(this.#client.send(update), LOOK_AGAIN);
  }

  async *#entries(asked: {
    newestFirst: boolean;
    before?: string;
    pageSize?: number;
  }): AsyncGenerator<SnapshotEntry, undefined> {
    const { newestFirst, before = EVER, pageSize = 100 } = asked;
    const entries = queried(this.#client, {
      table: this.#table,
      partition: ['id', SNAPSHOT],
      sort: { name: 'at', before },
      descending: newestFirst,
      pageSize,
    });
    for await (const item of entries) yield entryOf(item);
    return undefined;
  }
}

function referenceOf({ takenAt, key, hash, unionKey }: SnapshotReference): SnapshotReference {
  return { takenAt, key, hash, ...(unionKey !== undefined && { unionKey }) };
}

function entryOf(item: Record<string, AttributeValue>): SnapshotEntry {
  const text = (name: string): string => item[name]?.S ?? '';
  return {
    takenAt: text('at'),
    key: text('key'),
    hash: text('hash'),
    ...(item.union?.S !== undefined && { unionKey: item.union.S }),
    stillTrueAt: text('still_true_at'),
    rulesWrittenAt: item.rules_written_at?.S,
  };
}

function keyOf({ takenAt }: SnapshotReference): StoredItem {
  return stateKey(SNAPSHOT, takenAt);
}
