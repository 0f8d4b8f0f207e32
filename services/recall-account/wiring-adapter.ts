import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { DataBucket, nameByContent } from '../../shared/aws/data-bucket.ts';
import { toolsOf } from '../../shared/aws/observed.ts';
import { RecalledAccount } from '../../shared/aws/recalled-account.ts';
import { SnapshotArchive } from '../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../shared/aws/snapshot-index.ts';
import { StreamedDays } from '../../shared/aws/streamed-days.ts';
import { DATA_PREFIXES, tableNames } from '../../shared/names.ts';
import { secondsFromIso } from '../../shared/time.ts';
import { cloudTrailHistory, createCloudTrailClient } from './cloudtrail-adapter.ts';
import { configStates, createConfigClient } from './config-adapter.ts';
import { readEnvironment } from './environment.ts';
import type { Clock } from './pace.ts';
import { recallNight, type NightRecallPorts } from './recall-night.ts';
import type { PageStore } from './recalled-pages.ts';

const CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};
const PAGES = `${DATA_PREFIXES.past}pages/`;

/** Everything is made once for all invocations of the process. */
export function wire(variables: NodeJS.ProcessEnv, clock = CLOCK) {
  const { tablePrefix, dataBucket, region, retentionDays } = readEnvironment(variables);
  const tools = toolsOf('recall-account', tablePrefix);
  const { tracer, logger, metrics } = tools;
  const client = tracer.captureAWSv3Client(new DynamoDBClient());
  const s3 = tracer.captureAWSv3Client(new S3Client());
  const bucket = new DataBucket(s3, dataBucket);
  const tables = tableNames(tablePrefix);
  const index = new SnapshotIndex(client, tables.state);
  const archive = new SnapshotArchive(index, bucket);
  const recalled = new RecalledAccount(client, tables.state, bucket);
  const streamed = new StreamedDays({ client, tables, bucket });
  const ports: Omit<NightRecallPorts, 'timeLeft'> = {
    events: cloudTrailHistory(tracer.captureAWSv3Client(createCloudTrailClient({ region }))),
    states: configStates(tracer.captureAWSv3Client(createConfigClient({ region }))),
    pages: pagesIn(bucket, s3),
    clock,
    snapshotBy: async (time) => {
      const entry = await index.takenBy(time);
      if (!entry) throw new Error('no snapshot of the account was ever taken: run snapshot-groups once');
      const [takenAt, lookedAt] = [secondsFromIso(entry.takenAt), secondsFromIso(entry.stillTrueAt)];
      return { takenAt, lookedAt, inventory: (await archive.read(entry)).inventory };
    },
    unknownOn: async (day) => (await streamed.usage(day)).unknownInterfaces.entries().map(([, id]) => id),
    publish: async (past) => {
      await recalled.publish(past, retentionDays);
    },
    report: ({ missing, ...figures }) => {
      logger.info('recalled', { ...figures });
      for (const what of missing) logger.warn('missing', { what });
      metrics.addMetric('AgesRemembered', 'Count', figures.ages);
      metrics.addMetric('RecallCalls', 'Count', figures.calls);
    },
  };
  const recall = (event: unknown, timeLeft: () => number) => recallNight(event, { ...ports, timeLeft });
  return { recall, tools };
}

function pagesIn(bucket: DataBucket, client: S3Client): PageStore {
  return {
    async keys() {
      const keys: string[] = [];
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket.name, Prefix: PAGES }))
        keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      return keys.reverse();
    },
    read: (key) => bucket.hashedText(key),
    write: (name, text) => bucket.putGz(`${PAGES}${name}-${nameByContent(text)}.json.gz`, text),
  };
}
