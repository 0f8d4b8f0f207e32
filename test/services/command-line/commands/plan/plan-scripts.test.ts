/** The scripts of a plan, run in `sh` with an `aws` that writes down what it was called with. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { planRemoval, windowsOf } from '../../../../../shared/advice/removal/plan-removal.ts';
import { stageScript, undoScript } from '../../../../../shared/advice/removal/plan-scripts.ts';
import type { Plan } from '../../../../../shared/advice/removal/plan.ts';
import { RemovalEvidence } from '../../../../../shared/advice/removal/removal-evidence.ts';
import type { Rule } from '../../../../../shared/inventory/inventory.ts';
import { awsRule, inventoryOf } from '../../../../shared/inventory/aws-shorthand.ts';
import type { JudgedRule } from '../../../../../shared/advice/judged-rule.ts';

const folder = mkdtempSync(join(tmpdir(), 'plan-scripts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * Writes down how many arguments it has, and each of them; answers as the file says that is named after one, whose first line
 * is the status. A shell, since Node would take most of the time of these tests to start.
 */
const AWS = `#!/bin/sh
printf '%s\\0' "$#" "$@" >> calls
for word; do
  if [ -f "answers/$word" ]; then
    { read -r status; if [ "$status" = 0 ]; then cat; else cat >&2; fi; } < "answers/$word"
    exit "$status"
  fi
done
case $2 in
  describe*) echo same ;;
  *) echo '{"Return": true}' ;;
esac
`;
writeFileSync(join(folder, 'aws'), AWS);
chmodSync(join(folder, 'aws'), 0o755);

type Answers = Record<string, [text: string, status: number]>;
let calls: string[][] = [];
beforeEach(() => {
  calls = [];
});

function sh(
  script: string,
  answers: Answers = {},
  shell = 'sh',
): { status: number | null; stdout: string; stderr: string } {
  writeFileSync(join(folder, 'calls'), '');
  rmSync(join(folder, 'answers'), { recursive: true, force: true });
  for (const [word, [text, status]] of Object.entries(answers)) {
    // A word with a slash is a file in a folder.
    const path = join(folder, 'answers', word);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${String(status)}\n${text}\n`);
  }
  writeFileSync(join(folder, 'script.sh'), script);
  const { status, stdout, stderr } = spawnSync(shell, [join(folder, 'script.sh')], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`, NODE_OPTIONS: '' },
  });
  const words = readFileSync(join(folder, 'calls'), 'utf8').split('\0').slice(0, -1);
  calls = [];
  while (words.length > 0) calls.push(words.splice(0, Number(words.shift())));
  return { status, stdout, stderr };
}

type Raw = Record<string, unknown>;
const GROUP = { GroupId: 'sg-1', GroupName: 'web' };

function stale(rule: Rule): JudgedRule {
  return {
    rule,
    report: {
      verdict: { kind: 'stale', ageUnknown: false },
      why: 'unused',
      lastUsed: null,
      usedTimes: 0,
      soleTimes: 0,
      replyTimes: 0,
      possibleTimes: 0,
      untrackedReplies: 0,
      evidence: { watchedDays: 30, young: null },
    },
  };
}

/** A plan that removes all these rules, in stages of a thousand. */
function planOf(rules: readonly Raw[], group: Raw = GROUP, change: Partial<Rule> = {}): Plan {
  const read = inventoryOf({ groups: [group], rules: [...rules] });
  const inventory = { ...read, rules: read.rules.map((rule) => ({ ...rule, ...change })) };
  const when = { asOf: 86_400, windowDays: 1 };
  const evidence = new RemovalEvidence(inventory, windowsOf(when));
  const days = { source: 'evidence', days: new Set([0]) };
  return planRemoval(inventory.rules.map(stale), inventory, evidence, days, { ...when, maxPerStage: 1000 });
}

const valueOf = (args: readonly string[], name: string): string | undefined => args[args.indexOf(name) + 1];
const jsonOf = (args: readonly string[], name: string): unknown =>
  args.includes(name) ? JSON.parse(valueOf(args, name)!) : undefined;

describe('every shape of rule, there and back', () => {
  const peer = (GroupId: string, more: Raw = {}): Raw => ({ ReferencedGroupInfo: { GroupId, ...more } });
  test.each<[why: string, rule: Raw, permission: Raw]>([
    [
      'TCP, IPv4',
      awsRule('in tcp 22-23 10.0.0.0/8'),
      { IpProtocol: 'tcp', FromPort: 22, ToPort: 23, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
    ],
    [
      'UDP, IPv6, egress, port 0',
      awsRule('out udp 0 2001:db8::/32'),
      { IpProtocol: 'udp', FromPort: 0, ToPort: 0, Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }] },
    ],
    ['everything', awsRule('out -1 -1..-1 0.0.0.0/0'), { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    [
      'a prefix list',
      awsRule('out tcp 443 pl-1'),
      { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId: 'pl-1' }] },
    ],
    [
      'a group of another account',
      awsRule('in tcp 1-65535', peer('sg-2', { UserId: '999988887777' })),
      {
        IpProtocol: 'tcp',
        FromPort: 1,
        ToPort: 65_535,
        UserIdGroupPairs: [{ GroupId: 'sg-2', UserId: '999988887777' }],
      },
    ],
    [
      'a group of a peered VPC',
      awsRule('in tcp 5432', peer('sg-2', { UserId: '999988887777', VpcPeeringConnectionId: 'pcx-1' })),
      {
        IpProtocol: 'tcp',
        FromPort: 5432,
        ToPort: 5432,
        UserIdGroupPairs: [{ GroupId: 'sg-2', UserId: '999988887777', VpcPeeringConnectionId: 'pcx-1' }],
      },
    ],
    [
      'a group whose owner AWS did not say',
      awsRule('in -1', peer('sg-1')),
      {
        IpProtocol: '-1',
        UserIdGroupPairs: [{ GroupId: 'sg-1' }],
      },
    ],
    [
      'ICMP, a type and a code; both may be 0',
      awsRule('in icmp 0/0 10.0.0.0/8'),
      { IpProtocol: 'icmp', FromPort: 0, ToPort: 0, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
    ],
    [
      'ICMP, a type with any code',
      awsRule('in icmp 8/-1 10.0.0.0/8'),
      { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
    ],
    [
      'ICMPv6, any type',
      awsRule('in icmpv6 -1/-1 ::/0'),
      { IpProtocol: 'icmpv6', FromPort: -1, ToPort: -1, Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
    ],
    [
      'another protocol',
      awsRule('in 47 10.0.0.0/8'),
      { IpProtocol: '47', FromPort: -1, ToPort: -1, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
    ],
  ])('%s', (_why, rule, permission) => {
    const plan = planOf([rule]);
    const way = rule.IsEgress === true ? 'egress' : 'ingress';
    expect(sh(stageScript(plan, plan.stages[0]!))).toMatchObject({ status: 0, stderr: '' });
    expect(calls.map((args) => args.slice(0, 4))).toEqual([
      ['ec2', 'describe-security-group-rules', '--security-group-rule-ids', 'sgr-1'],
      ['ec2', `revoke-security-group-${way}`, '--group-id', 'sg-1'],
    ]);
    expect(calls[1]!.slice(4)).toEqual(['--security-group-rule-ids', 'sgr-1']);
    expect(sh(undoScript(plan, plan.stages[0]!))).toMatchObject({ status: 0, stderr: '' });
    expect(calls.map((args) => args.slice(0, 4))).toEqual([
      ['ec2', `authorize-security-group-${way}`, '--group-id', 'sg-1'],
    ]);
    expect(calls[0]!.slice(4, 5).concat(calls[0]!.slice(6))).toEqual(['--ip-permissions']);
    expect(jsonOf(calls[0]!, '--ip-permissions')).toEqual([permission]);
  });
});

/** What somebody may have typed. */
const HOSTILE = [
  `'; rm -rf "$HOME"; echo '`,
  '$(touch pwned) `touch pwned` $PATH',
  'a\nb\r\nc\ntouch pwned\n# ',
  '-rf --profile root',
  "\\'; touch pwned #",
  '"quoted" \\n \\u0027 \\',
  'file://pwned',
  '\u2028touch pwned\u2029\u0085\u0000\u001b[2J\u202e',
  'Grüße 🔥 数',
  '{"a":[1]}|`]==`[]` && `',
  'EOF\n)"',
  '!history & * ? ~ ; | <in >pwned',
  '',
  ' ',
  '__proto__',
];

test.each(HOSTILE.map((text) => [JSON.stringify(text), text]))('text such as %s is only text', (_shown, text) => {
  const tags = [
    { Key: text, Value: text },
    { Key: 'b', Value: text },
    { Key: 'aws:cloudformation:stack-name', Value: text },
  ];
  const rule = awsRule('in tcp 22 10.0.0.0/8', { Description: text, Tags: tags });
  const plan = planOf([rule], { ...GROUP, GroupName: text, Tags: tags });
  const [stage] = plan.stages;
  for (const script of [stageScript(plan, stage!), undoScript(plan, stage!)]) {
    expect(script).toMatch(/^[\n -~]*$/);
    expect(sh(script)).toMatchObject({ status: 0, stderr: '' });
  }
  expect(calls).toHaveLength(1);
  const [undo] = calls;
  expect(jsonOf(undo!, '--ip-permissions')).toEqual([
    {
      IpProtocol: 'tcp',
      FromPort: 22,
      ToPort: 22,
      IpRanges: [{ CidrIp: '10.0.0.0/8', ...(text === '' ? {} : { Description: text }) }],
    },
  ]);
  expect(jsonOf(undo!, '--tag-specifications')).toEqual([
    { ResourceType: 'security-group-rule', Tags: tags.slice(0, 2) },
  ]);
  expect(spawnSync('ls', [folder], { encoding: 'utf8' }).stdout.split('\n')).not.toContain('pwned');
  // The plan tells a person what the undo leaves out, and who else has a say.
  expect(stage!.removals[0]!.notes.join('\n')).toContain('the undo cannot set tags that belong to AWS');
  expect(stage!.removals[0]!.notes.join('\n')).toContain(`CloudFormation stack ${text}`);
});

describe('ids that AWS does not give', () => {
  test.each<[what: string, change: Partial<Rule>]>([
    ['a rule', { ruleId: 'sgr-1; touch pwned' }],
    ['a rule that looks like an option', { ruleId: '--profile' }],
    ['a group', { groupId: 'sg-1 sg-2' }],
  ])('%s: no command is made of it', (_what, change) => {
    const plan = planOf([awsRule('in tcp 22 10.0.0.0/8')], GROUP, change);
    expect(plan.stages).toEqual([]);
    expect(plan.skipped).toMatchObject([{ reason: expect.stringMatching(/^no command can be given/) }]);
  });

  // No inventory that was read holds such ids; scripts rest on nobody's care but their own.
  test.each(['sh', 'bash'].flatMap((shell) => HOSTILE.map((text) => ({ shell, text }))))(
    'in $shell, $text is a word where it is an id, or the name of a rule that takes over',
    ({ shell, text }) => {
      const plan = planOf([awsRule('in tcp 22 10.0.0.0/8')]);
      const [stage] = plan.stages;
      const [removal] = stage!.removals;
      const hostile = {
        ...stage!,
        keepers: [{ ruleId: text, check: 'aws ec2 describe-security-group-rules sgr-9' }],
        removals: [{ ...removal!, rule: { ...removal!.rule, ruleId: text, groupId: text, groupName: text } }],
      };
      const told = text.replace(/\0/g, '');
      const run = sh(stageScript(plan, hostile), {}, shell);
      expect(run).toEqual({ status: 0, stderr: '', stdout: expect.stringContaining(told) });
      expect(calls.map((args) => args[1])).toEqual([
        'describe-security-group-rules',
        'describe-security-group-rules',
        'revoke-security-group-ingress',
      ]);
      expect(sh(undoScript(plan, hostile), {}, shell)).toMatchObject({ status: 0, stderr: '' });
      expect(calls.map((args) => args[1])).toEqual(['authorize-security-group-ingress']);
      expect(spawnSync('ls', [folder], { encoding: 'utf8' }).stdout.split('\n')).not.toContain('pwned');
    },
  );
});

describe('a stage', () => {
  const ids = ['sgr-1', 'sgr-2', 'sgr-3'];
  const plan = planOf(
    ids.map((SecurityGroupRuleId, i) => awsRule(`in tcp ${22 + i}..${22 + i} 10.0.0.0/8`, { SecurityGroupRuleId })),
  );
  const [stage] = plan.stages;
  const GONE = "An error occurred (InvalidSecurityGroupRuleId.NotFound): The security group rule ID 'x' does not exist";
  const revoked = (): string[] =>
    calls
      .filter(([, action]) => action!.startsWith('revoke'))
      .map((args) => valueOf(args, '--security-group-rule-ids')!);

  test('stops before a rule that was changed, and leaves the rest', () => {
    const { status, stderr } = sh(stageScript(plan, stage!), { 'sgr-2': ['changed', 0] });
    expect([status, revoked()]).toEqual([1, ['sgr-1']]);
    expect(stderr).toMatch(/^sgr-2 was changed since the plan was made: nothing more is removed/);
  });

  test('passes over a rule that is gone: it may be run again', () => {
    const { status, stdout, stderr } = sh(stageScript(plan, stage!), { 'sgr-1': [GONE, 254] });
    expect([status, revoked(), stderr]).toEqual([0, ['sgr-2', 'sgr-3'], '']);
    expect(stdout).toContain('sgr-1 is gone already');
  });

  test.each(['', 'None', 'same same', 'True'])('stops where the check says %j', (word) => {
    expect([sh(stageScript(plan, stage!), { 'sgr-1': [word, 0] }).status, revoked()]).toEqual([1, []]);
  });

  test('stops where a rule cannot be looked up', () => {
    const { status, stderr } = sh(stageScript(plan, stage!), { 'sgr-1': ['AuthFailure', 254] });
    expect([status, revoked()]).toEqual([1, []]);
    expect(stderr).toMatch(/cannot be looked up: nothing more is removed. AuthFailure/);
  });

  test('removes nothing where a rule that should take over was changed, or is gone', () => {
    const keepers = [{ ruleId: 'sgr-9', check: 'aws ec2 describe-security-group-rules sgr-9' }];
    const script = stageScript(plan, { ...stage!, keepers });
    expect([sh(script).status, revoked()]).toEqual([0, ids]);
    for (const answer of [
      ['changed', 0],
      [GONE, 254],
    ] as [string, number][]) {
      expect([sh(script, { 'sgr-9': answer }).status, revoked()]).toEqual([1, []]);
    }
  });

  test('its undo takes a rule that is there for granted, and goes on after a failure to say so at the end', () => {
    const permission = (port: number): string =>
      JSON.stringify([{ IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }]);
    const there: Answers = { [permission(22)]: ['An error occurred (InvalidPermission.Duplicate)', 254] };
    expect(sh(undoScript(plan, stage!), there)).toMatchObject({ status: 0, stderr: '' });
    expect(calls).toHaveLength(3);
    const { status, stderr } = sh(undoScript(plan, stage!), { ...there, [permission(23)]: ['AuthFailure', 254] });
    expect([status, stderr, calls.length]).toEqual([1, 'sgr-2 is NOT back: AuthFailure\n', 3]);
  });
});
