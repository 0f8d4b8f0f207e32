import { describe, expect, test } from '@jest/globals';
import { type DescribedAccount, readSnapshot, snapshotText } from '../../../shared/inventory/snapshot-file.ts';
import { Random } from '../../oracle/random.ts';
import { awsRule, type AwsLists, inventoryOf, refusal } from './aws-shorthand.ts';

const PLACE = { accountId: '111122223333', region: 'eu-central-1' };
const NAME = 'snapshots/x.json.gz';

const tags = [
  { Key: 'team', Value: 'net' },
  { Key: '__proto__', Value: '=1+1' },
];
const LISTS = {
  groups: [
    { GroupId: 'sg-1', GroupName: 'web', VpcId: 'vpc-1', Tags: tags },
    { GroupId: 'sg-2', GroupName: '</script>\u2028' },
  ],
  rules: [
    awsRule('in tcp 443 0.0.0.0/0', { SecurityGroupRuleId: 'sgr-1' }),
    awsRule('in tcp 22 pl-1', { SecurityGroupRuleId: 'sgr-2' }),
    awsRule('out -1 pl-2', { SecurityGroupRuleId: 'sgr-3' }),
  ],
  interfaces: [
    {
      NetworkInterfaceId: 'eni-1',
      VpcId: 'vpc-1',
      Groups: [{ GroupId: 'sg-1' }, { GroupId: 'sg-2' }],
      PrivateIpAddresses: [
        { PrivateIpAddress: '10.0.0.9', Primary: false },
        { PrivateIpAddress: '10.0.0.1', Primary: true },
      ],
      Attachment: { AttachTime: '2026-01-02T03:04:05.000Z' },
    },
  ],
  prefixLists: [{ PrefixListId: 'pl-1', AddressFamily: 'IPv4' }],
  flowLogs: [{ FlowLogId: 'fl-1', ResourceId: 'vpc-1', TrafficType: 'ALL', CreationTime: '2026-01-01T00:00:00.000Z' }],
  vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' }],
  associations: [{ GroupId: 'sg-1', VpcId: 'vpc-2', State: 'associated' }],
} satisfies AwsLists;
const ENTRIES = ['10.0.0.0/8', '192.0.2.0/24'];

/** As the SDK gives it: with times as dates and absent fields as undefined. */
const ACCOUNT: DescribedAccount = {
  ...LISTS,
  interfaces: LISTS.interfaces.map((one) => ({
    ...one,
    Ipv6Addresses: undefined,
    Attachment: { AttachTime: new Date(one.Attachment.AttachTime) },
  })),
  flowLogs: LISTS.flowLogs.map((log) => ({ ...log, CreationTime: new Date(log.CreationTime) })),
  prefixListEntries: new Map([['pl-1', ENTRIES.map((Cidr) => ({ Cidr, Description: 'x' }))]]),
  groupVpcAssociations: LISTS.associations,
  staleGroups: [{ GroupId: 'sg-2', VpcId: 'vpc-1' }],
  problems: ['prefix list pl-2: entries unknown: AccessDenied'],
};
const TEXT = snapshotText(PLACE, ACCOUNT);

/** The same with every list and every object's keys in another order. */
function shuffled(value: unknown, random: Random): unknown {
  if (Array.isArray(value)) return random.shuffled(value).map((item) => shuffled(item, random));
  if (value instanceof Map) {
    return new Map(random.shuffled([...value]).map(([id, items]) => [id, shuffled(items, random)]));
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(random.shuffled(Object.entries(value)).map(([key, one]) => [key, shuffled(one, random)]));
}

test('the same account is the same text, in whatever order AWS lists things', () => {
  for (let seed = 0; seed < 50; seed++) {
    expect(snapshotText(PLACE, shuffled(ACCOUNT, new Random(seed)) as DescribedAccount)).toBe(TEXT);
  }
});

test.each<[what: string, account: DescribedAccount]>([
  ['a tag', { ...ACCOUNT, groups: [{ ...LISTS.groups[0], Tags: tags.slice(1) }, LISTS.groups[1]!] }],
  ['a rule less', { ...ACCOUNT, rules: LISTS.rules.slice(1) }],
  ['the same twice', { ...ACCOUNT, rules: [...LISTS.rules, LISTS.rules[0]!] }],
  ['entries that are unknown now', { ...ACCOUNT, prefixListEntries: new Map() }],
  ['a reference that dangles', { ...ACCOUNT, staleGroups: [] }],
])('any difference is another text: %s', (_what, account) => {
  expect(snapshotText(PLACE, account)).not.toBe(TEXT);
});

test('read back, it is the inventory of what AWS described', () => {
  const expected = inventoryOf({ ...LISTS, entries: { 'pl-1': ENTRIES } });
  const { inventory, flowLogs, staleGroups, ...place } = readSnapshot(TEXT, NAME);
  expect(place).toEqual(PLACE);
  // As JSON has them: how each is written is read by whoever reads its files.
  expect(flowLogs).toEqual(JSON.parse(JSON.stringify(ACCOUNT.flowLogs)));
  expect(staleGroups).toEqual(JSON.parse(JSON.stringify(ACCOUNT.staleGroups)));
  expect(inventory).toEqual({ ...expected, problems: [...expected.problems, ...ACCOUNT.problems] });
  expect(inventory.prefixLists.get('pl-2')).toBeUndefined();
});

describe('what is refused', () => {
  const edited = (edit: (file: Record<string, unknown>) => void): string => {
    const file = JSON.parse(TEXT) as Record<string, unknown>;
    edit(file);
    return JSON.stringify(file);
  };
  test.each<[what: string, text: string, message: string]>([
    ['cut off', TEXT.slice(0, -1), `${NAME}: not JSON: is it cut or damaged?`],
    ['empty', '', `${NAME}: not JSON: is it cut or damaged?`],
    ['null', 'null', `${NAME}: no schemaVersion; this program reads version 1`],
    ['no snapshot', '{}', `${NAME}: no schemaVersion; this program reads version 1`],
    [
      'a later version',
      edited((file) => (file.schemaVersion = 2)),
      `${NAME}: schemaVersion 2; this program reads version 1`,
    ],
    [
      'a version as text',
      edited((file) => (file.schemaVersion = '1\n')),
      `${NAME}: schemaVersion "\\"1\\\\n\\""; this program reads version 1`,
    ],
    [
      'a list that is missing, which is not an empty one',
      edited((file) => delete file.NetworkInterfaces),
      `${NAME}: NetworkInterfaces: Invalid input: expected array, received undefined`,
    ],
    [
      'a rule without its id',
      edited((file) => (file.SecurityGroupRules = [{ GroupId: 'sg-1' }])),
      `${NAME}: SecurityGroupRules[0].SecurityGroupRuleId: expected string, received undefined`,
    ],
    [
      'entries that are none',
      edited((file) => (file.prefixListEntries = { 'pl-1': [1] })),
      `${NAME}: prefixListEntries.pl-1.0: Invalid input: expected object, received number`,
    ],
  ])('%s', (_what, text, message) => {
    expect(refusal(() => readSnapshot(text, NAME))).toBe(message);
  });
});
