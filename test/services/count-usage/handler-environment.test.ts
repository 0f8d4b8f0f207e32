import { describe, expect, test } from '@jest/globals';
import { readEnvironment } from '../../../services/count-usage/environment.ts';

const VARIABLES = {
  STALE_SG_TABLE_PREFIX: 'sg-analysis',
  STALE_SG_DATA_BUCKET: 'sg-analysis-data-111122223333-eu-central-1',
  STALE_SG_ACCOUNT_ID: '111122223333',
  STALE_SG_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111122223333/sg-analysis-count-usage',
  AWS_REGION: 'eu-central-1',
  PATH: '/usr/bin',
};

test('the environment tells of the deployment', () => {
  expect(readEnvironment(VARIABLES)).toEqual({
    tablePrefix: 'sg-analysis',
    dataBucket: 'sg-analysis-data-111122223333-eu-central-1',
    accountId: '111122223333',
    region: 'eu-central-1',
    queueUrl: 'https://sqs.eu-central-1.amazonaws.com/111122223333/sg-analysis-count-usage',
  });
});

describe('a wrong environment is refused with all that is wrong', () => {
  test.each<[change: Record<string, string | undefined>, message: RegExp]>([
    [{ STALE_SG_TABLE_PREFIX: undefined }, /: STALE_SG_TABLE_PREFIX is not set$/],
    [
      { STALE_SG_DATA_BUCKET: undefined, AWS_REGION: undefined },
      /: STALE_SG_DATA_BUCKET is not set; AWS_REGION is not/,
    ],
    [{ STALE_SG_TABLE_PREFIX: '' }, /: STALE_SG_TABLE_PREFIX is "": no prefix/],
    [{ STALE_SG_DATA_BUCKET: 's3://data' }, /: STALE_SG_DATA_BUCKET is "s3:\/\/data": no name of a bucket$/],
    [{ STALE_SG_ACCOUNT_ID: '11112222333' }, /: STALE_SG_ACCOUNT_ID is "11112222333": no account id/],
    [{ STALE_SG_QUEUE_URL: 'sg-analysis-count-usage' }, /: STALE_SG_QUEUE_URL is "sg-analysis-count-usage": no URL/],
    [{ AWS_REGION: 'EU Central' }, /: AWS_REGION is "EU Central": no region$/],
  ])('%j', (change, message) => {
    expect(() => readEnvironment({ ...VARIABLES, ...change })).toThrow(message);
  });
});
