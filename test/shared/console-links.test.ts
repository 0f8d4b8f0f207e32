import { expect, test } from '@jest/globals';
import { consoleHost, executionLink, groupLink, partitionOf } from '../../shared/console-links.ts';

test.each([
  ['eu-central-1', 'eu-central-1.console.aws.amazon.com'],
  ['cn-northwest-1', 'cn-northwest-1.console.amazonaws.cn'],
  ['us-gov-east-1', 'us-gov-east-1.console.amazonaws-us-gov.com'],
  ['us-east-1', 'us-east-1.console.aws.amazon.com'],
])('the console of %s is at %s', (region, host) => {
  expect(consoleHost(region)).toBe(host);
});

test('an execution is linked with its ARN as one piece of the address', () => {
  const arn = 'arn:aws-cn:states:cn-north-1:111122223333:execution:sg-analysis-night:a b';
  const link = executionLink('cn-north-1', arn);
  expect(link).toMatch(/^https:\/\/cn-north-1\.console\.amazonaws\.cn\/states\/home\?region=cn-north-1#/);
  expect(decodeURIComponent(link.split('/').at(-1)!)).toBe(arn);
});

test('ARNs of each partition begin with its name', () => {
  expect(['eu-central-1', 'cn-north-1', 'us-gov-west-1', ''].map(partitionOf)).toEqual([
    'aws',
    'aws-cn',
    'aws-us-gov',
    'aws',
  ]);
});

test('a group has a link where the console of its partition is known, and else none', () => {
  expect(groupLink('cn-north-1', 'sg-1')).toBe(
    'https://cn-north-1.console.amazonaws.cn/ec2/home?region=cn-north-1#SecurityGroup:groupId=sg-1',
  );
  expect(
    ['us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1', 'eusc-de-east-1'].map((one) => groupLink(one, 'sg-1')),
  ).toEqual([undefined, undefined, undefined, undefined]);
});
