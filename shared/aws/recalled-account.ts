import { PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PastDays } from '../history/as-on-day.ts';
import { isToldWhole } from '../history/day-facts.ts';
import { pastText, readPast, type RecalledPast } from '../inventory/past/past-file.ts';
import { DATA_PREFIXES, EXPIRES_AT, expiryOf } from '../names.ts';
import { dayOf, type Day } from '../time.ts';
import { nameByContent, type DataBucket } from './data-bucket.ts';
import { attributes, conditionHeld, expressions, hasExpired, itemAt, stateKey } from './table.ts';

/** In the state table: where the newest one lies. */
const PAST = stateKey('past', 'newest');

/** What the account remembers, held against days. */
export interface Recalled extends RecalledPast {
  readonly days: PastDays;
}

/** What the nights have put together of what the account remembers: a file for all readers, the newest of which counts. */
export class RecalledAccount {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #bucket: DataBucket;
  /** Read last: a night changes it, hundreds of readers do not. */
  #held: { readonly key: string; readonly recalled: Promise<Recalled | undefined> } | undefined;

  constructor(client: DynamoDBClient, stateTable: string, bucket: DataBucket) {
    this.#client = client;
    this.#table = stateTable;
    this.#bucket = bucket;
  }

  /** Its key in the data bucket; undefined where the account was never asked, or not for long. */
  async newestKey(): Promise<string | undefined> {
    const item = await itemAt(this.#client, this.#table, PAST);
    return item && !hasExpired(item) ? item.key?.S : undefined;
  }

  /** @throws Error as {@link read} */
  async newest(): Promise<Recalled | undefined> {
    const key = await this.newestKey();
    return key === undefined ? undefined : this.read(key);
  }

  /**
   * Undefined where another version of the program wrote it.
   *
   * @throws Error that names the key, where it is not there or damaged
   */
  async read(key: string): Promise<Recalled | undefined> {
    if (this.#held?.key !== key) this.#held = { key, recalled: this.#read(key) };
    try {
      return await this.#held.recalled;
    } catch (error) {
      // May be there the next time.
      this.#held = undefined;
      throw error;
    }
  }

  /**
   * The same; undefined also where it cannot be read: with it answers are better founded, and none rests on it.
   *
   * @param key undefined for none
   */
  async readIfAny(key: string | undefined, onFailure: (error: unknown) => void): Promise<Recalled | undefined> {
    if (key === undefined) return undefined;
    try {
      return await this.read(key);
    } catch (error) {
      onFailure(error);
      return undefined;
    }
  }

  /** Makes it the newest, unless a later one is there: then false. */
  async publish(recalled: RecalledPast, retentionDays: number): Promise<boolean> {
    const text = pastText(recalled);
    const key = `${DATA_PREFIXES.past}${nameByContent(text)}.json.gz`;
    await this.#bucket.putGz(key, text);
    const { until } = recalled;
    const Item = { ...PAST, ...attributes({ key, until, [EXPIRES_AT]: expiryOf(dayOf(until), retentionDays) }) };
    const ConditionExpression = 'attribute_not_exists(#until) OR #until <= :until';
    const condition = expressions({ ConditionExpression }, { until });
    return conditionHeld(this.#client.send(new PutItemCommand({ TableName: this.#table, Item, ...condition })));
  }

  async #read(key: string): Promise<Recalled | undefined> {
    const recalled = readPast(await this.#bucket.hashedText(key));
    return recalled && { ...recalled, days: new PastDays(recalled.past) };
  }
}

/** Whether all that happened since before the day is known, so that a later snapshot shows it as well as one of its own. */
export function isKnownSince(recalled: Recalled | undefined, day: Day): boolean {
  return isToldWhole(day, recalled?.wholeSince, Infinity);
}

/** The same up to its end, so that an earlier snapshot does. */
export function isKnownOn(recalled: Recalled | undefined, day: Day): boolean {
  return isToldWhole(day, recalled?.wholeSince, recalled?.until ?? -Infinity);
}
