import { describe, expect, test } from '@jest/globals';
import { isLater, readObjectEvents, type CreatedObject } from '../../../services/count-usage/object-events.ts';
import { fixture, notification, objectCreated, type Written } from './events.ts';

const readBody = (body: string) => {
  const events = readObjectEvents(body);
  return {
    created: events.filter((event) => typeof event !== 'string'),
    skipped: events.filter((event) => typeof event === 'string'),
  };
};
const read = (value: unknown) => readBody(JSON.stringify(value));

const WRITTEN: Written = {
  bucket: 'flow-logs',
  key: 'AWSLogs/x.log.gz',
  etag: '9b2cf535f27731c974343645a3985328',
  size: 512,
  time: '2026-01-13T12:10:07.500Z',
};

describe('events as AWS documents them', () => {
  test('an S3 notification', () => {
    expect(read(fixture('s3-put.json'))).toEqual({
      created: [
        {
          bucket: 'amzn-s3-demo-bucket',
          key: 'HappyFace.jpg',
          etag: 'd41d8cd98f00b204e9800998ecf8427e',
          size: 1024,
          eventTime: 0,
          sequencer: '0055AED6DCD90281E5',
        },
      ],
      skipped: [],
    });
  });

  test('an EventBridge event', () => {
    expect(read(fixture('eventbridge-object-created.json'))).toEqual({
      created: [
        {
          bucket: 'amzn-s3-demo-bucket1',
          key: 'example-key',
          etag: 'b1946ac92492d2347c6235b4d2611184',
          size: 5,
          eventTime: Date.UTC(2021, 10, 12) / 1000,
          sequencer: '617f08299329d189',
        },
      ],
      skipped: [],
    });
  });

  test('several records in one body, keys decoded, the one that creates nothing skipped', () => {
    const { created, skipped } = read(fixture('several-records.json'));
    const folder = 'AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=eu-central-1';
    const name = '111122223333_vpcflowlogs_eu-central-1_fl-0a1b2c3d4e5f6000';
    expect(created.map(({ key, etag, size }) => [key, etag, size])).toEqual([
      [
        `team a/${folder}/year=2026/month=01/day=13/${name}1_20260113T1205Z_1a93d40b.log.gz`,
        '9b2cf535f27731c974343645a3985328',
        2048,
      ],
      [
        `${folder}/year=2026/month=01/day=13/${name}2_20260113T1205Z_05ee9b42.log.parquet`,
        '4af981f98d22a0b9979da24b259e5e42-12',
        73_400_320,
      ],
    ]);
    expect(skipped).toEqual(['otherEvent']);
  });

  test.each([
    ['s3-test-event.json', 'testEvent'],
    ['eventbridge-object-deleted.json', 'otherEvent'],
  ])('%s needs nothing done: %s', (name, reason) => {
    expect(read(fixture(name))).toEqual({ created: [], skipped: [reason] });
  });
});

describe('a key', () => {
  const KEYS = ['a b', 'a+b', 'a%41', 'a%2B+ =ü', '100%', 'a%ZZ'];

  test.each(KEYS)('of a notification is decoded once: %s', (key) => {
    expect(readBody(notification({ ...WRITTEN, key })).created[0]?.key).toBe(key);
  });

  test.each(KEYS)('of EventBridge is not decoded: %s', (key) => {
    expect(readBody(objectCreated({ ...WRITTEN, key })).created[0]?.key).toBe(key);
  });
});

describe('what S3 does not send is an error of that message', () => {
  const put = notification(WRITTEN);
  const bridge = objectCreated(WRITTEN);

  test.each<[what: string, body: string, message: RegExp]>([
    ['no JSON', 'Test message.', /^the message is not JSON: "Test message\."$/],
    ['nothing', '', /not JSON/],
    ['a number', '7', /^neither an S3 notification nor an EventBridge event: "7"$/],
    ['null', 'null', /^neither/],
    ['another object', '{"Message":"hello"}', /^neither .*Message/],
    ['a test event of something else', '{"Service":"Amazon SNS","Event":"s3:TestEvent"}', /^neither/],
    ['no record', '{"Records":[]}', /^no S3 notification as S3 sends it: Records/],
    ['a list of SQS messages', '{"Records":[{"body":"x","eventSource":"aws:sqs"}]}', /Records\.0/],
    ['a next major version', put.replace('"2.1"', '"3.0"'), /Records\.0\.eventVersion/],
    ['a key that is not encoded', put.replace('AWSLogs/x', 'a%ZZ'), /^the key "a%ZZ\.log\.gz" is not URL-encoded$/],
    ['an empty key', put.replace('AWSLogs/x.log.gz', ''), /s3\.object\.key/],
    ['no size', put.replace('"size":512,', ''), /s3\.object\.size/],
    ['a size below nothing', put.replace('512', '-1'), /s3\.object\.size/],
    ['no ETag', put.replace('"eTag"', '"tag"'), /s3\.object\.eTag/],
    ['an ARN for a bucket', put.replace('"flow-logs"', '"arn:aws:s3:::flow-logs"'), /s3\.bucket\.name/],
    ['no time', put.replace(WRITTEN.time, 'yesterday'), /eventTime/],
    ['another service', bridge.replace('aws.s3', 'aws.ec2'), /^no EventBridge event as S3 sends it: source/],
    ['EventBridge without a size', bridge.replace('"size":512,', ''), /detail\.object\.size/],
    ['EventBridge without an ETag', bridge.replace('"etag"', '"tag"'), /detail\.object\.etag/],
  ])('%s', (_what, body, message) => {
    expect(() => readObjectEvents(body)).toThrow(message);
  });

  test('one bad record fails its whole message', () => {
    const body = notification(WRITTEN, { ...WRITTEN, bucket: 'a:b' });
    expect(() => readObjectEvents(body)).toThrow(/bucket\.name/);
  });

  test('new fields are no error', () => {
    expect(readBody(put.replace('{', '{"new":1,')).created).toHaveLength(1);
  });

  test('quotes about an ETag are no part of it', () => {
    const { created } = readBody(notification({ ...WRITTEN, etag: '"abc"' }));
    expect(created[0]?.etag).toBe('abc');
  });
});

describe('of two contents of one key, the later is', () => {
  const at = (sequencer: string, eventTime = 0) => ({ sequencer, eventTime }) as CreatedObject;

  test.each<[why: string, later: CreatedObject, earlier: CreatedObject]>([
    ['the one with the greater sequencer', at('0055B0'), at('0055AF')],
    ['whatever the times say', at('0055B0', 1), at('0055AF', 2)],
    ['shorter ones have zeros on the right', at('0055B'), at('0055AFFF')],
    ['upper and lower case are alike', at('00B0'), at('00af')],
    ['without a sequencer, the one with the later time', at('', 2), at('0055AF', 1)],
  ])('%s', (_why, later, earlier) => {
    expect([isLater(later, earlier), isLater(earlier, later)]).toEqual([true, false]);
  });

  test('neither of two deliveries of one event', () => {
    expect(isLater(at('0055', 1), at('00550', 1))).toBe(false);
  });
});
