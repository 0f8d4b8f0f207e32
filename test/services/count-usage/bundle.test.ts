// Costs about 30 seconds.
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { DynamoStore } from '../../../services/count-usage/dynamo/dynamo-adapter.ts';
import { SnapshotArchive } from '../../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../../shared/aws/snapshot-index.ts';
import { snapshotText } from '../../../shared/inventory/snapshot-file.ts';
import { withVersionedRules } from '../../../shared/inventory/versioned-rules.ts';
import { ENVIRONMENT, tableNames } from '../../../shared/names.ts';
import { bedEnvironment } from '../../beds/bed-environment.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { startFauxqs, type Fauxqs } from '../../beds/fauxqs.ts';
import { bundled } from '../../infra/bundled.ts';
import { countText, inventoryOfFiles } from '../../oracle/core.ts';
import { randomWorld, toText } from '../../oracle/random-world.ts';
import { plainUsage } from '../../shared/usage/plain-usage.ts';
import { dayOf } from '../../../shared/time.ts';
import { emptyLogDay, noteFile } from '../../../shared/usage/log-days.ts';
import { within } from '../../../shared/usage/usage.ts';
import { BundledFunction } from './bundled-function.ts';
import { fixture, notification, objectCreated, sqsEvent, type Written } from './events.ts';
import { poll } from './event-source.ts';

jest.setTimeout(120_000);

const MEGABYTE = 2 ** 20;
const ACCOUNT = '111122223333';
const REGION = 'eu-central-1';
const BUCKET = 'flow-logs';
const DATA = 'data';
const WORLD = randomWorld(3, { recordCount: 300 });
const RECORDS = WORLD.records.length;
const inventory = withVersionedRules(inventoryOfFiles(WORLD.files));
/** Every tenth record from the `i`-th on. */
const tenth = (i: number) => WORLD.records.filter((_, at) => at % 10 === i);

/** By the names of the files. */
const DELIVERED = new Date();

/** What the bundle is to have counted of these tenths of the world. */
function sumsOf(...tenths: readonly number[]): unknown {
  const records = tenths.flatMap(tenth);
  const usage = countText(inventory, toText(records, WORLD.columns), { flowLogId: 'fl-0a', accountId: ACCOUNT });
  if (records.length > 0) {
    const log = within(usage.logs, 'fl-0a', dayOf(DELIVERED.getTime() / 1000), emptyLogDay);
    noteFile(log, { hour: DELIVERED.getUTCHours(), minute: DELIVERED.getUTCMinutes() });
  }
  return plainUsage(usage);
}

/** Only the queue's clock is put forward. */
const EVERYTHING_BUT_DATE = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'requestAnimationFrame',
  'cancelAnimationFrame',
  'requestIdleCallback',
  'cancelIdleCallback',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

function environmentOf(prefix: string): Record<string, string> {
  return {
    [ENVIRONMENT.tablePrefix]: prefix,
    [ENVIRONMENT.dataBucket]: DATA,
    [ENVIRONMENT.accountId]: ACCOUNT,
    [ENVIRONMENT.queueUrl]: 'https://sqs.eu-central-1.amazonaws.com/111122223333/elsewhere',
    [ENVIRONMENT.retentionDays]: '400',
  };
}

const deployed = await bundled('count-usage');

describe('the bundle', () => {
  test('has the clients of the SDK in it, in less than 4 MB', () => {
    console.info(`the bundle of count-usage: ${(deployed.bytes / MEGABYTE).toFixed(2)} MB`);
    expect(deployed.bytes).toBeLessThan(4 * MEGABYTE);
  });

  test('loads fast', async () => {
    const runs = [await imported(deployed.file), await imported(deployed.file), await imported(deployed.file)];
    const [least, median] = runs.sort((a, b) => a - b) as [number, number];
    console.info(
      `import of the bundle on Node ${process.versions.node}, median (and least) of 3 processes: ${median.toFixed(0)} ms (${least.toFixed(0)})`,
    );
    // The least, and far above what a quiet machine takes: this one may be busy.
    expect(least).toBeLessThan(1000);
  });

  test('evaluates the clients of EC2 and SQS not before they are needed', () => {
    const folder = join(import.meta.dirname, '../../../services/count-usage');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const lines = files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
    const late = lines.filter((line) => /@aws-sdk\/client-(?:ec2|sqs)'/.test(line)).map((line) => line.trim());
    expect(late.length).toBeGreaterThan(3);
    expect(late.filter((line) => !/^import type |= await import\(/.test(line))).toEqual([]);
  });

  test('does not start in an environment that lacks something, and says what', async () => {
    const environment = { ...bedEnvironment({}), ...environmentOf('x'), [ENVIRONMENT.dataBucket]: undefined };
    await expect(BundledFunction.start(deployed.file, environment)).rejects.toThrow(
      'the environment of count-usage is wrong: STALE_SG_DATA_BUCKET is not set',
    );
  });
});

describeWithDynamoDb('the bundle, invoked as Lambda does it', (dynamo) => {
  let fauxqs: Fauxqs;
  let sqs: SQSClient;
  let places = 0;
  let writes = 0;
  const functions: BundledFunction[] = [];

  beforeAll(async () => {
    fauxqs = await startFauxqs();
    await fauxqs.createBucket(BUCKET);
    await fauxqs.createBucket(DATA);
    sqs = fauxqs.sqs();
  });
  afterAll(async () => {
    for (const one of functions) await one.stop();
    await fauxqs.stop();
  });

  /** A deployment with tables of its own, and a snapshot of the world. */
  async function deploy(more: Readonly<Record<string, string>> = {}) {
    const prefix = `place-${++places}`;
    await dynamo().createTables(prefix);
    const tables = tableNames(prefix);
    const [client, bucket] = [dynamo().client(), new DataBucket(fauxqs.s3(), DATA)];
    await new SnapshotArchive(new SnapshotIndex(client, tables.state), bucket).publish(snapshot(), new Date(), 400);
    const environment = { ...bedEnvironment({ dynamoDb: dynamo(), fauxqs }), ...environmentOf(prefix), ...more };
    const worker = await BundledFunction.start(deployed.file, environment);
    functions.push(worker);
    const store = new DynamoStore({ client, tables, bucket });
    const sums = async () => plainUsage((await store.read()).usage);
    const marks = async () => {
      const marked = { TableName: tables.state, FilterExpression: 'attribute_exists(reasons)' };
      const { Items = [] } = await client.send(new ScanCommand(marked));
      // All records of the world are of long ago.
      const others = Items.map(({ reasons }) => reasons!.SS!.filter((reason) => reason !== 'late').sort());
      return others.filter(({ length }) => length > 0);
    };
    return { prefix, worker, sums, marks };
  }

  /** Puts a tenth of the world into the bucket as AWS delivers it today; what its event tells. */
  async function deliver(prefix: string, i: number, body?: Uint8Array): Promise<Written> {
    const delivered = DELIVERED.toISOString();
    const [day, minute] = [delivered.slice(0, 10), delivered.slice(11, 16)];
    const stamp = `${day}T${minute}Z`.replaceAll(/[-:]/g, '');
    const folder = `${prefix} +%/AWSLogs/${ACCOUNT}/vpcflowlogs/${REGION}/${day.replaceAll('-', '/')}`;
    const key = `${folder}/${ACCOUNT}_vpcflowlogs_${REGION}_fl-0a_${stamp}_${i}.log.gz`;
    const bytes = body ?? gzipSync(toText(tenth(i), WORLD.columns));
    const etag = (await fauxqs.putObject(BUCKET, key, bytes)).replaceAll('"', '');
    const sequencer = (++writes).toString(16).padStart(18, '0');
    return { bucket: BUCKET, key, etag, size: bytes.length, time: new Date().toISOString(), sequencer };
  }

  test('counts what the events of S3 and of EventBridge name, one or several in a message, each once', async () => {
    const { prefix, worker, sums } = await deploy();
    const objects = await Promise.all(Array.from({ length: 10 }, (_, i) => deliver(prefix, i)));
    const first = sqsEvent(
      JSON.stringify(fixture('s3-test-event.json')),
      notification(objects[0]!),
      objectCreated(objects[1]!),
      notification(...objects.slice(2, 9)),
      JSON.stringify(fixture('several-records.json')).replaceAll('2026', '2020'),
    );
    expect(await worker.invoke(first)).toEqual({ batchItemFailures: [] });
    const figures = worker.printed().find((line) => '_aws' in line);
    expect(figures).toMatchObject({
      service: 'count-usage',
      ObjectsCounted: 9,
      Records: RECORDS - tenth(9).length,
      SkippedTestEvents: 1,
      SkippedOtherEvents: 1,
      SkippedTooOld: 2,
      ObjectsFailed: 0,
      Conflicts: 0,
    });
    expect(figures).not.toHaveProperty('SkippedGone');
    expect(await worker.invoke(first)).toEqual({ batchItemFailures: [] });
    expect(worker.printed().find((line) => '_aws' in line)).toMatchObject({ ObjectsCounted: 0, DuplicateEvents: 9 });
    expect(await sums()).toEqual(sumsOf(0, 1, 2, 3, 4, 5, 6, 7, 8));
    await worker.invoke(sqsEvent(notification(objects[9]!), objectCreated(objects[9]!)));
    expect(await sums()).toEqual(sumsOf(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  });

  test('fails by message, and tells why without printing the message', async () => {
    const { prefix, worker, sums } = await deploy();
    const [good, bad] = [await deliver(prefix, 0), await deliver(prefix, 1, Buffer.from('1f8b0800deadbeef', 'hex'))];
    const isNotEncoded = notification({ ...good, key: 'AZZ' }).replace('AZZ', 'a%ZZ');
    const event = sqsEvent(notification(bad), notification(good), isNotEncoded, 'secret'.repeat(1000));
    expect(await worker.invoke(event)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }, { itemIdentifier: 'm2' }, { itemIdentifier: 'm3' }],
    });
    const printed = worker.printed().filter(({ message }) => message === 'given back');
    expect(printed.map(({ messageId, error }) => [messageId, (error as Error).message])).toEqual([
      ['m0', expect.stringMatching(`^s3://${BUCKET}/.*_1.log.gz: `)],
      ['m2', 'the key "a%ZZ" is not URL-encoded'],
      ['m3', expect.stringMatching(/^the message is not JSON: "secret/)],
    ]);
    expect(JSON.stringify(printed)).not.toContain('secret'.repeat(50));
    expect(await sums()).toEqual(sumsOf(0));
  });

  test('keeps a minute back, a fifth of a short time, and leaves what there is no time for to the next', async () => {
    const { prefix, worker, sums } = await deploy();
    const event = sqsEvent(notification(await deliver(prefix, 0)), JSON.stringify(fixture('s3-test-event.json')));
    for (const [whole, left] of [
      [600_000, 60_000],
      [10_000, 2000],
    ]) {
      expect(await worker.invoke(event, whole, left)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    }
    expect(await sums()).toEqual(sumsOf());
    expect(await worker.invoke(event, 10_000, 2001)).toEqual({ batchItemFailures: [] });
    const other = sqsEvent(notification(await deliver(prefix, 1)));
    expect(await worker.invoke(other, 600_000, 60_001)).toEqual({ batchItemFailures: [] });
    expect(await sums()).toEqual(sumsOf(0, 1));
  });

  test('is traced where Lambda traces, with its calls of S3 and DynamoDB', async () => {
    const daemon = createSocket('udp4');
    const names = new Set<string>();
    daemon.on('message', (datagram) => {
      const [, segment = '{}'] = datagram.toString().split('\n');
      names.add((JSON.parse(segment) as { name: string }).name);
    });
    await new Promise<void>((bound) => daemon.bind(0, '127.0.0.1', bound));
    try {
      const { prefix, worker, sums } = await deploy({
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        LAMBDA_TASK_ROOT: '/var/task',
        _HANDLER: 'index.handler',
        _X_AMZN_TRACE_ID: 'Root=1-6926a5f0-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1',
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
      });
      expect(await worker.invoke(sqsEvent(notification(await deliver(prefix, 0))))).toEqual({ batchItemFailures: [] });
      expect(await sums()).toEqual(sumsOf(0));
      expect([...names]).toEqual(expect.arrayContaining(['S3', 'DynamoDB', '## index.handler']));
    } finally {
      daemon.close();
    }
  });

  test('finishes with an object that was overwritten or is gone', async () => {
    const { prefix, worker, sums, marks } = await deploy();
    const first = await deliver(prefix, 0);
    const second = { ...(await deliver(prefix, 1)), key: first.key };
    await fauxqs.putObject(BUCKET, first.key, gzipSync(toText(tenth(1), WORLD.columns)));
    const gone = { ...first, key: first.key.replace('_0.log', '_7.log') };
    const event = sqsEvent(notification(gone), notification(first), notification(second));
    expect(await worker.invoke(event)).toEqual({ batchItemFailures: [] });
    const printed = worker.printed();
    expect(printed.find((line) => '_aws' in line)).toMatchObject({ SkippedGone: 1, SkippedOverwritten: 1 });
    expect(printed.filter(({ message }) => message === 'left to the night')).toMatchObject([
      { object: `s3://${BUCKET}/${gone.key}`, reason: 'gone' },
      { object: `s3://${BUCKET}/${first.key}`, reason: 'overwritten' },
    ]);
    const both = ['gone', 'overwritten'];
    expect([await sums(), await marks()]).toEqual([sumsOf(1), [both, both]]);
  });

  test('has a message that failed come again after a minute, and later each time', async () => {
    const queue = await fauxqs.createQueue('returned', { visibilitySeconds: 1800 });
    const { prefix, worker } = await deploy({ [ENVIRONMENT.queueUrl]: queue.url });
    const [good, poison] = [await deliver(prefix, 0), await deliver(prefix, 1, Buffer.from('1f8b0800deadbeef', 'hex'))];
    for (const object of [poison, good]) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: notification(object) }));
    }
    let now = Date.now();
    jest.useFakeTimers({ doNotFake: [...EVERYTHING_BUT_DATE], now });
    try {
      const receivedAfter = async (seconds: number): Promise<number> => {
        jest.setSystemTime((now += seconds * 1000));
        return poll(sqs, queue.url, (event) => worker.invoke(event));
      };
      expect(await receivedAfter(0)).toBe(2);
      for (const seconds of [60, 120, 240]) {
        expect([await receivedAfter(seconds - 30), await receivedAfter(31)]).toEqual([0, 1]);
      }
    } finally {
      jest.useRealTimers();
    }
  });

  test('counts all of a queue but a poison object, which becomes a dead letter after its retries', async () => {
    const { prefix, worker, sums } = await deploy();
    const receives = 3;
    const queue = await fauxqs.createQueue('objects', { visibilitySeconds: 1, maxReceives: receives });
    const send = (body: string) => sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: body }));
    const good = await Promise.all([0, 1, 2, 3, 4].map((i) => deliver(prefix, i)));
    const poison = await deliver(prefix, 9, gzipSync(toText(tenth(9), WORLD.columns)).fill(0xff, 60, 90));
    for (const object of [good[0]!, good[1]!, poison, good[2]!]) await send(notification(object));
    for (const object of [good[3]!, good[4]!, good[0]!]) await send(objectCreated(object));

    let tried = 0;
    const handle = async (...[event]: Parameters<BundledFunction['invoke']>): Promise<SQSBatchResponse> => {
      tried += event.Records.filter(({ body }) => body.includes('_9.log.gz')).length;
      return worker.invoke(event);
    };
    const isEmpty = async () => {
      const { ready, inFlight } = await fauxqs.depth(queue.url);
      return ready + inFlight === 0;
    };
    while (!(await isEmpty())) {
      if ((await poll(sqs, queue.url, handle)) === 0) await new Promise((passed) => setTimeout(passed, 100));
    }
    expect([tried, (await fauxqs.depth(queue.deadLetters.url)).ready]).toEqual([receives, 1]);
    expect(await sums()).toEqual(sumsOf(0, 1, 2, 3, 4));
  });
});

/** How long the module takes to load, in a process for itself, in milliseconds. */
async function imported(module: string): Promise<number> {
  const script = `
    const before = performance.now();
    await import(process.argv[1]);
    console.log(performance.now() - before);`;
  const env = {
    ...process.env,
    ...bedEnvironment({}),
    ...environmentOf('import'),
    NODE_OPTIONS: '',
    NODE_COMPILE_CACHE: '',
  };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script, module], {
    env,
  });
  return Number(stdout);
}

/** The world as snapshot-groups would have written it down. */
function snapshot(): string {
  const list = (file: string, name: string): object[] =>
    (WORLD.files[`${file}.json`] as Record<string, object[]> | undefined)?.[name] ?? [];
  const entries = Object.entries(WORLD.files).flatMap(([path, value]): [string, object[]][] => {
    const [, id] = /^prefix-list-entries\/(.*)\.json$/.exec(path) ?? [];
    return id === undefined ? [] : [[id, (value as { Entries: object[] }).Entries]];
  });
  return snapshotText(
    { accountId: ACCOUNT, region: REGION },
    {
      groups: list('security-groups', 'SecurityGroups'),
      rules: list('security-group-rules', 'SecurityGroupRules'),
      interfaces: list('network-interfaces', 'NetworkInterfaces'),
      prefixLists: list('managed-prefix-lists', 'PrefixLists'),
      prefixListEntries: new Map(entries),
      flowLogs: list('flow-logs', 'FlowLogs'),
      vpcs: list('vpcs', 'Vpcs'),
      groupVpcAssociations: [],
      staleGroups: [],
      problems: [],
    },
  );
}
