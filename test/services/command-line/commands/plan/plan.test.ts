import { cp, rm, stat, truncate } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import type { Plan } from '../../../../../shared/advice/removal/plan.ts';
import { terraformJson } from '../../../../../shared/code/terraform/changes.ts';
import type { UsageReport } from '../../../../../shared/reports/schema.ts';
import { analyzeSample } from '../../analyze-sample.ts';
import { runMain, SAMPLE, type Run } from '../../program.ts';
import { scratch } from '../../scratch.ts';
import { HEADER, INVENTORY, logOf, recordLine } from '../../small-account.ts';

const folder = scratch();
const INVENTORY_DIR = `${SAMPLE}/inventory`;

/** Analyzes the sample, its rules vouched for, into `out`. */
async function analyzed(): Promise<void> {
  const run = await runMain(analyzeSample(folder.path('out'), ['--rules-known-since', '2026-01-12']));
  expect([run.status, run.stderr]).toEqual([0, '']);
}

const plan = (more: readonly string[] = [], inventory = INVENTORY_DIR): Promise<Run> =>
  runMain([
    'plan',
    ...['--report', folder.path('out/usage.json'), '--evidence', folder.path('out')],
    ...['--inventory', inventory, '--out', folder.path('plan'), '--min-days', '3', ...more],
  ]);
const made = async (): Promise<Plan> => JSON.parse(await folder.read('plan/plan.json')) as Plan;

const stagesOf = ({ stages }: Plan): string[][] =>
  stages.map(({ removals }) => removals.map(({ rule }) => rule.ruleId.slice(-5)).sort());

describe('the plan of the sample', () => {
  test('has the stale rules, then the one that another covers, each with commands, in files for a person', async () => {
    await analyzed();
    const run = await plan();
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toMatch(
      /^Stage 1: 6 stale\nStage 2: 1 redundant\nUnused or redundant, and kept for reasons that plan\.md gives: 9\n/,
    );
    expect((await folder.filesIn('plan')).filter((name) => !name.startsWith('inventory/'))).toEqual([
      'plan.json',
      'plan.md',
      'stage-1-undo.sh',
      'stage-1.sh',
      'stage-2-undo.sh',
      'stage-2.sh',
    ]);
    const written = await made();
    const report = JSON.parse(await folder.read('out/usage.json')) as UsageReport;
    const stale = report.rules.filter(({ verdict }) => verdict.kind === 'stale').map(({ ruleId }) => ruleId.slice(-5));
    expect(stagesOf(written)).toEqual([stale.sort(), ['60301']]);
    expect(written.stages[1]!.removals[0]!.coveredBy.map((id) => id.slice(-5))).toEqual(['60302']);
    expect(written.stages[1]!.keepers.map(({ ruleId }) => ruleId.slice(-5))).toEqual(['60302']);
    expect(written.evidence).toEqual({ source: folder.path('out/evidence'), days: 3, missingDays: [] });
    for (const name of ['stage-1.sh', 'stage-1-undo.sh']) {
      expect((await stat(folder.path(`plan/${name}`))).mode & 0o111).toBe(0o111);
      expect(await folder.read(`plan/${name}`)).toMatch(/^#!\/bin\/sh\n# [^]*\nset -eu\n/);
    }
    const text = await folder.read('plan/plan.md');
    for (const { ruleId, reason } of written.skipped) {
      expect(text).toContain(`| \`${ruleId}\``);
      expect(text).toContain(reason);
    }
  });

  test('what Terraform declares is to be changed in its code, whatever its tags say', async () => {
    await analyzed();
    const id = (rule: string): string => `sgr-0a1b2c3d4e5f${rule}`;
    const resource = (name: string, ruleId: string, more: object = {}): object => ({
      address: `aws_vpc_security_group_ingress_rule.${name}`,
      mode: 'managed',
      type: 'aws_vpc_security_group_ingress_rule',
      name,
      values: {
        id: ruleId,
        security_group_rule_id: ruleId,
        security_group_id: 'sg-0a1b2c3d4e5f60003',
        ip_protocol: 'tcp',
        from_port: 3306,
        to_port: 3306,
        cidr_ipv4: '10.20.0.0/16',
        ...more,
      },
    });
    const resources = [
      resource('mysql', id('60303')),
      resource('gone', 'sgr-0123456789abcdef0', { from_port: 1, to_port: 1 }),
    ];
    await folder.write({
      'state.json': { format_version: '1.0', values: { root_module: { resources } } },
      'code/db.tf': '# databases\n\nresource "aws_vpc_security_group_ingress_rule" "mysql" {\n}\n',
      'stacks.json': {
        StackResources: [
          {
            StackName: 'shop',
            LogicalResourceId: 'Bastion',
            PhysicalResourceId: 'sg-0a1b2c3d4e5f60004',
            ResourceType: 'AWS::EC2::SecurityGroup',
          },
        ],
      },
    });
    const run = await plan([
      ...['--terraform', folder.path('state.json'), '--terraform-dir', folder.path('code')],
      ...['--stack-resources', folder.path('stacks.json')],
    ]);
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toMatch(/^Stage 1: 4 stale\nStage 2: 1 redundant\nTo be changed in code, and in no script: 2\n/);
    const { inCode } = await made();
    expect(
      inCode.map(({ rule, managedBy }) => [rule.ruleId.slice(-5), managedBy.map(({ tool }) => tool)]).sort(),
    ).toEqual([
      ['60303', ['Terraform']],
      ['60402', ['CloudFormation']],
    ]);
    const { pullRequests, unmapped } = terraformJson.parse(JSON.parse(await folder.read('plan/terraform.json')));
    expect(
      pullRequests.map(({ changes }) =>
        changes.map(({ address, action, code }) => [address, action, code?.file, code?.line]),
      ),
    ).toEqual([[['aws_vpc_security_group_ingress_rule.mysql', 'deleteResource', 'db.tf', 3]]]);
    expect(unmapped.map(({ ruleId }) => ruleId.slice(-5))).toEqual(['60402']);
    expect(await folder.read('plan/terraform.md')).toContain('`aws_vpc_security_group_ingress_rule.mysql`');
    expect(await folder.read('plan/stage-1.sh')).not.toContain('60303');
  });

  test('has none of rules that are kept on purpose since the report was made', async () => {
    await analyzed();
    await folder.write({ 'kept.csv': 'group_name,reason,owner,expires\ndata*,audit,jane,2026-12-31\n' });
    expect((await plan(['--exemptions', folder.path('kept.csv')])).status).toBe(0);
    const { skipped, ...rest } = await made();
    expect(stagesOf({ skipped, ...rest }).flat()).not.toContain('60303');
    expect(skipped.find(({ ruleId }) => ruleId.endsWith('60303'))!.reason).toBe(
      'kept until 2026-12-31, says jane: audit',
    );
  });

  test('by owner each has scripts under the own name, and check-plan knows its stages', async () => {
    await analyzed();
    const run = await plan(['--by', 'owner', '--owner-tag', 'service']);
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toMatch(/^Stage 1 \(shop\): \d stale\nStage 2 \(shop\): 1 redundant\n/);
    const written = await made();
    expect(written.by).toBe('owner');
    expect(written.stages.map(({ of }) => of).slice(0, 2)).toEqual(['shop', 'shop']);
    const scripts = (await folder.filesIn('plan')).filter((name) => name.endsWith('.sh'));
    expect(scripts.slice(0, 2)).toEqual(['stage-1-undo.shop.sh', 'stage-1.shop.sh']);
    const twice = await plan(['--by', 'account']);
    expect(twice.stderr).toContain('holds plan.json of another plan');
    expect((await plan(['--by', 'team'])).status).toBe(2);
  });

  test('leaves out what is excluded, and cuts stages as told', async () => {
    await analyzed();
    const { status } = await plan([
      '--exclude',
      'sgr-0a1b2c3d4e5f60303',
      '--max-per-stage',
      '4',
      '--region',
      'eu-central-1',
    ]);
    expect(status).toBe(0);
    const written = await made();
    expect(stagesOf(written).map((ids) => ids.length)).toEqual([4, 1, 1]);
    expect(stagesOf(written).flat()).not.toContain('60303');
    expect(written.skipped.map(({ ruleId }) => ruleId)).toContain('sgr-0a1b2c3d4e5f60303');
    expect(await folder.read('plan/stage-1.sh')).toContain('place 111122223333 eu-central-1\n');
  });

  test('has none of rules that were watched on fewer than 30 days, unless fewer are said to do', async () => {
    await analyzed();
    expect((await plan(['--min-days', '30'])).stdout).toMatch(/^Nothing may be removed\.\n/);
    const { skipped } = await made();
    expect(skipped.find(({ ruleId }) => ruleId.endsWith('60303'))).toMatchObject({
      reason: 'watched on 3 days only, and a plan wants 30 (--min-days)',
    });
  });

  test('has none of rules whose age is unknown, unless somebody vouches for them', async () => {
    expect((await runMain(analyzeSample(folder.path('out')))).status).toBe(0);
    expect((await plan()).stdout).toMatch(/^Nothing may be removed\.\n/);
    expect((await runMain(['plan', '--help'])).status).toBe(0);
    const other = ['--rules-known-since', '2026-01-12', '--out', folder.path('vouched')];
    expect((await plan(other)).stdout).toMatch(/^Stage 1: 6 stale\n/);
  });
});

describe('what is no plan', () => {
  test.each<[why: string, more: readonly string[], says: RegExp]>([
    ['an unknown rule is excluded', ['--exclude', 'sgr-x'], /^stale-sg: --exclude sgr-x: .* has no such rule\n$/],
    ['no such report', ['--report', '/nowhere/usage.json'], /^stale-sg: .*\/nowhere\/usage\.json.*\n$/],
    [
      'a report that is none',
      ['--report', `${SAMPLE}/inventory/vpcs.json`],
      /vpcs\.json: no usage\.json of version 1: /,
    ],
    ['no evidence', ['--evidence', SAMPLE], /no evidence there/],
  ])('%s', async (_why, more, says) => {
    await analyzed();
    const { status, stderr } = await plan(more);
    expect([status, stderr]).toEqual([1, expect.stringMatching(says)]);
    expect(await folder.filesIn('plan')).toEqual([]);
  });

  test.each<[what: string, lose: (manifest: { days: Record<string, string[]> }) => Promise<void>, says: RegExp]>([
    [
      'the file of a day',
      ({ days }) => rm(folder.path(`out/evidence/day=2026-01-13/${days['2026-01-13']![0]!}`)),
      /^stale-sg: .*evidence\/day=2026-01-13\/part-.*: no such file or folder\n$/,
    ],
    [
      'a part of such a file',
      ({ days }) => truncate(folder.path(`out/evidence/day=2026-01-13/${days['2026-01-13']![0]!}`), 500),
      /^stale-sg: .*evidence\/day=2026-01-13\/part-.*: parquet file invalid.*\n$/,
    ],
    [
      'a day of the list of files',
      ({ days, ...more }) => {
        const others = Object.entries(days).filter(([day]) => day !== '2026-01-13');
        return folder.write({ 'out/evidence/manifest.json': { ...more, days: Object.fromEntries(others) } });
      },
      /^stale-sg: .*out\/evidence: no evidence of 2026-01-13, which .*usage\.json speaks of; analyze anew\n$/,
    ],
  ])('evidence of which something is lost: %s', async (_what, lose, says) => {
    await analyzed();
    await lose(JSON.parse(await folder.read('out/evidence/manifest.json')) as { days: Record<string, string[]> });
    const { status, stderr } = await plan();
    expect([status, stderr]).toEqual([1, expect.stringMatching(says)]);
    expect(await folder.filesIn('plan')).toEqual([]);
  });

  test.each([
    ['a rule is gone', (rules: Rules) => rules.slice(1), /it lacks the rule sgr-0a1b2c3d4e5f6/],
    [
      'a rule has come',
      (rules: Rules) => [...rules, { ...rules[0], SecurityGroupRuleId: 'sgr-new' }],
      /the report lacks the rule sgr-new/,
    ],
    [
      'a rule was edited',
      (rules: Rules) => rules.map((rule, i) => (i === 0 ? { ...rule, IpProtocol: 'udp' } : rule)),
      /the rule sgr-\w+ is "ingress udp 443-443 cidrIpv4 0\.0\.0\.0\/0 of sg-\w+" there and "ingress tcp .*" in the report/,
    ],
  ])('another inventory than that of the report: %s', async (_why, edit, says) => {
    await analyzed();
    await cp(INVENTORY_DIR, folder.path('inventory'), { recursive: true });
    const path = 'inventory/security-group-rules.json';
    const { SecurityGroupRules } = JSON.parse(await folder.read(path)) as {
      SecurityGroupRules: Rules;
    };
    await folder.write({ [path]: { SecurityGroupRules: edit(SecurityGroupRules) } });
    const { status, stderr } = await plan([], folder.path('inventory'));
    expect([status, stderr]).toEqual([1, expect.stringMatching(says)]);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('a folder that holds a plan: its undo may still be needed', async () => {
    await analyzed();
    expect((await plan()).status).toBe(0);
    const before = await folder.read('plan/stage-1-undo.sh');
    const { status, stderr } = await plan(['--exclude', 'sgr-0a1b2c3d4e5f60303']);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/holds plan\.json of another plan, whose undo may still/),
    ]);
    expect(await folder.read('plan/stage-1-undo.sh')).toBe(before);
  });

  test.each([
    ['--max-per-stage', '0'],
    ['--max-per-stage', '1001'],
    ['--max-per-stage', 'x'],
    ['--profile', '-x'],
    ['--region', ''],
  ])('%s %s', async (name, value) => {
    expect((await plan([`${name}=${value}`])).status).toBe(2);
  });
});

type Rules = Record<string, unknown>[];

describe('check-plan', () => {
  const PLAN = { schemaVersion: 1, stages: [{ number: 1, removals: [{ rule: { ruleId: 'sgr-1' } }] }] };
  const check = (...more: string[]): Promise<Run> =>
    runMain([
      'check-plan',
      ...['--plan', folder.path('plan.json'), '--stage', '1', '--inventory', folder.path('inventory')],
      ...['--logs', folder.path('logs'), '--since', '2026-01-12T00:10:00', ...more],
    ]);
  const wholeDay = Array.from({ length: 24 }, (_, hour) => recordLine(60 * hour + 30));
  const rejected = (minute: number, port = 443): string => recordLine(minute, 'REJECT').replace(' 443 ', ` ${port} `);

  test('tells what was rejected since, and would have passed by a removed rule', async () => {
    const lines = [rejected(5), rejected(20), rejected(30), rejected(30, 22), ...wholeDay];
    await folder.write({ ...INVENTORY, 'plan.json': PLAN, 'logs/a.log': logOf(...lines) });
    const { status, stdout, stderr } = await check();
    expect([status, stderr]).toEqual([1, 'stale-sg: rejected records that a removed rule would have let pass: 2\n']);
    expect(stdout).toMatch(/^27 records since then, 0 unreadable; 1 removed rule\./);
    expect(stdout).toContain('2 times until 2026-01-12T00:30:59Z: eni-1 ingress tcp 443 from 203.0.113.9, by sgr-1\n');
    expect(stdout.split('\n')).toHaveLength(3);
  });

  test('finds nothing where nothing of the kind was rejected', async () => {
    const lines = [rejected(5), rejected(30, 22), ...wholeDay];
    await folder.write({ ...INVENTORY, 'plan.json': PLAN, 'logs/a.log': logOf(...lines) });
    const { status, stdout } = await check();
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^25 records since then.*nothing was rejected/)]);
  });

  test.each([
    ['less than a day was read', wholeDay.slice(0, 21), /of 24 hours, records were read of 21 only/],
    ['hours are missing', [wholeDay[0]!, recordLine(60 * 47 + 30), ...wholeDay.slice(3)], /of 48 hours, .* 23 only/],
    [
      'nothing was read of the interfaces',
      wholeDay.map((line) => line.replace('eni-1 ', 'eni-9 ')),
      /groups of whose interfaces no record was read: sg-/,
    ],
  ])('ends with 3 where %s', async (_why, lines, says) => {
    await folder.write({ ...INVENTORY, 'plan.json': PLAN, 'logs/a.log': logOf(...lines) });
    const { status, stderr } = await check();
    expect([status, stderr]).toEqual([3, expect.stringMatching(says)]);
  });

  test('what a block of public access refused, no rule could have let pass', async () => {
    const line = `${rejected(30)} BPA`;
    const lines = [line, ...wholeDay.map((one) => `${one} -`)].join('\n');
    await folder.write({ ...INVENTORY, 'plan.json': PLAN, 'logs/a.log': `${HEADER} reject-reason\n${lines}\n` });
    expect((await check()).status).toBe(0);
  });

  test.each([
    ['no record since', ['--since', '2027-01-01'], /no record since then: nothing was checked/],
    ['no such stage', ['--stage', '2'], /has no stage 2; it has 1/],
    ['no plan', ['--plan', `${SAMPLE}/inventory/vpcs.json`], /no plan\.json of version 1/],
  ])('%s', async (_why, more, says) => {
    await folder.write({ ...INVENTORY, 'plan.json': PLAN, 'logs/a.log': logOf(rejected(30)) });
    const { status, stderr } = await check(...more);
    expect([status, stderr]).toEqual([1, expect.stringMatching(says)]);
  });

  test('of what was changed in code it looks for that, and for nothing where nothing was', async () => {
    const inCode = [{ rule: { ruleId: 'sgr-1' } }];
    const lines = logOf(rejected(30), ...wholeDay);
    await folder.write({ ...INVENTORY, 'plan.json': { ...PLAN, stages: [], inCode }, 'logs/a.log': lines });
    const args = ['check-plan', '--plan', folder.path('plan.json'), '--inventory', folder.path('inventory')];
    const more = ['--logs', folder.path('logs'), '--since', '2026-01-12T00:10:00'];
    const found = await runMain([...args, ...more, '--in-code']);
    expect([found.status, found.stdout]).toEqual([1, expect.stringContaining('by sgr-1')]);
    expect((await runMain([...args, ...more])).status).toBe(2);
    await folder.write({ 'plan.json': PLAN });
    const none = await runMain([...args, ...more, '--in-code']);
    expect([none.status, none.stderr]).toEqual([1, expect.stringMatching(/nothing of it was to be changed in code/)]);
  });

  test('of a group that was made narrower it looks for what its wide rules let pass', async () => {
    const groupOf = (groupId: string, isNarrowed: boolean) => {
      return { groupId, proposal: { removes: [{ ruleId: 'sgr-1', isNarrowed }] } };
    };
    const groups = [groupOf('sg-1', true), groupOf('sg-2', false), { groupId: 'sg-3', proposal: null }];
    const plan = { ...PLAN, stages: [], groups };
    await folder.write({ ...INVENTORY, 'plan.json': plan, 'logs/a.log': logOf(rejected(30), ...wholeDay) });
    const args = ['check-plan', '--plan', folder.path('plan.json'), '--inventory', folder.path('inventory')];
    const more = ['--logs', folder.path('logs'), '--since', '2026-01-12T00:10:00', '--group'];
    const found = await runMain([...args, ...more, 'sg-1']);
    expect([found.status, found.stdout]).toEqual([1, expect.stringContaining('by sgr-1')]);
    for (const other of ['sg-2', 'sg-3', 'sg-4']) {
      const none = await runMain([...args, ...more, 'sg-1', other]);
      expect(none.stderr).toContain(`proposes no narrower rules for the group ${other}`);
    }
  });

  test('an inventory of after the stage', async () => {
    const stages = [{ number: 1, removals: [{ rule: { ruleId: 'sgr-gone' } }] }];
    await folder.write({ ...INVENTORY, 'plan.json': { ...PLAN, stages }, 'logs/a.log': logOf(rejected(30)) });
    const { status, stderr } = await check();
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/lacks the rule sgr-gone; give the inventory of before/),
    ]);
  });
});
