// Costs about half a minute, more than one where the cores are busy.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, jest, test } from '@jest/globals';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { compacted, logHead } from '../../../shared/aws/batch-log.ts';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { DynamoStore } from '../../../services/count-usage/dynamo/dynamo-adapter.ts';
import { SnapshotArchive } from '../../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../../shared/aws/snapshot-index.ts';
import { ENVIRONMENT, tableNames } from '../../../shared/names.ts';
import { FATES } from '../../../shared/usage/usage.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { startFauxqs } from '../../beds/fauxqs.ts';
import { bundled } from '../../infra/bundled.ts';
import { Random } from '../../oracle/random.ts';
import { plainUsage } from '../../shared/usage/plain-usage.ts';
import { removeScratchFolders } from '../generate-account/generated.ts';
import { rulesInTable, rulesOf } from '../compact-usage/shown-rules.ts';
import { poll } from './event-source.ts';
import { killedAccount, PLACE, shownCounters } from './killed-account.ts';
import { planOf, type Service } from './killed-plan.ts';
import { BUCKET, Deliveries } from './killed-queue.ts';
import { Killed, Worker, type End } from './killed-worker.ts';
import { Witness } from './killed-witness.ts';

/** More for a long run: `STALE_SG_KILLS=500 npm run test:proofs -- handler-killed`. */
const KILLS = Number(process.env.STALE_SG_KILLS ?? 40);
const SEED = Number(process.env.STALE_SG_SEED ?? 1);
const WORKERS = 3;
const COMPACTORS = 2;
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
/** What was started, so that a test that fails ends. */
const started: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of started) await stop();
  removeScratchFolders();
});

describeWithDynamoDb('the bundles, killed', (dynamo) => {
  test(`${KILLS} kills of ${WORKERS} workers and ${COMPACTORS} compactors while a queue redelivers, duplicates and reorders: each object counts once`, async () => {
    const random = new Random(SEED);
    const account = await killedAccount(100 * MINUTES, MINUTES, SEED);
    const fauxqs = await startFauxqs();
    const [counting, compacting] = [await bundled('count-usage'), await bundled('compact-usage')];
    started.push(() => fauxqs.stop());
    const tables = tableNames(PREFIX);
    const [client, s3, sqs] = [dynamo().client(), fauxqs.s3(), fauxqs.sqs()];
    await Promise.all([dynamo().createTables(PREFIX), fauxqs.createBucket(BUCKET), fauxqs.createBucket(DATA)]);
    const index = new SnapshotIndex(client, tables.state);
    await new SnapshotArchive(index, new DataBucket(s3, DATA)).publish(account.snapshot, account.takenAt, 400);
    const around = {
      bundles: { 'count-usage': counting.file, 'compact-usage': compacting.file },
      environment: {
        AWS_REGION: PLACE.region,
        [ENVIRONMENT.tablePrefix]: PREFIX,
        [ENVIRONMENT.dataBucket]: DATA,
        [ENVIRONMENT.accountId]: PLACE.accountId,
        [ENVIRONMENT.queueUrl]: 'https://sqs.eu-central-1.amazonaws.com/111122223333/objects',
        [ENVIRONMENT.retentionDays]: String(RETENTION_DAYS),
        // A worker starts in a third of the time.
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE!,
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
    /** Objects of messages that were done although they were in no batch. */
    const doneTooSoon: string[] = [];

    const workOnce = async (worker: Worker, remainingMs: number, chance: Random): Promise<number> =>
      poll(sqs, queue.url, async (event: SQSEvent): Promise<SQSBatchResponse> => {
        received.times += event.Records.length;
        for (const { messageId } of event.Records) received.messages.add(messageId);
        const response = await worker.count(event, remainingMs);
        const failed = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        for (const { messageId, body } of event.Records) {
          if (failed.has(messageId)) continue;
          doneTooSoon.push(...objectsOf.get(body)!.filter((object) => !around.witness.isCommitted(object)));
        }
        if (!chance.chance(FORGOTTEN_SHARE)) return response;
        received.forgotten += event.Records.length - failed.size;
        return { batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      });

    const isOver = (): boolean => ends.length >= KILLS;
    const dying: Promise<void>[] = [];
    let lives = 0;
    const live = async (
      service: Service,
      goOn: (worker: Worker, remainingMs: number, chance: Random) => Promise<void>,
    ): Promise<void> => {
      const chance = new Random(SEED * 100_000 + ++lives);
      const plan = planOf(service, chance);
      const worker = await Worker.start(service, around, chance, plan);
      try {
        while (!worker.end) await goOn(worker, plan.remainingMs, chance);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
      ends.push(worker.end!);
      // Calls of the dead may still arrive.
      dying.push(worker.settled());
    };
    const work = async (): Promise<void> => {
      while (!isOver()) {
        await live('count-usage', async (worker, remainingMs, chance) => {
          if ((await workOnce(worker, remainingMs, chance)) > 0) return;
          if (isOver()) worker.kill('idle');
          await sleep(50);
        });
      }
    };
    /** Why compactions failed that nobody killed. */
    const failures: string[] = [];
    const compact = async (): Promise<void> => {
      while (!isOver()) {
        await live('compact-usage', async (compactor, remainingMs, chance) => {
          const failure = await compactor.compact(remainingMs);
          if (failure !== undefined) failures.push(failure);
          if (isOver()) compactor.kill('idle');
          await sleep(chance.between(50, 500));
        });
      }
    };

    const store = new DynamoStore({ client, tables, bucket: new DataBucket(s3, DATA) });
    /** What was read meanwhile, and which batches were committed for sure before, and at most after. */
    const readings: Reading[] = [];
    const read = async (): Promise<void> => {
      while (!isOver()) {
        const from = around.witness.seq;
        const { fates } = (await store.read()).usage;
        const { seq: to } = await logHead(client, tables.state);
        readings.push({ records: FATES.reduce((sum, fate) => sum + fates[fate], 0), from, to });
        await sleep(random.between(0, 1000));
      }
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

    // They end in good order, which writes the cache of compiled code.
    const first = await Worker.start('count-usage', around, random);
    await deliveries.deliver(account.logs, waiting.splice(0, 1));
    await workOnce(first, DRAIN_MS, random);
    await first.stop();
    const compactOnce = async (): Promise<void> => {
      const compactor = await Worker.start('compact-usage', around, random);
      expect(await compactor.compact(DRAIN_MS)).toBeUndefined();
      await compactor.stop();
    };
    await compactOnce();
    const begun = Date.now();
    await Promise.all([
      deliver(),
      read(),
      ...Array.from({ length: WORKERS }, work),
      ...Array.from({ length: COMPACTORS }, compact),
    ]);
    const seconds = Math.round((Date.now() - begun) / 1000);

    const last = await Worker.start('count-usage', around, random);
    while (!(await deliveries.isEmpty())) {
      if ((await workOnce(last, DRAIN_MS, random)) === 0) await sleep(100);
    }
    await Promise.all([...dying, last.stop()]);
    await compactOnce();

    const count = (items: readonly string[]): string =>
      [...Map.groupBy(items, (item) => item)].map(([item, { length }]) => `${length} ${item}`).join(', ');
    const killed = (service: Service): string => {
      const of = ends.filter((end) => end.service === service);
      return `${service}: ${of.length}, by ${count(of.map(({ cause }) => cause))}; at ${count(of.map(({ stage }) => stage))}`;
    };
    const { seq } = await logHead(client, tables.state);
    console.log(
      [
        `${ends.length} kills in ${seconds} s`,
        killed('count-usage'),
        killed('compact-usage'),
        `objects: ${account.files.length} in ${seq} batches; ${JSON.stringify(deliveries.tally)}`,
        `deliveries: ${received.times} of ${received.messages.size} messages, ${received.forgotten} because their end was forgotten`,
        `conflicts: ${JSON.stringify(around.witness.conflicts)}; injected: ${JSON.stringify(around.injected)}`,
        `calls that came too late: ${JSON.stringify(around.late)}; readings meanwhile: ${readings.length}`,
        `compactions that failed: ${failures.length === 0 ? 'none' : count(failures)}`,
      ].join('\n'),
    );

    const counters = await store.read();
    expect(doneTooSoon).toEqual([]);
    expect(around.witness.wrongs).toEqual([]);
    expect((await fauxqs.depth(queue.deadLetters.url)).ready).toBe(0);
    expect(counters.objects).toBe(account.files.length);
    expect(shownCounters(counters, account.inventory, `s3://${BUCKET}/`)).toEqual(account.expected);
    expect(plainUsage(counters.usage)).toEqual(account.expectedUsage);
    expect(await compacted(client, tables.state)).toEqual({ through: seq, counters: seq });
    expect(await rulesInTable(client, tables.rulesUsage)).toEqual(rulesOf(counters.usage));
    expect(notWhole(readings, around.witness.recordsUpTo())).toEqual([]);
    expect(readings.length).toBeGreaterThan(KILLS / 10);
  });
});

interface Reading {
  readonly records: number;
  readonly from: number;
  readonly to: number;
}

/** Readings that are not of all batches up to one, neither fewer than before nor later than they could. */
function notWhole(readings: readonly Reading[], recordsUpTo: readonly number[]): Reading[] {
  let least = 0;
  return readings.filter(({ records, from, to }) => {
    const found = recordsUpTo.findIndex((sum, seq) => seq >= Math.max(least, from) && sum === records);
    if (found >= 0) least = found;
    return found < 0 || found > to;
  });
}
