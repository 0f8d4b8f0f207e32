import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readInventory } from '../../../../services/command-line/files/read-inventory.ts';
import { formatPrefix } from '../../../../shared/addresses/address.ts';
import { awsRule, messageOf } from '../../../shared/inventory/aws-shorthand.ts';

type Files = Record<string, unknown>;

const groups = (...ids: string[]) => ({ SecurityGroups: ids.map((GroupId) => ({ GroupId })) });
const rules = (...ids: string[]) => ({
  SecurityGroupRules: ids.map((SecurityGroupRuleId) => awsRule('in -1 0.0.0.0/0', { SecurityGroupRuleId })),
});
const interfaces = (...ids: string[]) => ({
  NetworkInterfaces: ids.map((NetworkInterfaceId) => ({ NetworkInterfaceId })),
});
const REQUIRED: Files = {
  'security-groups.json': groups('sg-1'),
  'security-group-rules.json': rules('sgr-1'),
  'network-interfaces.json': interfaces('eni-1'),
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-inventory-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes the required files and these; text and bytes as they are, else as JSON. Undefined: no such file. */
async function write(files: Files): Promise<void> {
  for (const [path, content] of Object.entries({ ...REQUIRED, ...files })) {
    if (content === undefined) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const isRaw = typeof content === 'string' || content instanceof Uint8Array;
    await writeFile(join(folder, path), isRaw ? content : JSON.stringify(content));
  }
}

async function refusalOf(read: Promise<unknown>): Promise<string> {
  return read.then(
    () => {
      throw new Error('nothing was refused');
    },
    (error: unknown) => messageOf(error),
  );
}

describe('the layout', () => {
  test('the three required files are enough', async () => {
    await write({});
    const inventory = await readInventory(folder);
    expect([...inventory.groups.keys(), ...inventory.interfaces.keys()]).toEqual(['sg-1', 'eni-1']);
    expect(inventory.rules.map((rule) => rule.ruleId)).toEqual(['sgr-1']);
    expect(inventory.flowLogs).toBeUndefined();
    expect([inventory.prefixLists.size, inventory.vpcs.size, inventory.associations.length]).toEqual([0, 0, 0]);
    expect(inventory.problems).toEqual([]);
  });

  test('every optional file finds its place', async () => {
    await write({
      'managed-prefix-lists.json': { PrefixLists: [{ PrefixListId: 'pl-0a', PrefixListName: 'office' }] },
      'prefix-list-entries/pl-0a.json': { Entries: [{ Cidr: '10.0.0.0/8', Description: 'x' }] },
      'prefix-list-entries/pl-0b.json': { Entries: [{ Cidr: '::/0' }] },
      'flow-logs.json': { FlowLogs: [{ FlowLogId: 'fl-1', TrafficType: 'ALL' }] },
      'vpcs.json': { Vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' }] },
      'security-group-vpc-associations.json': {
        SecurityGroupVpcAssociations: [{ GroupId: 'sg-1', VpcId: 'vpc-2', State: 'associated' }],
      },
    });
    const inventory = await readInventory(folder);
    expect([...inventory.prefixLists.values()].map((list) => [list.name, list.entries?.map(formatPrefix)])).toEqual([
      ['office', ['10.0.0.0/8']],
      ['', ['::/0']],
    ]);
    expect(inventory.flowLogs?.map((log) => log.flowLogId)).toEqual(['fl-1']);
    expect([...inventory.vpcs.keys()]).toEqual(['vpc-1']);
    expect(inventory.associations.map((one) => one.vpcId)).toEqual(['vpc-2']);
    expect(inventory.problems).toEqual([]);
  });

  const [one, two, three] = [
    { ...rules('sgr-1'), NextToken: 'a' },
    { ...rules('sgr-2'), NextToken: 'b' },
    rules('sgr-3'),
  ];
  const text = (...pages: object[]): string => pages.map((page) => JSON.stringify(page)).join('\n');
  const threePages: [files: Files, why: string][] = [
    [{ 'security-group-rules.json': text(one, two, three) }, 'three pages in one file'],
    [{ 'security-group-rules.json': [one, two, three] }, 'three pages in one array'],
    [
      { 'security-group-rules.json': one, 'security-group-rules-2.json': two, 'security-group-rules-10.json': three },
      'numbered files beside the first',
    ],
    [
      {
        'security-group-rules.json': undefined,
        'security-group-rules.eu-west-1.a.json': one,
        'security-group-rules.b.json': text(two, three),
      },
      'files with something between',
    ],
    [
      {
        'security-group-rules.json': undefined,
        'security-group-rules/1.json': one,
        'security-group-rules/last page.json': [two, three],
      },
      'a folder',
    ],
    [
      {
        'security-group-rules.json': one,
        'security-group-rules-2.json': two,
        'security-group-rules/3.json': three,
      },
      'all of these',
    ],
  ];
  test.each(threePages)('%j is one list (%s)', async (files) => {
    await write(files);
    const inventory = await readInventory(folder);
    expect(inventory.rules.map((rule) => rule.ruleId)).toEqual(['sgr-1', 'sgr-2', 'sgr-3']);
    expect(inventory.problems).toEqual([]);
  });

  test('entries of a prefix list in pages', async () => {
    const page = (Cidr: string, NextToken?: string) => ({ Entries: [{ Cidr }], NextToken });
    await write({
      'prefix-list-entries/pl-1.json': page('10.0.0.0/8', 'a'),
      'prefix-list-entries/pl-1-2.json': page('11.0.0.0/8', 'b'),
      'prefix-list-entries/pl-1.last.json': page('12.0.0.0/8', 'c'),
      'prefix-list-entries/pl-1/4.json': page('13.0.0.0/8'),
      'prefix-list-entries/pl-10.json': page('14.0.0.0/8'),
    });
    const { prefixLists } = await readInventory(folder);
    const entriesOf = (id: string) => prefixLists.get(id)?.entries?.map(formatPrefix).toSorted();
    expect(entriesOf('pl-1')).toEqual(['10.0.0.0/8', '11.0.0.0/8', '12.0.0.0/8', '13.0.0.0/8']);
    expect(entriesOf('pl-10')).toEqual(['14.0.0.0/8']);
  });

  test('other files are let alone, and those that could be misnamed pages are told', async () => {
    await write({
      'exemptions.csv': 'x',
      '.hidden.json': 'x',
      'security-groups.json.bak': 'x',
      'security-groups_2.json': 'x',
      'security-groups-eu.json': 'x',
      'Vpcs.json': 'x',
      'prefix-list-entries/office.json': 'x',
      'prefix-list-entries/pl-1_2.json': 'x',
      'old/security-groups.json': 'x',
      'bad\nname.json': 'x',
    });
    const told = (name: string) => `${name} was not read: no file of an inventory has this name`;
    expect((await readInventory(folder)).problems).toEqual(
      [
        'Vpcs.json',
        String.raw`"bad\nname.json"`,
        'prefix-list-entries/office.json',
        'prefix-list-entries/pl-1_2.json',
        'security-groups-eu.json',
        'security-groups_2.json',
      ].map(told),
    );
  });

  test('a byte order mark, and text of every language', async () => {
    const SecurityGroups = [{ GroupId: 'sg-1', GroupName: 'Büro 北 🌍' }];
    await write({ 'security-groups.json': `\uFEFF${JSON.stringify({ SecurityGroups })}` });
    expect((await readInventory(folder)).groups.get('sg-1')?.groupName).toBe('Büro 北 🌍');
  });
});

describe('refused in one line', () => {
  const rows: [files: Files, message: string | RegExp, why: string][] = [
    [
      { 'security-groups.json': undefined },
      /^security-groups\.json: not found in \S+; save there what 'aws ec2 describe-security-groups' prints$/,
      'security-groups.json missing, where its namesakes are there',
    ],
    [{ 'security-group-rules.json': undefined }, /^security-group-rules\.json: not found in /, 'no rules'],
    [{ 'network-interfaces.json': undefined }, /^network-interfaces\.json: not found in /, 'no interfaces'],
    [{ 'security-groups.json': '' }, 'security-groups.json: holds no JSON object', 'an empty file: the command failed'],
    [
      { 'security-group-rules.json': '{"SecurityGroupRules": [\n  {' },
      'security-group-rules.json: page 1, line 2, column 4: the text ends inside this page: was the output cut off?',
      'truncated',
    ],
    [
      {
        'network-interfaces.json': { NetworkInterfaces: [{ NetworkInterfaceId: 'eni-1' }, { NetworkInterfaceId: 2 }] },
      },
      'network-interfaces.json: NetworkInterfaces[1].NetworkInterfaceId: expected string, received number',
      'the wrong type',
    ],
    [
      { 'security-groups.json': rules('sgr-1') },
      'security-groups.json: SecurityGroups: expected an array',
      'the output of another command',
    ],
    [
      { 'security-groups.json': { ...groups('sg-1'), NextToken: 'x' } },
      /^security-groups\.json: the output was cut: /,
      'the first page only',
    ],
    [
      { 'prefix-list-entries/pl-1.json': { Entries: [], NextToken: 'x' } },
      /^prefix-list-entries\/pl-1\.json: the output was cut: /,
      'the first page only of an optional file',
    ],
    [{ 'flow-logs.json': '{' }, /^flow-logs\.json: page 1, line 1, column 2: /, 'an optional file that is broken'],
    [
      { 'vpcs/a\nb.json': { Vpcs: 1 } },
      String.raw`"vpcs/a\nb.json": Vpcs: expected an array`,
      'a file name cannot break the line',
    ],
    [
      { 'security-group-rules-2.json': { SecurityGroupRules: [awsRule('out -1 0.0.0.0/0')] } },
      /^security group rule sgr-1 is listed twice with different content/,
      'two snapshots in one folder',
    ],
    [
      { 'security-groups.json': Buffer.from('\uFEFF{"SecurityGroups":[]}', 'utf16le') },
      /^security-groups\.json: not UTF-8 text/,
      'UTF-16, as PowerShell 5 writes',
    ],
    [{ 'security-groups.json': Buffer.from([0x7b, 0xff]) }, /^security-groups\.json: not UTF-8 text/, 'no text at all'],
    [
      { 'security-groups.json': undefined, 'security-groups.json/x': '' },
      'security-groups.json: not a file',
      'a folder',
    ],
  ];
  test.each(rows)('%j: %s (%s)', async (files, message) => {
    await write(files);
    const refused = await refusalOf(readInventory(folder));
    if (typeof message === 'string') expect(refused).toBe(message);
    else expect(refused).toMatch(message);
  });

  test('a folder that is not there, or is a file', async () => {
    await write({});
    expect(await refusalOf(readInventory(join(folder, 'none')))).toBe(`${folder}/none: not found`);
    const file = join(folder, 'security-groups.json');
    expect(await refusalOf(readInventory(file))).toBe(`${file}: not a folder`);
  });

  test('a link that leads nowhere, or to a device that never ends', async () => {
    await write({ 'security-groups.json': undefined });
    await symlink('/nowhere/at/all', join(folder, 'security-groups.json'));
    expect(await refusalOf(readInventory(folder))).toBe('security-groups.json: not found');
    await rm(join(folder, 'security-groups.json'));
    await symlink('/dev/zero', join(folder, 'security-groups.json'));
    expect(await refusalOf(readInventory(folder))).toBe('security-groups.json: not a file');
  });

  test('a file above the limit, before it is read; one at the limit is read', async () => {
    await write({});
    const biggest = Math.max(...Object.values(REQUIRED).map((content) => JSON.stringify(content).length));
    expect((await readInventory(folder, biggest)).rules).toHaveLength(1);
    expect(await refusalOf(readInventory(folder, biggest - 1))).toBe(
      `security-group-rules.json: ${biggest} bytes are more than the ${biggest - 1} that are read; ` +
        'split it into pages, one file each (<name>-1.json, <name>-2.json, …)',
    );
  });
});
