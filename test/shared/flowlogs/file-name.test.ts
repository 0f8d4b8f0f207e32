import { expect, test } from '@jest/globals';
import { flowLogFileName, flowLogIdOf, flowLogKey } from '../../../shared/flowlogs/file-name.ts';

const nameOf = (flowLogId: string, time: string): string =>
  `AWSLogs/x/111122223333_vpcflowlogs_eu-central-1_${flowLogId}_20260112T${time}Z_7c40e95d.log.gz`;

test('a name tells account, region, flow log and time of delivery', () => {
  expect(flowLogFileName(nameOf('fl-0a1b2c3d4e5f60001', '0905'))).toEqual({
    accountId: '111122223333',
    region: 'eu-central-1',
    flowLogId: 'fl-0a1b2c3d4e5f60001',
    day: 20_465,
    hour: 9,
    minute: 5,
  });
});

test.each([
  ['fl-0a', '2359', true],
  [`fl-${'a'.repeat(32)}`, '0000', true],
  [`fl-${'a'.repeat(33)}`, '0000', false],
  ['fl-0a1g', '0000', false],
  ['fl-', '0000', false],
])('flow log %s at %s: %s', (id, time, isName) => {
  expect(flowLogFileName(nameOf(id, time)) !== undefined).toBe(isName);
  expect(flowLogIdOf(nameOf(id, time))).toBe(isName ? id : undefined);
});

test.each(['2400', '9900', '0060', '000'])('no file is delivered at %s', (time) => {
  expect(flowLogFileName(nameOf('fl-0a', time))).toBeUndefined();
});

test('a key is read as what it was made of', () => {
  const made = {
    accountId: '111122223333',
    region: 'us-gov-west-1',
    flowLogId: 'fl-0a',
    keyPrefix: 'vpc/',
    hash: '0a1b',
  };
  const key = flowLogKey({ ...made, time: Date.UTC(2026, 0, 5, 9, 5, 59) / 1000 });
  expect(key).toBe(
    'vpc/AWSLogs/111122223333/vpcflowlogs/us-gov-west-1/2026/01/05/111122223333_vpcflowlogs_us-gov-west-1_fl-0a_20260105T0905Z_0a1b.log.gz',
  );
  const { accountId, region, flowLogId } = made;
  expect(flowLogFileName(key)).toEqual({ accountId, region, flowLogId, day: 20_458, hour: 9, minute: 5 });
});
