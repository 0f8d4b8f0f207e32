import { expect, test } from '@jest/globals';
import { PortBuckets, rangeOfBucket } from '../../../shared/matching/port-buckets.ts';
import { awsRule, inventoryOf } from '../inventory/aws-shorthand.ts';

const { rules } = inventoryOf({
  rules: [awsRule('in tcp 5432 0.0.0.0/0'), awsRule('in tcp 6000-6001 0.0.0.0/0', { SecurityGroupRuleId: 'sgr-2' })],
});
const buckets = new PortBuckets(rules);

test.each([
  ['a port below 1,024', 0, 0, 0],
  ['the last of them', 1023, 1023, 1023],
  ['the first above', 1024, 1024, 2047],
  ['one that a rule names alone', 5432, 5432, 5432],
  ['its neighbour', 5433, 5120, 6143],
  ['one that a rule names with another', 6000, 5120, 6143],
  ['the last of all', 65_535, 64_512, 65_535],
])('%s is counted by its bucket', (_, port, from, to) => {
  expect(rangeOfBucket(buckets.bucketOf(port))).toEqual({ from, to });
});
