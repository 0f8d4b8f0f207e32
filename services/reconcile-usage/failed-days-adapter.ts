import { PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { attributes, queried, stateKey } from '../../shared/aws/table.ts';
import { EXPIRES_AT } from '../../shared/names.ts';
import { DAY_SECONDS, dayFromIso, isoDay, type Day } from '../../shared/time.ts';
import type { DayFailure, FailedDays } from './backfill-outcome.ts';
import type { Run } from './settle-day.ts';

/** As long as Step Functions keeps an execution. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const KEPT_DAYS = 90;

/** Days of a backfill that failed, in the state table. */
export class DynamoFailedDays implements FailedDays {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, stateTable: string) {
    this.#client = client;
    this.#table = stateTable;
  }

  async note({ day, id }: Run, { error, cause }: DayFailure): Promise<void> {
    const expires = Math.floor(Date.now() / 1000) + KEPT_DAYS * DAY_SECONDS;
    const Item = { ...stateKey(idOf(id), isoDay(day)), ...attributes({ error, cause, [EXPIRES_AT]: expires }) };
    await this.#client.send(new PutItemCommand({ TableName: this.#table, Item }));
  }

  async of(run: string): Promise<Map<Day, DayFailure>> {
    const found = new Map<Day, DayFailure>();
    for await (const { at, error, cause } of queried(this.#client, {
      table: this.#table,
      partition: ['id', idOf(run)],
    })) {
      found.set(dayFromIso(at!.S!)!, { error: error?.S ?? '', cause: cause?.S ?? '' });
    }
    return found;
  }
}

function idOf(run: string): string {
  return `failed ${run}`;
}
