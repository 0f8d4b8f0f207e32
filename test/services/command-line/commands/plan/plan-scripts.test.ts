/** The scripts of a plan, run in `sh` with an `aws` that writes down what it was called with. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { planRemoval, windowsOf } from '../../../../../shared/advice/removal/plan-removal.ts';
import { stageScript, undoScript } from '../../../../../shared/advice/removal/plan-scripts.ts';
import { partyWord } from '../../../../../shared/advice/removal/staging.ts';
import { planText } from '../../../../../shared/advice/removal/plan-text.ts';
import type { AwsPlace } from '../../../../../shared/advice/removal/aws-commands.ts';
import type { Plan, Stage } from '../../../../../shared/advice/removal/plan.ts';
import { RemovalEvidence } from '../../../../../shared/advice/removal/removal-evidence.ts';
import type { Rule } from '../../../../../shared/inventory/inventory.ts';
import { awsRule, inventoryOf } from '../../../../shared/inventory/aws-shorthand.ts';
import { unusedRule } from '../../../../shared/advice/world.ts';

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
case "$*" in
  sts*) cat account ;;
  *--dry-run*) echo 'An error occurred (DryRunOperation) when calling: it would have succeeded' >&2; exit 254 ;;
  *) echo '{"Return": true}' ;;
esac
`;
/** The day of the scripts. */
const DATE = `#!/bin/sh
cat today
`;
for (const [name, program] of Object.entries({ aws: AWS, date: DATE })) {
  writeFileSync(join(folder, name), program);
  chmodSync(join(folder, name), 0o755);
}

type Answers = Record<string, [text: string, status: number]>;
let calls: string[][] = [];
beforeEach(() => {
  calls = [];
});

interface World {
  /** By a word of the command. */
  readonly answers?: Answers;
  readonly account?: string;
  /** `YYYYMMDD` */
  readonly today?: string;
  readonly shell?: string;
  readonly args?: readonly string[];
  readonly dryRun?: boolean;
  /** Somebody looked at what is of other accounts. */
  readonly checked?: boolean;
}

function sh(
  script: string,
  { answers = {}, account = ACCOUNT, today = '19700131', shell = 'sh', args = [], dryRun = false, ...more }: World = {},
): { status: number | null; stdout: string; stderr: string } {
  writeFileSync(join(folder, 'calls'), '');
  writeFileSync(join(folder, 'account'), `${account}\n`);
  writeFileSync(join(folder, 'today'), `${today}\n`);
  rmSync(join(folder, 'answers'), { recursive: true, force: true });
  for (const [word, [text, status]] of Object.entries(answers)) {
    // A word with a slash is a file in a folder.
    const path = join(folder, 'answers', word);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${String(status)}\n${text}\n`);
  }
  writeFileSync(join(folder, 'script.sh'), script);
  const { status, stdout, stderr } = spawnSync(shell, [join(folder, 'script.sh'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`,
      NODE_OPTIONS: '',
      ...(dryRun && { DRY_RUN: '1' }),
      ...(more.checked && { KEEPERS_CHECKED: '1' }),
    },
  });
  const words = readFileSync(join(folder, 'calls'), 'utf8').split('\0').slice(0, -1);
  calls = [];
  while (words.length > 0) calls.push(words.splice(0, Number(words.shift())));
  return { status, stdout, stderr };
}

type Raw = Record<string, unknown>;
const ACCOUNT = '111122223333';
const REGION = 'eu-central-1';
const GROUP = {
  GroupId: 'sg-1',
  GroupName: 'web',
  OwnerId: ACCOUNT,
  VpcId: 'vpc-1',
  SecurityGroupArn: `arn:aws:ec2:${REGION}:${ACCOUNT}:security-group/sg-1`,
};

/** A plan that removes all these rules, whoever writes them, in one stage. Good until 1970-02-01. */
function planOf(
  rules: readonly Raw[],
  groups: readonly Raw[] = [GROUP],
  { change = {}, place = {} }: { change?: Partial<Rule>; place?: AwsPlace } = {},
): Plan {
  const read = inventoryOf({ groups: [...groups], rules: [...rules] });
  const inventory = { ...read, rules: read.rules.map((rule) => ({ ...rule, ...change })) };
  const when = { asOf: 86_400, windowDays: 1 };
  const evidence = new RemovalEvidence(inventory, windowsOf(when));
  const days = { source: 'evidence', days: new Set([0]) };
  const options = { ...when, includeManaged: true, place };
  return planRemoval(inventory.rules.map(unusedRule), inventory, evidence, days, options);
}

/** What AWS answers where all rules of a stage stand as they did, but for those that are gone or were changed. */
function standing(
  { removals }: Stage,
  { gone = [], changed = [] }: { gone?: string[]; changed?: string[] } = {},
): Answers {
  const groups = Map.groupBy(removals, ({ rule }) => rule.groupId);
  return Object.fromEntries(
    [...groups].map(([groupId, some]) => {
      const there = some.map(({ rule }) => rule.ruleId).filter((id) => !gone.includes(id));
      const same = there.filter((id) => !changed.includes(id));
      return [`Name=group-id,Values=${groupId}`, [JSON.stringify(`${same.join(',')} ${there.join(',')}`), 0]];
    }),
  );
}

const run = (plan: Plan, world: World = {}, stage = plan.stages[0]!): ReturnType<typeof sh> =>
  sh(stageScript(plan, stage), { ...world, answers: { ...standing(stage), ...world.answers } });
const undo = (plan: Plan, world: World = {}, stage = plan.stages[0]!): ReturnType<typeof sh> =>
  sh(undoScript(plan, stage), world);
/** The calls but the first, which asks whose credentials these are. */
const work = (): string[][] => calls.slice(1);

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
    expect(run(plan)).toMatchObject({ status: 0, stderr: '' });
    const identity = ['sts', 'get-caller-identity', '--query', 'Account', '--output', 'text', '--region', REGION];
    expect(calls[0]).toEqual(identity);
    expect(work().map((args) => args.slice(0, 4))).toEqual([
      ['ec2', 'describe-security-group-rules', '--filters', 'Name=group-id,Values=sg-1'],
      ['ec2', `revoke-security-group-${way}`, '--group-id', 'sg-1'],
    ]);
    expect(work()[1]!.slice(4)).toEqual(['--security-group-rule-ids', 'sgr-1', '--region', REGION]);
    expect(undo(plan)).toMatchObject({ status: 0, stderr: '' });
    expect(work().map((args) => args.slice(0, 4))).toEqual([
      ['ec2', `authorize-security-group-${way}`, '--region', REGION],
    ]);
    expect(jsonOf(work()[0]!, '--ip-permissions')).toEqual([permission]);
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
  const plan = planOf([rule], [{ ...GROUP, GroupName: text, Tags: tags }]);
  const [stage] = plan.stages;
  for (const script of [stageScript(plan, stage!), undoScript(plan, stage!)]) {
    expect(script).toMatch(/^[\n -~]*$/);
    expect(sh(script, { answers: standing(stage!) })).toMatchObject({ status: 0, stderr: '' });
  }
  const [back, ...others] = work();
  expect(others).toEqual([]);
  expect(jsonOf(back!, '--ip-permissions')).toEqual([
    {
      IpProtocol: 'tcp',
      FromPort: 22,
      ToPort: 22,
      IpRanges: [{ CidrIp: '10.0.0.0/8', ...(text === '' ? {} : { Description: text }) }],
    },
  ]);
  expect(jsonOf(back!, '--tag-specifications')).toEqual([
    { ResourceType: 'security-group-rule', Tags: tags.slice(0, 2) },
  ]);
  expect(spawnSync('ls', [folder], { encoding: 'utf8' }).stdout.split('\n')).not.toContain('pwned');
  // The plan tells a person what the undo leaves out, and who else has a say.
  expect(stage!.removals[0]!.notes.join('\n')).toContain('the undo cannot set tags that belong to AWS');
  expect(stage!.removals[0]!.managedBy.map(({ note }) => note).join('\n')).toContain(`CloudFormation stack ${text}`);
});

describe('ids that AWS does not give', () => {
  test.each<[what: string, change: Partial<Rule>]>([
    ['a rule', { ruleId: 'sgr-1; touch pwned' }],
    ['a rule that looks like an option', { ruleId: '--profile' }],
    ['a group', { groupId: 'sg-1 sg-2' }],
  ])('%s: no command is made of it', (_what, change) => {
    const plan = planOf([awsRule('in tcp 22 10.0.0.0/8')], [GROUP], { change });
    expect(plan.stages).toEqual([]);
    expect(plan.skipped).toMatchObject([{ reason: expect.stringMatching(/^no command can be given/) }]);
  });

  // No inventory that was read holds such ids; scripts rest on nobody's care but their own.
  test.each(HOSTILE.filter((text) => !/^\w*$/.test(text)).map((text) => [JSON.stringify(text), text]))(
    'no script is made of %s',
    (_shown, text) => {
      const plan = planOf([awsRule('in tcp 22 10.0.0.0/8')]);
      const [stage] = plan.stages;
      const [removal] = stage!.removals;
      const { rule } = removal!;
      for (const change of [
        { rule: { ...rule, ruleId: text } },
        { rule: { ...rule, groupId: text } },
        { vpcId: text },
      ]) {
        const strange = { ...stage!, removals: [{ ...removal!, ...change }] };
        expect(() => stageScript(plan, strange)).toThrow(/^no script is made of the id /);
        expect(() => undoScript(plan, strange)).toThrow(/^no script is made of the id /);
      }
    },
  );

  test.each(['sh', 'bash'].flatMap((shell) => HOSTILE.map((text) => ({ shell, text }))))(
    'in $shell, $text is a word where it names a Region, a profile or a rule that takes over',
    ({ shell, text }) => {
      const plan = planOf([awsRule('in tcp 22 10.0.0.0/8')]);
      const [stage] = plan.stages;
      const place = { accountId: '', region: text, vpcId: 'vpc-1' };
      const hostile = {
        ...stage!,
        keepers: [{ ruleId: text, ...place, check: 'aws ec2 describe-security-group-rules sgr-9' }],
        removals: [{ ...stage!.removals[0]!, ...place }],
      };
      const said: Answers = { 'sgr-9': ['same', 0] };
      const named = { ...plan, profile: text, caveats: [text] };
      expect(run(named, { shell, answers: said }, hostile)).toMatchObject({ status: 0, stderr: '' });
      expect(work().map((args) => args[1])).toEqual([
        'describe-security-group-rules',
        'describe-security-group-rules',
        'revoke-security-group-ingress',
      ]);
      const told = text.replace(/\0/g, '');
      expect(work()[2]!.slice(-2)).toEqual(['--profile', told]);
      expect(undo(named, { shell }, hostile)).toMatchObject({ status: 0, stderr: '' });
      expect(work().map((args) => args[1])).toEqual(['authorize-security-group-ingress']);
      expect(spawnSync('ls', [folder], { encoding: 'utf8' }).stdout.split('\n')).not.toContain('pwned');
    },
  );
});

describe('a stage', () => {
  const ids = ['sgr-1', 'sgr-2', 'sgr-3'];
  const rulesOf = (names: readonly string[], more: Raw = {}): Raw[] =>
    names.map((SecurityGroupRuleId, i) =>
      awsRule(`in tcp ${22 + i}..${22 + i} 10.0.0.0/8`, { SecurityGroupRuleId, ...more }),
    );
  const plan = planOf(rulesOf(ids));
  const [stage] = plan.stages;
  const GONE = "An error occurred (InvalidSecurityGroupRuleId.NotFound): The security group rule ID 'x' does not exist";
  const revoked = (): string[] =>
    work()
      .filter(([, action]) => action!.startsWith('revoke'))
      .flatMap((args) => args.filter((word) => word.startsWith('sgr-')));

  test('removes the rules of a group by one call', () => {
    const { status, stdout } = run(plan);
    expect([status, work().length, revoked()]).toEqual([0, 2, ids]);
    expect(stdout).toBe(
      'removed from sg-1: sgr-1 sgr-2 sgr-3\nStage 1 is done: 3 of 3 rules removed, the others were gone. Wait 7 days.\n',
    );
  });

  test('asks for no more than a command can hold, whatever tags the rules have', () => {
    const Tags = Array.from({ length: 12 }, (_, i) => ({ Key: `key-${i}`, Value: 'ü'.repeat(40) }));
    const many = Array.from({ length: 100 }, (_, i) =>
      awsRule(`in tcp ${i}..${i} 10.0.0.0/8`, { SecurityGroupRuleId: `sgr-${i}`, Tags }),
    );
    const large = planOf(many);
    const { status, stderr } = run(large, {}, large.stages.at(-1));
    expect([status, stderr, revoked().length]).toEqual([0, '', 75]);
    for (const call of calls) expect(call.join(' ').length).toBeLessThan(32_000);
  });

  test('asks in the Region that the group tells, whatever was said: in another one each rule looks gone', () => {
    run(planOf(rulesOf(ids), [GROUP], { place: { region: 'us-east-1' } }));
    expect(new Set(calls.map((args) => valueOf(args, '--region')))).toEqual(new Set([REGION]));
  });

  test('stops before a group with a rule that was changed', () => {
    const { status, stderr } = run(plan, { answers: standing(stage!, { changed: ['sgr-2'] }) });
    expect([status, revoked()]).toEqual([1, []]);
    expect(stderr).toMatch(/^sgr-2 was changed since the plan was made: nothing more is removed/);
  });

  test('passes over a rule that is gone: it may be run again', () => {
    const { status, stdout, stderr } = run(plan, { answers: standing(stage!, { gone: ['sgr-1'] }) });
    expect([status, revoked(), stderr]).toEqual([0, ['sgr-2', 'sgr-3'], '']);
    expect(stdout).toContain('sgr-1 is gone already');
    expect(stdout).toContain('2 of 3 rules removed');
  });

  test('says so, and fails, where none of its rules is there', () => {
    const { status, stderr } = run(plan, { answers: standing(stage!, { gone: ids }) });
    expect([status, revoked()]).toEqual([1, []]);
    expect(stderr).toMatch(/^None of the rules asked for \(3\) is there: was the stage carried out before/);
  });

  test('does nothing with credentials of another account', () => {
    for (const script of [stageScript(plan, stage!), undoScript(plan, stage!)]) {
      const { status, stderr } = sh(script, { account: '999988887777', answers: standing(stage!) });
      expect([status, work()]).toEqual([1, []]);
      expect(stderr).toMatch(
        /^These credentials are of account 999988887777, and the rules are of 111122223333: nothing/,
      );
    }
  });

  test('does nothing where nobody says whose credentials these are', () => {
    const { status, stderr } = run(plan, { answers: { sts: ['Unable to locate credentials', 255] } });
    expect([status, work()]).toEqual([1, []]);
    expect(stderr).toBe(
      'Unable to locate credentials\nIt cannot be asked whose credentials these are: nothing was done.\n',
    );
  });

  test.each([
    ['19700201', 0],
    ['19700202', 1],
    ['', 1],
  ])('is good for 30 days: on %s it ends with %d', (today, status) => {
    const done = run(plan, { today });
    expect([done.status, revoked().length > 0]).toEqual([status, status === 0]);
    if (status === 1) expect(done.stderr).toMatch(/^This plan was good until 1970-02-01: .* Plan anew\.\n$/);
    // What was removed may be wanted at any time.
    expect(undo(plan, { today }).status).toBe(0);
  });

  test('asks AWS what it would do, and changes nothing, with DRY_RUN=1', () => {
    const { status, stdout } = run(plan, { dryRun: true });
    expect([
      status,
      work()
        .filter(([, action]) => !action!.startsWith('describe'))
        .map((args) => args.at(-1)),
    ]).toEqual([0, [REGION]]);
    expect(work()[1]).toContain('--dry-run');
    expect(stdout).toBe('would be removed from sg-1: sgr-1 sgr-2 sgr-3\nNothing was removed: 3 of 3 rules would be.\n');
    const denied = run(plan, {
      dryRun: true,
      answers: { '--dry-run': ['An error occurred (UnauthorizedOperation)', 254] },
    });
    expect([denied.status, denied.stderr]).toEqual([1, expect.stringContaining('UnauthorizedOperation')]);
    expect(undo(plan, { dryRun: true }).stdout).toBe(
      'sgr-1 would be made again\nsgr-2 would be made again\nsgr-3 would be made again\n',
    );
    expect(work().every((args) => args.includes('--dry-run'))).toBe(true);
  });

  test.each<[what: string, answer: [string, number], says: RegExp]>([
    ['nothing is answered', ['', 0], /cannot be looked up: nothing more is removed/],
    ['something else is answered', ['null', 0], /cannot be looked up: nothing more is removed\. null/],
    [
      'it may not be asked',
      ['UnauthorizedOperation', 254],
      /UnauthorizedOperation\nThe rules of sg-1 cannot be looked up/,
    ],
  ])('stops where %s', (_what, answer, says) => {
    const { status, stderr } = run(plan, { answers: { 'Name=group-id,Values=sg-1': answer } });
    expect([status, revoked()]).toEqual([1, []]);
    expect(stderr).toMatch(says);
  });

  test('stops where AWS refuses to remove', () => {
    const { status, stderr } = run(plan, {
      answers: { 'revoke-security-group-ingress': ['DependencyViolation', 254] },
    });
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/DependencyViolation\nsgr-1 sgr-2 sgr-3 of sg-1: not removed/),
    ]);
  });

  test('removes nothing where a rule that should take over was changed, or is gone, or cannot be asked', () => {
    const { accountId, region, vpcId } = stage!.removals[0]!;
    const check = 'aws ec2 describe-security-group-rules sgr-9';
    const kept = { ...stage!, keepers: [{ ruleId: 'sgr-9', accountId, region, vpcId, check }] };
    expect([run(plan, { answers: { 'sgr-9': ['same', 0] } }, kept).status, revoked()]).toEqual([0, ids]);
    for (const [text, status, says] of [
      ['changed', 0, 'sgr-9 was changed'],
      [GONE, 254, 'sgr-9 is gone'],
      ['AuthFailure', 254, 'AuthFailure'],
    ] as const) {
      const { stderr, ...done } = run(plan, { answers: { 'sgr-9': [text, status] } }, kept);
      expect([done.status, revoked()]).toEqual([1, []]);
      expect(stderr).toContain(says);
    }
  });

  test('looks at all that takes over before it removes anything, whichever Region it is of', () => {
    const [first, ...others] = stage!.removals;
    const moved = { ...first!, region: 'us-east-1' };
    const check = 'aws ec2 describe-security-group-rules sgr-9';
    const keeper = { ruleId: 'sgr-9', accountId: ACCOUNT, region: REGION, vpcId: 'vpc-1', check };
    const near = { ...keeper, ruleId: 'sgr-8', region: 'us-east-1', check: check.replace('9', '8') };
    const two = { ...stage!, keepers: [near, keeper], removals: [moved, ...others] };
    const answers: Answers = { 'sgr-8': ['same', 0], 'sgr-9': [GONE, 254] };
    expect([run(plan, { answers }, two).status, revoked()]).toEqual([1, []]);
    expect([run(plan, { answers: { ...answers, 'sgr-9': ['same', 0] } }, two).status, revoked()]).toEqual([0, ids]);
  });

  describe('that several owners share', () => {
    const owners: Readonly<Record<string, string | null>> = { 'sgr-1': 'Team A', 'sgr-2': 'b', 'sgr-3': null };
    const { accountId, region, vpcId } = stage!.removals[0]!;
    const keeper = (ruleId: string) => ({
      ruleId,
      accountId,
      region,
      vpcId,
      check: `aws ec2 describe-security-group-rules ${ruleId}`,
    });
    const shared: Stage = {
      ...stage!,
      keepers: [keeper('sgr-8'), keeper('sgr-9')],
      removals: stage!.removals.map((one) => {
        const { ruleId } = one.rule;
        return { ...one, owner: owners[ruleId]!, coveredBy: [ruleId === 'sgr-2' ? 'sgr-9' : 'sgr-8'] };
      }),
    };
    const owned: Plan = { ...plan, by: 'owner', stages: [shared] };
    const word = partyWord('Team A', 'owner');

    test.each<[args: string[], removed: string[], asked: string[]]>([
      [[word], ['sgr-1'], ['sgr-8']],
      [['owner:b'], ['sgr-2'], ['sgr-9']],
      [['no-owner'], ['sgr-3'], ['sgr-8']],
      [
        ['sgr-2', 'no-owner'],
        ['sgr-2', 'sgr-3'],
        ['sgr-8', 'sgr-9'],
      ],
      [[], ids, ['sgr-8', 'sgr-9']],
    ])('each does theirs: %j, whatever became of rules that take over from others', (args, removed, asked) => {
      const answers = Object.fromEntries(asked.map((id): [string, [string, number]] => [id, ['same', 0]]));
      const gone: Answers = { 'sgr-8': [GONE, 254], 'sgr-9': [GONE, 254] };
      const done = run(owned, { args, answers: { ...gone, ...answers } }, shared);
      expect([done.stderr, done.status, revoked()]).toEqual(['', 0, removed]);
      expect(undo(owned, { args }, shared).status).toBe(0);
      expect(work()).toHaveLength(removed.length);
      for (const id of asked) {
        const stopped = run(owned, { args, answers: { ...answers, [id]: [GONE, 254] } }, shared);
        expect([stopped.status, revoked()]).toEqual([1, []]);
      }
    });

    test('and an owner that it does not have is refused', () => {
      expect(run(owned, { args: ['owner:c'] }, shared)).toMatchObject({ status: 1 });
      expect(calls).toEqual([]);
    });
  });

  describe('of two accounts and groups', () => {
    const other = { ...GROUP, GroupId: 'sg-2', OwnerId: '999988887777', VpcId: 'vpc-2' };
    const rules = [...rulesOf(ids), ...rulesOf(['sgr-4', 'sgr-5'], { GroupId: 'sg-2' })];
    const both = planOf(rules, [GROUP, other], { place: { region: REGION } });

    test('does what is of the account whose credentials it has', () => {
      const { status, stdout } = run(both);
      expect([status, revoked()]).toEqual([0, ids]);
      expect(stdout).toContain('Of accounts other than 111122223333');
      expect([run(both, { account: '999988887777' }).status, revoked()]).toEqual([0, ['sgr-4', 'sgr-5']]);
      undo(both, { account: '999988887777' });
      expect(work()).toHaveLength(2);
    });

    test('stops before rules that only one of another account covers, unless somebody looked there', () => {
      const [first] = both.stages;
      const check = 'aws ec2 describe-security-group-rules sgr-9';
      const keeper = { ruleId: 'sgr-9', accountId: '999988887777', region: REGION, vpcId: 'vpc-2', check };
      const covered = (id: string): Stage => ({
        ...first!,
        keepers: [keeper],
        removals: first!.removals.map((one) => (one.rule.ruleId === id ? { ...one, coveredBy: ['sgr-9'] } : one)),
      });
      const answers = { 'sgr-9': ['same', 0] } as const satisfies Answers;
      const stopped = run(both, { answers }, covered('sgr-1'));
      expect([stopped.status, revoked()]).toEqual([1, []]);
      expect(stopped.stderr).toMatch(/^sgr-9 of account 999988887777 covers rules .* KEEPERS_CHECKED=1\.\n$/);
      const told = run(both, { answers, checked: true }, covered('sgr-1'));
      expect([told.status, revoked()]).toEqual([0, ids]);
      // Of what is asked for, it covers nothing.
      expect([run(both, { answers, args: ['sgr-2'] }, covered('sgr-1')).status, revoked()]).toEqual([0, ['sgr-2']]);
      // There it is looked up, and what it covers not is removed with any credentials.
      const there = { answers, account: '999988887777' };
      expect([run(both, there, covered('sgr-1')).status, revoked()]).toEqual([0, ['sgr-4', 'sgr-5']]);
      expect(calls.some((words) => words.includes('sgr-9'))).toBe(true);
      expect([run(both, { answers }, covered('sgr-4')).status, revoked()]).toEqual([0, ids]);
      const page = planText({ ...both, stages: [covered('sgr-1')] });
      expect(page).toMatch(/But not with credentials of another account: `sgr-9` of `999988887777`\. Look there first/);
      expect(planText({ ...both, stages: [covered('sgr-4')] })).not.toContain('But not with');
    });

    test.each<[args: string[], removed: string[]]>([
      [['sgr-2'], ['sgr-2']],
      [
        ['sgr-3', 'sgr-1'],
        ['sgr-1', 'sgr-3'],
      ],
      [['sg-1'], ids],
      [['vpc-1'], ids],
    ])('with ids, here %j, does these only, and its undo, too', (args, removed) => {
      const done = run(both, { args });
      expect([done.status, revoked()]).toEqual([0, removed]);
      expect(undo(both, { args }).status).toBe(0);
      expect(work()).toHaveLength(removed.length);
    });

    test.each([['sgr-9'], ['sgr'], [''], ['*'], ['sgr-1 sgr-2']])(
      'is not done for %j, which it does not have',
      (id) => {
        const { status, stderr } = run(both, { args: [id] });
        expect([status, calls]).toEqual([1, []]);
        expect(stderr).toContain('is no rule, group or VPC of this stage: nothing was done.');
      },
    );
  });

  test('its undo takes a rule that is there for granted, and goes on after a failure to say so at the end', () => {
    const permission = (port: number): string =>
      JSON.stringify([{ IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }]);
    const there: Answers = { [permission(22)]: ['An error occurred (InvalidPermission.Duplicate)', 254] };
    expect(undo(plan, { answers: there })).toMatchObject({ status: 0, stderr: '' });
    expect(work()).toHaveLength(3);
    const { status, stderr } = undo(plan, { answers: { ...there, [permission(23)]: ['AuthFailure', 254] } });
    expect([status, stderr, work().length]).toEqual([1, 'sgr-2 is NOT back: AuthFailure\n', 3]);
  });
});
