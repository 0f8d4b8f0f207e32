// Costs about a minute and a half.
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import { readEvidence } from '../../../shared/evidence/evidence-file.ts';
import { DayMarks } from '../../../shared/aws/day-marks.ts';
import { ENVIRONMENT } from '../../../shared/names.ts';
import { dayFromIso } from '../../../shared/time.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import type { ServiceFlow } from '../../../shared/evidence/service-flow.ts';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { wire } from '../../../services/reconcile-usage/wiring-adapter.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { filesUnder, generated, removeScratchFolders } from '../generate-account/generated.ts';
import { startSesLocal, type SesLocal } from '../../beds/ses-local.ts';
import type { Listed } from '../snapshot-groups/fake-account.ts';
import { FakeCloudTrail } from '../recall-account/fake-cloudtrail.ts';
import { FakeConfig } from '../recall-account/fake-config.ts';
import { answerWith } from '../snapshot-groups/stub-account.ts';
import { total } from '../../../shared/usage/missing-records.ts';
import { emptyUsage, type Usage } from '../../../shared/usage/usage.ts';
import { plainUsage } from '../../shared/usage/plain-usage.ts';
import { hearAllHours } from '../../world/own-evidence.ts';
import { DeployedAccount, describedIn, LOGS } from './deployed-account.ts';
import { NightSteps } from './night-steps.ts';
import { VARIANTS } from '../../infra/variants.ts';
import { deployedDefinition, execute, tasksOf, type Task } from './state-machine.ts';

/**
 * Without possible use, of records set aside too, and without what became of records that nothing is credited with: there
 * the night knows more.
 */
function creditedIn(usage: Usage): Usage {
  const rules = [...usage.rules].map(([id, days]) => {
    const credited = [...days].filter(([, { usedTimes, replyTimes }]) => usedTimes + replyTimes > 0);
    return [
      id,
      new Map(credited.map(([day, use]) => [day, { ...use, possibleTimes: 0, lastPossible: -1, setAsideTimes: 0 }])),
    ] as const;
  });
  return {
    ...usage,
    fates: emptyUsage().fates,
    ambiguous: 0,
    rules: new Map(rules.filter(([, { size }]) => size > 0)),
  };
}

jest.setTimeout(120_000);
afterAll(removeScratchFolders);

const PARQUET_LOG = 'fl-0badbadbadbadbad0';

/** Adds flow logs of a VPC that has nothing: one writes Parquet where others write text, one where the deployment may read nothing. */
function describeOthers(out: string): void {
  const path = join(out, 'inventory/flow-logs.json');
  const { FlowLogs } = JSON.parse(readFileSync(path, 'utf8')) as { FlowLogs: { DestinationOptions: object }[] };
  const [text] = FlowLogs;
  const DestinationOptions = { ...text!.DestinationOptions, FileFormat: 'parquet' };
  const ofNothing = { ...text, FlowLogId: PARQUET_LOG, ResourceId: 'vpc-0badbadbadbadbad0' };
  const elsewhere = { ...ofNothing, FlowLogId: 'fl-0badbadbadbadbad1', LogDestination: `arn:aws:s3:::${LOGS}/others` };
  writeFileSync(path, JSON.stringify({ FlowLogs: [...FlowLogs, { ...ofNothing, DestinationOptions }, elsewhere] }));
}

/** 2026-01-05 */
const DAY = '2026-01-05';

describeWithDynamoDb('a night', (dynamo) => {
  let account: DeployedAccount;
  let logs: string;
  /** What is there when the first night begins, and what comes later. */
  let early: readonly string[];
  let late: readonly string[];
  let perform: ReturnType<typeof wire>['perform'];
  let steps: NightSteps;
  let described: Listed;
  let ses: SesLocal;
  const before = { ...process.env };

  beforeAll(async () => {
    const { out } = await generated({
      records: 3000,
      minutes: 180,
      format: 'v5',
      deliveryMinutes: 60,
      filesPerInterval: 6,
    });
    logs = join(out, 'logs');
    hearAllHours(logs, DAY);
    const names = filesUnder(logs);
    [early, late] = [names.slice(0, -20), names.slice(-20)];
    describeOthers(out);
    account = await DeployedAccount.start('night', dynamo(), out);
    ses = await startSesLocal();
    const quiet = {
      AWS_ENDPOINT_URL_SESV2: ses.endpoint,
      [ENVIRONMENT.windowDays]: '1',
      [ENVIRONMENT.rulesKnownSince]: '2025-01-01',
      [ENVIRONMENT.mailFrom]: 'stale-sg@example.com',
      [ENVIRONMENT.mailTo]: 'network@example.com',
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
      POWERTOOLS_TRACE_ENABLED: 'false',
    };
    Object.assign(process.env, account.environment, quiet);
    described = describedIn(out);
    new FakeCloudTrail(() => Date.now()).denied = true;
    new FakeConfig().denied = true;
    answerWith(described);
    ({ perform } = wire(process.env));
    steps = new NightSteps(account, perform);
  });
  afterAll(async () => {
    process.env = before;
    await Promise.all([account.stop(), ses.stop()]);
  });

  const planned = (execution: string, startedAt = '2026-01-06T03:30:00Z', day = DAY) =>
    steps.planned(day, execution, startedAt);
  const stepsOf = (execution: string, startedAt = '2026-01-06T03:30:00Z', day = DAY) =>
    steps.attributed(day, execution, startedAt);

  async function pointer() {
    const Key = { id: { S: 'day' }, at: { S: DAY } };
    const { Item } = await dynamo()
      .client()
      .send(new GetItemCommand({ TableName: 'night-state', Key }));
    return Item!;
  }

  async function night(...which: Parameters<typeof stepsOf>) {
    return (await stepsOf(...which)).settle();
  }

  /** What the day's first night has said, which was all that had been streamed. */
  let first: Usage | undefined;
  const whole = async () => (first ??= (await account.read()).usage);

  /** Every TCP record shows its SYN, so that the day says no more than each record by itself. */
  const ownEvidence = (text: string): string => {
    const [header, ...lines] = text.split('\n');
    const names = header!.split(' ');
    const [flags, protocol, source] = ['tcp-flags', 'protocol', 'srcport'].map((name) => names.indexOf(name));
    return [
      header,
      ...lines.map((line) => {
        const fields = line.split(' ');
        if (fields[protocol!] === '6' && (Number(fields[flags!]) & 2) === 0)
          fields[flags!] = Number(fields[source!]) > 32_768 ? '2' : '18';
        return fields.join(' ');
      }),
    ].join('\n');
  };

  test('says the same as the stream, to the last digit, where every record has its own evidence', async () => {
    await account.deliver(logs, early, ownEvidence);
    await account.count(logs, early, ownEvidence);
    const { usage: streamed } = await account.read();
    const settled = await night('one');
    expect(settled).toMatchObject({ status: 'reconciled', driftShare: 0 });
    const { usage } = await account.read();
    expect(plainUsage(creditedIn(usage))).toEqual(plainUsage(creditedIn(streamed)));
  });

  test('keeps every service flow: what rules are credited is what their flows carried', async () => {
    const { evidence } = JSON.parse((await pointer()).figures!.S!) as { evidence: string[] };
    const flows: ServiceFlow[] = [];
    for (const key of evidence) {
      const { Body } = await account.s3.send(new GetObjectCommand({ Bucket: 'data', Key: key }));
      const bytes = await Body!.transformToByteArray();
      const slice = (from: number, to?: number) => bytes.slice(from, to).buffer;
      flows.push(...(await readEvidence({ byteLength: bytes.length, slice })));
    }
    const usage = await whole();
    const carried = new Map<string, number[]>();
    for (const { ruleIds, requests, replies, packets, bytes, last } of flows) {
      for (const id of ruleIds) {
        const [a = 0, b = 0, c = 0, d = 0, e = -1] = carried.get(id) ?? [];
        carried.set(id, [a + requests, b + replies, c + packets, d + bytes, Math.max(e, last)]);
      }
    }
    const credited = [...usage.rules].flatMap(([id, days]) =>
      [...days.values()]
        .filter(({ usedTimes, replyTimes }) => usedTimes + replyTimes > 0)
        .map((use): [string, number[]] => [id, [use.usedTimes, use.replyTimes, use.packets, use.bytes, use.lastUsed]]),
    );
    expect(credited.length).toBeGreaterThan(20);
    expect(Object.fromEntries(carried)).toEqual(Object.fromEntries(credited));
    // Those of unknown interfaces are evidence too, and nobody's request or reply.
    const known = flows.filter(({ interfaceId }) => usage.interfaces.has(interfaceId));
    const sum = (name: 'requests' | 'replies') => known.reduce((total, flow) => total + flow[name], 0);
    expect([sum('requests'), sum('replies')]).toEqual([usage.requests, usage.replies]);
  });

  test('run again and again changes nothing', async () => {
    const before = await whole();
    for (let i = 0; i < 3; i++) await night(`again ${i}`);
    expect(plainUsage((await account.read()).usage)).toEqual(plainUsage(before));
  });

  test('that was settled and replaced does not come back when its last step is done once more', async () => {
    const replaced = await stepsOf('replaced');
    await replaced.settle();
    const newer = await night('newer');
    expect(await replaced.settle()).toEqual(newer);
    expect(plainUsage((await account.read()).usage)).toEqual(plainUsage(await whole()));
  });

  test('run beside another leaves the day as one of them says, wholly', async () => {
    const runs = await Promise.all(['left', 'middle', 'right'].map((name) => stepsOf(name)));
    await Promise.all(runs.map(({ settle }) => settle()));
    expect(plainUsage((await account.read()).usage)).toEqual(plainUsage(await whole()));
  });

  test('while objects are still being counted takes none of them away', async () => {
    const meanwhile = await stepsOf('meanwhile');
    await account.count(logs, late, ownEvidence);
    // It has not read what was streamed meanwhile.
    await expect(meanwhile.settle()).rejects.toMatchObject({ name: 'IncompleteDay' });
    expect(plainUsage((await account.read()).usage)).toEqual(plainUsage(await whole()));
    // What was delivered, too, is in the next one.
    await account.deliver(logs, late, ownEvidence);
    const settled = (await night('after')) as { records: number; streamedRecords: number };
    expect(settled.records).toBe(settled.streamedRecords);
  });

  test('asks for the flow logs that the deployment may read, and for no other', async () => {
    const { plan } = await planned('places');
    const roots = plan.queries.map(({ createTable }) => /LOCATION '([^']*)'/.exec(createTable)?.[1]);
    expect(roots).toEqual([`s3://${LOGS}/AWSLogs/111122223333/vpcflowlogs/eu-west-1/`]);
  });

  test('reads what its queries say that they wrote, and nothing that lies beside', async () => {
    const { plan, run, queries } = await planned('orphans');
    const { Contents = [] } = await account.s3.send(new ListObjectsV2Command({ Bucket: 'data', Prefix: 'night/' }));
    const unloaded = Contents.map(({ Key }) => Key!).filter((key) => key.includes(run.run) && key.includes('/part='));
    const first = unloaded[0]!;
    const copy = { Bucket: 'data', CopySource: `data/${first}`, Key: `${first}-of-a-run-that-failed` };
    await account.s3.send(new CopyObjectCommand(copy));
    const attribute = () => perform({ step: 'attribute', ...run, part: 0, queries });
    const { records } = (await attribute()) as { records: number };
    expect(plan.parts).toEqual([0]);
    expect(records).toBe(total((await account.read()).usage));
    await account.s3.send(new DeleteObjectCommand({ Bucket: 'data', Key: first }));
    await expect(attribute()).rejects.toThrow(first);
  });

  test('of a query that is not done, or of another folder, reads nothing', async () => {
    const { run, queries } = await planned('strange');
    const other = await planned('strange too');
    const attribute = (ids: readonly string[]) => perform({ step: 'attribute', ...run, part: 0, queries: ids });
    await expect(attribute(other.queries)).rejects.toThrow(`not below s3://data/night/${DAY}/${run.run}/`);
    const failing = await account.athena.send(
      new StartQueryExecutionCommand({ QueryString: 'SELECT nothing FROM nowhere', WorkGroup: account.workGroup }),
    );
    await expect(attribute([...queries, failing.QueryExecutionId!])).rejects.toThrow(/is (?:RUNNING|FAILED)$/);
  });

  test('settles no day of which a part is missing or there twice', async () => {
    const { run, queries } = await planned('parts');
    const part = await perform({ step: 'attribute', ...run, part: 0, queries });
    await expect(perform({ step: 'settle', ...run, nightly: true, parts: [] })).rejects.toThrow('of 1');
    await expect(perform({ step: 'settle', ...run, nightly: true, parts: [part, part] })).rejects.toThrow('of 1');
  });

  test('with a file whose header is not that of its flow log is incomplete', async () => {
    const name = filesUnder(logs).find((key) => key.endsWith('.gz'))!;
    const copied = name.replace(/_[0-9a-f]+\.log\.gz$/, '_0badbeef.log.gz');
    const header =
      'version account-id interface-id srcaddr dstaddr dstport srcport protocol packets bytes start end action log-status\n';
    await account.s3.send(new PutObjectCommand({ Bucket: 'example-flow-logs', Key: copied, Body: gzipSync(header) }));
    await expect(night('foreign')).rejects.toThrow('has another header');
    await account.s3.send(new DeleteObjectCommand({ Bucket: 'example-flow-logs', Key: copied }));
  });

  describe('as the deployed state machine runs it, with the handlers that are deployed,', () => {
    const definitions = { night: deployedDefinition(), backfill: deployedDefinition(VARIANTS.report, 'backfill') };
    let executions = 0;
    const context = { awsRequestId: 'r', functionName: 'f', getRemainingTimeInMillis: () => 300_000 } as Context;

    /** Execution times of the machine in this process are those of its own clock. */
    const startedAt = (input: object, task: Task) => task({ ...input, startedAt: '2026-01-06T03:30:00Z' } as never);

    /** The night of the day, or a backfill of others. */
    async function run(
      more: Readonly<Record<string, (input: never, task: Task) => unknown>> = {},
      span?: { readonly from: string; readonly to: string },
    ) {
      const changes = span ? more : { Days: startedAt, Judge: startedAt, ...more };
      const [
        { handler: snapshot },
        { handler: recall },
        { handler: reconcile },
        { handler: judge },
        { handler: send },
      ] = await Promise.all([
        import('../../../services/snapshot-groups/handler.ts'),
        import('../../../services/recall-account/handler.ts'),
        import('../../../services/reconcile-usage/handler.ts'),
        import('../../../services/judge-rules/handler.ts'),
        import('../../../services/send-report/handler.ts'),
      ]);
      const told: Record<string, string>[] = [];
      const whole = { ...context, getRemainingTimeInMillis: () => 900_000 };
      const tasks: Record<string, Task> = {
        ...tasksOf(
          {
            // What is found today is in force on no day of the past.
            snapshot: () => snapshot({}, context),
            // It may not ask.
            recall: (event) => recall(event, whole),
            reconcile: (event) => reconcile(event, context),
            judge: (event) => judge(event, whole),
            send: (event) => send(event, context),
          },
          (statement) => steps.sent(statement),
        ),
        Notify: (message: Record<string, string>) => (told.push(message), {}),
      };
      const changed = Object.entries(tasks).map(([name, task]): [string, Task] => [
        name,
        (input: never) => (changes[name] ? changes[name](input, task) : task(input)),
      ]);
      const name = `execution-${++executions}`;
      return {
        ...(await execute(
          await definitions[span ? 'backfill' : 'night'],
          span ?? {},
          Object.fromEntries(changed),
          name,
        )),
        told,
      };
    }

    test('settles the day, and says the same when it runs again', async () => {
      const before = (await account.read()).usage;
      const runs = new Set<string>();
      for (let i = 0; i < 2; i++) {
        const { error, told } = await run();
        expect([error, told]).toEqual([undefined, []]);
        expect(plainUsage((await account.read()).usage)).toEqual(plainUsage(before));
        runs.add((await pointer()).run!.S!);
      }
      expect(runs.size).toBe(2);
    });

    test('judges a night, and mails what it says', async () => {
      const before = ses.received.length;
      const asked: unknown[] = [];
      const Recall = async (input: object, task: Task): Promise<unknown> => {
        asked.push(await startedAt(input, task));
        throw new Error('it failed at last');
      };
      const { error, told, output } = await run({ Recall });
      // What the account remembers is no reason to fail.
      expect([error, told]).toEqual([undefined, []]);
      expect(asked).toEqual(Array(3).fill({ round: 2, again: false, waitSeconds: 1 }));
      const { report: key } = (output as { judged: { report: string } }).judged;
      expect(key).toMatch(/^reports\/2026-01-05\/20260106T0330Z[0-9a-f]{12}\/report\.json\.gz$/);
      const report = JSON.parse(gunzipSync(await account.bytes(key)).toString('utf8')) as UsageReport;
      expect(report.days.map(({ day, source }) => [day, source])).toEqual([[DAY, 'reconciled']]);
      expect(report.rules).toHaveLength(described.rules!.length);
      // Of a night so long ago CloudTrail is not asked.
      expect(report.inventoryProblems).toContainEqual(expect.stringMatching(/AWS Config may not be asked/));
      const used = [...(await account.read()).usage.rules.values()].filter((days) =>
        [...days.values()].some(({ usedTimes, replyTimes }) => usedTimes + replyTimes > 0),
      );
      const inUse = report.rules.filter(({ verdict: { kind } }) => kind === 'active' || kind === 'redundant');
      expect(inUse).toHaveLength(used.length);
      expect(new Set(report.rules.map(({ verdict }) => verdict.kind)).size).toBeGreaterThan(2);
      expect(ses.received.slice(before).map(({ to }) => to)).toEqual([['network@example.com']]);
      const [mail] = await ses.stored();
      expect(mail!.attachments.map(({ filename }) => filename)).toContain('candidates.csv');
    });

    test('has past days run anew, judges once, and mails what it came to', async () => {
      const [before, sent] = [(await account.read()).usage, ses.received.length];
      const former = (await pointer()).run!.S!;
      const { error, told, output } = await run({}, { from: '2026-01-04', to: DAY });
      expect([error, told]).toEqual([undefined, []]);
      expect(output).toEqual({
        from: '2026-01-04',
        to: DAY,
        days: 2,
        settled: 1,
        withoutLogs: 1,
        failed: 0,
        failures: [],
      });
      expect((await pointer()).run!.S!).not.toBe(former);
      expect(plainUsage((await account.read()).usage)).toEqual(plainUsage(before));
      expect(ses.received.slice(sent).map(({ raw }) => /^Subject: .*/m.exec(raw.toString())?.[0])).toEqual([
        expect.stringMatching(/backfill done, 1 of 2/),
      ]);
    });

    test('has a past day that fails neither change what is said of it, nor be run by later nights', async () => {
      const before = (await account.read()).usage;
      const spoilt = ({ QueryString }: { QueryString: string }, task: Task) =>
        task({ QueryString: `${QueryString} x` } as never);
      const { error, output } = await run({ Fold: spoilt }, { from: DAY, to: DAY });
      expect(error).toBeUndefined();
      const reason = expect.stringMatching(/^States\.TaskFailed: line 1:1: mismatched input/);
      expect(output).toMatchObject({ settled: 0, failed: 1, failures: [{ from: DAY, to: DAY, days: 1, reason }] });
      expect(plainUsage((await account.read()).usage)).toEqual(plainUsage(before));
      const next = { step: 'days', input: {}, startedAt: '2026-01-07T03:30:00Z', execution: 'next' };
      expect(await perform(next)).toMatchObject({ days: ['2026-01-06'] });
    });

    test('has two backfills of one day at once leave it as one of them says', async () => {
      const before = (await account.read()).usage;
      const both = await Promise.all([1, 2].map(async () => run({}, { from: DAY, to: DAY })));
      for (const { error, output } of both) {
        expect([error, output]).toEqual([undefined, expect.objectContaining({ settled: 1, failed: 0 })]);
      }
      expect(plainUsage((await account.read()).usage)).toEqual(plainUsage(before));
    });

    test('that was settled and cannot be judged fails, tells, and mails that it failed', async () => {
      const sent = ses.received.length;
      const { error, told } = await run({ Judge: (_, task) => task({} as never) });
      expect(error).toContain('nothing to judge');
      expect(told).toHaveLength(1);
      expect(ses.received.slice(sent).map(({ raw }) => /^Subject: .*/m.exec(raw.toString())?.[0])).toEqual([
        expect.stringMatching(/FAILED/),
      ]);
    });

    test('gets over a part that fails once', async () => {
      let failed = 0;
      const { error } = await run({
        Attribute: (input, task) => {
          if (failed++ === 0) throw new Error('out of memory');
          return task(input);
        },
      });
      expect([error, failed]).toEqual([undefined, 2]);
    });

    test.each([
      [
        'a query that is wrong',
        'Fold',
        ({ QueryString }: { QueryString: string }) => ({ QueryString: `${QueryString} x` }),
        "States.TaskFailed: line 1:1: mismatched input 'UNLOAD'",
      ],
      [
        'a part whose query is none',
        'Attribute',
        (input: object) => ({ ...input, queries: ['none'] }),
        'InvalidRequestException: QueryExecution none was not found',
      ],
    ] as const)('fails with %s, leaves the day as it was, marks it, and tells', async (_, state, spoil, reason) => {
      const before = (await account.read()).usage;
      const { error, told } = await run({ [state]: (input, task) => task(spoil(input) as never) });
      const lines = `1 of 1 days are not reconciled. 2026-01-05: ${reason}`;
      expect(error).toContain(`NightFailed: {"errorType":"NightFailed","errorMessage":"${lines}`);
      expect(told).toHaveLength(1);
      expect(told[0]!.Message).toContain(lines);
      expect(plainUsage((await account.read()).usage)).toEqual(plainUsage(before));
      const next = (await perform({
        step: 'days',
        input: {},
        startedAt: '2026-01-07T03:30:00Z',
        execution: 'next',
      })) as {
        days: string[];
      };
      expect(next.days).toEqual(['2026-01-06', DAY]);
      // Settled, it is marked no more.
      expect((await run()).error).toBeUndefined();
    });

    test('of a day that has text beside Parquet fails, tells what to do, and is not tried again by itself', async () => {
      const before = (await account.read()).usage;
      const text = filesUnder(logs).find((key) => key.endsWith('.gz'))!;
      const object = {
        Bucket: 'example-flow-logs',
        Key: text.replace(/_fl-[0-9a-f]+_/, `_${PARQUET_LOG}_`).replace(/gz$/, 'parquet'),
      };
      await account.s3.send(new PutObjectCommand({ ...object, Body: 'PAR1' }));
      const { error, told } = await run();
      const reason =
        /^MixedFolder: text of flow log fl-.* lies in s3:\/\/example-flow-logs\/AWSLogs\/.* beside Parquet of fl-0badbad/;
      expect(error).toContain(
        `NightFailed: {"errorType":"NightFailed","errorMessage":"1 of 1 days are not reconciled.`,
      );
      expect(told).toHaveLength(1);
      expect(/2026-01-05: (.*)/.exec(told[0]!.Message!)?.[1]).toMatch(reason);
      expect(plainUsage((await account.read()).usage)).toEqual(plainUsage(before));
      const marks = new DayMarks(dynamo().client(), account.tables.state);
      expect(await marks.reasons(dayFromIso(DAY)!)).toEqual([expect.stringMatching(reason)]);
      const next = { step: 'days', input: {}, startedAt: '2026-01-07T03:30:00Z', execution: 'next' };
      expect(await perform(next)).toMatchObject({ days: ['2026-01-06'] });
      // What comes late is a reason to try once more, and once.
      await marks.mark(dayFromIso(DAY)!, 'late');
      expect(await perform(next)).toMatchObject({ days: ['2026-01-06', DAY] });
      await run();
      expect(await perform(next)).toMatchObject({ days: ['2026-01-06'] });
      await account.s3.send(new DeleteObjectCommand(object));
      expect((await run()).error).toBeUndefined();
      expect(await marks.reasons(dayFromIso(DAY)!)).toEqual([]);
    });
  });

  test('of a day that nothing was delivered for is incomplete, not zero', async () => {
    await expect(night('empty', '2026-02-06T03:30:00Z', '2026-02-01')).rejects.toThrow('nothing was read');
  });
});
