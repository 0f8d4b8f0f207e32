import { randomUUID } from 'node:crypto';
import {
  DeleteItemCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { conditionHeld, unlessConditionHeld, stateKey, type StoredItem } from '../../shared/aws/table.ts';
import { EXPIRES_AT, NOTE_DAYS } from '../../shared/names.ts';
import type { Claim, OwnClaim, SentNotes } from './send-once.ts';
import { DAY_SECONDS } from '../../shared/time.ts';

/** Partition of the state table; the sort key is the message. */
const MAIL = 'mail';
const NAMES = {
  '#begun': 'begun',
  '#until': 'until',
  '#token': 'token',
  '#sent': 'message_id',
  '#expires': EXPIRES_AT,
};

/** Which messages went out, or may have: in the state table, for 60 days. */
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
      const values = { ':token': { S: token }, ':until': { N: String(until) } };
      const expires = { N: String(Math.floor(now / 1000) + NOTE_DAYS * DAY_SECONDS) };
      const first = {
        UpdateExpression: 'SET #begun = :begun, #until = :until, #token = :token, #expires = :expires',
        ConditionExpression: 'attribute_not_exists(#begun)',
        ExpressionAttributeValues: { ...values, ':begun': { S: new Date(now).toISOString() }, ':expires': expires },
      };
      const found = await this.#update(message, first);
      if (!found) return { kind: 'ours', token, repeats: undefined };
      if (found.message_id?.S !== undefined) return { kind: 'sent', messageId: found.message_id.S };
      const heldUntil = Number(found.until?.N ?? 0);
      if (heldUntil > now) return { kind: 'held', until: heldUntil };
      const takeOver = {
        UpdateExpression: 'SET #until = :until, #token = :token',
        ConditionExpression: '#token = :found AND attribute_not_exists(#sent)',
        ExpressionAttributeValues: { ...values, ':found': found.token ?? { S: '' } },
      };
      if (!(await this.#update(message, takeOver))) return { kind: 'ours', token, repeats: found.begun?.S ?? '' };
    }
  }

  async noteSent(message: string, messageId: string): Promise<void> {
    const values = { ':sent': { S: messageId } };
    await this.#update(message, { UpdateExpression: 'SET #sent = :sent', ExpressionAttributeValues: values });
  }

  async release(message: string, { token, repeats }: OwnClaim): Promise<void> {
    const condition = { ConditionExpression: '#token = :token' };
    const values = { ':token': { S: token } };
    if (repeats !== undefined) {
      const free = { UpdateExpression: 'SET #until = :free', ...condition };
      await this.#update(message, { ...free, ExpressionAttributeValues: { ...values, ':free': { N: '0' } } });
      return;
    }
    const remove = new DeleteItemCommand({
      TableName: this.#table,
      Key: keyOf(message),
      ...condition,
      ExpressionAttributeNames: { '#token': 'token' },
      ExpressionAttributeValues: values,
    });
    await conditionHeld(this.#client.send(remove));
  }

  /** Undefined where it was done; else the item that did not fulfil the condition. */
  async #update(
    message: string,
    update: Pick<UpdateItemCommandInput, 'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'>,
  ): Promise<Record<string, AttributeValue> | undefined> {
    const expressions = `${update.UpdateExpression ?? ''} ${update.ConditionExpression ?? ''}`;
    const names = Object.entries(NAMES).filter(([name]) => expressions.includes(name));
    const command = new UpdateItemCommand({
      TableName: this.#table,
      Key: keyOf(message),
      ...update,
      ExpressionAttributeNames: Object.fromEntries(names),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return unlessConditionHeld(this.#client.send(command));
  }
}

function keyOf(message: string): StoredItem {
  return stateKey(MAIL, message);
}
