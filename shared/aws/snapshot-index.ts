import {
  type DynamoDBClient,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { isOutdated, MARGIN_SECONDS, type Basis } from '../history/day-facts.ts';
import { EXPIRES_AT, expiryOf } from '../names.ts';
import { dayOf, isoTime, secondsFromIso, startOfDay } from '../time.ts';
import {
  attributes,
  conditionHeld,
  expressions,
  queried,
  stateKey,
  type PartitionQuery,
  type Plain,
  type StoredItem,
} from './table.ts';

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
export interface SnapshotsInForce extends Basis {
  readonly references: readonly [SnapshotReference, ...SnapshotReference[]];
}

export interface SnapshotEntry extends SnapshotReference {
  /** When a reading last found the account as this snapshot shows it; since it was taken, nobody stopped looking for long. */
  readonly stillTrueAt: string;
  /** Time of the reading with which the table of rules was last brought up to this snapshot. */
  readonly rulesWrittenAt: string | undefined;
}

const SNAPSHOT = 'snapshot';
/** What the first snapshot follows, so that of two first ones only one does. */
const CHAIN_START = stateKey('snapshot-chain', 'start');
/** Another run is at the end of the chain: look again what is there. */
const LOOK_AGAIN = { onConflict: 'notHeld' } as const;
/** Nothing follows yet. */
const IS_LAST = 'attribute_not_exists(#followed_by)';
const IS_NEWEST = `${IS_LAST} AND #still_true_at <= :at`;

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
    const { value } = await this.#items({ descending: true, pageSize: 1 }).next();
    return value && entryOf(value);
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
    let lookedAt: string | undefined;
    const sort = { name: 'at', before: isoTime(startOfDay(day + 1)) };
    for await (const item of this.#items({ sort, descending: true, pageSize: 100 })) {
      const { stillTrueAt } = entryOf(item);
      const reference = referenceOf(item);
      lookedAt ??= stillTrueAt;
      found.unshift(reference);
      if (reference.takenAt <= begin) break;
    }
    const [oldest, ...later] = found;
    if (oldest && lookedAt !== undefined) {
      const outdated = isOutdated(day, secondsFromIso(lookedAt));
      return { references: [oldest, ...later], assumed: oldest.takenAt > begin, outdated };
    }
    const { value: first } = await this.#items({ pageSize: 1 }).next();
    if (!first) throw new Error('no snapshot of the account was ever taken: run snapshot-groups once');
    return { references: [referenceOf(first)], assumed: true, outdated: false };
  }

  /** The last one that was taken by this time, UNIX seconds; else the first. Undefined if none was ever taken. */
  async takenBy(time: number): Promise<SnapshotEntry | undefined> {
    const sort = { name: 'at', before: isoTime(time + 1) };
    const { value: last } = await this.#items({ sort, descending: true, pageSize: 1 }).next();
    const { value: first } = last ? { value: last } : await this.#items({ pageSize: 1 }).next();
    return first && entryOf(first);
  }

  /** Notes that the account was still as `entry` shows it. False if `entry` is no longer the newest, or is noted later. */
  async noteStillTrueIfNewest(entry: SnapshotReference, at: string): Promise<boolean> {
    const condition = `${IS_LAST} AND #still_true_at < :at`;
    return conditionHeld(this.#update(entry, 'SET #still_true_at = :at', condition, { at }), LOOK_AGAIN);
  }

  /** Notes that the table of rules was brought up to `entry`. False if it no longer is the newest word: see `whileNewest`. */
  async noteRulesWrittenIfNewest(entry: SnapshotReference, at: string): Promise<boolean> {
    return conditionHeld(this.#update(entry, 'SET #rules_written_at = :at', IS_NEWEST, { at }), LOOK_AGAIN);
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
        ...expressions({ ConditionExpression: IS_NEWEST }, { at }),
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
    const Item = { ...keyOf({ takenAt }), ...attributes({ key, hash, still_true_at: takenAt }) };
    // What is taken in the last minutes of a day is in force on the next one beside the one before it.
    const expiry = expiryOf(dayOf(secondsFromIso(takenAt)) + 1, retentionDays);
    const follow = {
      TableName,
      Key: before ? keyOf(before) : CHAIN_START,
      ...expressions(
        {
          UpdateExpression: `SET #followed_by = :at${before ? `, #${EXPIRES_AT} = :expiry` : ''}`,
          ConditionExpression: `${IS_LAST} AND (attribute_not_exists(#still_true_at) OR #still_true_at < :at)`,
        },
        { at: takenAt, expiry },
      ),
    };
    const TransactItems = [{ Put: { TableName, Item } }, { Update: follow }];
    return conditionHeld(this.#client.send(new TransactWriteItemsCommand({ TransactItems })), LOOK_AGAIN);
  }

  /** Notes where the union of its day lies, up to the snapshot. */
  async noteUnion(entry: SnapshotReference, unionKey: string): Promise<void> {
    await conditionHeld(this.#update(entry, 'SET #union = :unionKey', 'attribute_exists(#id)', { unionKey }));
  }

  async #update(
    entry: SnapshotReference,
    UpdateExpression: string,
    ConditionExpression: string,
    values: Readonly<Record<string, Plain>>,
  ): Promise<unknown> {
    const change = expressions({ UpdateExpression, ConditionExpression }, values);
    return this.#client.send(new UpdateItemCommand({ TableName: this.#table, Key: keyOf(entry), ...change }));
  }

  #items(order: Pick<PartitionQuery, 'sort' | 'descending' | 'pageSize'>): AsyncGenerator<StoredItem, undefined> {
    return queried(this.#client, { table: this.#table, partition: ['id', SNAPSHOT], ...order });
  }
}

function referenceOf({ at, key, hash, union }: StoredItem): SnapshotReference {
  const unionKey = union?.S;
  return { takenAt: at?.S ?? '', key: key?.S ?? '', hash: hash?.S ?? '', ...(unionKey !== undefined && { unionKey }) };
}

function entryOf(item: StoredItem): SnapshotEntry {
  return {
    ...referenceOf(item),
    stillTrueAt: item.still_true_at?.S ?? '',
    rulesWrittenAt: item.rules_written_at?.S,
  };
}

function keyOf({ takenAt }: Pick<SnapshotReference, 'takenAt'>): StoredItem {
  return stateKey(SNAPSHOT, takenAt);
}
