import { randomUUID } from 'node:crypto';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { toolsOf, type Tools } from '../../shared/aws/observed.ts';
import { DataBucket } from '../../shared/aws/data-bucket.ts';
import { dayFacts, dayInventory } from '../../shared/aws/day-inventory.ts';
import { DayMarks } from '../../shared/aws/day-marks.ts';
import { InterfaceObservations } from '../../shared/aws/interface-observations.ts';
import { RecalledAccount } from '../../shared/aws/recalled-account.ts';
import { SnapshotArchive } from '../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../shared/aws/snapshot-index.ts';
import { foldedRows } from '../../shared/flowlogs/read-folded-file.ts';
import { ARCHIVED_FOLDER, tableNames } from '../../shared/names.ts';
import { TRIES } from './choose-days.ts';
import { readEnvironment } from './environment.ts';
import { logFormatsOf, type LogFormat } from './sql/log-format.ts';
import { DynamoFailedDays } from './failed-days-adapter.ts';
import { nightMetrics } from './night-metrics.ts';
import { NightFiles } from './night-files-adapter.ts';
import { DynamoNights } from './nights-adapter.ts';
import type { NightPlan } from './plan-night.ts';
import type { Settled } from '../../shared/usage/settled.ts';
import { perform, type SettledHow, type StepPorts } from './steps.ts';
import { filesOfPart, unloadedFiles } from './unloaded-adapter.ts';

/** Everything is made once for all invocations of the process. */
export function wire(variables: NodeJS.ProcessEnv) {
  const environment = readEnvironment(variables);
  const tools = toolsOf('reconcile-usage', environment.tablePrefix);
  const { logger, tracer } = tools;
  const dynamo = tracer.captureAWSv3Client(new DynamoDBClient());
  const s3 = tracer.captureAWSv3Client(new S3Client());
  const bucket = new DataBucket(s3, environment.dataBucket);
  const athena = tracer.captureAWSv3Client(new AthenaClient());
  const tables = tableNames(environment.tablePrefix);
  const marks = new DayMarks(dynamo, tables.state);
  const index = new SnapshotIndex(dynamo, tables.state);
  const archive = new SnapshotArchive(index, bucket);
  const observations = new InterfaceObservations(dynamo, tables.state);
  const files = new NightFiles(bucket);
  const account = new RecalledAccount(dynamo, tables.state, bucket);
  /** As the plan says; what is gone or damaged tells nothing, and fails no night. */
  const sources = async ({ past }: NightPlan) => {
    const recalled = await account.readIfAny(past, (error) =>
      logger.warn('what the account remembers is not used', { past, error }),
    );
    return { archive, observations, recalled };
  };

  const ports: StepPorts = {
    marks: {
      open: () => marks.open(TRIES),
      tried: (day) => marks.tried(day),
      markFailed: (day, reason) => marks.markFailed(day, reason),
      giveUp: (day, reason) => marks.giveUp(day, reason, TRIES),
      clear: (day, count) => marks.clear(day, count),
    },
    failedDays: new DynamoFailedDays(dynamo, tables.state),
    plan: {
      async inForce({ day }) {
        const { references, ...basis } = await index.inForce(day);
        const flowLogs = new Map<string, object>();
        for (const reference of references) {
          for (const one of (await archive.read(reference)).flowLogs as { FlowLogId?: string }[]) {
            flowLogs.set(one.FlowLogId ?? '', one);
          }
        }
        const { logBucket: bucket, logKeyPrefix = '', logGroups: names = [] } = environment;
        const archived = { names, bucket, keyPrefix: `${logKeyPrefix}${ARCHIVED_FOLDER}` };
        const { formats, problems } = logFormatsOf([...flowLogs.values()], environment, archived);
        for (const problem of problems) logger.warn('unknown', { problem });
        const prefixes = [logKeyPrefix, ...(names.length > 0 ? [archived.keyPrefix] : [])];
        const isRead = (one: LogFormat): boolean =>
          one.bucket === bucket && prefixes.some((prefix) => prefix.replace(/\/$/, '') === one.prefix);
        const readable = formats.filter(isRead);
        // The deployment may not even list what lies there.
        if (readable.length < formats.length) logger.warn('flow logs of other places are not read', { formats });
        return { snapshots: references, ...basis, past: await account.newestKey(), formats: readable };
      },
      list: (bucket, prefix) => listed(s3, bucket, prefix),
      marks: ({ day }) => marks.count(day),
      newFolder: (run) => files.folder(run, randomUUID()),
      write: (run, plan) => files.writePlan(run, plan),
      now: () => new Date(),
    },
    database: environment.database,
    readPlan: (run) => files.readPlan(run),
    inventory: async ({ day }, plan) => dayInventory(day, plan.snapshots, await sources(plan)),
    facts: async ({ day }, plan) => dayFacts({ outdated: false, ...plan, day }, plan.snapshots, await sources(plan)),
    rows: (plan, part, queries) => rowsOf(athena, files, plan, part, queries),
    writePart: (run, part, text) => files.writePart(run, part, text),
    readPart: (key) => files.text(key),
    writeEvidence: (run, part, bytes) => files.writeEvidence(run, part, bytes),
    writeHistory: (run, text) => files.writeHistory(run, text),
    writeExport: (day, bytes) => files.writeExport(day, bytes),
    place: { accountId: environment.accountId, region: environment.region },
    nights: new DynamoNights({ client: dynamo, tables, bucket, retentionDays: environment.retentionDays }),
    report: (settled) => report(settled, tools),
  };
  return { perform: (event: unknown) => perform(event, ports), tools };
}

async function* listed(client: S3Client, Bucket: string, Prefix: string) {
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
    for (const { Key = '', Size = 0 } of Contents) yield { key: Key, size: Size };
  }
}

async function* rowsOf(
  athena: AthenaClient,
  files: NightFiles,
  { folder }: NightPlan,
  part: number,
  queries: readonly string[],
) {
  for (const query of queries) {
    const uris = await unloadedFiles(athena, query, folder, files);
    for (const uri of filesOfPart(uris, part)) yield* foldedRows(await files.buffer(uri));
  }
}

function report(settled: Settled & SettledHow, { logger, metrics }: Tools) {
  const { evidence, replaced, ...rest } = settled;
  logger.info('reconciled', { ...rest, evidence: evidence.length, replaced: replaced.length });
  for (const [name, value, unit] of nightMetrics(settled)) metrics.addMetric(name, unit, value);
}
