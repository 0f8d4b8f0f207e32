import { describe, expect, test } from '@jest/globals';
import { classify } from '../../../services/count-usage/flow-log-object.ts';
import type { CreatedObject } from '../../../services/count-usage/object-events.ts';
import { NOTE_DAYS } from '../../../shared/names.ts';

const DEPLOYMENT = { accountId: '111122223333', region: 'eu-central-1' };
const DAY_SECONDS = 86_400;
const NOW = Date.UTC(2026, 0, 14, 9) / 1000;
const FILE = '111122223333_vpcflowlogs_eu-central-1_fl-0a1b2c3d_20260113T1205Z_1a93d40b.log.gz';
const FOLDER = 'AWSLogs/111122223333/vpcflowlogs/eu-central-1/2026/01/13';

function created(key: string, ageDays = 0): CreatedObject {
  return { bucket: 'logs', key, etag: 'e', size: 1, eventTime: NOW - ageDays * DAY_SECONDS, sequencer: '' };
}

const kindOf = (key: string, ageDays?: number, now = NOW) => classify(created(key, ageDays), DEPLOYMENT, now).kind;

test('a flow log has its name, its day and its flow log', () => {
  expect(classify(created(`${FOLDER}/${FILE}`), DEPLOYMENT, NOW)).toEqual({
    kind: 'flowLog',
    object: {
      ...created(`${FOLDER}/${FILE}`),
      name: `s3://logs/${FOLDER}/${FILE}`,
      day: Date.UTC(2026, 0, 13) / 1000 / DAY_SECONDS,
      flowLogId: 'fl-0a1b2c3d',
    },
  });
});

describe('what a key says', () => {
  const HIVE =
    'AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=eu-central-1/year=2026/month=01/day=13';

  test.each<[why: string, key: string, kind: string]>([
    ['below a prefix', `some/prefix/${FOLDER}/${FILE}`, 'flowLog'],
    ['per hour', `${FOLDER}/12/${FILE}`, 'flowLog'],
    ['Hive-compatible', `${HIVE}/hour=12/${FILE}`, 'flowLog'],
    ['Parquet', `${FOLDER}/${FILE.replace('.log.gz', '.log.parquet')}`, 'flowLog'],
    ['of another account', `${FOLDER}/${FILE.replace('111122223333', '444455556666')}`, 'otherAccount'],
    ['of another region', `${FOLDER}/${FILE.replace('eu-central-1', 'eu-west-1')}`, 'otherRegion'],
    ['a folder', `${FOLDER}/`, 'notAFlowLog'],
    ['a folder named like a file', `${FOLDER}/${FILE}/`, 'notAFlowLog'],
    ['a copy elsewhere in the bucket', `backup/${FILE}`, 'notAFlowLog'],
    ['in a folder that only ends so', `xAWSLogs/111122223333/vpcflowlogs/eu-central-1/${FILE}`, 'notAFlowLog'],
    [
      'CloudTrail',
      'AWSLogs/111122223333/CloudTrail/eu-central-1/2026/01/13/111122223333_CloudTrail_eu-central-1_20260113T1205Z_x.json.gz',
      'notAFlowLog',
    ],
    [
      'a digest',
      'AWSLogs/111122223333/CloudTrail-Digest/eu-central-1/2026/01/13/111122223333_CloudTrail-Digest_eu-central-1_x_20260113T120500Z.json.gz',
      'notAFlowLog',
    ],
    ['a result of Athena', 'athena/2026/01/13/0aa1b2c3-d4e5-f607-1829-3a4b5c6d7e8f.csv', 'notAFlowLog'],
    [
      'of a resolver',
      'AWSLogs/111122223333/vpcdnsquerylogs/vpc-1/2026/01/13/vpc-1_vpcdnsquerylogs_111122223333_20260113T1205Z_1a93d40b.log.gz',
      'notAFlowLog',
    ],
    ['being written', `${FOLDER}/${FILE}.part`, 'notAFlowLog'],
  ])('%s', (_why, key, kind) => {
    expect(kindOf(key)).toBe(kind);
  });
});

describe('an object is left to the night', () => {
  const key = `${FOLDER}/${FILE}`;
  const midnight = Date.UTC(2026, 0, 13) / 1000;

  test('once its note may have expired since it was written', () => {
    const ancient = `${FOLDER}/${FILE.replace('20260113', '20251101')}`;
    expect([kindOf(key, NOTE_DAYS - 1), kindOf(key, NOTE_DAYS - 0.99)]).toEqual(['flowLog', 'tooOld']);
    expect(kindOf(ancient, 0)).toBe('tooOld');
  });

  test('if it was delivered so long ago, however lately it was written again', () => {
    const last = midnight + (NOTE_DAYS - 1) * DAY_SECONDS;
    const writtenAt = (now: number) => classify({ ...created(key), eventTime: now }, DEPLOYMENT, now).kind;
    expect([writtenAt(last), writtenAt(last + 1)]).toEqual(['flowLog', 'tooOld']);
  });

  test('but not if it is none of ours', () => {
    expect(kindOf(`${FOLDER}/${FILE.replace('eu-central-1', 'eu-west-1')}`, 100)).toBe('otherRegion');
  });
});
