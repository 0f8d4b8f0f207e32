// Costs about 20 seconds.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DescribeFlowLogsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DeleteObjectCommand, GetObjectCommand, paginateListObjectsV2, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { wire } from '../../../services/archive-flow-logs/wiring-adapter.ts';
import { readInventory } from '../../../services/command-line/files/read-inventory.ts';
import { flowLogIdOf } from '../../../shared/flowlogs/file-name.ts';
import { ENVIRONMENT } from '../../../shared/names.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { hearAllHours, withOwnEvidence } from '../../world/own-evidence.ts';
import { runMain } from '../command-line/program.ts';
import { filesUnder, generated, removeScratchFolders, scratchFolder } from '../generate-account/generated.ts';
import { JudgedAccount } from '../judge-rules/judged-account.ts';
import { describedIn, LOGS } from '../reconcile-usage/deployed-account.ts';
import { dataMessage, subscriptionEvent } from './subscription-events.ts';

jest.setTimeout(240_000);
afterAll(removeScratchFolders);

const DAY = '2026-01-05';
const KNOWN = { [ENVIRONMENT.rulesKnownSince]: '2025-01-01', [ENVIRONMENT.windowDays]: '1' };
const groupOf = (flowLogId: string): string => `/aws/vpc/${flowLogId}`;

/** A number from 0 on, below `below`; the same ones in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state % below;
  };
}

interface Batch {
  readonly logGroup: string;
  readonly lines: readonly string[];
}

/** Lines of one interface and hour, as they come in batches of some. */
function batchesOf(logs: string, left: string, random: (below: number) => number): Batch[] {
  const streams = new Map<string, string[]>();
  for (const name of filesUnder(logs).filter((one) => flowLogIdOf(one) !== left)) {
    const [header, ...lines] = gunzipSync(readFileSync(join(logs, name)))
      .toString('latin1')
      .trimEnd()
      .split('\n');
    const fields = header!.split(' ');
    const [id, end] = [fields.indexOf('interface-id'), fields.indexOf('end')];
    for (const line of lines) {
      const values = line.split(' ');
      const hour = Math.floor(Number(values[end]) / 3600);
      const key = `${groupOf(flowLogIdOf(name)!)} ${values[id]!} ${String(hour)}`;
      streams.set(key, [...(streams.get(key) ?? []), line]);
    }
  }
  return [...streams].flatMap(([key, lines]) => {
    const batches: Batch[] = [];
    while (lines.length > 0) batches.push({ logGroup: key.split(' ')[0]!, lines: lines.splice(0, 1 + random(40)) });
    return batches;
  });
}

describeWithDynamoDb('log groups that are archived, in any order, and half of their batches twice,', (dynamo) => {
  let deployed: JudgedAccount;
  let out: string;
  let logs: string;
  let batches: readonly Batch[];
  let archive: ReturnType<typeof wire>['archive'];
  const ec2 = mockClient(EC2Client);
  const before = { ...process.env };

  beforeAll(async () => {
    const made = await generated({ records: 3000, minutes: 120, format: 'v5', deliveryMinutes: 60 });
    ({ out } = made);
    logs = await withOwnEvidence(join(out, 'logs'), scratchFolder(), await readInventory(join(out, 'inventory')));
    hearAllHours(logs, DAY);
    const listed = describedIn(out);
    // One stays as it is: both are read by one night.
    const [toBucket, ...others] = listed.flowLogs as { FlowLogId: string; LogDestinationType: string }[];
    const delivered = filesUnder(logs).filter((name) => flowLogIdOf(name) === toBucket!.FlowLogId);
    const flowLogs = others.map((one) => ({
      ...one,
      LogDestinationType: 'cloud-watch-logs',
      LogDestination: undefined,
      DestinationOptions: undefined,
      LogGroupName: groupOf(one.FlowLogId),
      CreationTime: new Date(0),
    }));
    process.env[ENVIRONMENT.logGroups] = flowLogs.map(({ LogGroupName }) => LogGroupName).join();
    deployed = await JudgedAccount.start('archived', dynamo());
    await deployed.account.publish({ ...listed, flowLogs: [toBucket!, ...flowLogs] }, '2026-01-04T12:00:00Z');
    await deployed.account.deliver(logs, delivered);

    ec2.on(DescribeFlowLogsCommand).callsFake(({ Filter }: { Filter: { Values: string[] }[] }) => ({
      FlowLogs: flowLogs.filter(({ LogGroupName }) => Filter[0]!.Values.includes(LogGroupName)),
    }));
    archive = wire(process.env).archive;
    const random = numbers(7);
    batches = batchesOf(logs, toBucket!.FlowLogId, random);
    const again = batches.filter(() => random(2) === 0).map((one) => ({ ...one, lines: [...one.lines].reverse() }));
    const sent = [...batches, ...again].map((one) => ({ ...one, at: random(2 ** 30) })).sort((a, b) => a.at - b.at);
    for (const { lines, logGroup } of sent) {
      const done = await archive(subscriptionEvent(dataMessage(lines, { logGroup })));
      expect(done).toMatchObject({ refused: undefined });
    }
    const texts = await objects();
    // Whatever came twice is one object; one that ends on two days would be two, and there is none.
    expect([delivered.length > 0, texts.size]).toEqual([true, delivered.length + batches.length]);
    // S3 tells of an object at least once, too.
    await deployed.account.countTexts(texts);
    await deployed.account.countTexts(texts);
    await deployed.night(DAY);
  });
  afterAll(async () => {
    ec2.restore();
    await deployed.stop();
    process.env = before;
  });

  /** What is in the bucket of flow logs, by key. */
  async function objects(): Promise<Map<string, string>> {
    const texts = new Map<string, string>();
    const { s3 } = deployed.account;
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: LOGS })) {
      for (const { Key } of Contents) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: LOGS, Key }));
        texts.set(Key!, gunzipSync(await Body!.transformToByteArray()).toString('latin1'));
      }
    }
    return texts;
  }

  async function analyzed(): Promise<UsageReport> {
    const to = scratchFolder();
    const { status, stderr } = await runMain([
      ...['analyze', '--inventory', join(out, 'inventory'), '--logs', logs, '--out', to],
      ...['--as-of', '2026-01-06T00:00:00Z', '--window-days', '1', '--rules-known-since', '2025-01-01'],
    ]);
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    return JSON.parse(readFileSync(join(to, 'usage.json'), 'utf8')) as UsageReport;
  }

  test('are counted, settled and judged as `analyze` judges the same records', async () => {
    const [night, files] = [await deployed.judged('2026-01-06T03:30:00Z', KNOWN), await analyzed()];
    expect(night.rules.length).toBeGreaterThan(50);
    expect(new Set(night.rules.map(({ verdict }) => verdict.kind)).size).toBeGreaterThan(2);
    // Narrower rules want seven days in a deployment.
    const counted = ({ rules }: UsageReport) => rules.map((rule) => ({ ...rule, narrower: null }));
    expect(counted(night)).toEqual(counted(files));
    expect(night.findings).toEqual(files.findings);
    expect(night.records).toEqual(files.records);
    expect(night.days).toMatchObject([
      {
        day: DAY,
        source: 'reconciled',
        driftShare: 0,
        driftingRules: 0,
        incomplete: null,
        records: files.records.total,
      },
    ]);
  });

  test('are not watched on the days that a batch may be of which nobody could read', async () => {
    const refuse = (day: string) =>
      deployed.account.s3.send(new PutObjectCommand({ Bucket: 'data', Key: `refused/${day}/0a.json`, Body: '{}' }));
    await refuse('2026-01-04');
    await refuse('2026-01-08');
    const unharmed = await deployed.judged('2026-01-06T03:30:00Z', KNOWN, 'others');
    expect(unharmed.days).toMatchObject([{ day: DAY, incomplete: null }]);
    expect(unharmed.rules.some(({ verdict }) => verdict.kind === 'stale')).toBe(true);
    await refuse('2026-01-07');
    const report = await deployed.judged('2026-01-06T03:30:00Z', KNOWN, 'refused');
    expect(report.days).toMatchObject([{ day: DAY, incomplete: expect.stringContaining('archive-flow-logs-refused') }]);
    expect(report.rules.filter(({ verdict }) => ['stale', 'redundant'].includes(verdict.kind))).toEqual([]);
    // What is seen is seen.
    const used = (one: UsageReport) => one.rules.filter(({ usedTimes }) => usedTimes > 0).length;
    expect(used(report)).toBe(used(unharmed));
  });

  test('and cut otherwise when they come again, count twice, and no used rule looks unused for it', async () => {
    // Under days of which the first test knows nothing.
    for (const day of ['2026-01-04', '2026-01-07', '2026-01-08']) {
      await deployed.account.s3.send(new DeleteObjectCommand({ Bucket: 'data', Key: `refused/${day}/0a.json` }));
    }
    const once = await deployed.judged('2026-01-06T03:30:00Z', KNOWN, 'once');
    const { size } = await objects();
    for (const { lines, logGroup } of batches.filter(({ lines }) => lines.length > 1)) {
      await archive(subscriptionEvent(dataMessage(lines.slice(1), { logGroup })));
    }
    const texts = await objects();
    expect(texts.size).toBeGreaterThan(size);
    await deployed.account.countTexts(texts);
    await deployed.night(DAY, 'cut otherwise');
    const twice = await deployed.judged('2026-01-06T03:30:00Z', KNOWN, 'twice');
    expect(twice.days).toMatchObject([{ incomplete: null }]);
    expect(twice.records.total).toBeGreaterThan(once.records.total);
    expect(twice.rules.map(({ ruleId, verdict }) => [ruleId, verdict.kind])).toEqual(
      once.rules.map(({ ruleId, verdict }) => [ruleId, verdict.kind]),
    );
    const fewer = twice.rules.filter((rule, i) => rule.usedTimes < once.rules[i]!.usedTimes);
    expect(fewer).toEqual([]);
  });
});
