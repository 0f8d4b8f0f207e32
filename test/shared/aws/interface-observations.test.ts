import { beforeEach, expect, jest, test } from '@jest/globals';
import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { InterfaceObservations } from '../../../shared/aws/interface-observations.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';

/** Java beside other tests on a small machine is slow. */
jest.setTimeout(60_000);

/** 2026-11-23 */
const DAY = Date.UTC(2026, 10, 23) / 86_400_000;
const NOW = Date.UTC(2026, 10, 24) / 1000;

const eni = (n: number, group = 'sg-1', more: Record<string, unknown> = {}) => ({
  NetworkInterfaceId: `eni-${n}`,
  Groups: [{ GroupId: group }],
  PrivateIpAddress: '10.0.0.1',
  Attachment: { AttachTime: new Date(0) },
  ...more,
});

describeWithDynamoDb('interfaces that were looked up', (bed) => {
  let count = 0;
  let client: DynamoDBClient;
  let observations: InterfaceObservations;
  beforeEach(async () => {
    const prefix = `observed-${count++}`;
    await bed().createTables(prefix);
    client = bed().client();
    observations = new InterfaceObservations(client, `${prefix}-state`);
  });
  const items = async () =>
    (await client.send(new ScanCommand({ TableName: `observed-${count - 1}-state` }))).Items ?? [];

  test('are there for everybody, on the day of the records', async () => {
    const added = await observations.add(DAY, [eni(1), eni(2)], NOW);
    expect(await observations.of(DAY)).toEqual(added);
    expect(added).toMatchObject([{ interfaceId: 'eni-1', groupIds: ['sg-1'] }, { interfaceId: 'eni-2' }]);
    expect(await observations.of(DAY - 1)).toEqual([]);
    expect(await observations.of(DAY + 1)).toEqual([]);
  });

  test('are kept as AWS described them, until nobody can send objects of the day any more', async () => {
    await observations.add(DAY, [eni(1)], NOW + 0.5);
    const [item] = await items();
    expect(item?.id).toEqual({ S: 'interface#2026-11-23' });
    expect(item?.at?.S).toMatch(/^eni-1#[0-9a-f]{16}$/);
    expect(item?.expires_at).toEqual({ N: String(NOW + 60 * 86_400) });
    expect(JSON.parse(item?.interface?.S ?? '')).toEqual({
      ...eni(1),
      Attachment: { AttachTime: '1970-01-01T00:00:00.000Z' },
    });
  });

  test('seen twice alike are there once; seen with another group, with both', async () => {
    await observations.add(DAY, [eni(1)], NOW);
    await observations.add(DAY, [eni(1, 'sg-1', { Status: 'in-use' })], NOW + 60);
    await observations.add(DAY, [eni(1, 'sg-2')], NOW + 120);
    expect((await observations.of(DAY)).map(({ groupIds }) => groupIds[0]).sort()).toEqual(['sg-1', 'sg-2']);
  });

  test('may be more than one answer of DynamoDB holds', async () => {
    const many = Array.from({ length: 600 }, (_, n) => eni(n, 'sg-1', { Description: 'x'.repeat(3000) }));
    await observations.add(DAY, many, NOW);
    expect(new Set((await observations.of(DAY)).map(({ interfaceId }) => interfaceId)).size).toBe(600);
  });

  test('are refused if AWS described none', async () => {
    await expect(observations.add(DAY, [eni(1), { Groups: [] }], NOW)).rejects.toThrow('NetworkInterfaceId');
    expect(await items()).toEqual([]);
  });
});
