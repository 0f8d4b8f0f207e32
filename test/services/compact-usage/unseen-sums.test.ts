import { expect, jest, test } from '@jest/globals';
import { PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { Compactor } from '../../../services/compact-usage/compactor-adapter.ts';
import { batchItem, compacted, COMPACTED_KEY } from '../../../shared/aws/batch-log.ts';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { sumsItem } from '../../../shared/aws/streamed-days.ts';
import { tableNames } from '../../../shared/names.ts';
import { dayOf, isoDay, type Day } from '../../../shared/time.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';

jest.setTimeout(60_000);

describeWithDynamoDb('after a compactor that died while its transaction was carried out', (bed) => {
  const today = dayOf(Date.now() / 1000);
  let places = 0;

  /** Two batches of the day, of which the pointer says that both are in the sums, and these what they are seen to say. */
  async function placeOf(day: Day, sums: number | undefined) {
    const prefix = `unseen-${String(++places)}`;
    await bed().createTables(prefix);
    const [client, tables] = [bed().client(), tableNames(prefix)];
    const put = (item: Record<string, AttributeValue>) =>
      client.send(new PutItemCommand({ TableName: tables.state, Item: item }));
    await put(batchItem({ seq: 1, key: 'a', days: new Map([[day, 10]]) }));
    await put(batchItem({ seq: 2, key: 'b', days: new Map([[day, 20]]) }));
    await put({ ...COMPACTED_KEY, through: { N: '2' }, counters: { N: '1' } });
    if (sums !== undefined) await put(sumsItem({ day, key: 'c', former: undefined, through: sums, records: 10 }));
    const bucket = new DataBucket(new S3Client({ region: 'eu-central-1' }), 'none');
    const compactor = new Compactor({ client, tables, bucket, retentionDays: 400 });
    return { compactor, put, compacted: () => compacted(client, tables.state) };
  }

  test.each([
    { seen: 'up to the batch before', sums: 1, upTo: 1 },
    { seen: 'not at all', sums: undefined, upTo: 0 },
  ])('nobody adds to sums that are seen $seen', async ({ sums, upTo }) => {
    const place = await placeOf(today, sums);
    const unseen = `${isoDay(today)}: sums are seen up to batch ${String(upTo)}, and hold batch 2`;
    await expect(place.compactor.compact()).rejects.toThrow(unseen);
    expect(await place.compacted()).toEqual({ through: 2, counters: 1 });
    // What the error says to do, once the night of the day has run.
    await expect(place.compactor.compact()).rejects.toThrow('then set "counters" of the item "compacted" to 2');
    await place.put({ ...COMPACTED_KEY, through: { N: '2' }, counters: { N: '2' } });
    expect(await place.compactor.compact()).toEqual({ batches: 0, left: 0, rules: 0 });
  });

  test('sums that have expired are not waited for', async () => {
    const place = await placeOf(today - 402, undefined);
    expect(await place.compactor.compact()).toEqual({ batches: 0, left: 0, rules: 0 });
    expect(await place.compacted()).toEqual({ through: 2, counters: 2 });
  });
});
