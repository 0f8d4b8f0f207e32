import { beforeAll, expect, jest, test } from '@jest/globals';
import { PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { batchItem, COMPACTED_KEY } from '../../../shared/aws/batch-log.ts';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { SETTLED, settledNights } from '../../../shared/aws/settled-days.ts';
import { StreamedDays, sumsItem } from '../../../shared/aws/streamed-days.ts';
import { tableNames } from '../../../shared/names.ts';
import { dayFromIso } from '../../../shared/time.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';

jest.setTimeout(60_000);

describeWithDynamoDb('what was streamed', (bed) => {
  const stateTable = tableNames('streamed').state;
  const day = dayFromIso('2026-01-31')!;
  const put = (item: Record<string, AttributeValue>) =>
    bed()
      .client()
      .send(new PutItemCommand({ TableName: stateTable, Item: item }));

  beforeAll(async () => {
    await bed().createTables('streamed');
    await put(batchItem({ seq: 1, key: 'a', days: new Map([[day, 10]]) }));
    await put(batchItem({ seq: 2, key: 'b', days: new Map([[day, 20]]) }));
  });

  test.each([
    { seen: 'nothing', through: 1, sums: 1, counters: 1 },
    { seen: 'the pointer alone', through: 2, sums: 1, counters: 1 },
    { seen: 'the sums alone', through: 1, sums: 2, counters: 1 },
    { seen: 'all', through: 2, sums: 2, counters: 1 },
    { seen: 'all, and it is noted as done', through: 2, sums: 2, counters: 2 },
  ])('holds each batch once while $seen of a compaction is seen', async ({ through, sums, counters }) => {
    await put({ ...COMPACTED_KEY, through: { N: String(through) }, counters: { N: String(counters) } });
    await put(sumsItem({ day, key: 'c', former: undefined, through: sums, records: sums === 1 ? 10 : 30 }));
    // S3 is not asked how many records there are.
    const bucket = new DataBucket(new S3Client({ region: 'eu-central-1' }), 'none');
    const streamed = new StreamedDays({ client: bed().client(), tables: tableNames('streamed'), bucket });
    expect(await streamed.recordsByDay()).toEqual(new Map([[day, 30]]));
  });

  test('of a day that has expired no more than what came since', async () => {
    const sums = { key: 'c', former: undefined, through: 1, records: 10 };
    const expiry = (seconds: number) => ({ expires_at: { N: String(Math.floor(Date.now() / 1000) + seconds) } });
    const bucket = new DataBucket(new S3Client({ region: 'eu-central-1' }), 'none');
    const streamed = new StreamedDays({ client: bed().client(), tables: tableNames('streamed'), bucket });
    await put({ ...COMPACTED_KEY, through: { N: '1' }, counters: { N: '1' } });
    await put({ ...sumsItem({ day, ...sums }), ...expiry(60) });
    expect(await streamed.recordsByDay()).toEqual(new Map([[day, 30]]));
    await put({ ...sumsItem({ day, ...sums }), ...expiry(-1) });
    expect(await streamed.recordsByDay()).toEqual(new Map([[day, 20]]));
    expect(await streamed.sums(day)).toBeUndefined();
  });

  test('nights that have expired count for no day any more', async () => {
    const now = Math.floor(Date.now() / 1000);
    for (const [at, seconds] of [
      ['2026-01-30', -1],
      ['2026-01-31', 60],
    ] as const) {
      const figures = { S: JSON.stringify({ run: at }) };
      await put({ id: { S: SETTLED }, at: { S: at }, figures, expires_at: { N: String(now + seconds) } });
    }
    expect([...(await settledNights(bed().client(), stateTable)).keys()]).toEqual(['2026-01-31']);
  });
});
