// Costs about half a minute.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueryExecutionCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import type { PlannedQuery } from '../../services/reconcile-usage/plan-night.ts';
import type { UsageReport } from '../../shared/reports/schema.ts';
import { DataBucket } from '../../shared/aws/data-bucket.ts';
import { RecalledAccount } from '../../shared/aws/recalled-account.ts';
import { SnapshotArchive } from '../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../shared/aws/snapshot-index.ts';
import { NOTHING_REMEMBERED } from '../../shared/inventory/past/past.ts';
import { snapshotText } from '../../shared/inventory/snapshot-file.ts';
import { databaseName, nightName, tableNames } from '../../shared/names.ts';
import { startAthena, type Athena } from '../beds/athena-server.ts';
import { s3Store } from '../beds/athena-store.ts';
import { bedEnvironment, BED_REGION } from '../beds/bed-environment.ts';
import { describeWithDynamoDb } from '../beds/describe-with-dynamodb.ts';
import { startFauxqs, type Fauxqs } from '../beds/fauxqs.ts';
import { startSesLocal, type SesLocal } from '../beds/ses-local.ts';
import { reportOf, ruleOf } from '../services/send-report/reports.ts';
import { dataMessage, subscriptionEvent } from '../services/archive-flow-logs/subscription-events.ts';
import { objectCreated, sqsEvent } from '../services/count-usage/events.ts';
import { bundled } from './bundled.ts';
import { startGuard, type Guard } from './guard.ts';
import { grantsOf } from './policies.ts';
import { all, one, plain, servicesWith, variablesOf, type Properties } from './synthesized.ts';
import { VARIANTS } from './variants.ts';

const ACCOUNT = '111122223333';
const LOGS = 'amzn-s3-demo-bucket';
/** What is older than two months is not counted. */
const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
const DAY = daysAgo(1);
/** That is settled. */
const NIGHT = daysAgo(3);
const DATA = `sg-analysis-data-${ACCOUNT}-${BED_REGION}`;
const WORK_GROUP = nightName('sg-analysis');
const folderOf = (day: string) => `AWSLogs/${ACCOUNT}/vpcflowlogs/${BED_REGION}/${day.replaceAll('-', '/')}/`;
const FIELDS =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';

const LOG_FORMAT = FIELDS.split(' ')
  .map((name) => `\${${name}}`)
  .join(' ');

/** One group with a rule on a prefix list; eni-1 is in it, and a flow log in its VPC. */
const EC2_ANSWER = `<Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>
  <securityGroupInfo><item><groupId>sg-1</groupId><groupName>web</groupName><vpcId>vpc-1</vpcId></item></securityGroupInfo>
  <securityGroupRuleSet><item><securityGroupRuleId>sgr-1</securityGroupRuleId><groupId>sg-1</groupId><isEgress>false</isEgress>
  <ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort><prefixListId>pl-1</prefixListId></item></securityGroupRuleSet>
  <prefixListSet><item><prefixListId>pl-1</prefixListId><version>1</version></item></prefixListSet>
  <entrySet><item><cidr>203.0.113.0/24</cidr></item></entrySet>
  <networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><vpcId>vpc-1</vpcId><subnetId>subnet-1</subnetId>
  <privateIpAddress>10.0.0.1</privateIpAddress><groupSet><item><groupId>sg-1</groupId></item></groupSet></item></networkInterfaceSet>
  <vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet>
  <flowLogSet><item><flowLogId>fl-0123456789abcdef0</flowLogId><flowLogStatus>ACTIVE</flowLogStatus><resourceId>vpc-1</resourceId>
  <trafficType>ALL</trafficType><logDestinationType>s3</logDestinationType><logDestination>arn:aws:s3:::${LOGS}</logDestination>
  <logFormat>${LOG_FORMAT}</logFormat></item>
  <item><flowLogId>fl-0fedcba9876543210</flowLogId><flowLogStatus>ACTIVE</flowLogStatus><resourceId>vpc-1</resourceId>
  <trafficType>ALL</trafficType><logDestinationType>cloud-watch-logs</logDestinationType><logGroupName>/aws/vpc/vpc-1</logGroupName>
  <logFormat>${LOG_FORMAT}</logFormat></item></flowLogSet>
  <securityGroupVpcAssociationSet/><staleSecurityGroupSet/></Response>`;

const OF_THE_STREAM = ['archive-flow-logs', 'keep-dead-letters', 'snapshot-groups', 'count-usage', 'compact-usage'];
const OF_THE_NIGHT = ['recall-account', 'reconcile-usage', 'judge-rules', 'send-report', 'send-findings'];

/** Nobody is there: what `fetch` would answer is put in its place. */
const WEBHOOK = 'https://hooks.example.com/T/B/X';
const answering = (status: number): string =>
  `--import=data:text/javascript,globalThis.fetch=async(u)=>u.href==='${WEBHOOK}'?new/**/Response(null,{status:${status}}):null`;
const [TAKES, REFUSES] = [answering(200), answering(404)];

const SENDER = 'stale-sg@mail.example.com';
const EXEMPTIONS = VARIANTS.toldAll.exemptions;

/** The same in former snapshots, but for the name of the group. */
const formerly = (groupName: string): string =>
  snapshotText(
    { accountId: ACCOUNT, region: BED_REGION },
    {
      groups: [{ GroupId: 'sg-1', GroupName: groupName, VpcId: 'vpc-1' }],
      rules: [
        {
          SecurityGroupRuleId: 'sgr-1',
          GroupId: 'sg-1',
          IsEgress: false,
          IpProtocol: 'tcp',
          FromPort: 443,
          ToPort: 443,
          PrefixListId: 'pl-1',
        },
      ],
      interfaces: [
        {
          NetworkInterfaceId: 'eni-1',
          VpcId: 'vpc-1',
          SubnetId: 'subnet-1',
          PrivateIpAddress: '10.0.0.1',
          Groups: [{ GroupId: 'sg-1' }],
        },
      ],
      prefixLists: [{ PrefixListId: 'pl-1', Version: 1 }],
      prefixListEntries: new Map([['pl-1', [{ Cidr: '203.0.113.0/24' }]]]),
      flowLogs: [
        {
          FlowLogId: 'fl-0123456789abcdef0',
          FlowLogStatus: 'ACTIVE',
          ResourceId: 'vpc-1',
          TrafficType: 'ALL',
          LogDestinationType: 's3',
          LogDestination: `arn:aws:s3:::${LOGS}`,
          LogFormat: LOG_FORMAT,
        },
      ],
      vpcs: [{ VpcId: 'vpc-1' }],
      groupVpcAssociations: [],
      staleGroups: [],
      problems: [],
    },
  );

/** With all that a function of the night may have been told. */
const services = await servicesWith(VARIANTS.toldAll);
const functionOf = (service: string): Properties =>
  one(services, 'AWS::Lambda::Function', { FunctionName: `sg-analysis-${service}` });
const here = (line: string): string => line.replaceAll('<account>', ACCOUNT).replaceAll('<region>', BED_REGION);

/** What a role allows with the services that the beds stand for: `s3:GetObject on arn:…/*`. */
const rightsOfRole = (roleArn: unknown): readonly string[] =>
  grantsOf(roleArn, services)
    .map((line) =>
      here(line)
        .replace(/^allow /, '')
        .replace(/ if .*$/, ''),
    )
    .filter((line) => /^(dynamodb|s3|ec2|athena|ses|securityhub|secretsmanager|cloudtrail|config):/.test(line));
const rightsOf = (service: string): readonly string[] => rightsOfRole(functionOf(service).Role);

/** Whether a right that is granted, perhaps with stars, is the one that is needed. */
function covers(granted: string, needed: string): boolean {
  const pattern = granted.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${pattern}$`).test(needed);
}

/** A metric with its dimensions, which are names and values in turn. */
function named(metric: string, dimensions: readonly string[]): string {
  const pairs = dimensions.flatMap((name, i) => (i % 2 === 0 ? [`${name}=${dimensions[i + 1]!}`] : []));
  return `${metric} of ${pairs.sort().join(', ')}`;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function metricsOf(line: string): string[] {
  const values = JSON.parse(line) as Record<string, string> & {
    _aws: { CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[] };
  };
  return values._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name }) =>
        named(
          Name,
          names.flatMap((name) => [name, values[name]!]),
        ),
      ).filter(() => Namespace === 'stale-sg'),
    ),
  );
}

const RUN = `
  import { writeSync } from 'node:fs';
  const [bundle, event, timeLeft] = process.argv.slice(1);
  const { handler } = await import(bundle);
  const context = { getRemainingTimeInMillis: () => Number(timeLeft), awsRequestId: 'r', functionName: 'f', memoryLimitInMB: '1769' };
  writeSync(3, JSON.stringify(await handler(JSON.parse(event), context)));`;

describeWithDynamoDb('a deployed bundle, held to the rights of its role,', (bed) => {
  /** The bundles, by service. */
  const guards = new Map<string, Guard>();
  let s3: Fauxqs;
  let athena: Athena;
  let ses: SesLocal;
  /** Which identities SES sends the mail by. */
  let verified: readonly string[] = [SENDER];
  let groupName = 'web';
  /** By all functions so far, as {@link named}. */
  const published: string[] = [];

  beforeAll(async () => {
    [s3, ses] = await Promise.all([startFauxqs(), startSesLocal()]);
    await Promise.all([bed().createTables('sg-analysis'), s3.createBucket(DATA), s3.createBucket(LOGS)]);
    const guarded = {
      dynamoDb: bed(),
      s3,
      ec2Answer: () => EC2_ANSWER.replace('web', groupName),
      secret: WEBHOOK,
      accountId: ACCOUNT,
      region: BED_REGION,
    };
    const guard = async (name: string, rights: readonly string[], endpoint = ''): Promise<Guard> => {
      const isAllowed = (need: string): boolean => rights.some((right) => covers(right, need));
      const beds = {
        athena: { endpoint, workGroup: WORK_GROUP },
        ses: { endpoint: ses.endpoint, identities: () => verified },
      };
      const started = await startGuard({ ...guarded, ...beds }, isAllowed);
      guards.set(name, started);
      return started;
    };
    // Athena reads and writes with the rights of whoever starts the query.
    const night = await guard('night', rightsOfRole(all(services, 'AWS::StepFunctions::StateMachine')[0]!.RoleArn));
    const client = s3.s3({ endpoint: night.s3.endpoint });
    athena = await startAthena({
      store: s3Store({
        s3: () => client,
        putObject: async (Bucket, Key, Body) => {
          const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key, Body }));
          return ETag!;
        },
      }),
      databases: [databaseName('sg-analysis')],
      workGroups: { [WORK_GROUP]: `s3://${DATA}/query-results/` },
    });
    const index = new SnapshotIndex(bed().client(), tableNames('sg-analysis').state);
    const archive = new SnapshotArchive(index, new DataBucket(s3.s3(), DATA));
    // The first is of before the day, of which shares are published; the last has the union of all.
    for (const at of [`${daysAgo(4)}T12:00:00Z`, `${NIGHT}T01:00:00Z`, `${NIGHT}T02:00:00Z`]) {
      const { entry } = await archive.publish(formerly(`web ${at}`), new Date(at), 400);
      await archive.writeUnion(entry);
    }
    // Of a former night.
    const recalled = { past: NOTHING_REMEMBERED, until: Date.parse(DAY) / 1000, wholeSince: undefined, missing: [] };
    await new RecalledAccount(bed().client(), tableNames('sg-analysis').state, new DataBucket(s3.s3(), DATA)).publish(
      recalled,
      400,
    );
    for (const service of [...OF_THE_STREAM, ...OF_THE_NIGHT]) {
      await guard(service, rightsOf(service), athena.endpoint);
    }
  });
  afterAll(async () => {
    await athena.stop();
    for (const guard of guards.values()) await guard.stop();
    await Promise.all([s3.stop(), ses.stop()]);
  });

  /** In a process of its own, with the variables that are deployed. Returns what the handler returns. */
  async function invoke(service: string, event: unknown, webhook = TAKES): Promise<unknown> {
    const guard = guards.get(service)!;
    const deployment = functionOf(service);
    const deployed = variablesOf(deployment, services).map(([name, value]) => [name, here(value)] as const);
    const env = {
      ...process.env,
      ...bedEnvironment({ dynamoDb: guard.dynamoDb, fauxqs: guard.s3, ses: guard.ses }),
      ...Object.fromEntries(deployed),
      AWS_ENDPOINT_URL_EC2: guard.ec2.endpoint,
      AWS_ENDPOINT_URL_ATHENA: guard.athena.endpoint,
      AWS_ENDPOINT_URL_SECURITYHUB: guard.securityHub.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: guard.secrets.endpoint,
      AWS_ENDPOINT_URL_CLOUDTRAIL: guard.histories.endpoint,
      AWS_ENDPOINT_URL_CONFIG_SERVICE: guard.histories.endpoint,
      NODE_OPTIONS: webhook,
    };
    const { file } = await bundled(service);
    const seconds = Number(deployment.Timeout);
    const args = ['--input-type=module', '--eval', RUN, '--', file, JSON.stringify(event), `${seconds}000`];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    const [, ...said] = await Promise.all([
      once(child, 'exit'),
      ...[child.stdio[3] as Readable, child.stdout!, child.stderr!].map(async (stream) => text(stream)),
    ]);
    const [result = '', ...logs] = said;
    for (const line of logs.join('').split('\n')) if (line.includes('"_aws"')) published.push(...metricsOf(line));
    if (result === '') throw new Error(`the handler did not end:\n${logs.join('')}`);
    return JSON.parse(result) as unknown;
  }

  describe('snapshot-groups', () => {
    test('does all of its work: takes a snapshot, another with what both say together, writes the rules', async () => {
      for (groupName of ['web', 'website']) {
        // The chain has one a second.
        await sleep(1000);
        expect(await invoke('snapshot-groups', {})).toMatchObject({ changed: true });
      }
      expect(guards.get('snapshot-groups')!.refused).toEqual([]);
    }, 180_000);

    test('has no right that it did not need for that', () => {
      expect(unusedRights('snapshot-groups')).toEqual([]);
    });
  });

  describe('archive-flow-logs', () => {
    test('does all of its work: archives a batch that comes twice, and keeps one back', async () => {
      const end = Date.parse(`${DAY}T11:00:00Z`) / 1000;
      const line = `2 ${ACCOUNT} eni-1 203.0.113.9 10.0.0.1 50000 443 6 10 840 ${end - 59} ${end} ACCEPT OK`;
      const batch = (lines: readonly string[]) => subscriptionEvent(dataMessage(lines, { logGroup: '/aws/vpc/vpc-1' }));
      for (const _ of ['first', 'again']) {
        expect(await invoke('archive-flow-logs', batch([line]))).toMatchObject({ lines: 1 });
      }
      const { Contents = [] } = await s3
        .s3()
        .send(new ListObjectsV2Command({ Bucket: LOGS, Prefix: `log-groups/${folderOf(DAY)}` }));
      expect(Contents.map(({ Key }) => Key)).toEqual([expect.stringContaining('_fl-0fedcba9876543210_')]);
      expect(await invoke('archive-flow-logs', batch(['1 2']))).toMatchObject({
        lines: 0,
        refused: expect.stringContaining('2 fields'),
      });
      const kept = await s3.s3().send(new ListObjectsV2Command({ Bucket: DATA, Prefix: 'refused/' }));
      const [{ Key } = {}] = kept.Contents!;
      expect(Key).toMatch(/^refused\/\d{4}-\d\d-\d\d\/[0-9a-f]{64}\.json$/);
      // Once it was looked into, and done with.
      await s3.s3().send(new DeleteObjectCommand({ Bucket: DATA, Key }));
      await s3.s3().send(new DeleteObjectCommand({ Bucket: LOGS, Key: Contents[0]!.Key }));
      expect(guards.get('archive-flow-logs')!.refused).toEqual([]);
    }, 180_000);

    test('has no right that it did not need for that', () => {
      expect(unusedRights('archive-flow-logs')).toEqual([]);
    });
  });

  describe('keep-dead-letters', () => {
    test('does all of its work: keeps one back under its day', async () => {
      const attributes = { SentTimestamp: String(Date.parse(`${DAY}T23:59:59.999Z`)) };
      const event = { Records: [{ messageId: 'm', body: 'no JSON', attributes }] };
      expect(await invoke('keep-dead-letters', event)).toEqual({ kept: 1 });
      const kept = await s3.s3().send(new ListObjectsV2Command({ Bucket: DATA, Prefix: `refused/${DAY}/` }));
      const [{ Key } = {}] = kept.Contents!;
      expect(Key).toMatch(/[0-9a-f]{64}\.json$/);
      await s3.s3().send(new DeleteObjectCommand({ Bucket: DATA, Key }));
      expect(guards.get('keep-dead-letters')!.refused).toEqual([]);
    }, 60_000);

    test('has no right that it did not need for that', () => {
      expect(unusedRights('keep-dead-letters')).toEqual([]);
    });
  });

  describe('count-usage', () => {
    test('does all of its work: counts, looks up an interface, is done with an object that is gone', async () => {
      const events = sqsEvent(
        await logOf(folderOf(NIGHT), { day: NIGHT, at: '1005' }),
        await logOf(folderOf(DAY)),
        await logOf(`log-groups/${folderOf(DAY)}`, { flowLogId: 'fl-0fedcba9876543210' }),
        await logOf(
          `AWSLogs/aws-account-id=${ACCOUNT}/aws-service=vpcflowlogs/aws-region=${BED_REGION}/` +
            DAY.replace(/(\d+)-(\d+)-(\d+)/, 'year=$1/month=$2/day=$3/'),
        ),
      );
      expect(await invoke('count-usage', events)).toEqual({ batchItemFailures: [] });
      // Deleted before it was read: told from one that is forbidden, it is done with.
      const gone = await logOf(folderOf(DAY), { flowLogId: 'fl-00000000000000009' });
      const { key } = (JSON.parse(gone) as { detail: { object: { key: string } } }).detail.object;
      await s3.s3().send(new DeleteObjectCommand({ Bucket: LOGS, Key: key }));
      expect(await invoke('count-usage', sqsEvent(gone))).toEqual({ batchItemFailures: [] });
      expect(guards.get('count-usage')!.refused).toEqual([]);
    }, 180_000);

    test('has no right that it did not need for that', () => {
      expect(unusedRights('count-usage')).toEqual([]);
    });

    test('is refused what its role does not allow', async () => {
      const { endpoint } = guards.get('count-usage')!.s3;
      const others = await fetch(`${endpoint}/${LOGS}/AWSLogs/444455556666/vpcflowlogs/${BED_REGION}/x.log.gz`);
      expect(others.status).toBe(403);
    });
  });

  describe('compact-usage', () => {
    test('does all of its work: sums of new days, sums that it replaces, and those before them', async () => {
      expect(await invoke('compact-usage', {})).toMatchObject({ batches: 1, left: 0 });
      for (const at of ['1010', '1015', '1020', '1025', '1030']) {
        const events = await Promise.all([DAY, NIGHT].map((day) => logOf(folderOf(day), { day, at })));
        expect(await invoke('count-usage', sqsEvent(...events))).toEqual({ batchItemFailures: [] });
        // What is counted last is not in the sums: for those to find who read days.
        if (at !== '1030') expect(await invoke('compact-usage', {})).toEqual({ batches: 1, rules: 2, left: 0 });
      }
      expect(guards.get('compact-usage')!.refused).toEqual([]);
    }, 180_000);

    test('has no right that it did not need for that', () => {
      expect(unusedRights('compact-usage')).toEqual([]);
    });
  });

  describe('recall-account', () => {
    test('does all of its work: asks both histories, and reads again what it was told', async () => {
      const startedAt = new Date().toISOString();
      for (const round of [1, 2]) {
        expect(await invoke('recall-account', { startedAt, round })).toEqual({
          round: round + 1,
          again: false,
          waitSeconds: 1,
        });
      }
      expect(guards.get('recall-account')!.refused).toEqual([]);
    }, 180_000);

    test('has no right that it did not need for that', () => {
      expect(unusedRights('recall-account')).toEqual([]);
    });
  });

  describe('reconcile-usage', () => {
    test('does all of its work: plans a marked day, attributes it, settles it, and settles it anew', async () => {
      const step = async <T>(event: object): Promise<T> => (await invoke('reconcile-usage', event)) as T;
      const startedAt = new Date(Date.parse(NIGHT) + 27.5 * 3_600_000).toISOString();
      for (const execution of ['first', 'second']) {
        const chosen = await step<{ days: string[]; run: string }>({ step: 'days', input: {}, startedAt, execution });
        expect(chosen.days[0]).toBe(NIGHT);
        const run = { day: NIGHT, run: chosen.run };
        await step({ step: 'incomplete', ...run, nightly: true, error: { Error: 'Error', Cause: 'before' } });
        const plan = await step<{ queries: PlannedQuery[]; parts: number[] }>({ step: 'plan', ...run });
        const queries: string[] = [];
        for (const { createTable, unload } of plan.queries) {
          await query(createTable);
          queries.push(await query(unload));
        }
        const part = await step({ step: 'attribute', ...run, part: 0, queries });
        const settled = await step({ step: 'settle', ...run, nightly: true, parts: [part] });
        expect(settled).toMatchObject({ day: NIGHT, status: 'reconciled', records: 18, streamedRecords: 18 });
      }
      expect(guards.get('reconcile-usage')!.refused).toEqual([]);
    }, 180_000);

    test('does all of the work of a backfill: notes a day that fails, and tells what became of all', async () => {
      const startedAt = new Date().toISOString();
      const input = { from: NIGHT, to: DAY };
      const step = { step: 'days', input, startedAt, execution: 'backfill' };
      const { days, run } = (await invoke('reconcile-usage', step)) as { days: string[]; run: string };
      expect(days).toEqual([DAY, daysAgo(2), NIGHT]);
      const failed = { step: 'incomplete', run, nightly: false };
      await invoke('reconcile-usage', { ...failed, day: DAY, error: { Error: 'NothingYet', Cause: 'no file' } });
      await invoke('reconcile-usage', { ...failed, day: days[1], error: { Error: 'Error', Cause: 'why' } });
      expect(await invoke('reconcile-usage', { step: 'outcome', days, run })).toEqual({
        from: NIGHT,
        to: DAY,
        days: 3,
        settled: 1,
        withoutLogs: 1,
        failed: 1,
        failures: [{ from: days[1], to: days[1], days: 1, reason: 'Error: why' }],
      });
      expect(guards.get('reconcile-usage')!.refused).toEqual([]);
    }, 180_000);

    test('has no right that it did not need for that', () => {
      expect(unusedRights('reconcile-usage')).toEqual([]);
    });

    test('had its queries read flow logs, and write results and rows, with the rights of the night', () => {
      const { needed, refused } = guards.get('night')!;
      expect(refused).toEqual([]);
      for (const need of ['GetObject on .*/AWSLogs/', 'PutObject on .*/night/', 'PutObject on .*/query-results/']) {
        expect([...needed].join('\n')).toMatch(new RegExp(`s3:${need}`));
      }
    });
  });

  /** Of all tests that follow, which mail it. */
  let report: string;

  describe('judge-rules', () => {
    test('does all of its work: reads a day that is settled and one that is not, and what is kept on purpose', async () => {
      await s3.putObject(
        DATA,
        EXEMPTIONS,
        Buffer.from('rule_id,reason,owner,expires\nsgr-1,kept,network,2999-12-31\n'),
      );
      const startedAt = new Date().toISOString();
      ({ report } = (await invoke('judge-rules', { startedAt, execution: 'e' })) as { report: string });
      const { Body } = await s3.s3().send(new GetObjectCommand({ Bucket: DATA, Key: report }));
      const judged = JSON.parse(gunzipSync(await Body!.transformToByteArray()).toString()) as UsageReport;
      expect(judged.days.map(({ day, source }) => [day, source])).toEqual([
        [NIGHT, 'reconciled'],
        [DAY, 'streamed'],
      ]);
      expect(judged.rules.map(({ ruleId, verdict }) => [ruleId, verdict.kind])).toEqual([['sgr-1', 'exempt']]);
      // Evidence that could not be read fails nothing, and is told of here.
      expect(judged.inventoryProblems).toEqual([]);
      expect(guards.get('judge-rules')!.refused).toEqual([]);
    }, 180_000);

    test('has no right that it did not need for that', () => {
      expect(unusedRights('judge-rules')).toEqual([]);
    });
  });

  describe('send-report', () => {
    const failure = (name: string) => ({
      failed: { Error: 'IncompleteDay', Cause: 'fewer records' },
      execution: `arn:aws:states:${BED_REGION}:${ACCOUNT}:execution:${WORK_GROUP}:${name}`,
    });
    const refused = () => guards.get('send-report')!.refused;

    test('gives back what SES refuses, and mails it once SES takes it', async () => {
      verified = ['elsewhere.example'];
      expect(await invoke('send-report', { report })).toEqual({
        messageIds: [],
        refused: [expect.stringContaining('SES refused the mail')],
      });
      expect(refused()).toEqual(
        ['SendEmail', 'SendRawEmail'].map(
          (action) => `ses:${action} on arn:aws:ses:${BED_REGION}:${ACCOUNT}:identity/elsewhere.example`,
        ),
      );
      verified = [SENDER];
      expect(await invoke('send-report', { report })).toEqual({ messageIds: [expect.any(String)], refused: [] });
    }, 180_000);

    test.each([['mail.example.com'], ['example.com'], [SENDER, 'network@example.com']])(
      'mails that a night failed, by the identity %s, and in the sandbox by that of %s',
      async (...identities) => {
        verified = identities;
        const before = refused().length;
        const sent = { messageIds: [expect.any(String)], refused: [] };
        expect(await invoke('send-report', failure(identities.join('-').replaceAll('@', '-')))).toEqual(sent);
        expect(refused()).toHaveLength(before);
      },
      180_000,
    );

    test('is from who its role may send as', async () => {
      const grants = grantsOf(functionOf('send-report').Role, services).filter((line) => line.startsWith('allow ses:'));
      expect(grants.map((line) => line.split(' if ')[1])).toEqual(
        grants.map(() => `ses:FromAddress StringEquals ${SENDER}`),
      );
      const mails = await Promise.all(ses.received.map(({ raw }) => PostalMime.parse(raw)));
      expect(mails.map(({ from }) => from)).toEqual(mails.map(() => ({ name: 'stale-sg', address: SENDER })));
      expect(mails).toHaveLength(4);
    });

    test('has no right that it did not need for that', () => {
      expect(unusedRights('send-report')).toEqual([]);
    });
  });

  describe('send-findings', () => {
    test('does all of its work: looks for what stands, imports, posts, and gives back what is refused', async () => {
      const told = 'reports/2026-01-31/told/report.json.gz';
      await s3.putObject(DATA, told, gzipSync(JSON.stringify(reportOf([ruleOf('sgr-1')]))));
      expect(await invoke('send-findings', { report: told }, REFUSES)).toEqual({
        problems: ['the webhook answered 404'],
      });
      expect(await invoke('send-findings', { report: told }, TAKES)).toEqual({ problems: [] });
      expect(guards.get('send-findings')!.refused).toEqual([]);
    }, 180_000);

    test('has no right that it did not need for that', () => {
      expect(unusedRights('send-findings')).toEqual([]);
    });
  });

  test('published together every metric that an alarm or the dashboard asks for', () => {
    const { DashboardBody } = one(services, 'AWS::CloudWatch::Dashboard');
    const { widgets } = JSON.parse(here(plain(DashboardBody, services))) as {
      widgets: { properties: { metrics?: string[][] } }[];
    };
    const shown = widgets.flatMap(({ properties }) => properties.metrics ?? []);
    const ofDashboard = shown
      .filter(([namespace]) => namespace === 'stale-sg')
      .map(([, metric, ...dimensions]) => named(metric!, dimensions.slice(0, 4)));
    const ofAlarms = all(services, 'AWS::CloudWatch::Alarm')
      .flatMap((alarm): Properties[] => {
        const queries = (alarm.Metrics ?? []) as { MetricStat?: { Metric: Properties } }[];
        return [alarm, ...queries.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []))];
      })
      .filter(({ Namespace }) => Namespace === 'stale-sg')
      .map(({ MetricName, Dimensions }) => {
        const dimensions = Dimensions as { Name: string; Value: string }[];
        return named(
          String(MetricName),
          dimensions.flatMap(({ Name, Value }) => [Name, Value]),
        );
      });
    expect(ofAlarms.length).toBe(8);
    expect(ofDashboard.length).toBeGreaterThan(10);
    expect([...ofDashboard, ...ofAlarms].filter((metric) => !published.includes(metric))).toEqual([]);
  });

  /** As the state machine sends it, and waits for its end. */
  async function query(QueryString: string): Promise<string> {
    const client = athena.client();
    const { QueryExecutionId } = await client.send(
      new StartQueryExecutionCommand({ QueryString, WorkGroup: WORK_GROUP }),
    );
    for (;;) {
      const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
      const { State, StateChangeReason } = QueryExecution!.Status!;
      if (State === 'SUCCEEDED') return QueryExecutionId!;
      if (State === 'FAILED') throw new Error(StateChangeReason);
      await sleep(50);
    }
  }

  function unusedRights(service: string): string[] {
    const needed = [...guards.get(service)!.needed];
    return rightsOf(service).filter((right) => !needed.some((need) => covers(right, need)));
  }

  /** A flow log with an accepted and a rejected record, and one of an interface that no snapshot has; its event. */
  async function logOf(
    prefix: string,
    {
      flowLogId = 'fl-0123456789abcdef0',
      day = DAY,
      at = '1005',
    }: { flowLogId?: string; day?: string; at?: string } = {},
  ): Promise<string> {
    const start = Date.parse(`${day}T10:00:00Z`) / 1000;
    const record = (eni: string, action: string) =>
      `2 ${ACCOUNT} ${eni} 203.0.113.9 10.0.0.1 50000 443 6 10 840 ${start} ${start + 59} ${action} OK`;
    const body = gzipSync(
      [
        FIELDS,
        record('eni-1', 'ACCEPT'),
        record('eni-1', 'REJECT'),
        record('eni-0123456789abcdef0', 'ACCEPT'),
        '',
      ].join('\n'),
    );
    const delivered = `${day.replaceAll('-', '')}T${at}Z`;
    const key = `${prefix}${ACCOUNT}_vpcflowlogs_${BED_REGION}_${flowLogId}_${delivered}_0a1b2c3d.log.gz`;
    const etag = (await s3.putObject(LOGS, key, body)).replaceAll('"', '');
    return objectCreated({ bucket: LOGS, key, etag, size: body.length, time: `${day}T10:06:00Z` });
  }
});
