import { expect, test } from '@jest/globals';
import { readEnvironment } from '../../../services/compact-usage/environment.ts';

const VARIABLES = {
  STALE_SG_TABLE_PREFIX: 'sg-analysis',
  STALE_SG_DATA_BUCKET: 'sg-analysis-data-111122223333-eu-central-1',
  STALE_SG_RETENTION_DAYS: '400',
};

test('the environment tells of the deployment', () => {
  expect(readEnvironment(VARIABLES)).toEqual({
    tablePrefix: 'sg-analysis',
    dataBucket: 'sg-analysis-data-111122223333-eu-central-1',
    retentionDays: 400,
  });
});

test.each<[change: Record<string, string | undefined>, message: RegExp]>([
  [{ STALE_SG_RETENTION_DAYS: undefined }, /of compact-usage is wrong: STALE_SG_RETENTION_DAYS is not set$/],
  [{ STALE_SG_RETENTION_DAYS: '0' }, /: STALE_SG_RETENTION_DAYS is "0": no number of days$/],
  [{ STALE_SG_RETENTION_DAYS: '90d' }, /: STALE_SG_RETENTION_DAYS is "90d"/],
  [{ STALE_SG_RETENTION_DAYS: '1e3' }, /: STALE_SG_RETENTION_DAYS is "1e3"/],
])('a wrong environment is refused: %j', (change, message) => {
  expect(() => readEnvironment({ ...VARIABLES, ...change })).toThrow(message);
});
