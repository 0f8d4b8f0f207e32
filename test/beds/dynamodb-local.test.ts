import { expect, jest, test } from '@jest/globals';
import {
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { tableNames, TABLE_KEYS } from '../../shared/names.ts';
import { BED_CREDENTIALS } from './bed-environment.ts';
import { describeWithDynamoDb } from './describe-with-dynamodb.ts';

jest.setTimeout(60_000);

let prefixes = 0;

describeWithDynamoDb('DynamoDB of the bed', (bed) => {
  async function tables() {
    const prefix = `prefix-${++prefixes}`;
    await bed().createTables(prefix);
    return tableNames(prefix);
  }

  const note = (TableName: string, id: string, by: string): TransactWriteItem => ({
    Put: {
      TableName,
      Item: { id: { S: id }, at: { S: '-' }, by: { S: by } },
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  });
  const add = (TableName: string, rule: string, hits: number): TransactWriteItem => ({
    Update: {
      TableName,
      Key: { rule_id: { S: rule }, day_source: { S: '-' } },
      UpdateExpression: 'ADD hits :hits',
      ExpressionAttributeValues: { ':hits': { N: String(hits) } },
    },
  });
  const write = (TransactItems: TransactWriteItem[], ClientRequestToken?: string) =>
    bed().client().send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken }));
  const hits = async (TableName: string) => {
    const { Items } = await bed()
      .client()
      .send(new ScanCommand({ TableName, ConsistentRead: true }));
    return Items?.map((item) => [item.rule_id?.S, item.hits?.N]);
  };

  test('has the tables with the keys, indexes and billing of shared/names', async () => {
    const names = await tables();
    const described = await Promise.all(
      Object.values<string>({ ...names }).map(async (TableName) => {
        const { Table } = await bed().client().send(new DescribeTableCommand({ TableName }));
        const keys = (schema = Table?.KeySchema) =>
          schema?.map(({ AttributeName, KeyType }) => [AttributeName, KeyType]);
        return {
          keys: keys(),
          indexes: (Table?.GlobalSecondaryIndexes ?? []).map((index) => [index.IndexName, keys(index.KeySchema)]),
          billing: Table?.BillingModeSummary?.BillingMode,
        };
      }),
    );
    const hash = (name: string, range?: string) => [[name, 'HASH'], ...(range === undefined ? [] : [[range, 'RANGE']])];
    expect(described).toEqual(
      Object.values(TABLE_KEYS).map(({ partition, sort, index }) => ({
        keys: hash(partition, sort),
        indexes: index ? [[index.name, hash(index.partition, index.sort)]] : [],
        billing: 'PAY_PER_REQUEST',
      })),
    );
  });

  test('puts a note if there is none and adds, in one transaction', async () => {
    const { state, rulesUsage } = await tables();
    await write([note(state, 'object-1', 'a'), add(rulesUsage, 'sgr-1', 2), add(rulesUsage, 'sgr-2', 3)]);
    await write([note(state, 'object-2', 'a'), add(rulesUsage, 'sgr-1', 5)]);
    expect(new Map((await hits(rulesUsage)) as [string, string][])).toEqual(
      new Map([
        ['sgr-1', '7'],
        ['sgr-2', '3'],
      ]),
    );
  });

  test('applies nothing of a cancelled transaction, and says for each item why, with what was there', async () => {
    const { state, rulesUsage } = await tables();
    await write([note(state, 'object-1', 'first')]);
    const error: unknown = await write([
      add(rulesUsage, 'sgr-1', 2),
      note(state, 'object-1', 'second'),
      note(state, 'object-2', 'second'),
    ]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TransactionCanceledException);
    expect((error as TransactionCanceledException).CancellationReasons).toMatchObject([
      { Code: 'None' },
      { Code: 'ConditionalCheckFailed', Item: { id: { S: 'object-1' }, at: { S: '-' }, by: { S: 'first' } } },
      { Code: 'None' },
    ]);
    expect(await hits(rulesUsage)).toEqual([]);
    const { Items } = await bed()
      .client()
      .send(new ScanCommand({ TableName: state }));
    expect(Items?.map((item) => item.id?.S)).toEqual(['object-1']);
  });

  test('applies a transaction once that is sent again with its token, and refuses another with it', async () => {
    const { rulesUsage } = await tables();
    const once = [add(rulesUsage, 'sgr-1', 2)];
    await write(once, 'token');
    await write(once, 'token');
    expect(await hits(rulesUsage)).toEqual([['sgr-1', '2']]);
    await expect(write([add(rulesUsage, 'sgr-1', 3)], 'token')).rejects.toThrow(
      expect.objectContaining({ name: 'IdempotentParameterMismatchException' }),
    );
  });

  test('takes 100 items in a transaction and refuses 101, or one item twice', async () => {
    const { rulesUsage } = await tables();
    const items = Array.from({ length: 101 }, (_, i) => add(rulesUsage, `sgr-${i}`, 1));
    await write(items.slice(0, 100));
    expect(await hits(rulesUsage)).toHaveLength(100);
    for (const refused of [items, [items[0]!, items[0]!]]) {
      await expect(write(refused)).rejects.toMatchObject({ name: 'ValidationException' });
    }
  });

  test('loses no addition of many at once, and has them wait rather than conflict', async () => {
    const { rulesUsage } = await tables();
    await Promise.all(Array.from({ length: 100 }, () => write([add(rulesUsage, 'sgr-1', 1)])));
    expect(await hits(rulesUsage)).toEqual([['sgr-1', '100']]);
  });

  test('refuses an item above 400 KB', async () => {
    const { state } = await tables();
    const { Put } = note(state, 'large', 'x'.repeat(400 * 1024));
    await expect(
      bed()
        .client()
        .send(new PutItemCommand({ TableName: state, Item: Put?.Item })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test('is one database for every region, and is empty again where tables were deleted', async () => {
    await bed().createTables('elsewhere');
    const { state } = tableNames('elsewhere');
    await write([note(state, 'object-1', 'a')]);
    const other = new DynamoDBClient({
      endpoint: bed().endpoint,
      region: 'us-east-1',
      credentials: { ...BED_CREDENTIALS, accessKeyId: 'other' },
    });
    const get = new GetItemCommand({ TableName: state, Key: { id: { S: 'object-1' }, at: { S: '-' } } });
    expect((await other.send(get)).Item?.by).toEqual({ S: 'a' });
    await bed().deleteTables('elsewhere');
    await bed().createTables('elsewhere');
    expect((await other.send(get)).Item).toBeUndefined();
    other.destroy();
  });
});
