import { beforeAll, expect, jest, test } from '@jest/globals';
import {
  ConditionalCheckFailedException,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import {
  attributes,
  conditionHeld,
  expressions,
  itemAt,
  queried,
  scanned,
  unlessConditionHeld,
  type PartitionQuery,
  type StoredItem,
} from '../../../shared/aws/table.ts';
import { tableNames } from '../../../shared/names.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';

jest.setTimeout(60_000);

const METADATA = { $metadata: {}, message: '' };

describeWithDynamoDb('a table', (bed) => {
  const table = tableNames('table').state;
  let client: DynamoDBClient;
  const keyOf = (id: string, at: string): StoredItem => ({ id: { S: id }, at: { S: at } });
  const put = (id: string, at: string, more: StoredItem = {}) =>
    client.send(new PutItemCommand({ TableName: table, Item: { ...keyOf(id, at), ...more } }));

  beforeAll(async () => {
    await bed().createTables('table');
    client = bed().client();
    for (let n = 0; n < 7; n++) await put('seven', `${n < 4 ? 'a' : 'b'}${n}`, { n: { N: String(n) } });
    await put('other', 'a0');
  });

  const sorted = async (query: Partial<PartitionQuery>) => {
    const found: (string | undefined)[] = [];
    for await (const { at } of queried(client, { table, partition: ['id', 'seven'], ...query })) found.push(at?.S);
    return found.join(' ');
  };

  test.each<[why: string, query: Partial<PartitionQuery>, found: string]>([
    ['one partition, in order', {}, 'a0 a1 a2 a3 b4 b5 b6'],
    ['however many pages it fills', { pageSize: 2 }, 'a0 a1 a2 a3 b4 b5 b6'],
    ['the last first', { descending: true, pageSize: 3 }, 'b6 b5 b4 a3 a2 a1 a0'],
    ['what is behind a text, exclusive', { sort: { name: 'at', after: 'b4' } }, 'b5 b6'],
    ['what is before a text, exclusive', { sort: { name: 'at', before: 'a2' } }, 'a0 a1'],
    ['none', { partition: ['id', 'nothing'] }, ''],
  ])('is asked for %s', async (_why, query, found) => {
    expect(await sorted(query)).toBe(found);
  });

  test('gives only the attributes that were asked for', async () => {
    const query = { table, partition: ['id', 'seven'], sort: { name: 'at', before: 'a1' } } as const;
    expect((await queried(client, { ...query, attributes: ['at', 'n'] }).next()).value).toEqual({
      at: { S: 'a0' },
      n: { N: '0' },
    });
    const ids = new Set<string>();
    for await (const item of scanned(client, { table, attributes: ['id'], consistent: true })) {
      expect(Object.keys(item)).toEqual(['id']);
      ids.add(item.id!.S!);
    }
    expect([...ids].sort()).toEqual(['other', 'seven']);
  });

  test('gives one item, or none', async () => {
    expect(await itemAt(client, table, keyOf('seven', 'b6'))).toEqual({ ...keyOf('seven', 'b6'), n: { N: '6' } });
    expect(await itemAt(client, table, keyOf('seven', 'b7'))).toBeUndefined();
  });

  const putIfAbsent = (at: string, more: object = {}) => ({
    TableName: table,
    Item: keyOf('seven', at),
    ConditionExpression: 'attribute_not_exists(id)',
    ...more,
  });

  test('says whether the condition of a write held', async () => {
    const write = (at: string) => conditionHeld(client.send(new PutItemCommand(putIfAbsent(at))));
    expect(await write('c1')).toBe(true);
    expect(await write('c1')).toBe(false);
    const both = (one: string, other: string) =>
      new TransactWriteItemsCommand({ TransactItems: [{ Put: putIfAbsent(one) }, { Put: putIfAbsent(other) }] });
    expect(await conditionHeld(client.send(both('c2', 'c1')))).toBe(false);
    expect(await itemAt(client, table, keyOf('seven', 'c2'))).toBeUndefined();
    expect(await conditionHeld(client.send(both('c2', 'c3')))).toBe(true);
    await expect(conditionHeld(client.send(new PutItemCommand({ TableName: 'none', Item: {} })))).rejects.toThrow();
  });

  test('gives the item that stood in the way of a write', async () => {
    const more = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
    const write = (at: string, rest = {}) =>
      unlessConditionHeld(client.send(new PutItemCommand(putIfAbsent(at, rest))));
    expect(await write('d1', more)).toBeUndefined();
    expect(await write('a3', more)).toEqual({ ...keyOf('seven', 'a3'), n: { N: '3' } });
    expect(await write('a3')).toEqual({});
  });
});

test('attributes are exact, and what is not there is left out', () => {
  expect(attributes({ text: 'a', large: 2 ** 90, set: ['b', 'c'], zero: 0, none: undefined })).toEqual({
    text: { S: 'a' },
    large: { N: '1237940039285380274899124224' },
    set: { SS: ['b', 'c'] },
    zero: { N: '0' },
  });
  for (const broken of [NaN, Infinity, 0.5]) expect(() => attributes({ broken })).toThrow();
});

test('expressions name what they speak of, once, and nothing else', () => {
  const texts = { UpdateExpression: 'SET #a = :one, #b_2 = :two', ConditionExpression: '#a < :one' };
  expect(expressions(texts, { one: 1, two: 'x', three: 3 })).toEqual({
    ...texts,
    ExpressionAttributeNames: { '#a': 'a', '#b_2': 'b_2' },
    ExpressionAttributeValues: { ':one': { N: '1' }, ':two': { S: 'x' } },
  });
  // DynamoDB refuses empty ones.
  expect(expressions({ ProjectionExpression: undefined })).toEqual({ ProjectionExpression: undefined });
});

test.each([
  ['a conflict is an error', 'TransactionConflict', {}, 'throws'],
  ['or, if told so, as good as a condition', 'TransactionConflict', { onConflict: 'notHeld' as const }, false],
  ['throttling is an error in either case', 'ThrottlingError', { onConflict: 'notHeld' as const }, 'throws'],
  ['a condition is one beside other reasons', 'ConditionalCheckFailed', {}, false],
])('of a transaction that was called off, %s', async (_why, Code, options, outcome) => {
  const CancellationReasons = [{ Code: 'None' }, { Code }];
  const write = Promise.reject(new TransactionCanceledException({ ...METADATA, CancellationReasons }));
  const said = conditionHeld(write, options).catch(() => 'throws');
  expect(await said).toBe(outcome);
});

test('what is no condition is thrown as it is', async () => {
  const lost = new Error('socket hang up');
  await expect(conditionHeld(Promise.reject(lost), { onConflict: 'notHeld' })).rejects.toBe(lost);
  await expect(unlessConditionHeld(Promise.reject(lost))).rejects.toBe(lost);
  const failed = new ConditionalCheckFailedException(METADATA);
  expect(await unlessConditionHeld(Promise.reject(failed))).toEqual({});
});
