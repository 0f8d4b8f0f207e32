import { describe, expect, test } from '@jest/globals';
import { formatPrefix } from '../../../shared/addresses/address.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { combine, unite, withInterfaces } from '../../../shared/inventory/union.ts';
import { withOwnAccounts, withoutOthersViews } from '../../../shared/inventory/accounts.ts';
import { type AwsLists, awsRule, inventoryOf, showRule } from './aws-shorthand.ts';

/** The union of these moments, the oldest first. */
const unionOf = (...moments: AwsLists[]): Inventory => moments.map(inventoryOf).reduce(unite);

/** `{ 'sgr-1': 'in tcp 22 10.0.0.0/8' }` as lists. */
const rulesOf = (rules: Record<string, string>, more: Record<string, unknown> = {}): AwsLists => ({
  rules: Object.entries(rules).map(([SecurityGroupRuleId, rule]) => awsRule(rule, { SecurityGroupRuleId, ...more })),
});

describe('rules', () => {
  const show = ({ rules }: Inventory): string[] => rules.map((rule) => `${rule.ruleId} ${showRule(rule)}`);
  const SSH = 'in tcp 22 10.0.0.0/8';
  const WEB = 'in tcp 443 0.0.0.0/0';
  const ssh = 'ingress tcp(6) 22-22 cidrIpv4 10.0.0.0/8';
  const web = 'ingress tcp(6) 443-443 cidrIpv4 0.0.0.0/0';

  test.each<[why: string, moments: Record<string, string>[], expected: string[]]>([
    ['one that is always there is there once', [{ 'sgr-1': SSH }, { 'sgr-1': SSH }], [`sgr-1 ${ssh}`]],
    ['added in between', [{}, { 'sgr-1': SSH }], [`sgr-1 ${ssh}`]],
    ['removed in between', [{ 'sgr-1': SSH }, {}], [`sgr-1 ${ssh}`]],
    ['edited in place: both contents', [{ 'sgr-1': SSH }, { 'sgr-1': WEB }], [`sgr-1 ${ssh}`, `sgr-1 ${web}`]],
    [
      'edited and edited back',
      [{ 'sgr-1': SSH }, { 'sgr-1': WEB }, { 'sgr-1': SSH }],
      [`sgr-1 ${ssh}`, `sgr-1 ${web}`],
    ],
    ['made again: once, under the newest id', [{ 'sgr-2': SSH }, {}, { 'sgr-1': SSH }], [`sgr-1 ${ssh}`]],
    [
      'two ids change contents',
      [
        { 'sgr-1': SSH, 'sgr-2': WEB },
        { 'sgr-1': WEB, 'sgr-2': SSH },
      ],
      [`sgr-1 ${web}`, `sgr-2 ${ssh}`],
    ],
    ['two at one moment stay two', [{ 'sgr-1': SSH, 'sgr-2': SSH }, {}], [`sgr-1 ${ssh}`, `sgr-2 ${ssh}`]],
    [
      'what can match nothing is kept too',
      [{ 'sgr-1': 'in tcp 22.._ 10.0.0.0/8' }, {}],
      ['sgr-1 ingress tcp(6) cidrIpv4 10.0.0.0/8 ! FromPort 22 without ToPort'],
    ],
  ])('%s', (_why, moments, expected) => {
    expect(show(unionOf(...moments.map((rules) => rulesOf(rules))))).toEqual(expected);
  });

  test('are ordered by group, then id', () => {
    const all = unionOf(
      rulesOf({ 'sgr-2': SSH }, { GroupId: 'sg-1' }),
      rulesOf({ 'sgr-1': SSH }, { GroupId: 'sg-2' }),
      rulesOf({ 'sgr-3': WEB }, { GroupId: 'sg-1' }),
    );
    expect(all.rules.map(({ ruleId }) => ruleId)).toEqual(['sgr-2', 'sgr-3', 'sgr-1']);
  });

  test('bear the newest description', () => {
    const [rule] = unionOf(
      rulesOf({ 'sgr-1': SSH }, { Description: 'old' }),
      rulesOf({ 'sgr-1': SSH }, { Description: 'new' }),
    ).rules;
    expect(rule?.description).toBe('new');
  });
});

describe('interfaces', () => {
  const eni = (groups: string[], ...addresses: string[]): AwsLists => ({
    interfaces: [
      {
        NetworkInterfaceId: 'eni-1',
        Groups: groups.map((GroupId) => ({ GroupId })),
        PrivateIpAddresses: addresses
          .filter((text) => !text.includes('/'))
          .map((PrivateIpAddress) => ({ PrivateIpAddress })),
        Ipv4Prefixes: addresses.filter((text) => text.includes('/')).map((Ipv4Prefix) => ({ Ipv4Prefix })),
      },
    ],
  });
  const show = ({ interfaces }: Inventory): unknown[] =>
    [...interfaces.values()].map(({ groupIds, prefixes }) => [
      groupIds.join(' '),
      prefixes.map(formatPrefix).join(' '),
    ]);

  test.each<[why: string, moments: AwsLists[], expected: unknown[]]>([
    ['alike', [eni(['sg-1'], '10.0.0.1'), eni(['sg-1'], '10.0.0.1')], [['sg-1', '10.0.0.1/32']]],
    ['gone', [eni(['sg-1'], '10.0.0.1'), {}], [['sg-1', '10.0.0.1/32']]],
    ['new', [{}, eni(['sg-1'], '10.0.0.1')], [['sg-1', '10.0.0.1/32']]],
    ['another group', [eni(['sg-2'], '10.0.0.1'), eni(['sg-1'], '10.0.0.1')], [['sg-1 sg-2', '10.0.0.1/32']]],
    ['an address more', [eni([], '10.0.0.1'), eni([], '10.0.0.1', '10.0.0.2')], [['', '10.0.0.1/32 10.0.0.2/32']]],
    ['an address less', [eni([], '10.0.0.1', '10.0.0.2'), eni([], '10.0.0.1')], [['', '10.0.0.1/32 10.0.0.2/32']]],
    ['another address', [eni([], '10.0.0.1'), eni([], '10.0.0.2')], [['', '10.0.0.2/32 10.0.0.1/32']]],
    ['a prefix less', [eni([], '10.0.0.1', '10.1.0.0/28'), eni([], '10.0.0.1')], [['', '10.0.0.1/32 10.1.0.0/28']]],
    ['same start, other length', [eni([], '10.1.0.0/28'), eni([], '10.1.0.0/27')], [['', '10.1.0.0/27 10.1.0.0/28']]],
    [
      'three moments',
      [eni(['sg-1'], '10.0.0.1'), eni(['sg-2'], '10.0.0.2'), {}, eni(['sg-3'], '10.0.0.3')],
      [['sg-1 sg-2 sg-3', '10.0.0.3/32 10.0.0.2/32 10.0.0.1/32']],
    ],
  ])('%s', (_why, moments, expected) => {
    expect(show(unionOf(...moments))).toEqual(expected);
  });

  test('that were looked up are there too, in order, and add to what is known of them', () => {
    const known = inventoryOf(eni(['sg-1'], '10.0.0.1'));
    const looked = [eni(['sg-2'], '10.0.0.2'), { interfaces: [{ NetworkInterfaceId: 'eni-0' }] }].flatMap((lists) => [
      ...inventoryOf(lists).interfaces.values(),
    ]);
    const all = withInterfaces(known, looked);
    expect([...all.interfaces.keys()]).toEqual(['eni-0', 'eni-1']);
    expect(show(all)[1]).toEqual(['sg-1 sg-2', '10.0.0.1/32 10.0.0.2/32']);
    expect(known.interfaces.size).toBe(1);
  });

  test('that were looked up twice, with other groups, have them all', () => {
    const twice = [eni(['sg-1'], '10.0.0.1'), eni(['sg-2'], '10.0.0.1')].flatMap((lists) => [
      ...inventoryOf(lists).interfaces.values(),
    ]);
    expect(show(withInterfaces(inventoryOf({}), twice))).toEqual([['sg-1 sg-2', '10.0.0.1/32']]);
  });
});

describe('entries of prefix lists', () => {
  const named: AwsLists = rulesOf({ 'sgr-1': 'in tcp 22 pl-1' });
  const listed: AwsLists = { prefixLists: [{ PrefixListId: 'pl-1', PrefixListName: 'a' }] };
  const entries = (...cidrs: string[]): AwsLists => ({ ...listed, entries: { 'pl-1': cidrs } });

  test.each<[why: string, moments: AwsLists[], expected: string[] | undefined]>([
    [
      'of all moments',
      [
        { ...named, ...entries('10.0.0.0/8') },
        { ...named, ...entries('10.0.0.0/8', '11.0.0.0/8') },
      ],
      ['10.0.0.0/8', '11.0.0.0/8'],
    ],
    [
      'taken out in between: still there',
      [
        { ...named, ...entries('10.0.0.0/8') },
        { ...named, ...entries() },
      ],
      ['10.0.0.0/8'],
    ],
    [
      'unknown before: unknown',
      [
        { ...named, ...listed },
        { ...named, ...entries('10.0.0.0/8') },
      ],
      undefined,
    ],
    [
      'unknown now: unknown',
      [
        { ...named, ...entries('10.0.0.0/8') },
        { ...named, ...listed },
      ],
      undefined,
    ],
    ['not even listed before: unknown', [named, { ...named, ...entries('10.0.0.0/8') }], undefined],
    [
      'unknown stays unknown',
      [named, { ...named, ...entries('10.0.0.0/8') }, { ...named, ...entries('10.0.0.0/8') }],
      undefined,
    ],
    [
      'unread while no rule named it: of no account',
      [listed, { ...named, ...entries('10.0.0.0/8') }, listed, {}],
      ['10.0.0.0/8'],
    ],
    ['named by no rule, ever', [listed, listed], undefined],
  ])('%s', (_why, moments, expected) => {
    expect(
      unionOf(...moments)
        .prefixLists.get('pl-1')
        ?.entries?.map(formatPrefix),
    ).toEqual(expected);
  });

  test('of a list without a family that is known at one moment have that family', () => {
    const family = { prefixLists: [{ PrefixListId: 'pl-1', AddressFamily: 'IPv4' }] };
    expect(unionOf(family, listed).prefixLists.get('pl-1')?.family).toBe(4);
  });
});

describe('flow logs', () => {
  const log = (FlowLogStatus = 'ACTIVE'): AwsLists => ({
    flowLogs: [{ FlowLogId: 'fl-1', ResourceId: 'vpc-1', TrafficType: 'ALL', FlowLogStatus }],
  });
  const none: AwsLists = { flowLogs: [] };

  test.each<[why: string, moments: AwsLists[], expected: boolean[] | undefined]>([
    ['always active', [log(), log()], [true]],
    ['made in between', [none, log()], [true]],
    ['deleted in between vouches for nothing', [log(), none], [false]],
    ['gone for a while vouches for nothing', [log(), none, log()], [false]],
    ['failed for a while vouches for nothing', [log(), log('FAILED'), log()], [false]],
    ['failed before', [log('FAILED'), log()], [false]],
    ['a moment without the list says nothing', [log(), {}], [true]],
    ['never described', [{}, {}], undefined],
  ])('%s', (_why, moments, expected) => {
    expect(unionOf(...moments).flowLogs?.map(({ active }) => active)).toEqual(expected);
  });
});

test('blocks of VPCs, groups and associations of all moments; names and tags of the newest', () => {
  const all = unionOf(
    {
      groups: [
        { GroupId: 'sg-2', GroupName: 'gone' },
        { GroupId: 'sg-1', GroupName: 'web', Description: 'old' },
      ],
      vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' }],
      associations: [{ GroupId: 'sg-1', VpcId: 'vpc-2', State: 'associated' }],
    },
    {
      groups: [{ GroupId: 'sg-1', GroupName: 'web', Description: 'new', Tags: [{ Key: 'a', Value: 'b' }] }],
      vpcs: [
        { VpcId: 'vpc-1', CidrBlock: '10.1.0.0/16' },
        { VpcId: 'vpc-0', CidrBlock: '10.2.0.0/16' },
      ],
      associations: [
        { GroupId: 'sg-1', VpcId: 'vpc-2', State: 'associated' },
        { GroupId: 'sg-1', VpcId: 'vpc-2', State: 'disassociated' },
      ],
    },
  );
  expect([...all.groups.values()]).toMatchObject([
    { groupId: 'sg-1', description: 'new', tags: { a: 'b' } },
    { groupId: 'sg-2', groupName: 'gone' },
  ]);
  expect([...all.vpcs].map(([id, { prefixes }]) => [id, prefixes.map(formatPrefix)])).toEqual([
    ['vpc-0', ['10.2.0.0/16']],
    ['vpc-1', ['10.1.0.0/16', '10.0.0.0/16']],
  ]);
  expect(all.associations.map(({ state }) => state)).toEqual(['associated', 'disassociated']);
});

test('problems of all moments are told once', () => {
  const bad = (Cidr: string): AwsLists => ({ interfaces: [{ NetworkInterfaceId: 'eni-1', PrivateIpAddress: Cidr }] });
  const { problems } = unionOf(bad('b'), bad('a'), bad('b'));
  expect(problems).toEqual([expect.stringContaining(' a is no'), expect.stringContaining(' b is no')]);
});

describe('two accounts', () => {
  const LIST = { PrefixListId: 'pl-1', PrefixListName: 'offices', AddressFamily: 'IPv4' };
  const named = { rules: [awsRule('in tcp 22 pl-1')] };

  test('a list of which one knows the entries is known, though rules of both name it', () => {
    const one = inventoryOf({ ...named, prefixLists: [LIST] });
    const other = inventoryOf({ ...named, prefixLists: [LIST], entries: { 'pl-1': ['192.0.2.0/24'] } });
    for (const both of [combine(one, other), combine(other, one)]) {
      expect(both.prefixLists.get('pl-1')!.entries).toHaveLength(1);
    }
    expect(unite(one, other).prefixLists.get('pl-1')!.entries).toBeUndefined();
  });

  test('a group that one knows by its rules alone has the VPC that the other tells', () => {
    const one = inventoryOf({ groups: [{ GroupId: 'sg-1', GroupName: 'web', VpcId: 'vpc-1' }] });
    const other = inventoryOf({ groups: [], rules: [awsRule('in tcp 22 10.0.0.0/8')] });
    for (const both of [combine(one, other), combine(other, one)]) {
      expect(both.groups.get('sg-1')).toMatchObject({ groupName: 'web', vpcId: 'vpc-1' });
    }
  });

  test('a rule that reads otherwise is as the later one has it', () => {
    const one = inventoryOf({ rules: [awsRule('in tcp 22 10.0.0.0/8')] });
    const other = inventoryOf({ rules: [awsRule('in tcp 23 10.0.0.0/8')] });
    expect(combine(one, other).rules.map(showRule)).toEqual(['ingress tcp(6) 23-23 cidrIpv4 10.0.0.0/8']);
  });

  test('what an account owns is as it says itself', () => {
    const of = (OwnerId: string, id: string, seen: object) => ({
      groups: [{ GroupId: id, GroupName: id, OwnerId, VpcId: 'vpc-1' }, seen] as Record<string, unknown>[],
      interfaces: [
        { NetworkInterfaceId: `eni-${OwnerId}`, OwnerId, PrivateIpAddress: '10.0.0.1', Groups: [{ GroupId: id }] },
      ],
    });
    const A = of('111111111111', 'sg-a', { GroupId: 'sg-b', GroupName: 'stale name', OwnerId: '222222222222' });
    const B = of('222222222222', 'sg-b', { GroupId: 'sg-a', GroupName: 'stale name', OwnerId: '111111111111' });
    const [a, b] = withoutOthersViews([A, B].map((lists) => withOwnAccounts(inventoryOf(lists), undefined)));
    expect([[...a!.groups.keys()], [...b!.groups.keys()]]).toEqual([['sg-a'], ['sg-b']]);
    expect(combine(a!, b!).accounts?.map(({ accountId, isDescribed }) => [accountId, isDescribed])).toEqual([
      ['111111111111', true],
      ['222222222222', true],
    ]);
  });
});
