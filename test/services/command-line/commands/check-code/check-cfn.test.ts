/**
 * What a change set of CloudFormation would cut. The files are written by hand in the form that AWS documents, since nothing
 * prints them without an account:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
 */
import { beforeAll, expect, jest, test } from '@jest/globals';
import { filesOf, SSH, VISIT, WEB_AND_SSH } from '../../evidence-world.ts';
import { runMain } from '../../program.ts';
import { scratch } from '../../scratch.ts';

jest.setTimeout(60_000);
const folder = scratch('block');

beforeAll(async () => {
  const rules = { ...WEB_AND_SSH, old: 'sg-a in tcp 8080 0.0.0.0/0', out: 'sg-a out -1 0.0.0.0/0' };
  const call = 'eni-1 10.0.0.10:50000 > 203.0.113.9:443 6';
  await folder.write(filesOf({ rules, flowLogs: ['fl-1 vpc-1 ALL'], logs: { 'fl-1': [VISIT, SSH, call] } }));
  const paths = ['inventory', 'logs', 'out'].flatMap((name) => [`--${name}`, folder.path(name)]);
  expect((await runMain(['analyze', ...paths])).status).toBe(0);
});

const change = (ResourceType: string, Action: string, more: object): object => ({
  Type: 'Resource',
  ResourceChange: { Action, LogicalResourceId: 'Web', ResourceType: `AWS::EC2::${ResourceType}`, ...more },
});
const context = (Properties: object): string => JSON.stringify({ Properties });
const open = (FromPort: number | string, CidrIp = '0.0.0.0/0') => ({
  IpProtocol: 'tcp',
  FromPort,
  ToPort: FromPort,
  CidrIp,
});
const group = (Action: string, before: object[] | undefined, after: object[] | undefined, more: object = {}): object =>
  change('SecurityGroup', Action, {
    PhysicalResourceId: 'sg-a',
    ...(before && { BeforeContext: context({ SecurityGroupIngress: before }) }),
    ...(after && { AfterContext: context({ SecurityGroupIngress: after }) }),
    ...more,
  });

test.each<[number, string, RegExp, object[]]>([
  [
    3,
    'a list of a group loses a rule that is used',
    /cuts, or may cut, what was seen: 1 service flow/,
    [group('Modify', [open(443), open('8080')], [open(8080)])],
  ],
  [
    0,
    'it loses one that is not',
    /nothing that was seen would be cut/,
    [group('Modify', [open('443'), open(8080)], [open(443)])],
  ],
  [0, 'only a description changes', /this change removes no rule/, [group('Modify', [open(443)], [open(443)])]],
  [3, 'it is narrowed', /1 service flow would lose/, [group('Modify', [open(443)], [open(443, '10.0.0.0/8')])]],
  [
    0,
    'it is narrowed to what was seen',
    /nothing that was seen/,
    [group('Modify', [open(443)], [open(443, '203.0.113.0/24')])],
  ],
  [
    3,
    'what it is narrowed to is not known yet',
    /1 service flow would lose/,
    [group('Modify', [open(443)], [open(443, '{{changeSet:KNOWN_AFTER_APPLY}}')])],
  ],
  [
    3,
    'the group that it names is made by the same change set',
    /Note: Web: not all of it is known yet/,
    [
      group(
        'Modify',
        [open(443)],
        [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, SourceSecurityGroupId: '{{changeSet:KNOWN_AFTER_APPLY}}' }],
      ),
    ],
  ],
  [3, 'a group goes', /2 service flows would lose/, [group('Remove', undefined, undefined)]],
  [
    0,
    'a group is taken out and retained',
    /this change removes no rule/,
    [group('Remove', undefined, undefined, { PolicyAction: 'Retain' })],
  ],
  [
    3,
    'a group is replaced by one with the same rules',
    /sgr-old: by Web\n[^]*Cannot be told: Web is, or may be, replaced/,
    [group('Modify', [open(443)], [open(443)], { Replacement: 'True' })],
  ],
  [
    3,
    'a rule of its own goes, told by its id',
    /1 service flow would lose/,
    [change('SecurityGroupIngress', 'Remove', { PhysicalResourceId: 'sgr-a' })],
  ],
  [
    3,
    'a rule of its own goes, told by its content',
    /1 service flow would lose/,
    [
      change('SecurityGroupIngress', 'Remove', {
        PhysicalResourceId: 'Web',
        BeforeContext: context({ GroupId: 'sg-a', ...open('443') }),
      }),
    ],
  ],
  [
    0,
    'a rule moves from the list of its group into a resource of its own',
    /this change removes no rule/,
    [
      group('Modify', [open(443)], []),
      change('SecurityGroupIngress', 'Add', { AfterContext: context({ GroupId: 'sg-a', ...open(443) }) }),
    ],
  ],
  [
    3,
    'a rule moves from a resource of its own into the list of its group: what is removed, is removed last',
    /Cannot be told: sgr-a, .* is removed by Own and made by Web, in no order/,
    [
      change('SecurityGroupIngress', 'Remove', { LogicalResourceId: 'Own', PhysicalResourceId: 'sgr-a' }),
      group('Modify', [], [open(443)]),
    ],
  ],
  [
    3,
    'a rule of its own is replaced by a narrower one',
    /1 service flow would lose/,
    [
      change('SecurityGroupIngress', 'Modify', {
        PhysicalResourceId: 'sgr-a',
        Replacement: 'True',
        BeforeContext: context({ GroupId: 'sg-a', ...open(443) }),
        AfterContext: context({ GroupId: 'sg-a', ...open(443, '10.0.0.0/8') }),
      }),
    ],
  ],
  [
    3,
    'the property values are not there',
    /Cannot be told: Web: its property values are not in the change set \(--include-property-values/,
    [group('Modify', undefined, undefined)],
  ],
  [
    3,
    'the values are cut',
    /its property values are not in the change set/,
    [group('Modify', undefined, undefined, { BeforeContext: '{"Properties":{"Secu', AfterContext: '{}' })],
  ],
  [
    3,
    'a nested stack changes',
    /Web is a nested stack: give its change set as well/,
    [
      {
        Type: 'Resource',
        ResourceChange: { Action: 'Modify', LogicalResourceId: 'Web', ResourceType: 'AWS::CloudFormation::Stack' },
      },
    ],
  ],
  [
    3,
    'what happens is decided later',
    /Cannot be told: Web: what Dynamic does to it/,
    [group('Dynamic', undefined, undefined)],
  ],
  [3, 'a prefix list changes', /Cannot be told: Web: Modify: what that changes/, [change('PrefixList', 'Modify', {})]],
  [
    3,
    'an egress rule of its own costs the group the one that lets all out',
    /sgr-out: by Web, since CloudFormation takes the default egress rule away\n[^]*eni-1/,
    [change('SecurityGroupEgress', 'Add', { AfterContext: context({ GroupId: 'sg-a', ...open(53, '10.0.0.0/8') }) })],
  ],
  [
    3,
    'a list of egress rules where there was none does so, too',
    /1 service flow/,
    [
      change('SecurityGroup', 'Modify', {
        PhysicalResourceId: 'sg-a',
        BeforeContext: context({}),
        AfterContext: context({ SecurityGroupEgress: [open(53, '10.0.0.0/8')] }),
      }),
    ],
  ],
  [
    0,
    'but not where it is listed',
    /this change removes no rule/,
    [
      change('SecurityGroup', 'Modify', {
        PhysicalResourceId: 'sg-a',
        BeforeContext: context({}),
        AfterContext: context({ SecurityGroupEgress: [{ IpProtocol: '-1', CidrIp: '0.0.0.0/0' }] }),
      }),
    ],
  ],
  [
    3,
    'a machine loses a group',
    /Cannot be told: Web loses the group sg-a: what it needs of its rules/,
    [
      change('Instance', 'Modify', {
        BeforeContext: context({ SecurityGroupIds: ['sg-a', 'sg-b'] }),
        AfterContext: context({ SecurityGroupIds: ['sg-b'] }),
      }),
    ],
  ],
  [
    3,
    'a machine changes, and how is not told',
    /Cannot be told: Web: its property values are not in the change set/,
    [change('Instance', 'Modify', {})],
  ],
  [
    3,
    'the CDK empties the default group',
    /Cannot be told: Web takes all rules of the default group/,
    [
      {
        Type: 'Resource',
        ResourceChange: { Action: 'Add', LogicalResourceId: 'Web', ResourceType: 'Custom::VpcRestrictDefaultSG' },
      },
    ],
  ],
  [0, 'other things change', /this change removes no rule/, [change('Instance', 'Remove', {})]],
])('status %d: %s', async (status, _, text, Changes) => {
  await folder.write({ 'set.json': { Status: 'CREATE_COMPLETE', Changes } });
  const place = ['--evidence', folder.path('out'), '--inventory', folder.path('inventory')];
  const run = await runMain(['check-cfn', folder.path('set.json'), ...place]);
  expect([run.status, run.stdout]).toEqual([status, expect.stringMatching(text)]);
});

test.each<[object, RegExp]>([
  [{ StackResources: [] }, /set.json: not what 'aws cloudformation describe-change-set' prints/],
  [{ Status: 'FAILED', StatusReason: 'no updates', Changes: [] }, /the change set is "FAILED": "no updates"/],
  [{ Changes: [], NextToken: 'more' }, /ends in a NextToken/],
])('%j is refused', async (content, message) => {
  await folder.write({ 'set.json': content });
  const place = ['--evidence', folder.path('out'), '--inventory', folder.path('inventory')];
  const run = await runMain(['check-cfn', folder.path('set.json'), ...place]);
  expect([run.status, run.stderr]).toEqual([1, expect.stringMatching(message)]);
});

test('a nested stack with its change set: what one of them removes and the other makes stands', async () => {
  const id = 'arn:aws:cloudformation:eu-central-1:111122223333:changeSet/c/1';
  const nested = {
    Action: 'Modify',
    LogicalResourceId: 'Inner',
    ResourceType: 'AWS::CloudFormation::Stack',
    ChangeSetId: id,
  };
  const rule = change('SecurityGroupIngress', 'Add', { AfterContext: context({ GroupId: 'sg-a', ...open(443) }) });
  await folder.write({
    'outer.json': { Changes: [{ Type: 'Resource', ResourceChange: nested }, group('Modify', [open(443)], [])] },
    'inner.json': { ChangeSetId: id, Changes: [rule] },
  });
  const files = ['outer.json', 'inner.json'].map((name) => folder.path(name));
  const run = await runMain([
    'check-cfn',
    ...files,
    '--evidence',
    folder.path('out'),
    '--inventory',
    folder.path('inventory'),
  ]);
  expect([run.status, run.stdout]).toEqual([0, expect.stringContaining('this change removes no rule')]);
});
