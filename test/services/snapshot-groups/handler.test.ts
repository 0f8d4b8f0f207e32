import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import * as ec2 from '@aws-sdk/client-ec2';
import type { Context } from 'aws-lambda';
import { readEnvironment } from '../../../services/snapshot-groups/environment.ts';
import type { Published } from '../../../services/snapshot-groups/publish-snapshot.ts';
import { bedEnvironment } from '../../beds/bed-environment.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { type Fauxqs, startFauxqs } from '../../beds/fauxqs.ts';
import { answer, reset } from './stub-ec2.ts';

/** Java beside other tests on a small machine is slow. */
jest.setTimeout(60_000);

const VARIABLES = {
  STALE_SG_TABLE_PREFIX: 'handler',
  STALE_SG_DATA_BUCKET: 'handler-data',
  STALE_SG_ACCOUNT_ID: '111122223333',
  AWS_REGION: 'eu-central-1',
  STALE_SG_RETENTION_DAYS: '400',
};

describe('the environment', () => {
  test('is read', () => {
    expect(readEnvironment(VARIABLES)).toEqual({
      tablePrefix: 'handler',
      dataBucket: 'handler-data',
      accountId: '111122223333',
      region: 'eu-central-1',
      retentionDays: 400,
    });
  });

  test('names everything that is missing or wrong', () => {
    expect(() => readEnvironment({ ...VARIABLES, STALE_SG_ACCOUNT_ID: '1', STALE_SG_DATA_BUCKET: undefined })).toThrow(
      /^the environment of snapshot-groups is wrong: STALE_SG_DATA_BUCKET is not set; STALE_SG_ACCOUNT_ID is "1": no account id/,
    );
  });
});

describeWithDynamoDb('the handler', (bed) => {
  const before = { ...process.env };
  let fauxqs: Fauxqs;
  beforeAll(async () => {
    fauxqs = await startFauxqs();
    await Promise.all([bed().createTables('handler'), fauxqs.createBucket('handler-data')]);
    const quiet = {
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
      POWERTOOLS_TRACE_ENABLED: 'false',
    };
    Object.assign(process.env, VARIABLES, quiet, bedEnvironment({ dynamoDb: bed(), fauxqs }));
    reset();
  });
  afterAll(async () => {
    process.env = before;
    await fauxqs.stop();
  });

  test('takes a snapshot whatever the event, and returns where it is, nothing more', async () => {
    const { handler } = await import('../../../services/snapshot-groups/handler.ts');
    const invoke = () => handler({ day: '2026-01-31' }, {} as Context) as Promise<Published>;
    answer(ec2.DescribeSecurityGroupsCommand, [{ SecurityGroups: [{ GroupId: 'sg-1' }] }]);
    const first = await invoke();
    expect(Object.keys(first).sort()).toEqual(['changed', 'hash', 'key', 'takenAt']);
    expect(first.changed).toBe(true);
    reset();
    answer(ec2.DescribeSecurityGroupsCommand, [{ SecurityGroups: [{ GroupId: 'sg-1' }] }]);
    expect(await invoke()).toEqual({ ...first, changed: false });
  });
});
