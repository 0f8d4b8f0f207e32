import { expect, test } from '@jest/globals';
import { readEnvironment } from '../../../services/send-findings/environment.ts';

const VARIABLES = {
  STALE_SG_TABLE_PREFIX: 'sg-analysis',
  STALE_SG_DATA_BUCKET: 'sg-analysis-data-111122223333-eu-central-1',
  STALE_SG_ACCOUNT_ID: '111122223333',
  AWS_REGION: 'eu-central-1',
};
const SECRET = 'arn:aws-us-gov:secretsmanager:us-gov-west-1:111122223333:secret:team/chat+1-AbCdEf';

test('what need not be set is not', () => {
  expect(readEnvironment(VARIABLES)).toMatchObject({
    hubMinPriority: undefined,
    webhookKind: undefined,
    webhookSecret: undefined,
  });
});

test.each(['0', '7', '40', '100'])('a priority of %s', (priority) => {
  const environment = readEnvironment({ ...VARIABLES, STALE_SG_HUB_MIN_PRIORITY: priority });
  expect(environment.hubMinPriority).toBe(Number(priority));
});

test('a webhook', () => {
  const more = { STALE_SG_WEBHOOK_KIND: 'teams', STALE_SG_WEBHOOK_SECRET: SECRET };
  expect(readEnvironment({ ...VARIABLES, ...more })).toMatchObject({ webhookKind: 'teams', webhookSecret: SECRET });
});

test.each<[change: Record<string, string>, message: RegExp]>([
  [{ STALE_SG_HUB_MIN_PRIORITY: '101' }, /no priority from 0 to 100$/],
  [{ STALE_SG_HUB_MIN_PRIORITY: '-1' }, /no priority from 0 to 100$/],
  [{ STALE_SG_WEBHOOK_KIND: 'discord' }, /STALE_SG_WEBHOOK_KIND is "discord"/],
  [{ STALE_SG_WEBHOOK_SECRET: 'channel' }, /no ARN of a secret$/],
  [{ STALE_SG_WEBHOOK_SECRET: `${SECRET}\n` }, /no ARN of a secret$/],
])('%j is wrong', (change, message) => {
  expect(() => readEnvironment({ ...VARIABLES, ...change })).toThrow(message);
});
