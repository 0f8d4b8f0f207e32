import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { formatPrefix } from '../../../shared/addresses/address.ts';
import { type AwsPages, inventoryFromAws } from '../../../shared/inventory/from-aws.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { type AwsLists, awsRule, inventoryOf, pagesOf, refusal } from './aws-shorthand.ts';

const sound: AwsPages = {
  securityGroups: pagesOf('security-groups.json', { SecurityGroups: [{ GroupId: 'sg-1', GroupName: 'web' }] }),
  securityGroupRules: pagesOf('security-group-rules.json', { SecurityGroupRules: [awsRule('in tcp 22 sg-1')] }),
  networkInterfaces: pagesOf('network-interfaces.json', { NetworkInterfaces: [{ NetworkInterfaceId: 'eni-1' }] }),
};

const problemsOf = (lists: AwsLists): readonly string[] => inventoryOf(lists).problems;

describe('groups and rules', () => {
  test('a rule carries the name of its group, and a sound inventory has no problems', () => {
    const { groups, rules, problems } = inventoryFromAws(sound);
    expect(rules.map((rule) => [rule.ruleId, rule.groupId, rule.groupName])).toEqual([['sgr-1', 'sg-1', 'web']]);
    expect(groups.get('sg-1')).toEqual({
      groupId: 'sg-1',
      groupName: 'web',
      ownerId: '',
      vpcId: '',
      region: '',
      description: '',
      tags: {},
    });
    expect(problems).toEqual([]);
  });

  test.each([
    ['arn:aws:ec2:eu-central-1:111122223333:security-group/sg-1', 'eu-central-1'],
    ['arn:aws-cn:ec2:cn-north-1:111122223333:security-group/sg-1', 'cn-north-1'],
    ['arn:aws:s3:::bucket', ''],
    ['eu-central-1', ''],
  ])('the ARN of a group, %s, tells its Region: %j', (SecurityGroupArn, region) => {
    const group = { GroupId: 'sg-1', SecurityGroupArn };
    expect(inventoryOf({ groups: [group] }).groups.get('sg-1')!.region).toBe(region);
    const SecurityGroupRuleArn = SecurityGroupArn.replace('security-group/sg', 'security-group-rule/sgr');
    const rules = [awsRule('in tcp 22 10.0.0.0/8', { SecurityGroupRuleArn })];
    expect(inventoryOf({ groups: [], rules }).groups.get('sg-1')!.region).toBe(region);
  });

  test('rules are ordered by group id, then rule id, in code units and not by number or locale', () => {
    const ids = ['sg-2 sgr-a', 'sg-10 sgr-b', 'sg-2 sgr-B', 'sg-10 sgr-10', 'sg-10 sgr-9'];
    const rules = ids.map((pair) => {
      const [GroupId, SecurityGroupRuleId] = pair.split(' ');
      return awsRule('in -1 0.0.0.0/0', { GroupId, SecurityGroupRuleId });
    });
    expect(inventoryOf({ rules }).rules.map((rule) => `${rule.groupId} ${rule.ruleId}`)).toEqual([
      'sg-10 sgr-10',
      'sg-10 sgr-9',
      'sg-10 sgr-b',
      'sg-2 sgr-B',
      'sg-2 sgr-a',
    ]);
  });

  test('rules that can match nothing are listed like any other', () => {
    const rules = [awsRule('in xyz'), awsRule('in tcp 22 10.0.0.0/8', { SecurityGroupRuleId: 'sgr-2' })];
    const inventory = inventoryOf({ rules });
    expect(inventory.rules.map((rule) => rule.unmatchable !== undefined)).toEqual([true, false]);
  });

  test('a rule whose group is not listed is kept, with a group of its own', () => {
    const rules = [
      awsRule('in -1 0.0.0.0/0', { GroupId: 'sg-9', GroupOwnerId: '1234', SecurityGroupRuleId: 'sgr-8' }),
      awsRule('out -1 0.0.0.0/0', { GroupId: 'sg-9', GroupOwnerId: '1234', SecurityGroupRuleId: 'sgr-9' }),
    ];
    const inventory = inventoryOf({ rules });
    expect(inventory.rules.map((rule) => rule.ruleId)).toEqual(['sgr-8', 'sgr-9']);
    expect(inventory.groups.get('sg-9')).toMatchObject({ groupName: '', ownerId: '1234', vpcId: '' });
    expect(inventory.problems).toEqual([
      'security group sg-9 has rules but is not in security-groups.json: its name, VPC and tags are unknown',
    ]);
  });

  test('groups that refer to each other and to themselves are nothing special', () => {
    const refer = (from: string, to: string) =>
      awsRule(`in -1 ${to}`, { GroupId: from, SecurityGroupRuleId: `sgr-${from}-${to}` });
    const groups = ['sg-a', 'sg-b', 'sg-c'].map((GroupId) => ({ GroupId }));
    const pairs = ['sg-a sg-b', 'sg-b sg-c', 'sg-c sg-a', 'sg-a sg-a'].map((pair) => pair.split(' '));
    const inventory = inventoryOf({ groups, rules: pairs.map(([from, to]) => refer(from!, to!)) });
    expect(inventory.rules.map((rule) => rule.peer.value)).toEqual(['sg-a', 'sg-b', 'sg-c', 'sg-a']);
    expect(inventory.problems).toEqual([]);
  });

  test('a reference to a group that is not listed is no problem: it may be of another account', () => {
    expect(problemsOf({ rules: [awsRule('in -1 sg-9')] })).toEqual([]);
  });

  test("other people's names are kept to the letter, and those of the language itself do no harm", () => {
    const names = ['<script>alert(1)</script>', '=1+1', '__proto__', 'a\u0000\u001b[2J\u202e"\n', 'constructor'];
    const groups = names.map((name, i) => ({
      GroupId: `sg-${i}`,
      GroupName: name,
      Tags: [{ Key: name, Value: name }],
    }));
    const rules = names.map((name, i) =>
      awsRule('in -1 0.0.0.0/0', { GroupId: `sg-${i}`, SecurityGroupRuleId: `sgr-${i}`, Description: name }),
    );
    const inventory = inventoryOf({ groups, rules });
    for (const [i, name] of names.entries()) {
      expect(inventory.groups.get(`sg-${i}`)?.groupName).toBe(name);
      expect(Object.entries(inventory.groups.get(`sg-${i}`)!.tags)).toEqual([[name, name]]);
      expect(inventory.rules.find((rule) => rule.ruleId === `sgr-${i}`)).toMatchObject({
        groupName: name,
        description: name,
      });
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test('in problems such text is quoted and stays on one line', () => {
    const [problem] = problemsOf({
      interfaces: [{ NetworkInterfaceId: 'eni-1', PrivateIpAddress: 'a\n\u001b[2J\u202e' }],
    });
    expect(problem).toMatch(/^network interface \S+: "a\\n\\u001b\[2J\\u202e" is not a valid address/);
  });

  const HOSTILE_IDS = ['a\n\u001b[2J', 'sg-1; rm', '$(id)', '-rf', '../sg-1', 'sg-1"', 'sg 1', 'sg-é', 'a'.repeat(65)];
  test.each(HOSTILE_IDS.map((id) => [id]))('what is no id is refused where it is read: %j', (id) => {
    const places: [path: string, aws: Parameters<typeof inventoryOf>[0]][] = [
      ['SecurityGroups[0].GroupId', { groups: [{ GroupId: id }] }],
      ['SecurityGroups[0].VpcId', { groups: [{ GroupId: 'sg-1', VpcId: id }] }],
      ['SecurityGroupRules[0].SecurityGroupRuleId', { rules: [awsRule('in -1', { SecurityGroupRuleId: id })] }],
      ['SecurityGroupRules[0].GroupId', { rules: [awsRule('in -1', { GroupId: id })] }],
      ['SecurityGroupRules[0].PrefixListId', { rules: [awsRule('in -1', { PrefixListId: id })] }],
      [
        'SecurityGroupRules[0].ReferencedGroupInfo.GroupId',
        { rules: [awsRule('in -1', { ReferencedGroupInfo: { GroupId: id } })] },
      ],
      ['NetworkInterfaces[0].NetworkInterfaceId', { interfaces: [{ NetworkInterfaceId: id }] }],
      ['NetworkInterfaces[0].SubnetId', { interfaces: [{ NetworkInterfaceId: 'eni-1', SubnetId: id }] }],
      [
        'NetworkInterfaces[0].Groups[0].GroupId',
        { interfaces: [{ NetworkInterfaceId: 'eni-1', Groups: [{ GroupId: id }] }] },
      ],
    ];
    for (const [path, aws] of places) {
      let message = '';
      try {
        inventoryOf(aws);
      } catch (error) {
        message = String(error);
      }
      expect(message).toContain(`${path}: expected an id (at most 64 letters, digits, "-" and "_"), found `);
      expect(message).not.toMatch(/\p{Cc}/u);
    }
  });

  test.each([['sgr-0123456789abcdef0'], ['web'], ['sg_web-1'], ['0'], ['a'.repeat(64)]])('an id: %s', (id) => {
    const [rule] = inventoryOf({ rules: [awsRule('in -1', { SecurityGroupRuleId: id })] }).rules;
    expect(rule?.ruleId).toBe(id);
  });
});

describe('interfaces', () => {
  test('a group that nothing is known of is told once, however many interfaces have it', () => {
    const interfaces = ['eni-1', 'eni-2'].map((NetworkInterfaceId) => ({
      NetworkInterfaceId,
      Groups: [{ GroupId: 'sg-1' }, { GroupId: 'sg-9' }],
    }));
    const inventory = inventoryOf({ interfaces });
    expect([...inventory.interfaces.keys()]).toEqual(['eni-1', 'eni-2']);
    expect(inventory.groups.has('sg-9')).toBe(false);
    expect(inventory.problems).toEqual([
      'security group sg-9 is on network interfaces but neither it nor a rule of it is in the inventory: ' +
        'what its rules admit is unknown',
    ]);
  });

  test('an address that is none is told', () => {
    const interfaces = [{ NetworkInterfaceId: 'eni-1', PrivateIpAddress: '10.0.0.256' }];
    expect(problemsOf({ interfaces })).toEqual([
      expect.stringMatching(/^network interface eni-1: 10.0.0.256 is not a valid /),
    ]);
  });
});

describe('listed more than once', () => {
  const rule = awsRule('in tcp 22 10.0.0.0/8', { Tags: [{ Key: 'a', Value: 'b' }] });
  const one = { NetworkInterfaceId: 'eni-1', PrivateIpAddress: '10.0.0.4', Groups: [{ GroupId: 'sg-1' }] };
  const group = { GroupId: 'sg-1', GroupName: 'web' };
  const list = { PrefixListId: 'pl-1', PrefixListName: 'x', AddressFamily: 'IPv4' };
  const log = { FlowLogId: 'fl-1', ResourceId: 'vpc-1', TrafficType: 'ALL', FlowLogStatus: 'ACTIVE' };
  const vpc = { VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' };
  const v6 = (list: string) => list.split(' ').map((Ipv6Address) => ({ Ipv6Address }));

  const alike: [lists: AwsLists, problem: string, why: string][] = [
    [{ rules: [rule, rule, rule] }, 'security group rule sgr-1 is listed 3 times alike: kept once', 'a rule'],
    [
      { rules: [rule, { ...rule, IpProtocol: '6', SecurityGroupRuleArn: 'x' }] },
      'security group rule sgr-1 is listed 2 times alike: kept once',
      'a rule in two spellings',
    ],
    [{ groups: [group, group] }, 'security group sg-1 is listed 2 times alike: kept once', 'a group'],
    [{ interfaces: [one, one] }, 'network interface eni-1 is listed 2 times alike: kept once', 'an interface'],
    [
      {
        interfaces: [
          { ...one, Ipv6Addresses: v6('::1 ::2') },
          { ...one, Ipv6Addresses: v6('::2 ::1') },
        ],
      },
      'network interface eni-1 is listed 2 times alike: kept once',
      'an interface, its addresses in another order',
    ],
    [{ prefixLists: [list, list] }, 'prefix list pl-1 is listed 2 times alike: kept once', 'a prefix list'],
    [{ flowLogs: [log, log] }, 'flow log fl-1 is listed 2 times alike: kept once', 'a flow log'],
    [{ vpcs: [vpc, vpc] }, 'VPC vpc-1 is listed 2 times alike: kept once', 'a VPC'],
  ];
  test.each(alike)('%j: %s (%s)', (lists, problem) => {
    const { problems, rules, groups, interfaces, prefixLists, flowLogs, vpcs } = inventoryOf(lists);
    expect(problems).toEqual([problem]);
    for (const count of [rules.length, groups.size, interfaces.size, prefixLists.size, flowLogs?.length, vpcs.size]) {
      expect(count ?? 0).toBeLessThanOrEqual(1);
    }
  });

  const unlike: [lists: AwsLists, named: string, why: string][] = [
    [{ rules: [rule, { ...rule, ToPort: 23 }] }, 'security group rule sgr-1', 'other ports'],
    [{ rules: [rule, { ...rule, GroupId: 'sg-2' }] }, 'security group rule sgr-1', 'another group'],
    [{ rules: [rule, { ...rule, Tags: [] }] }, 'security group rule sgr-1', 'other tags: which exemption holds?'],
    [{ groups: [group, { ...group, GroupName: 'db' }] }, 'security group sg-1', 'another name'],
    [{ interfaces: [one, { ...one, PrivateIpAddress: '10.0.0.5' }] }, 'network interface eni-1', 'another address'],
    [{ interfaces: [one, { ...one, Groups: [] }] }, 'network interface eni-1', 'other groups'],
    [{ prefixLists: [list, { ...list, AddressFamily: 'IPv6' }] }, 'prefix list pl-1', 'another family'],
    [{ flowLogs: [log, { ...log, ResourceId: 'vpc-2' }] }, 'flow log fl-1', 'another resource'],
    [{ vpcs: [vpc, { ...vpc, CidrBlock: '10.1.0.0/16' }] }, 'VPC vpc-1', 'another block'],
  ];
  test.each(unlike)('%j: %s is refused (%s)', (lists, named) => {
    expect(refusal(() => inventoryOf(lists))).toBe(
      `${named} is listed twice with different content: the files must show one moment of one account and Region`,
    );
  });
});

describe('prefix lists', () => {
  const list = { PrefixListId: 'pl-1', PrefixListName: 'office', AddressFamily: 'IPv4' };
  const entry = (inventory: Inventory, id: string) => {
    const found = inventory.prefixLists.get(id);
    return found && [found.name, found.family, found.entries?.map(formatPrefix)];
  };
  const rows: [lists: AwsLists, found: unknown, why: string][] = [
    [
      { prefixLists: [list], entries: { 'pl-1': ['10.0.0.0/8', '192.0.2.1/32'] } },
      ['office', 4, ['10.0.0.0/8', '192.0.2.1/32']],
      'a list with its entries',
    ],
    [{ prefixLists: [{ ...list, AddressFamily: 'IPv6' }] }, ['office', 6, undefined], 'a list, its entries not given'],
    [{ prefixLists: [list], entries: { 'pl-1': [] } }, ['office', 4, []], 'known to have no entries'],
    [{ prefixLists: [{ PrefixListId: 'pl-1' }] }, ['', undefined, undefined], 'a list of an unknown family'],
    [{ entries: { 'pl-1': ['2001:db8::/32'] } }, ['', 6, ['2001:db8::/32']], 'entries alone: their family'],
    [{ entries: { 'pl-1': ['10.0.0.0/8', '::/0'] } }, ['', undefined, ['10.0.0.0/8', '::/0']], 'both families'],
    [{ entries: { 'pl-1': [] } }, ['', undefined, []], 'no entries alone'],
  ];
  test.each(rows)('%j → %j (%s)', (lists, found) => {
    const inventory = inventoryOf(lists);
    expect(entry(inventory, 'pl-1')).toEqual(found);
    expect(inventory.problems).toEqual([]);
  });

  test.each([['10.0.0.0/33'], ['10.0.0.1'], [''], [null]])('an entry %j makes all entries unknown', (bad) => {
    const rules = [awsRule('in -1 pl-1')];
    const inventory = inventoryOf({ prefixLists: [list], entries: { 'pl-1': ['10.0.0.0/8', bad] }, rules });
    expect(entry(inventory, 'pl-1')).toEqual(['office', 4, undefined]);
    expect(inventory.problems).toEqual([
      `prefix list pl-1: entry ${bad === '' || bad === null ? '""' : bad} is not a CIDR, so its entries count as unknown: ` +
        'what rules naming it admit is only possible use',
    ]);
  });

  test('a list that rules name and the inventory has not is told once; the rules stay matchable', () => {
    const rules = ['sgr-1', 'sgr-2'].map((SecurityGroupRuleId) => awsRule('in -1 pl-9', { SecurityGroupRuleId }));
    const inventory = inventoryOf({ rules, prefixLists: [list] });
    expect(inventory.prefixLists.has('pl-9')).toBe(false);
    expect(inventory.rules.map((rule) => [rule.peer, rule.unmatchable])).toEqual([
      [{ type: 'prefixList', value: 'pl-9' }, undefined],
      [{ type: 'prefixList', value: 'pl-9' }, undefined],
    ]);
    expect(inventory.problems).toEqual([
      'prefix list pl-9 is named by a rule, but it is not in the inventory: what such rules admit is only possible use',
    ]);
  });

  test('a list without entries is told where a rule names it, and only there', () => {
    const told =
      'prefix list pl-1 is named by a rule, but its entries are not in the inventory: what such rules admit is only possible use';
    expect(problemsOf({ prefixLists: [list], rules: [awsRule('in -1 pl-1')] })).toEqual([told]);
    expect(problemsOf({ prefixLists: [list] })).toEqual([]);
  });
});

describe('flow logs', () => {
  const log = {
    FlowLogId: 'fl-1',
    ResourceId: 'vpc-1',
    TrafficType: 'ALL',
    FlowLogStatus: 'ACTIVE',
    DeliverLogsStatus: 'SUCCESS',
    CreationTime: '2026-01-31T00:00:00.789Z',
  };
  const flowLogOf = (more: object) => inventoryOf({ flowLogs: [{ ...log, ...more }] });

  test('not given is not the same as none', () => {
    expect(inventoryOf({}).flowLogs).toBeUndefined();
    expect(inventoryOf({ flowLogs: [] }).flowLogs).toEqual([]);
  });

  test('its fields', () => {
    expect(flowLogOf({}).flowLogs).toEqual([
      { flowLogId: 'fl-1', resourceId: 'vpc-1', trafficType: 'ALL', active: true, createdAt: 1_769_817_600 },
    ]);
  });

  const active: [more: object, active: boolean, why: string][] = [
    [{}, true, 'delivering'],
    [{ DeliverLogsStatus: null }, true, 'nothing delivered yet'],
    [{ DeliverLogsStatus: 'FAILED' }, false, 'cannot deliver'],
    [{ FlowLogStatus: 'INACTIVE' }, false, 'not active'],
    [{ FlowLogStatus: null }, false, 'what is not said to be active vouches for nothing'],
  ];
  test.each(active)('%j → active %s (%s)', (more, expected) => {
    expect(flowLogOf(more).flowLogs?.map((one) => one.active)).toEqual([expected]);
  });

  const times: [CreationTime: string | null, seconds: number, problems: number, why: string][] = [
    ['2026-01-31T00:00:00+00:00', 1_769_817_600, 0, 'AWS CLI version 2'],
    ['2026-01-31T02:00:00+02:00', 1_769_817_600, 0, 'another zone'],
    ['2026-01-31T00:00:00', 1_769_817_600, 0, 'no zone is UTC'],
    [null, 0, 0, 'not said'],
    ['yesterday', Infinity, 1, 'no time'],
    ['1', Infinity, 1, 'what Date.parse takes for a year'],
    ['2026-13-31T00:00:00Z', Infinity, 1, 'no such month'],
  ];
  test.each(times)('%j → %d, %d told (%s)', (CreationTime, seconds, problems) => {
    const inventory = flowLogOf({ CreationTime });
    expect(inventory.flowLogs?.map((one) => one.createdAt)).toEqual([seconds]);
    expect(inventory.problems).toHaveLength(problems);
  });

  test('a time without a zone is not read in that of the machine', () => {
    const module = new URL('../../../shared/inventory/flow-log-from-aws.ts', import.meta.url).href;
    const program = `
      import { flowLogFromAws } from ${JSON.stringify(module)};
      console.log(flowLogFromAws(${JSON.stringify({ ...log, CreationTime: '2026-01-31T00:00:00' })}).createdAt);`;
    const options = { env: { ...process.env, TZ: 'America/New_York', NODE_OPTIONS: '' }, encoding: 'utf8' } as const;
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program], options);
    expect(printed.trim()).toBe('1769817600');
  });

  const types: [more: object, kept: number, problems: string[], why: string][] = [
    [{ TrafficType: 'ACCEPT' }, 1, [], 'accepted traffic'],
    [{ TrafficType: 'REJECT' }, 1, [], 'rejected traffic'],
    [{ TrafficType: null, ResourceId: 'tgw-1' }, 0, [], 'a transit gateway log covers no interface'],
    [
      { TrafficType: 'SOME' },
      0,
      ['flow log fl-1: unknown traffic type SOME, so it counts as covering nothing'],
      'what it covers is unknown',
    ],
    [
      { TrafficType: null },
      0,
      ['flow log fl-1: unknown traffic type "", so it counts as covering nothing'],
      'what it covers is not said',
    ],
  ];
  test.each(types)('%j → %d kept, told %j (%s)', (more, kept, problems) => {
    const inventory = flowLogOf(more);
    expect(inventory.flowLogs).toHaveLength(kept);
    expect(inventory.problems).toEqual(problems);
  });
});

describe('VPCs and associations', () => {
  test('all blocks that are or were associated, each once; a VPC without any is not known', () => {
    const block = (CidrBlock: string, State: string | null) => ({ CidrBlock, CidrBlockState: { State } });
    const vpc = {
      VpcId: 'vpc-1',
      CidrBlock: '10.0.0.0/16',
      CidrBlockAssociationSet: [
        block('10.0.0.0/16', 'associated'),
        block('10.1.0.0/16', 'associated'),
        block('10.2.0.0/16', 'disassociated'),
        block('10.3.0.0/16', 'associating'),
        block('10.4.0.0/16', null),
      ],
      Ipv6CidrBlockAssociationSet: [
        { Ipv6CidrBlock: '2001:db8::/56', Ipv6CidrBlockState: { State: 'associated' } },
        { Ipv6CidrBlock: '2001:db8:1::/56', Ipv6CidrBlockState: { State: 'failed' } },
        { Ipv6CidrBlock: '2001:db8:2::/56' },
      ],
    };
    const { vpcs } = inventoryOf({ vpcs: [vpc, { VpcId: 'vpc-0', CidrBlock: null }] });
    expect([...vpcs.values()].map((one) => [one.vpcId, one.prefixes.map(formatPrefix)])).toEqual([
      [
        'vpc-1',
        [
          ...['10.0.0.0/16', '10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16', '10.4.0.0/16'],
          ...['2001:db8::/56', '2001:db8:2::/56'],
        ],
      ],
    ]);
  });

  test('a block that is none is told, and the VPC not known', () => {
    const inventory = inventoryOf({ vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0' }] });
    expect(inventory.vpcs.get('vpc-1')).toBeUndefined();
    expect(inventory.problems).toEqual([
      'VPC vpc-1: 10.0.0.0 is not a CIDR, so what addresses the VPC has counts as unknown',
    ]);
  });

  test('associations are kept in whatever state', () => {
    const associations = ['associated', 'disassociated'].map((State) => ({ GroupId: 'sg-1', VpcId: 'vpc-2', State }));
    expect(inventoryOf({ associations }).associations).toEqual([
      { groupId: 'sg-1', vpcId: 'vpc-2', state: 'associated' },
      { groupId: 'sg-1', vpcId: 'vpc-2', state: 'disassociated' },
    ]);
    expect(inventoryOf({}).associations).toEqual([]);
  });
});

describe('pages', () => {
  const group = (id: string, more: object = {}) => ({ SecurityGroups: [{ GroupId: id }], ...more });
  const groupIds = (...values: Record<string, unknown>[]) => [
    ...inventoryFromAws({ ...sound, securityGroups: pagesOf('security-groups.json', ...values) }).groups.keys(),
  ];

  const whole: [pages: Record<string, unknown>[], why: string][] = [
    [[group('sg-1'), group('sg-2')], 'pages that somebody stripped of their tokens'],
    [[group('sg-1', { NextToken: 'a' }), group('sg-2')], 'the last page has no token'],
    [[group('sg-1', { NextToken: 'a' }), group('sg-2', { NextToken: null })], 'the last page has null'],
    [[group('sg-1', { NextToken: 'a' }), group('sg-2', { NextToken: '' })], 'the last page has empty text'],
    [[group('sg-2'), group('sg-1', { NextToken: 'a' })], 'files need not be in the order of pages'],
  ];
  test.each(whole)('%j is whole (%s)', (pages) => {
    expect(groupIds(...pages)).toEqual(['sg-1', 'sg-2']);
  });

  const keys: [field: keyof AwsPages, file: string, key: string][] = [
    ['securityGroups', 'security-groups.json', 'SecurityGroups'],
    ['securityGroupRules', 'security-group-rules.json', 'SecurityGroupRules'],
    ['networkInterfaces', 'network-interfaces.json', 'NetworkInterfaces'],
    ['managedPrefixLists', 'managed-prefix-lists.json', 'PrefixLists'],
    ['prefixListEntries', 'prefix-list-entries/pl-1.json', 'Entries'],
    ['flowLogs', 'flow-logs.json', 'FlowLogs'],
    ['vpcs', 'vpcs.json', 'Vpcs'],
    ['securityGroupVpcAssociations', 'security-group-vpc-associations.json', 'SecurityGroupVpcAssociations'],
  ];
  const using = (field: keyof AwsPages, file: string, ...values: Record<string, unknown>[]): AwsPages => {
    const pages = pagesOf(file, ...values);
    return { ...sound, [field]: field === 'prefixListEntries' ? new Map([['pl-1', pages]]) : pages };
  };

  test.each(keys)('%s: output that was cut is refused, one page or more', (field, file, key) => {
    const page = { [key]: [], NextToken: 'more' };
    expect(refusal(() => inventoryFromAws(using(field, file, page)))).toBe(
      `${file}: the output was cut: it ends in a NextToken, so more was to come; ` +
        'fetch the rest too (let the AWS CLI page by itself: no --max-items, no --no-paginate)',
    );
    expect(refusal(() => inventoryFromAws(using(field, file, page, page)))).toMatch(
      `${file}, page 2: the output was cut: each of the 2 pages ends in a NextToken`,
    );
  });

  test.each(keys)('%s: a page without its list is refused', (field, file, key) => {
    expect(refusal(() => inventoryFromAws(using(field, file, { Other: [] })))).toBe(
      `${file}: ${key}: expected an array`,
    );
    expect(refusal(() => inventoryFromAws(using(field, file, { [key]: [] }, { [key]: {} })))).toBe(
      `${file}, page 2: ${key}: expected an array`,
    );
    expect(refusal(() => inventoryFromAws(using(field, file, { [key]: ['x'] })))).toMatch(
      `${file}: ${key}[0]: expected`,
    );
  });

  test('the order of pages and of what is on them makes no difference', () => {
    const inventory = (reverse: boolean) => {
      const ordered = <T>(list: T[]): T[] => (reverse ? list.toReversed() : list);
      const ids = ['3', '1', '2'];
      return inventoryFromAws({
        ...sound,
        securityGroups: pagesOf('g', ...ordered(ids.map((id) => group(`sg-${id}`)))),
        securityGroupRules: pagesOf('r', {
          SecurityGroupRules: ordered(
            ids.map((id) => awsRule('in -1 0.0.0.0/0', { GroupId: `sg-${id}9`, SecurityGroupRuleId: `sgr-${id}` })),
          ),
        }),
        networkInterfaces: pagesOf('i', {
          NetworkInterfaces: ordered(ids.map((id) => ({ NetworkInterfaceId: `eni-${id}`, PrivateIpAddress: 'x' }))),
        }),
      });
    };
    const flat = ({ groups, interfaces, ...rest }: Inventory) => ({
      ...rest,
      groups: [...groups],
      interfaces: [...interfaces],
    });
    expect(flat(inventory(true))).toEqual(flat(inventory(false)));
  });
});

describe('items that are not what AWS sends are refused with their path', () => {
  const rows: [lists: AwsLists, message: string, why: string][] = [
    [
      { interfaces: [{ NetworkInterfaceId: 'eni-1' }, {}] },
      'network-interfaces.json: NetworkInterfaces[1].NetworkInterfaceId: expected string, received undefined',
      'no id',
    ],
    [
      { interfaces: [{ NetworkInterfaceId: 'eni-1', PrivateIpAddresses: [{}, { PrivateIpAddress: 7 }] }] },
      'network-interfaces.json: NetworkInterfaces[0].PrivateIpAddresses[1].PrivateIpAddress: expected string, received number',
      'a number for text, deep inside',
    ],
    [
      { interfaces: [{ NetworkInterfaceId: 'eni-1', Groups: [{}] }] },
      'network-interfaces.json: NetworkInterfaces[0].Groups[0].GroupId: expected string, received undefined',
      'a group without id could hide a use',
    ],
    [
      { groups: [{ GroupId: '' }] },
      'security-groups.json: SecurityGroups[0].GroupId: expected an id, found empty text',
      'an empty id',
    ],
    [
      { rules: [awsRule('in tcp 0.0.0.0/0', { FromPort: '22' })] },
      'security-group-rules.json: SecurityGroupRules[0].FromPort: expected number, received string',
      'text for a number',
    ],
    [
      { rules: [awsRule('in tcp 0.0.0.0/0', { IsEgress: null })] },
      'security-group-rules.json: SecurityGroupRules[0].IsEgress: expected boolean, received null',
      'a direction is not guessed',
    ],
    [
      { rules: [awsRule('in tcp 0.0.0.0/0', { GroupId: null })] },
      'security-group-rules.json: SecurityGroupRules[0].GroupId: expected string, received null',
      'no group',
    ],
    [
      { vpcs: [{ VpcId: 'vpc-1', CidrBlock: [] }] },
      'vpcs.json: Vpcs[0].CidrBlock: expected string, received array',
      'a list for text',
    ],
  ];
  test.each(rows)('%j: %s (%s)', (lists, message) => {
    expect(refusal(() => inventoryOf(lists))).toBe(message);
  });
});
