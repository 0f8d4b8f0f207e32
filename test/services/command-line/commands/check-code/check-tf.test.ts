/** What a plan of Terraform would cut, before it is merged: plans that Terraform made, against traffic that was seen. */
import { join } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { FIXTURES, fixture } from '../../../../terraform/terraform-files.ts';
import { filesOf } from '../../evidence-world.ts';
import { DECLARED } from './declared-world.ts';
import { runMain, type Run } from '../../program.ts';
import { scratch } from '../../scratch.ts';

jest.setTimeout(60_000);
const folder = scratch('block');

beforeAll(async () => {
  await folder.write(filesOf(DECLARED));
  const [inventory, logs, out] = ['inventory', 'logs', 'out'].map((name) => folder.path(name)) as [
    string,
    string,
    string,
  ];
  const run = await runMain(['analyze', '--inventory', inventory, '--logs', logs, '--out', out]);
  expect([run.status, run.stderr]).toEqual([0, '']);
});

const checkAll = (files: readonly string[], ...more: readonly string[]): Promise<Run> =>
  runMain(['check-tf', ...files, '--evidence', folder.path('out'), '--inventory', folder.path('inventory'), ...more]);
const check = (file: string, ...more: readonly string[]): Promise<Run> => checkAll([file], ...more);
const plan = (name: string): string => join(FIXTURES, 'plans', `${name}.json`);

describe('a plan that cuts what was seen is refused, with the flows', () => {
  test.each([
    ['delete-used', 'eni-1', 'ingress tcp 443', '203.0.113.5', 'sgr-https'],
    ['narrow-used', 'eni-1', 'ingress tcp 443', '203.0.113.5', 'sgr-https'],
    ['not-known-yet', 'eni-1', 'ingress tcp 443', '203.0.113.5', 'sgr-https'],
    ['exclusive', 'eni-1', 'ingress tcp 443', '203.0.113.5', 'sgr-https'],
    ['inline-used', 'eni-3', 'ingress tcp 22', '203.0.113.5', 'sgr-ssh'],
    ['group-deleted', 'eni-3', 'ingress tcp 22', '203.0.113.5', 'sgr-ssh'],
  ])('%s', async (name, owner, service, peer, ruleId) => {
    const { status, stdout, stderr } = await check(plan(name), '--format', 'markdown');
    expect([status, stderr]).toEqual([
      3,
      expect.stringContaining('cuts, or may cut, what was seen: 1 service flow would'),
    ]);
    expect(stdout).toContain('**Refused:**');
    expect(stdout).toMatch(
      new RegExp(
        `^\\| \`${owner}\` \\| ${service} \\| \`${peer}\` \\| 10 \\| 2026-01-10T.* \\| 10 \\| \`${ruleId}\` \\|$`,
        'm',
      ),
    );
  });
});

test('as JSON, what it cuts and by which resource, for programs', async () => {
  const { status, stdout } = await check(plan('delete-used'), '--format', 'json');
  expect(status).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    schemaVersion: 1,
    cuts: true,
    removed: [{ ruleId: 'sgr-https' }],
    simulation: { lost: { flows: 1 } },
  });
  const passed = await check(plan('delete-advised'), '--format', 'json');
  expect([passed.status, JSON.parse(passed.stdout)]).toMatchObject([0, { cuts: false, untold: [] }]);
});

describe('a plan that cuts nothing that was seen passes', () => {
  test.each([
    [
      'delete-advised',
      'nothing that was seen would be cut by this change',
      'sgr-old: by aws_vpc_security_group_ingress_rule.old',
    ],
    ['narrow-unused', 'nothing that was seen would be cut by this change', '  in tcp 5432 from 10.0.0.0/24 of sg-b'],
    [
      'covered-by-addition',
      'nothing that was seen would be cut by this change',
      '  in tcp 443 from 203.0.113.0/24 of sg-a',
    ],
    ['moved', 'this change removes no rule', ''],
    [
      'replace-same',
      'this change removes no rule',
      'Note: sgr-https, in tcp 443 from 0.0.0.0/0, is removed and made again',
    ],
    ['forgotten', 'this change removes no rule', 'stays open, and no code tells of it any more'],
  ])('%s', async (name, verdict, more) => {
    const { status, stdout, stderr } = await check(plan(name));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')[0]).toBe(`${plan(name)}: ${verdict}`);
    expect(stdout).toContain(more);
  });
});

describe('what cannot be told does not pass', () => {
  test.each([
    ['in one plan', [plan('to-other-resource')]],
    ['in several, which are one change', [plan('delete-used'), plan('to-other-resource')]],
  ])('a rule that one resource removes and another makes, %s', async (_, files) => {
    const { status, stdout } = await checkAll(files);
    expect([status, stdout]).toEqual([
      3,
      expect.stringMatching(
        /^Cannot be told: sgr-https, .*, is removed by .*https and made by .*https, in no order: made first it is refused/m,
      ),
    ]);
  });

  test('a group that is replaced: its flows depend on who gets the new one', async () => {
    const { status, stdout } = await check(plan('group-replaced'));
    expect(status).toBe(3);
    expect(stdout).toContain(
      'Cannot be told: aws_security_group.c is replaced: whether all that carries sg-c gets the new group',
    );
  });

  test('a rule that the inventory does not have', async () => {
    await folder.write(rulesWithout('old'));
    const args = ['--evidence', folder.path('out'), '--inventory', folder.path('older')];
    const { status, stdout } = await runMain(['check-tf', plan('delete-advised'), ...args]);
    expect(status).toBe(3);
    expect(stdout).toMatch(
      /^Cannot be told: aws_vpc_security_group_ingress_rule.old removes sgr-old, in tcp 8080 .*, which the inventory does not have$/m,
    );
  });

  test('a rule that the report does not have, and evidence without a report', async () => {
    const [out, inventory] = [folder.path('out'), folder.path('inventory')];
    const report = JSON.parse(await folder.read('out/usage.json')) as { rules: { ruleId: string }[] };
    await folder.write({
      'less.json': { ...report, rules: report.rules.filter(({ ruleId }) => ruleId !== 'sgr-old') },
    });
    const less = await check(plan('delete-advised'), '--report', folder.path('less.json'));
    expect([less.status, less.stdout]).toEqual([
      3,
      expect.stringContaining('whether sgr-old is used: the report does not have it'),
    ]);
    const alone = ['--evidence', join(out, 'evidence'), '--inventory', inventory];
    const without = await runMain(['check-tf', plan('delete-advised'), ...alone]);
    expect([without.status, without.stdout]).toEqual([
      3,
      expect.stringContaining('whether all was seen: no usage.json'),
    ]);
  });

  test('a rule that was not observed', async () => {
    const report = JSON.parse(await folder.read('out/usage.json')) as { rules: { ruleId: string }[] };
    const rules = report.rules.map((one) =>
      one.ruleId === 'sgr-old'
        ? { ...one, verdict: { kind: 'notObserved', reason: 'idle' }, why: 'nobody looked' }
        : one,
    );
    await folder.write({ 'dark.json': { ...report, rules } });
    const { status, stdout } = await check(plan('delete-advised'), '--report', folder.path('dark.json'));
    expect([status, stdout]).toEqual([3, expect.stringContaining('whether sgr-old is used: nobody looked')]);
  });
});

test('a rule that was edited since the report: that judged what it was', async () => {
  const rules = { ...DECLARED.rules, old: 'sg-a in tcp 8081 0.0.0.0/0' };
  const files = Object.entries(filesOf({ ...DECLARED, rules })).filter(([path]) => path.startsWith('inventory/'));
  await folder.write(
    Object.fromEntries(files.map(([path, content]) => [path.replace('inventory/', 'newer/'), content])),
  );
  const args = ['--evidence', folder.path('out'), '--inventory', folder.path('newer')];
  const { status, stdout } = await runMain(['check-tf', plan('delete-advised'), ...args]);
  expect([status, stdout]).toEqual([
    3,
    expect.stringContaining('Cannot be told: whether sgr-old is used: it was edited since the report'),
  ]);
});

/** The inventory under `older`, without a rule. */
function rulesWithout(name: string): Record<string, unknown> {
  const { [name as 'old']: _, ...rules } = DECLARED.rules;
  const files = Object.entries(filesOf({ ...DECLARED, rules })).filter(([path]) => path.startsWith('inventory/'));
  return Object.fromEntries(files.map(([path, content]) => [path.replace('inventory/', 'older/'), content]));
}

test('the comment is written to a file as well, capped, with harmless names', async () => {
  const evil = 'x | <b> ``` @everyone\u202e\n# head';
  const raw = fixture('plans/delete-used.json') as { resource_changes: { address: string }[] };
  const resource_changes = raw.resource_changes.map((one) => ({ ...one, address: `${one.address}["${evil}"]` }));
  await folder.write({ 'evil.json': { ...raw, resource_changes } });
  const { stdout } = await check(folder.path('evil.json'), '--markdown', folder.path('comment.md'), '--limit', '1');
  const comment = await folder.read('comment.md');
  for (const text of [stdout, comment]) expect(text).not.toMatch(/\u202e|^# head/m);
  expect(comment).toContain('````aws_vpc_security_group_ingress_rule.https["x \\| <b> ``` @everyone??# head"]````');
});

test.each<[string, unknown, RegExp]>([
  ['state.json', fixture('before.json'), /not a plan but a state: run 'terraform plan -out tfplan'/],
  [
    'raw.json',
    { version: 4, lineage: 'x' },
    /not what 'terraform show -json PLAN' prints of a plan: it is a raw state/,
  ],
  ['future.json', { format_version: '2.0', resource_changes: [] }, /its format_version is "2.0", and 1.x is known/],
  ['failed.json', { format_version: '1.2', planned_values: {}, errored: true }, /the plan ended with an error/],
  ['text.json', 'Terraform will perform', /not JSON/],
  ['list.json', [], /it holds no JSON object/],
  [
    'odd.json',
    {
      format_version: '1.2',
      planned_values: {},
      resource_changes: [
        { address: 'a', type: 'aws_security_group_rule', change: { actions: ['delete'], before: { from_port: 'x' } } },
      ],
    },
    /odd.json: a: values.from_port: .*expected number/,
  ],
])('%s is refused by name', async (name, content, message) => {
  await folder.write({ [name]: content });
  const { status, stdout, stderr } = await check(folder.path(name));
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(message);
  expect(stderr).toContain(name);
});

test('without a place, or an inventory, it says what to give', async () => {
  expect(await runMain(['check-tf', plan('moved')])).toMatchObject({ status: 2 });
  const run = await runMain(['check-tf', plan('moved'), '--evidence', folder.path('out')]);
  expect([run.status, run.stderr]).toEqual([1, expect.stringContaining('give --inventory DIR')]);
  const help = (await runMain(['check-tf', '--help'])).stdout.replaceAll(/\s+/g, ' ');
  expect(help).toContain('Ends with status 3 where there are any');
});
