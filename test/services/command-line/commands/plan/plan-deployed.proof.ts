// Costs about 30 seconds.
import { gzipSync } from 'node:zlib';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { openDeployment } from '../../../../../services/command-line/deployment/evidence-adapter.ts';
import type { Plan } from '../../../../../shared/advice/removal/plan.ts';
import { describeWithDynamoDb } from '../../../../beds/describe-with-dynamodb.ts';
import { awsRule } from '../../../../shared/inventory/aws-shorthand.ts';
import { DATA } from '../../../reconcile-usage/deployed-account.ts';
import { ACCOUNT, changed, DeployedReport, listed, REPORT } from '../../deployed-report.ts';
import { runMain } from '../../program.ts';
import { scratch } from '../../scratch.ts';

jest.setTimeout(120_000);

const folder = scratch();
/** The days of the world do, though they are fewer than a plan wants. */
const ALL_DAYS = ['--min-days', '10'];
const LATER = '2026-01-12T12:00:00Z';

const nameOf = (ruleId: string): string => ruleId.slice('sgr-'.length);
const stagesOf = ({ stages }: Plan): string[][] =>
  stages.map(({ removals }) => removals.map(({ rule }) => nameOf(rule.ruleId)).sort());
const reasonsOf = ({ skipped }: Plan): Record<string, string> =>
  Object.fromEntries(skipped.map(({ ruleId, reason }) => [nameOf(ruleId), reason]));

describeWithDynamoDb('the plan of a deployment', (dynamo) => {
  let deployed: DeployedReport;
  let plans = 0;

  beforeEach(async () => {
    deployed = await DeployedReport.start(`planned-${++plans}`, dynamo(), folder);
  });
  afterEach(() => deployed.stop());

  async function planned(...more: string[]): Promise<Plan> {
    const out = `plan-${++plans}`;
    const run = await deployed.run('plan', '--out', folder.path(out), ...ALL_DAYS, ...more);
    expect([run.status, run.stderr]).toEqual([0, '']);
    return JSON.parse(await folder.read(`${out}/plan.json`)) as Plan;
  }

  test('is that of the files of the same days, as long as nothing has changed', async () => {
    await deployed.fill();
    const files = ['--report', 'out/usage.json', '--evidence', 'out', '--inventory', 'inventory'].map((one) =>
      one.startsWith('--') ? one : folder.path(one),
    );
    const args = ['--region', 'eu-west-1', '--out', folder.path('local'), ...ALL_DAYS];
    expect((await runMain(['plan', ...files, ...args])).status).toBe(0);
    const local = JSON.parse(await folder.read('local/plan.json')) as Plan;
    const made = await planned();
    expect(stagesOf(made)).toEqual([
      ['dns', 'ping', 'rdp', 'smtp', 'ssh', 'telnet'],
      ['outer', 'wide'],
    ]);
    expect(made.evidence).toEqual({ source: `tables ${deployed.prefix}-*`, days: 10, missingDays: [] });
    expect({ ...made, evidence: null }).toEqual({ ...local, evidence: null });
    // The snapshot tells the region: in another one every rule would look gone.
    expect(made.stages[0]!.removals[0]!.command).toContain('--region eu-west-1');
  });

  test('leaves out what has changed since the report, with the reason', async () => {
    await deployed.fill();
    const edits = changed({
      telnet: 'in tcp 2323 0.0.0.0/0',
      ping: 'in icmp 13/-1 10.0.0.0/8',
      smtp: undefined,
      dns: [{ Key: 'stale-sg:keep', Value: 'asked for' }],
      rdp: [{ Key: 'stale-sg:window', Value: '365' }],
      inner: 'in tcp 5432-5433 10.0.5.0/24',
    });
    const fresh = awsRule('in tcp 9 0.0.0.0/0', {
      SecurityGroupRuleId: 'sgr-fresh',
      GroupId: 'sg-a',
      GroupOwnerId: ACCOUNT,
    });
    await deployed.account.publish(
      listed((rules) => [...edits(rules), fresh]),
      LATER,
    );
    const run = await deployed.run('plan', '--out', folder.path('plan'), ...ALL_DAYS);
    expect([run.status, run.stderr]).toEqual([0, '']);
    const report = `s3://${DATA}/${REPORT}`;
    expect(run.stdout).toContain(`Changed or used since ${report}, and left out: 8\n`);
    const made = JSON.parse(await folder.read('plan/plan.json')) as Plan;
    expect(stagesOf(made)).toEqual([['ssh'], ['wide']]);
    expect(reasonsOf(made)).toEqual({
      telnet: expect.stringMatching(
        /^it was edited: .* judged it stale as "ingress tcp 23-23 .*, and now it is "ingress/,
      ),
      ping: expect.stringMatching(
        /^it was edited: .* as "ingress icmp type 8 code -1 .* now it is "ingress icmp type 13 /,
      ),
      smtp: expect.stringMatching(/^it is gone: removed since the report of/),
      dns: expect.stringMatching(/^its tag stale-sg:keep or stale-sg:window was changed since/),
      rdp: expect.stringMatching(/^its tag stale-sg:keep or stale-sg:window was changed since/),
      inner: expect.stringMatching(/^it was edited: .* judged it redundant/),
      outer: expect.stringMatching(/^sgr-inner, which covered it, was edited or removed since/),
      fresh: expect.stringMatching(/^it is new: the report of .* lacks it$/),
      narrow: expect.stringMatching(/^takes over from sgr-wide/),
    });
    // Of a group that the report does not know whole, nobody can say what it could be.
    expect(made.groups!.map(({ proposal }) => proposal)).toEqual([null]);
  });

  test('knows no verdict of a rule that was edited while the report was made', async () => {
    await deployed.fill();
    // Before the run began: what it judged was as before.
    await deployed.account.publish(listed(changed({ telnet: 'in tcp 24 0.0.0.0/0' })), '2026-01-11T00:30:00Z');
    await deployed.account.publish(listed(), '2026-01-11T01:00:00Z');
    // Between the run's begin and the writing of the report; who knows which of the two was judged.
    await deployed.account.publish(listed(changed({ ping: 'in icmp 13/-1 10.0.0.0/8' })), '2026-01-11T03:40:00Z');
    await deployed.account.publish(listed(), '2026-01-11T03:50:00Z');
    const made = await planned();
    expect(stagesOf(made)[0]).toEqual(['dns', 'rdp', 'smtp', 'ssh', 'telnet']);
    expect(reasonsOf(made)).toMatchObject({ ping: expect.stringMatching(/^it was edited since .*or while/) });
    const { report, inventoriesOf, close } = await openDeployment({ tables: deployed.prefix, dataBucket: DATA });
    const found = await report();
    const until = async (writtenAt: number) => (await inventoriesOf({ ...found, writtenAt })).length;
    const times = ['03:30', '03:40', '03:49', '03:50'].map((time) => Date.parse(`2026-01-11T${time}:00Z`) / 1000);
    expect(await Promise.all(times.map(until))).toEqual([1, 2, 2, 3]);
    close();
  });

  test.each([
    ['after the report', 12],
    ['in its window, and came too late for it', 9],
  ])('takes what was streamed %s for use', async (_when, day) => {
    await deployed.fill();
    await deployed.stream(day, '203.0.113.7', 3389);
    await deployed.stream(day, '10.9.9.9', 8443);
    const made = await planned();
    // Who came from 10.9.9.9 had the wide rule alone: it stays, and the narrow one may go instead.
    expect(stagesOf(made)).toEqual([
      ['dns', 'ping', 'smtp', 'ssh', 'telnet'],
      ['narrow', 'outer'],
    ]);
    expect(reasonsOf(made)).toMatchObject({
      rdp: `it was used on 2026-01-${String(day).padStart(2, '0')}, or may have been, which the report of 2026-01-11T00:00:00Z does not know`,
      wide: expect.stringMatching(/^no other rule that admitted the same/),
    });
  });

  test('shows a hostile report harmlessly', async () => {
    await deployed.fill();
    const hostile = 'sgr-x\u001b[31m | `$(id)`\n# <script>\u202e';
    const report = JSON.parse(await folder.read('out/usage.json')) as { rules: Record<string, unknown>[] };
    report.rules.push({ ...report.rules[0], ruleId: hostile, groupId: hostile });
    for (const rule of report.rules) if (rule.ruleId === 'sgr-telnet') rule.protocol = hostile;
    for (const rule of report.rules) if (rule.ruleId === 'sgr-ssh') rule.why = hostile;
    await deployed.put(REPORT, gzipSync(JSON.stringify(report)));
    const made = await planned();
    expect(stagesOf(made)[0]).toEqual(['dns', 'ping', 'rdp', 'smtp', 'ssh']);
    const out = `plan-${plans}`;
    for (const name of await folder.filesIn(out)) {
      if (name === 'plan.json') continue;
      const text = await folder.read(`${out}/${name}`);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(text).not.toMatch(/^# <script>/m);
    }
    const rows = (await folder.read(`${out}/plan.md`)).split('\n').filter((line) => line.includes('it is gone'));
    // Four cells: what would end one is escaped.
    expect(rows.map((row) => row.split(/(?<!\\)\|/).length)).toEqual([6]);
  });

  test('takes evidence of days after the report for use', async () => {
    await deployed.fill();
    await deployed.settle('2026-01-12', ['sgr-ssh']);
    await deployed.settle('2026-01-13', ['sgr-wide']);
    const made = await planned();
    expect(stagesOf(made)).toEqual([
      ['dns', 'ping', 'rdp', 'smtp', 'telnet'],
      ['narrow', 'outer'],
    ]);
    expect(reasonsOf(made)).toMatchObject({ ssh: 'the evidence shows use that the report lacks' });
  });

  test('leaves out what is excluded, and fails for what is not a rule', async () => {
    await deployed.fill();
    expect(stagesOf(await planned('--exclude', 'sgr-ssh'))[0]).not.toContain('ssh');
    const run = await deployed.run('plan', '--out', folder.path('none'), '--exclude', 'sgr-x');
    expect([run.status, run.stderr]).toEqual([1, 'stale-sg: --exclude sgr-x: the newest snapshot has no such rule\n']);
  });

  test('is none where no night has written a report', async () => {
    await deployed.account.publish(listed(), '2025-12-31T12:00:00Z');
    const run = await deployed.run('plan', '--out', folder.path('plan'));
    expect([run.status, run.stderr]).toEqual([
      1,
      `stale-sg: s3://${DATA}/reports/: no report there: the first night that is through writes one; has one run to its end?\n`,
    ]);
    expect(await folder.filesIn('plan')).toEqual([]);
  });

  test.each([
    ['a report that is none', Buffer.from('{}'), /no report of version 1/],
    ['a report without verdicts', Buffer.from('{"schemaVersion":1}'), /no report of version 1/],
    ['what is not packed', undefined, /cannot be read: incorrect header check/],
  ])('is none of %s, which is named', async (_why, text, says) => {
    await deployed.account.publish(listed(), '2025-12-31T12:00:00Z');
    await deployed.put(REPORT, text ? gzipSync(text) : Buffer.from('plain'));
    const run = await deployed.run('plan', '--out', folder.path('plan'));
    expect([run.status, run.stderr.trimEnd().split('\n').length]).toEqual([1, 1]);
    expect(run.stderr).toMatch(says);
    expect(run.stderr).toMatch(new RegExp(`^stale-sg: s3://${DATA}/${REPORT}: `));
  });

  test('is none of a bucket that is not there', async () => {
    await deployed.account.publish(listed(), '2025-12-31T12:00:00Z');
    const run = await deployed.run('plan', '--out', folder.path('plan'), '--data-bucket', 'nowhere');
    expect([run.status, run.stderr]).toEqual([1, expect.stringMatching(/^stale-sg: s3:\/\/nowhere\/reports\/: .+\n$/)]);
  });

  test.each([[['--report', 'x']], [['--evidence', 'x']], [['--inventory', 'x']]])(
    'is from a deployment or from files, not from both: %j',
    async (more) => {
      expect((await deployed.run('plan', '--out', folder.path('plan'), ...more)).status).toBe(2);
    },
  );

  test('is from something', async () => {
    const some = ['plan', '--out', folder.path('plan'), '--report', 'x', '--inventory', 'y'];
    const { status, stderr } = await runMain(some);
    expect([status, stderr]).toEqual([2, expect.stringContaining('or --tables PREFIX')]);
  });

  test('explain tells the verdict of the newest report, but of a rule that was edited since', async () => {
    await deployed.fill();
    await deployed.account.publish(listed(changed({ telnet: 'in tcp 2323 0.0.0.0/0' })), LATER);
    const report = await deployed.run('report', '--out', folder.path('report'));
    expect([report.status, report.stderr]).toEqual([0, '']);
    const { stdout } = await deployed.run('explain', 'sgr-ssh');
    expect(stdout).toMatch(/^Verdict {5}stale: /m);
    const edited = await deployed.run('explain', 'sgr-telnet');
    expect([edited.status, edited.stdout]).toEqual([0, expect.not.stringContaining('Verdict')]);
    // A report that is given wins.
    const given = JSON.parse(await folder.read('report/usage.json')) as { rules: { ruleId: string; why: string }[] };
    for (const rule of given.rules) rule.why = 'as the file says';
    await folder.write({ 'given.json': given });
    const told = await deployed.run('explain', 'sgr-ssh', '--report', folder.path('given.json'));
    expect(told.stdout).toContain('stale: as the file says');
  });

  test('explain does without a verdict before the first report', async () => {
    await deployed.fill();
    await deployed.account.s3.send(new DeleteObjectCommand({ Bucket: DATA, Key: REPORT }));
    const { status, stdout } = await deployed.run('explain', 'sgr-ssh');
    expect([status, stdout]).toEqual([0, expect.not.stringContaining('Verdict')]);
  });
});
