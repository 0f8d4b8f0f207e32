import { describe, expect, test } from '@jest/globals';
import { newestFiles } from '../../../services/command-line/files/read-inventories.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { awsRule } from '../../shared/inventory/aws-shorthand.ts';
import { runMain, type Run } from './program.ts';
import { scratch, type Files } from './scratch.ts';
import { HEADER } from './small-account.ts';

const folder = scratch();
const [OWNER, GUEST, STRANGER] = ['111111111111', '222222222222', '333333333333'] as const;

const group = (GroupId: string, OwnerId: string, more = {}): object => {
  const SecurityGroupArn = `arn:aws:ec2:eu-west-1:${OwnerId}:security-group/${GroupId}`;
  return { GroupId, GroupName: GroupId, OwnerId, VpcId: 'vpc-1', SecurityGroupArn, ...more };
};
const rule = (id: string, GroupId: string, OwnerId: string, text: string): object =>
  awsRule(text, { SecurityGroupRuleId: id, GroupId, GroupOwnerId: OwnerId });
const machine = (id: string, OwnerId: string, address: string, groupId: string): object => ({
  NetworkInterfaceId: id,
  OwnerId,
  VpcId: 'vpc-1',
  SubnetId: 'subnet-1',
  PrivateIpAddress: address,
  Groups: [{ GroupId: groupId }],
});
const VPCS = { Vpcs: [{ VpcId: 'vpc-1', OwnerId: OWNER, CidrBlock: '10.0.0.0/16' }] };

/** What the owner of a VPC describes, who sees the guest's interface too: and what the guest does, whose group it is. */
function sharedVpc(): Files {
  const seen = machine('eni-guest', GUEST, '10.0.0.2', 'sg-guest');
  return {
    'owner/security-groups.json': {
      SecurityGroups: [group('sg-owner', OWNER), group('sg-guest', GUEST, { GroupName: '' })],
    },
    'owner/security-group-rules.json': {
      SecurityGroupRules: [
        rule('sgr-owner', 'sg-owner', OWNER, 'out tcp 443 sg-guest'),
        rule('sgr-guest', 'sg-guest', GUEST, 'in tcp 80 sg-owner'),
      ],
    },
    'owner/network-interfaces.json': { NetworkInterfaces: [machine('eni-owner', OWNER, '10.0.0.1', 'sg-owner'), seen] },
    'owner/vpcs.json': VPCS,
    'guest/security-groups.json': { SecurityGroups: [group('sg-guest', GUEST)] },
    'guest/security-group-rules.json': {
      SecurityGroupRules: [
        rule('sgr-guest', 'sg-guest', GUEST, 'in tcp 443 sg-owner'),
        rule('sgr-idle', 'sg-guest', GUEST, 'in tcp 22 10.9.0.0/16'),
      ],
    },
    'guest/network-interfaces.json': { NetworkInterfaces: [seen] },
    'guest/vpcs.json': VPCS,
    'guest/accounts.json': {
      Accounts: [
        { Id: GUEST, Name: 'guests <b>' },
        { Id: STRANGER, Name: 'strangers' },
      ],
    },
  };
}

const START = Date.UTC(2026, 0, 12) / 1000;
const line = (minute: number, account: string, eni: string, from: string, to: string, more = ''): string => {
  const start = START + 60 * minute;
  return `2 ${account} ${eni} ${from} ${to} 50000 443 6 10 840 ${start} ${start + 59} ACCEPT OK${more}`;
};
/** Each of 24 hours: the owner's machine calls the guest's, and both log it. */
const TALK = Array.from({ length: 24 }, (_, hour) => [
  line(60 * hour, OWNER, 'eni-owner', '10.0.0.1', '10.0.0.2', ' 2'),
  line(60 * hour, GUEST, 'eni-guest', '10.0.0.1', '10.0.0.2', ' 2'),
]).flat();
const HEAD = `${HEADER} tcp-flags`;
const logOf = (...lines: readonly string[]): string => [HEAD, ...lines, ''].join('\n');

async function analyze(inventories: readonly string[], out = 'out', ...more: string[]): Promise<Run> {
  const folders = inventories.flatMap((name) => ['--inventory', folder.path(name)]);
  return runMain(['analyze', ...folders, '--logs', folder.path('logs'), '--out', folder.path(out), ...more]);
}

async function report(out = 'out'): Promise<UsageReport> {
  return JSON.parse(await folder.read(`${out}/usage.json`)) as UsageReport;
}

describe('a VPC that is shared', () => {
  test('the guest’s rules are as its own account tells, each once, and neither account is a stranger', async () => {
    await folder.write({ ...sharedVpc(), 'logs/a.log': logOf(...TALK) });
    for (const inventories of [
      ['owner', 'guest'],
      ['guest', 'owner'],
    ]) {
      const { status, stdout } = await analyze(inventories);
      expect([status, stdout]).toEqual([0, expect.stringContaining('guests <b>')]);
      const { rules, accounts = [] } = await report();
      expect(
        rules.map(({ ruleId, fromPort, groupName, usedTimes, accountId }) => [
          ruleId,
          fromPort,
          groupName,
          usedTimes,
          accountId,
        ]),
      ).toEqual([
        ['sgr-guest', 443, 'sg-guest', 24, GUEST],
        ['sgr-idle', 22, 'sg-guest', 0, GUEST],
        ['sgr-owner', 443, 'sg-owner', 24, OWNER],
      ]);
      expect(rules[1]!.verdict).not.toMatchObject({ reason: 'sharedGroup' });
      expect(rules[1]!.accountName).toBe('guests <b>');
      expect(
        accounts.map(({ accountId, described, name, records }) => [accountId, described, name, records!.attributed]),
      ).toEqual([
        [GUEST, true, 'guests <b>', 24],
        [OWNER, true, null, 24],
      ]);
    }
  });

  test('by the owner’s inventory alone the guest’s rules cannot be told', async () => {
    await folder.write({ ...sharedVpc(), 'logs/a.log': logOf(...TALK) });
    await analyze(['owner']);
    const { rules } = await report();
    expect(rules[0]!.verdict).toMatchObject({ kind: 'notObserved', reason: 'sharedGroup', ownerId: GUEST });
  });
});

describe('folders that are named by their account', () => {
  const inVpc2 = { VpcId: 'vpc-2' };
  const place = (name: string, groups: readonly object[], machines: readonly object[], vpcs: object = VPCS): Files => ({
    [`all/${name}/security-groups.json`]: { SecurityGroups: groups },
    [`all/${name}/security-group-rules.json`]: {
      SecurityGroupRules: [rule('sgr-shared', 'sg-shared', OWNER, 'in tcp 22 10.9.0.0/16')].filter(() =>
        groups.some((one) => (one as { GroupId: string }).GroupId === 'sg-shared'),
      ),
    },
    [`all/${name}/network-interfaces.json`]: { NetworkInterfaces: machines },
    [`all/${name}/vpcs.json`]: vpcs,
  });
  const asGuest = machine('eni-guest', GUEST, '10.0.0.2', 'sg-guest');

  test('a region in which an account has no interface makes nobody whose groups it sees there an account that was read', async () => {
    const elsewhere = { Vpcs: [{ VpcId: 'vpc-2', OwnerId: OWNER, CidrBlock: '10.1.0.0/16' }] };
    const user = machine('eni-guest', GUEST, '10.0.0.2', 'sg-shared');
    const region1 = place(`${GUEST}-eu-west-1`, [group('sg-guest', GUEST), group('sg-shared', OWNER)], [user]);
    const groups = [group('sg-own', GUEST, inVpc2), group('sg-theirs', OWNER, inVpc2)];
    const region2 = place(`${GUEST}-eu-west-2`, groups, [], elsewhere);
    const named = { ...region1, ...region2 };
    const others = Object.entries(named).map(([path, content]): [string, unknown] => [
      path.replace(/^all\/\d+/, 'x'),
      content,
    ]);
    await folder.write({ ...named, ...Object.fromEntries(others), 'logs/a.log': logOf(...TALK) });
    for (const inventories of [['all'], ['x-eu-west-1', 'x-eu-west-2']]) {
      expect(await analyze(inventories)).toMatchObject({ status: 0 });
      const { rules, accounts = [] } = await report();
      expect(rules[0]!.verdict).toMatchObject({ kind: 'notObserved', reason: 'sharedGroup', ownerId: OWNER });
      expect(accounts.filter(({ described }) => described).map(({ accountId }) => accountId)).toEqual([GUEST]);
    }
  });

  test('the owner of a VPC that has no interface of its own is not taken for a guest', async () => {
    const guest = group('sg-guest', GUEST);
    await folder.write({
      ...place(`${OWNER}-eu-west-1`, [group('sg-owner', OWNER), guest], [asGuest]),
      ...place(`${GUEST}-eu-west-1`, [guest], [asGuest]),
      'logs/a.log': logOf(...TALK),
    });
    expect(await analyze(['all'])).toMatchObject({ status: 0 });
    const { accounts = [] } = await report();
    expect(accounts.map(({ accountId, described }) => [accountId, described])).toEqual([
      [OWNER, true],
      [GUEST, true],
    ]);
    // So that a plan, which keeps them, is checked against the same accounts.
    const tops = async (...names: readonly string[]): Promise<string[]> => {
      const files = await newestFiles(names.map((name) => folder.path(name)));
      return [...new Set(files.map(({ path }) => path.replace(/\/.*/, '')))];
    };
    expect(await tops('all')).toEqual([`${OWNER}-eu-west-1`, `${GUEST}-eu-west-1`]);
    await folder.write(sharedVpc());
    expect(await tops(`all/${OWNER}-eu-west-1`, 'guest')).toEqual([`${OWNER}-eu-west-1`, '2']);
  });
});

describe('what is told', () => {
  const name = (account: string, region = 'us-east-1'): string =>
    `logs/${account}_vpcflowlogs_${region}_fl-0123456789abcdef0_20260112T0005Z_00000001.log`;

  test('logs of an account without an inventory, with its name and the command that brings it', async () => {
    const foreign = line(5, STRANGER, 'eni-foreign', '10.0.0.1', '10.0.0.9', ' 2');
    await folder.write({
      ...sharedVpc(),
      'logs/a.log': logOf(...TALK),
      [name(STRANGER)]: logOf(foreign, foreign),
      [name(STRANGER, 'eu-central-1')]: logOf(foreign),
    });
    const { status, stdout } = await analyze(['owner', 'guest']);
    expect([status, stdout.replaceAll(/\s+/g, ' ')]).toEqual([
      0,
      expect.stringContaining(
        `3 records are of account ${STRANGER} strangers, of which there is no inventory: stale-sg snapshot --region eu-central-1 --out ${STRANGER}-eu-central-1; stale-sg snapshot --region us-east-1 --out ${STRANGER}-us-east-1 with`,
      ),
    ]);
    const { accounts = [], records } = await report();
    expect(records.otherAccount).toBe(3);
    expect(accounts.at(-1)).toMatchObject({
      accountId: STRANGER,
      described: false,
      regions: ['eu-central-1', 'us-east-1'],
      coverage: null,
    });
  });

  test('logs of other accounts alone: an error, with the way out, and nothing is written', async () => {
    const foreign = line(5, STRANGER, 'eni-foreign', '10.0.0.1', '10.0.0.9', ' 2');
    await folder.write({ ...sharedVpc(), [name(STRANGER)]: logOf(foreign) });
    const { status, stderr } = await analyze(['owner']);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /the logs are of 1 account \(333333333333\), the inventory is of 111111111111: no record is of an interface in it; take theirs with 'stale-sg snapshot/,
    );
    expect(await folder.filesIn('out')).toEqual([]);
  });

  test.each([
    ['the same folder twice', ['owner', 'owner']],
    ['an older copy', ['guest', 'copy']],
  ])('%s is refused, with the way out', async (_, folders) => {
    const files = sharedVpc();
    const copy = Object.entries(files).map(([path, content]): [string, unknown] => [
      path.replace(/^guest/, 'copy'),
      content,
    ]);
    await folder.write({ ...files, ...Object.fromEntries(copy), 'logs/a.log': logOf(...TALK) });
    const { status, stderr } = await analyze(folders);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /are of one account and region \(both have sg-\w+\): give the newer one, or put both below one folder/,
    );
  });

  test('a rule of a group that a third account shares, read otherwise by the two, is refused', async () => {
    const files = sharedVpc();
    const shared = (text: string): object => rule('sgr-shared', 'sg-shared', STRANGER, text);
    const add = (path: string, key: string, item: object): Files => ({
      [path]: { [key]: [...(files[path] as Record<string, object[]>)[key]!, item] },
    });
    await folder.write({
      ...files,
      ...add('owner/security-groups.json', 'SecurityGroups', group('sg-shared', STRANGER)),
      ...add('guest/security-groups.json', 'SecurityGroups', group('sg-shared', STRANGER)),
      ...add('owner/security-group-rules.json', 'SecurityGroupRules', shared('in tcp 1 10.0.0.0/8')),
      ...add('guest/security-group-rules.json', 'SecurityGroupRules', shared('in tcp 2 10.0.0.0/8')),
      'logs/a.log': logOf(...TALK),
    });
    const { status, stderr } = await analyze(['owner', 'guest']);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/the rule sgr-shared of a shared group reads otherwise/),
    ]);
  });

  test('a file of names that is none', async () => {
    await folder.write({ ...sharedVpc(), 'logs/a.log': logOf(...TALK), 'names.json': { Accounts: [{ Id: 'x' }] } });
    const { status, stderr } = await analyze(['owner'], 'out', '--accounts', folder.path('names.json'));
    expect([status, stderr]).toEqual([1, expect.stringMatching(/names\.json: Accounts\[0\]\.Id/)]);
  });
});

describe('reports that are merged', () => {
  const args = (...names: readonly string[]): string[] => [
    'merge',
    ...names.map((one) => folder.path(one)),
    '--out',
    folder.path('merged'),
  ];

  test('of the owner and the guest: a rule of both as its own account has it, but not idle where the other saw a use', async () => {
    await folder.write({ ...sharedVpc(), 'logs/a.log': logOf(...TALK) });
    await analyze(['owner'], 'a');
    await analyze(['guest'], 'b');
    // As if both had read the rule alike.
    const other = JSON.parse(await folder.read('a/usage.json')) as { rules: Record<string, unknown>[] };
    const own = (await report('b')).rules.find(({ ruleId }) => ruleId === 'sgr-guest')!;
    for (const one of other.rules) if (one.ruleId === 'sgr-guest') one.fromPort = one.toPort = 443;
    const idle = (await report('b')).rules.find(({ ruleId }) => ruleId === 'sgr-idle')!;
    expect(idle.verdict.kind).toBe('stale');
    other.rules.push({ ...idle, possibleTimes: 1 });
    await folder.write({ 'a/usage.json': other });
    expect((await runMain(args('a', 'b'))).status).toBe(0);
    const merged = await report('merged');
    expect(merged.rules.map(({ ruleId }) => ruleId)).toEqual(['sgr-guest', 'sgr-idle', 'sgr-owner']);
    expect(merged.rules[0]!.usedTimes).toBe(own.usedTimes);
    expect(merged.rules[1]!.verdict).toMatchObject({ kind: 'notObserved', reason: 'sharedGroup' });
    expect(merged.records.total).toBe(48);
    expect(await folder.filesIn('merged')).toContain('evidence/manifest.json');
  });

  test('two verdicts on one rule are refused; and so is one that was read otherwise', async () => {
    await folder.write({ ...sharedVpc(), 'logs/a.log': logOf(...TALK) });
    await analyze(['guest'], 'a');
    await analyze(['guest'], 'b');
    await analyze(['owner'], 'c');
    for (const names of [
      ['a', 'b'],
      ['b', 'c'],
    ]) {
      const { status, stderr } = await runMain(args(...names));
      expect([status, stderr]).toEqual([
        1,
        expect.stringMatching(/both judge the rule sgr-guest.*cannot be joined; give/),
      ]);
    }
    expect(await folder.filesIn('merged')).toEqual([]);
  });

  test('what has no evidence beside it: none is written, and that is said; a folder of another run is refused', async () => {
    await folder.write({ ...sharedVpc(), 'logs/a.log': logOf(...TALK) });
    await analyze(['owner'], 'a');
    await analyze(['guest'], 'b');
    const { rules } = JSON.parse(await folder.read('a/usage.json')) as UsageReport;
    const deployed = {
      ...(await report('a')),
      rules: rules.filter(({ accountId }) => accountId === OWNER),
      accounts: undefined,
    };
    await folder.write({ 'deployed/usage.json': deployed });
    const { status, stdout } = await runMain(args('deployed', 'b'));
    expect([status, stdout.replaceAll(/\s+/g, ' ')]).toEqual([
      0,
      expect.stringMatching(
        /No evidence is beside it, since \S+deployed has no evidence: plan and simulate each account by itself/,
      ),
    ]);
    expect(await folder.filesIn('merged')).toEqual(['report.html', 'usage.csv', 'usage.json']);
    const again = await runMain(args('a', 'b'));
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('holds usage.json of another run')]);
  });
});
