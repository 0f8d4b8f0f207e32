// Costs about a minute and a half.
/** What an operator sees of a deployment into an account that had flow logs for 90 days, as a table. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { dayFromIso, isoDay } from '../../../shared/time.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { startSesLocal, type SesLocal } from '../../beds/ses-local.ts';
import { awsRule } from '../../shared/inventory/aws-shorthand.ts';
import { madeEvent } from '../../shared/inventory/past/events.ts';
import { account, dayOfLogs, lateLogs, taskEvents } from '../judge-rules/changing-account.ts';
import { answerWith } from '../snapshot-groups/stub-account.ts';
import { FakeCloudTrail } from './fake-cloudtrail.ts';
import { FakeConfig } from './fake-config.ts';
import { PlayedDeployment, type Ran } from './played-deployment.ts';

jest.setTimeout(240_000);

const [FIRST_DAY, DEPLOYED_ON] = ['2026-01-01', '2026-03-31'];
const DEPLOYED = `${DEPLOYED_ON}T14:00:00Z`;
const FIRST_NIGHT = '2026-04-01T03:30:00Z';
const seconds = (time: string): number => Date.parse(time) / 1000;
/** `2026-03-31` and so many days. */
const dayAfter = (day: string, days: number): string => isoDay(dayFromIso(day)! + days);
const OLD_DAYS = Array.from({ length: 90 }, (_, i) => dayAfter(FIRST_DAY, i));

/** One is unused, one twenty days old, one used by a task of ten minutes alone, and two are used every day. */
const RULES = ['beat sg-e 5000', 'old sg-a 5001', 'young sg-a 5002', 'task sg-c 5003', 'used sg-a 5005'];
const NOW = account(RULES, ['e sg-e', 'a sg-a']);
/** By the day, when a task of the name lived for ten minutes, with a connection in the middle. */
const TASKS = new Map([
  ['2026-02-10', 'c'],
  ['2026-04-03', 'b'],
]);
const flowsOf = (day: string): string[] => {
  const task = TASKS.get(day);
  return ['e 5000 06:00', 'a 5005 09:00', ...(task === undefined ? [] : [`${task} 5003 12:05`])];
};

describeWithDynamoDb('a deployment into an account with 90 days of flow logs', (dynamo) => {
  const table: string[][] = [];
  let perDay = 0;
  let ses: SesLocal;
  let deployment: PlayedDeployment;

  beforeAll(async () => {
    ses = await startSesLocal();
    // The clock alone.
    jest.useFakeTimers({
      now: Date.parse(DEPLOYED),
      doNotFake: [
        ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
        ...(['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
      ],
    });
    const cloudTrail = new FakeCloudTrail(() => Date.now());
    new FakeConfig();
    answerWith(NOW);
    for (const [day, name] of TASKS) {
      const [born, gone] = [seconds(`${day}T12:00:00Z`), seconds(`${day}T12:10:00Z`)];
      for (const [event, resource] of taskEvents(name, born, gone)) cloudTrail.add(event, resource);
    }
    const items = [awsRule('in tcp 5002 10.0.0.0/8', { SecurityGroupRuleId: 'sgr-young', GroupId: 'sg-a' })];
    const made = madeEvent(
      'AuthorizeSecurityGroupIngress',
      seconds('2026-03-11T12:00:00Z'),
      { groupId: 'sg-a' },
      { securityGroupRuleSet: { items } },
    );
    cloudTrail.add(made);
  });
  afterAll(async () => {
    await deployment.stop();
    jest.useRealTimers();
    await ses.stop();
    const head = 'when | days watched | stale | active | too young | not observed | provisional until | mail | alarms';
    const rows = [head.split(' | '), ...table].map((row) => `| ${row.join(' | ')} |`);
    console.log(`${rows.join('\n')}\na day of the backfill: ${perDay.toFixed(0)} ms`);
  });

  /** What there is before, the first snapshot, and the first object that comes after it. */
  async function deploy(name: string): Promise<void> {
    jest.setSystemTime(Date.parse(DEPLOYED));
    deployment = await PlayedDeployment.start(name, dynamo(), ses);
    for (const day of OLD_DAYS) await deployment.deliverBefore(dayOfLogs(day, flowsOf(day)));
    jest.setSystemTime(Date.parse(`${DEPLOYED_ON}T14:01:00Z`));
    await deployment.snapshot();
    jest.setSystemTime(Date.parse(`${DEPLOYED_ON}T14:09:00Z`));
    await deployment.deliver(lateLogs(DEPLOYED_ON, ['a 5005 14:05']));
  }

  /** The day's files as they come, and its night. */
  const lived = async (day: string) => {
    jest.setSystemTime(Date.parse(`${day}T18:00:00Z`));
    await deployment.deliver(dayOfLogs(day, flowsOf(day)));
    return runAt(`${dayAfter(day, 1)}T03:30:00Z`);
  };
  const verdicts = ({ rules }: UsageReport): Record<string, string> =>
    Object.fromEntries(rules.map(({ ruleId, verdict }) => [ruleId.replace('sgr-', ''), verdict.kind]));

  const runAt = async (time: string, ...span: Parameters<PlayedDeployment['run']>): Promise<Ran> => {
    // As every quarter of an hour.
    jest.setSystemTime(Date.parse(time) - 30 * 60_000);
    await deployment.snapshot();
    jest.setSystemTime(Date.parse(time));
    return deployment.run(...span);
  };
  /** In the table, as of this time. */
  const alarmsAt = (time: string): string => {
    jest.setSystemTime(Date.parse(time));
    return deployment.alarms().join(', ') || 'none';
  };
  const rule = ({ report }: Ran, name: string) => report.rules.find(({ ruleId }) => ruleId === `sgr-${name}`)!;

  /** A row of the table, and what it says. */
  function show(when: string, time: string, { report, subject }: Ran): string[] {
    const kinds = Object.values(verdicts(report));
    const of = (kind: string): string => String(kinds.filter((one) => one === kind).length);
    const watched = Math.max(...report.rules.map(({ evidence }) => evidence.watchedDays));
    const row = [
      when,
      `${watched} of ${report.windowDays}`,
      ...['stale', 'active', 'tooYoung', 'notObserved'].map(of),
      report.growth?.wholeOn ?? '–',
      subject.replace('stale-sg 111122223333 eu-west-1: ', ''),
      alarmsAt(time),
    ];
    table.push(row);
    return row.slice(1);
  }

  test('shows after ten minutes what was streamed, and no alarm rings', async () => {
    await deploy('first');
    const { files, records, rules } = await deployment.usage();
    const used = rules.filter(({ usedTimes }) => usedTimes > 0).map(({ ruleId }) => ruleId);
    expect([files, records.attributed, used, rules.length]).toEqual([1, 2, ['sgr-used'], RULES.length]);
    expect(await deployment.newestSnapshot()).toBe(`${DEPLOYED_ON}T14:01:00Z`);
    const alarms = alarmsAt(`${DEPLOYED_ON}T14:10:00Z`);
    table.push(['10 minutes', '–', '–', `${used.length} in use`, '–', '–', '–', 'none yet', alarms]);
    expect(alarms).toBe('none');
  });

  test('says on the first morning, without a backfill, when verdicts come', async () => {
    const first = await runAt(FIRST_NIGHT);
    expect(show('first morning', '2026-04-01T08:00:00Z', first)).toEqual([
      '1 of 90',
      ...['0', '2', '0', '3'],
      '2026-06-25',
      '1 of 90 days, first verdicts on 2026-04-14, 1 finding, coverage 100.0 %',
      'none',
    ]);
    expect(verdicts(first.report)).toMatchObject({ used: 'active', beat: 'active' });
    expect(first.report.growth).toMatchObject({ days: 1, verdictsOn: '2026-04-14', planOn: '2026-04-30' });
    expect(first.report.inventoryProblems).toEqual([]);
  });

  test('has the first verdicts on that day, and says how provisional they are', async () => {
    for (let i = 1; i < 13; i++) {
      const { subject, report } = await lived(dayAfter(DEPLOYED_ON, i));
      expect(subject).toContain(`: ${i + 1} of 90 days, first verdicts on 2026-04-14, `);
      expect(report.inventoryProblems).toEqual([]);
    }
    const last = await lived('2026-04-13');
    expect(show('day 14', '2026-04-14T08:00:00Z', last)).toEqual([
      '14 of 90',
      ...['2', '3', '0', '0'],
      '2026-06-25',
      '2 rules unused, 0 went quiet, coverage 100.0 %, provisional: 14 of 90 days',
      'none',
    ]);
    // Made 20 days before, it is older than all that was watched; the task of ten minutes was found.
    expect(verdicts(last.report)).toMatchObject({ old: 'stale', young: 'stale', task: 'active' });
    const provisional = { watchedDays: 14, windowDays: 90, nextBetterDay: '2026-04-30', wholeOn: '2026-06-25' };
    expect(rule(last, 'old').verdict).toEqual({ kind: 'stale', ageUnknown: false, provisional });
    expect(last.report.records.unknownInterface).toBe(0);
    expect(last.report.inventoryProblems).toEqual([]);
  });

  test('has verdicts over the whole window on the first morning, once a backfill has settled 90 days', async () => {
    await deployment.stop();
    await deploy('second');
    await runAt(FIRST_NIGHT);
    const began = performance.now();
    const backfill = await runAt('2026-04-01T04:30:00Z', { from: FIRST_DAY, to: DEPLOYED_ON });
    perDay = (performance.now() - began) / OLD_DAYS.length;
    const span = { from: FIRST_DAY, to: DEPLOYED_ON, days: 90 };
    expect(backfill.output).toEqual({ ...span, settled: 90, withoutLogs: 0, failed: 0, failures: [] });
    expect(backfill.report.days.map(({ day, source }) => `${day} ${source}`)).toEqual(
      OLD_DAYS.map((day) => `${day} reconciled`),
    );
    // CloudTrail's 90 days began in the small hours of the first one: it rests on what is assumed.
    expect(show('first morning, with a backfill', '2026-04-01T08:00:00Z', backfill)).toEqual([
      '89 of 90',
      ...['1', '3', '1', '0'],
      '–',
      'backfill done, 90 of 90 days settled',
      'none',
    ]);
    expect(verdicts(backfill.report)).toMatchObject({ old: 'stale', young: 'tooYoung', task: 'active' });
    expect(rule(backfill, 'old').verdict).toEqual({ kind: 'stale', ageUnknown: false });
    expect(rule(backfill, 'old').evidence.knownBy).toBe('cloudtrail');
    expect(rule(backfill, 'young').evidence.knownSince).toBe('2026-03-11T12:00:00Z');
    expect(rule(backfill, 'task').lastUsed).toBe('2026-02-10T12:05:00Z');
    expect(backfill.report.records).toMatchObject({ unknownInterface: 0, unexplained: 0 });
    expect(backfill.report.inventoryProblems).toEqual([]);
    const next = await lived('2026-04-01');
    expect(show('the morning after that', '2026-04-02T08:00:00Z', next)).toEqual([
      '90 of 90',
      ...['1', '3', '1', '0'],
      '–',
      '1 rule to remove, 0 went quiet, coverage 100.0 %',
      'none',
    ]);
  });
});
