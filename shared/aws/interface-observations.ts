import { createHash } from 'node:crypto';
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { inParallel } from '../in-parallel.ts';
import { awsInterface } from '../inventory/aws-shapes.ts';
import { interfaceFromAws, interfaceIdentity } from '../inventory/interface-from-aws.ts';
import type { NetworkInterface } from '../inventory/inventory.ts';
import { EXPIRES_AT, NOTE_DAYS } from '../names.ts';
import { DAY_SECONDS, isoDay } from '../time.ts';
import { attributes, queried, stateKey } from './table.ts';

const PUTS_AT_ONCE = 25;

/** One thing that AWS described, as it came. */
export type ObservedInterface = Readonly<Record<string, unknown>>;

/**
 * Interfaces that were looked up while a day's records were counted, since no snapshot of the day had them: in the state
 * table, for as long as the day's objects may still come. They are part of the day's inventory for everybody.
 */
export class InterfaceObservations {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, stateTable: string) {
    this.#client = client;
    this.#table = stateTable;
  }

  /** Those of a UTC day (days since 1970-01-01). An interface that was seen with other groups is there several times. */
  async of(day: number): Promise<NetworkInterface[]> {
    const found: NetworkInterface[] = [];
    const query = { table: this.#table, partition: ['id', partition(day)] } as const;
    for await (const item of queried(this.#client, query)) found.push(parse(JSON.parse(item.interface?.S ?? '')));
    return found;
  }

  /** Stores these and returns them as `of` will. Those that are there already are the same again. */
  async add(
    day: number,
    described: readonly ObservedInterface[],
    nowSeconds: number,
  ): Promise<readonly NetworkInterface[]> {
    const parsed = described.map((one) => parse(JSON.parse(JSON.stringify(one))));
    const items = parsed.map((one, index) => {
      // The identity is part of the key: what was seen with one group does not hide what was seen with another.
      const identity = createHash('sha256').update(interfaceIdentity(one)).digest('hex').slice(0, 16);
      const key = stateKey(partition(day), `${one.interfaceId}#${identity}`);
      const expires = Math.floor(nowSeconds) + NOTE_DAYS * DAY_SECONDS;
      return { ...key, ...attributes({ interface: JSON.stringify(described[index]), [EXPIRES_AT]: expires }) };
    });
    await inParallel(items, PUTS_AT_ONCE, (Item) =>
      this.#client.send(new PutItemCommand({ TableName: this.#table, Item })),
    );
    return parsed;
  }
}

/** `interface#2026-11-23` */
function partition(day: number): string {
  return `interface#${isoDay(day)}`;
}

/** An unreadable address is left out, as it is from a snapshot. */
function parse(described: unknown): NetworkInterface {
  return interfaceFromAws(awsInterface.parse(described), () => undefined);
}
