// Costs about 2 minutes.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, jest, test } from '@jest/globals';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { DynamoStore } from '../../../services/count-usage/dynamo/dynamo-adapter.ts';
import { SnapshotArchive } from '../../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../../shared/aws/snapshot-index.ts';
import { ENVIRONMENT, tableNames } from '../../../shared/names.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { startFauxqs } from '../../beds/fauxqs.ts';
import { Random } from '../../oracle/random.ts';
import { plainUsage } from '../../shared/usage/plain-usage.ts';
import { removeScratchFolders } from '../generate-account/generated.ts';
import { bundleInPlace } from './bundled-function.ts';
import { poll } from './event-source.ts';
import { killedAccount, PLACE, shownCounters } from './killed-account.ts';
import { planOf } from './killed-plan.ts';
import { BUCKET, Deliveries } from './killed-queue.ts';
import { Killed, Worker, type End } from './killed-worker.ts';
import { Witness } from './killed-witness.ts';

/** More for a long run: `STALE_SG_KILLS=600 npm run test:proofs -- handler-killed`. */
const KILLS = Number(process.env.STALE_SG_KILLS ?? 100);
const SEED = Number(process.env.STALE_SG_SEED ?? 1);
const WORKERS = 3;
/** Some three objects for each kill. */
const MINUTES = Math.max(60, 20 * Math.ceil(KILLS / 10));
const DATA = 'data';
const PREFIX = 'killed';
const RETENTION_DAYS = 400;
/** Invocations whose answer the event source never gets. */
const FORGOTTEN_SHARE = 0.1;
/** Objects that land at one time. */
const BURST = 12;
const DRAIN_MS = 60_000;

jest.setTimeout(120_000 + 8000 * KILLS);
afterAll(removeScratchFolders);

describeWithDynamoDb('the bundle, killed', (dynamo) => {
  test(`${KILLS} kills of ${WORKERS} workers while a queue redelivers, duplicates and reorders: each object counts once`, async () => {
    const random = new Random(SEED);
    const account = await killedAccount(100 * MINUTES, MINUTES, SEED);
    const [fauxqs, bundled] = [await startFauxqs(), await bundleInPlace()];
    const tables = tableNames(PREFIX);
    const [client, s3, sqs] = [dynamo().client(), fauxqs.s3(), fauxqs.sqs()];
    await Promise.all([dynamo().createTables(PREFIX), fauxqs.createBucket(BUCKET), fauxqs.createBucket(DATA)]);
    const index = new SnapshotIndex(client, tables.state);
    await new SnapshotArchive(index, new DataBucket(s3, DATA)).publish(account.snapshot, account.takenAt);
    const around = {
      bundle: bundled.file,
      environment: {
        AWS_REGION: PLACE.region,
        [ENVIRONMENT.tablePrefix]: PREFIX,
        [ENVIRONMENT.dataBucket]: DATA,
        [ENVIRONMENT.accountId]: PLACE.accountId,
        [ENVIRONMENT.retentionDays]: String(RETENTION_DAYS),
        // A worker starts in a third of the time.
        NODE_COMPILE_CACHE: join(bundled.file, '../compiled'),
      },
      beds: { dynamoDb: dynamo(), fauxqs },
      witness: new Witness(),
      injected: { throttled: 0, conflicts: 0, serverErrors: 0, lostAnswers: 0 },
      late: { ofDead: 0, ofLiving: 0 },
    };

    const deliveries = await Deliveries.open(fauxqs, random);
    const { queue, objectsOf } = deliveries;
    const ends: End[] = [];
    const received = { times: 0, messages: new Set<string>(), forgotten: 0 };
    /** Messages that were done although not all of their objects were in the tables. */
    const doneTooSoon: string[] = [];

    const workOnce = async (worker: Worker, remainingMs: number, chance: Random): Promise<number> =>
      poll(sqs, queue.url, async (event: SQSEvent): Promise<SQSBatchResponse> => {
        received.times += event.Records.length;
        for (const { messageId } of event.Records) received.messages.add(messageId);
        const response = await worker.invoke(event, remainingMs);
        const failed = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        for (const { messageId, body } of event.Records) {
          if (failed.has(messageId)) continue;
          doneTooSoon.push(...objectsOf.get(body)!.filter((object) => !around.witness.isWhole(object)));
        }
        if (!chance.chance(FORGOTTEN_SHARE)) return response;
        received.forgotten += event.Records.length - failed.size;
        return { batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      });

    const isOver = (): boolean => ends.length >= KILLS;
    const dying: Promise<void>[] = [];
    let lives = 0;
    const live = async (): Promise<void> => {
      const chance = new Random(SEED * 100_000 + ++lives);
      const plan = planOf(chance);
      const worker = await Worker.start(around, chance, plan);
      try {
        while (!worker.end) {
          const messages = await workOnce(worker, plan.remainingMs, chance);
          if (messages > 0) continue;
          if (isOver()) worker.kill('idle');
          await sleep(50);
        }
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
      ends.push(worker.end!);
      // Calls of the dead may still arrive.
      dying.push(worker.settled());
    };
    const work = async (): Promise<void> => {
      while (!isOver()) await live();
    };

    const waiting = random.shuffled(account.files);
    /** New objects in step with the kills, or sooner where there is nothing else to do. */
    const deliver = async (): Promise<void> => {
      while (!isOver() || waiting.length > 0) {
        const isDue = waiting.length > account.files.length * (1 - ends.length / KILLS);
        if (waiting.length > 0 && (isDue || (await fauxqs.depth(queue.url)).ready === 0)) {
          await deliveries.deliver(account.logs, waiting.splice(0, BURST));
        }
        if (random.chance(0.2)) await deliveries.deliverAgain();
        await sleep(250);
      }
    };

    // It ends in good order, which writes the cache of compiled code.
    const first = await Worker.start(around, random);
    await deliveries.deliver(account.logs, waiting.splice(0, 1));
    await workOnce(first, DRAIN_MS, random);
    await first.stop();
    const begun = Date.now();
    await Promise.all([deliver(), ...Array.from({ length: WORKERS }, work)]);
    const seconds = Math.round((Date.now() - begun) / 1000);

    const last = await Worker.start(around, random);
    while (!(await deliveries.isEmpty())) {
      if ((await workOnce(last, DRAIN_MS, random)) === 0) await sleep(100);
    }
    await Promise.all([...dying, last.stop()]);

    const count = (items: readonly string[]): string =>
      [...Map.groupBy(items, (item) => item)].map(([item, { length }]) => `${length} ${item}`).join(', ');
    const night = new DynamoStore({
      client,
      tables,
      bucket: new DataBucket(s3, DATA),
      retentionDays: RETENTION_DAYS,
      leaseMs: 0,
    });
    const closed = await night.finishOpen();
    console.log(
      [
        `${ends.length} kills in ${seconds} s: by ${count(ends.map(({ cause }) => cause))}; at ${count(ends.map(({ stage }) => stage))}`,
        `objects: ${account.files.length}; ${JSON.stringify(deliveries.tally)}`,
        `deliveries: ${received.times} of ${received.messages.size} messages, ${received.forgotten} because their end was forgotten`,
        `conflicts: ${JSON.stringify(around.witness.conflicts)}; injected: ${JSON.stringify(around.injected)}`,
        `calls that came too late: ${JSON.stringify(around.late)}; batches left to the night: ${closed}`,
      ].join('\n'),
    );

    const counters = await night.read();
    expect(doneTooSoon).toEqual([]);
    expect((await fauxqs.depth(queue.deadLetters.url)).ready).toBe(0);
    expect([counters.objects, counters.openObjects, await night.finishOpen()]).toEqual([account.files.length, 0, 0]);
    expect(shownCounters(counters, account.inventory, `s3://${BUCKET}/`)).toEqual(account.expected);
    expect(plainUsage(counters.usage)).toEqual(account.expectedUsage);
    await fauxqs.stop();
    await bundled.remove();
  });
});
