import { beforeAll, expect, jest, test } from '@jest/globals';
import { PutItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { batchesAfter, batchItem, type LoggedBatch } from '../../../shared/aws/batch-log.ts';
import { stateKey } from '../../../shared/aws/table.ts';
import { ADDITION_DAYS, EXPIRES_AT, tableNames } from '../../../shared/names.ts';
import { DAY_SECONDS, dayFromIso } from '../../../shared/time.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';

jest.setTimeout(60_000);

describeWithDynamoDb('the log of batches', (bed) => {
  const table = tableNames('log').state;
  let client: DynamoDBClient;
  const batchOf = (seq: number): LoggedBatch => {
    return { seq, key: `batches/${String(seq)}`, days: new Map([[dayFromIso('2026-01-31')!, seq * 10]]) };
  };
  const putBatch = async (batch: LoggedBatch, hoursAgo = 0): Promise<void> => {
    const expiry = Math.ceil(Date.now() / 1000) + ADDITION_DAYS * DAY_SECONDS - hoursAgo * 3600;
    const Item = { ...batchItem(batch), [EXPIRES_AT]: { N: String(expiry) } };
    await client.send(new PutItemCommand({ TableName: table, Item }));
  };
  const put = async (seq: number, hoursAgo = 0): Promise<void> => putBatch(batchOf(seq), hoursAgo);
  const after = async (seq: number): Promise<LoggedBatch[]> => {
    const found: LoggedBatch[] = [];
    for await (const batch of batchesAfter(client, table, seq)) found.push(batch);
    return found;
  };

  beforeAll(async () => {
    await bed().createTables('log');
    client = bed().client();
  });

  test('waits for a number that a query has missed', async () => {
    for (const seq of [1, 2, 4, 5]) await put(seq);
    const seen: number[] = [];
    for await (const { seq } of batchesAfter(client, table, 0)) {
      seen.push(seq);
      // What the query has read by then does not hold it.
      if (seq === 2) await put(3);
    }
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    expect(await after(2)).toEqual([3, 4, 5].map(batchOf));
  });

  test('says which number is missing for good, and the way out is one', async () => {
    await put(7);
    await expect(after(4)).rejects.toThrow(
      `${table}: batch 6 is missing, and the next one is too young for it to have expired`,
    );
    await expect(after(5)).rejects.toThrow('batch 6 is missing');
    expect(await after(6)).toEqual([batchOf(7)]);
    // As the runbook has it.
    const Key = stateKey('batch', '0000000000000006');
    const days = { '#d': 'days' };
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key,
        UpdateExpression: 'SET #d = :none',
        ExpressionAttributeNames: days,
        ExpressionAttributeValues: { ':none': { M: {} } },
      }),
    );
    expect(await after(4)).toEqual([batchOf(5), { seq: 6, key: '', days: new Map() }, batchOf(7)]);
  });

  test('has of a batch of several numbers all or none', async () => {
    const [first, second, third] = [31, 32, 33].map((seq) => ({ ...batchOf(seq), last: 33 }));
    await put(30, 25);
    for (const batch of [first!, second!]) await putBatch(batch);
    expect(await after(29)).toEqual([batchOf(30)]);
    await putBatch(third!);
    expect(await after(29)).toEqual([batchOf(30), first, second, third]);
    // Where it was read up to one of them.
    expect(await after(31)).toEqual([second, third]);
  });

  test('goes on behind a number that has expired: nothing comes there any more', async () => {
    for (const seq of [21, 22, 24]) await put(seq, 25);
    expect((await after(18)).slice(0, 3)).toEqual([21, 22, 24].map(batchOf));
    await put(24, 23);
    await expect(after(18)).rejects.toThrow('batch 23 is missing');
  });
});
