import { randomUUID } from 'node:crypto';
import { DeleteItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { conditionHeld, expressions, stateKey, unlessConditionHeld, type Plain, type StoredItem } from './table.ts';
import { EXPIRES_AT, NOTE_DAYS } from '../names.ts';
import type { Claim, OwnClaim, SentNotes } from './send-once.ts';
import { DAY_SECONDS } from '../time.ts';

/** Partition of the state table; the sort key is the message. */
const MAIL = 'mail';

/** Which messages went out, mails and others, or may have: in the state table, for 60 days. */
export class DynamoSentNotes implements SentNotes {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, stateTable: string) {
    this.#client = client;
    this.#table = stateTable;
  }

  async claim(message: string, now: number, until: number): Promise<Claim> {
    for (;;) {
      const token = randomUUID();
      const values = { token, until, begun: new Date(now).toISOString() };
      const first = {
        UpdateExpression: `SET #begun = :begun, #until = :until, #token = :token, #${EXPIRES_AT} = :expiry`,
        ConditionExpression: 'attribute_not_exists(#begun)',
      };
      const expiry = Math.floor(now / 1000) + NOTE_DAYS * DAY_SECONDS;
      const found = await this.#update(message, first, { ...values, expiry });
      if (!found) return { kind: 'ours', token, repeats: undefined };
      if (found.message_id?.S !== undefined) return { kind: 'sent', messageId: found.message_id.S };
      const heldUntil = Number(found.until?.N ?? 0);
      if (heldUntil > now) return { kind: 'held', until: heldUntil };
      const takeOver = {
        UpdateExpression: 'SET #until = :until, #token = :token',
        ConditionExpression: '#token = :found AND attribute_not_exists(#message_id)',
      };
      const isHeld = await this.#update(message, takeOver, { ...values, found: found.token?.S ?? '' });
      if (!isHeld) return { kind: 'ours', token, repeats: found.begun?.S ?? '' };
    }
  }

  async noteSent(message: string, messageId: string): Promise<void> {
    await this.#update(message, { UpdateExpression: 'SET #message_id = :messageId' }, { messageId });
  }

  async release(message: string, { token, repeats }: OwnClaim): Promise<void> {
    const ConditionExpression = '#token = :token';
    if (repeats !== undefined) {
      await this.#update(message, { UpdateExpression: 'SET #until = :free', ConditionExpression }, { token, free: 0 });
      return;
    }
    const key = { TableName: this.#table, Key: keyOf(message) };
    const remove = new DeleteItemCommand({ ...key, ...expressions({ ConditionExpression }, { token }) });
    await conditionHeld(this.#client.send(remove));
  }

  /** Undefined where it was done; else the item that did not fulfil the condition. */
  async #update(
    message: string,
    texts: { readonly UpdateExpression: string; readonly ConditionExpression?: string },
    values: Readonly<Record<string, Plain>>,
  ): Promise<StoredItem | undefined> {
    const command = new UpdateItemCommand({
      TableName: this.#table,
      Key: keyOf(message),
      ...expressions(texts, values),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return unlessConditionHeld(this.#client.send(command));
  }
}

function keyOf(message: string): StoredItem {
  return stateKey(MAIL, message);
}
