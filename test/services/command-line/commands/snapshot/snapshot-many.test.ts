import { rm } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { ListAccountsCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { mockClient } from 'aws-sdk-client-mock';
import { readHistory, readInventories } from '../../../../../services/command-line/files/read-inventories.ts';
import { isoTime } from '../../../../../shared/time.ts';
import { FakeCloudTrail } from '../../../recall-account/fake-cloudtrail.ts';
import { FakeConfig } from '../../../recall-account/fake-config.ts';
import { ec2Error } from '../../../snapshot-groups/stub-ec2.ts';
import { runMain } from '../../program.ts';
import { scratch } from '../../scratch.ts';
import { CALLER, fakeOrganization } from './fake-organization.ts';

const folder = scratch();
const organization = fakeOrganization();
const [ONE, OTHER] = ['111122223333', '444455556666'] as const;

const run = (...more: readonly string[]) => runMain(['snapshot', '--out', folder.path('all'), ...more]);
const ROLE = ['--role-name', 'path/reader'];

interface Written {
  readonly Parts: readonly Readonly<Record<string, string>>[];
}
const written = async () => (JSON.parse(await folder.read('all/snapshot.json')) as Written).Parts;
/** `account region`, with why it was not read. */
const partsOf = async (): Promise<string[]> =>
  (await written())
    .map(({ AccountId, Region, NotRead }) => [AccountId, Region, NotRead].filter((one) => one !== undefined).join(' '))
    .sort();

test('an organization: each account and region has a folder, by the caller itself or by a role, and all are one inventory', async () => {
  organization.accounts = [
    { Id: ONE, Name: 'one', State: 'ACTIVE', JoinedTimestamp: new Date(0) },
    { Id: CALLER, Name: 'boss', State: 'ACTIVE' },
    { Id: OTHER, Name: 'gone', Status: 'SUSPENDED' },
  ];
  const { status, stdout, stderr } = await run('--organization', '--all-regions', ...ROLE, '--external-id', 'x1');
  expect([status, stderr]).toEqual([0, `stale-sg: ${OTHER}: not asked, for the account is SUSPENDED\n`]);
  expect(stdout).toContain(`${ONE}-eu-west-1: 1 group, 0 rules, 0 interfaces\n`);
  expect(stdout).toMatch(/all: 4 folders, one for each account and region\n$/);
  const all = [ONE, CALLER].flatMap((account) => ['eu-central-1', 'eu-west-1'].map((region) => `${account} ${region}`));
  expect([...organization.asked].sort()).toEqual([...all].sort());
  expect(new Set(organization.assumed)).toEqual(new Set([`arn:aws:iam::${ONE}:role/path/reader x1`]));
  expect(await partsOf()).toEqual([...all, `${OTHER} not asked, for the account is SUSPENDED`].sort());
  expect(JSON.parse(await folder.read('all/accounts.json'))).toEqual({
    Accounts: JSON.parse(JSON.stringify(organization.accounts)) as object,
  });
  const inventory = await readInventories([folder.path('all')]);
  expect([...inventory.groups.values()].map(({ groupName }) => groupName).sort()).toEqual([...all].sort());
  expect(inventory.problems).toEqual([`not observed: ${OTHER}: not asked, for the account is SUSPENDED`]);
  expect(inventory.accounts).toEqual([
    { accountId: CALLER, name: 'boss', isDescribed: true, takenAt: expect.any(Number) },
    { accountId: ONE, name: 'one', isDescribed: true, takenAt: expect.any(Number) },
    { accountId: OTHER, name: 'gone', isDescribed: false },
  ]);
  expect((await readHistory([folder.path('all')])).newest).toEqual(inventory);
});

test('what cannot be read is told, and read by --resume alone; what was read is not asked again', async () => {
  organization.accounts = [ONE, OTHER, CALLER].map((Id) => ({ Id }));
  organization.closed = [OTHER];
  organization.errors = { [`${ONE} eu-west-1`]: ec2Error('UnauthorizedOperation') };
  const first = await run('--organization', '--all-regions', ...ROLE);
  expect(first.status).toBe(3);
  expect(first.stderr).toContain(
    `stale-sg: not read: ${ONE} in eu-west-1: DescribeSecurityGroups failed: UnauthorizedOperation: not today\n`,
  );
  expect(first.stderr).toContain(
    `stale-sg: not read: ${OTHER}: DescribeRegions failed: AccessDenied: not you: arn:aws:iam::${OTHER}:role/path/reader\n`,
  );
  expect(first.stderr).toMatch(
    /all: done in part: 2 could not be read, and snapshot.json tells later analyses so; --resume asks for them again\n$/,
  );
  const { problems } = await readInventories([folder.path('all')]);
  expect(problems).toEqual([
    expect.stringMatching(`^not observed: ${OTHER}: DescribeRegions failed: AccessDenied`),
    expect.stringMatching(`^not observed: ${ONE} in eu-west-1: DescribeSecurityGroups failed`),
  ]);
  organization.asked.length = 0;
  Object.assign(organization, { closed: [], errors: {} });
  const second = await run('--organization', '--all-regions', '--resume', ...ROLE);
  expect([second.status, second.stderr]).toEqual([0, '']);
  expect([...organization.asked].sort()).toEqual([`${ONE} eu-west-1`, `${OTHER} eu-central-1`, `${OTHER} eu-west-1`]);
  expect(second.stdout).toMatch(/all: 6 folders/);
  expect((await written()).every((one) => 'TakenAt' in one)).toBe(true);
});

test('a new run leaves aside what an earlier one left of accounts that it does not name', async () => {
  await folder.write({ 'a.txt': `# ours\n${ONE}\n\n${OTHER} # too\n`, 'b.txt': ONE });
  expect((await run('--accounts', folder.path('a.txt'), ...ROLE)).status).toBe(0);
  expect((await run('--accounts', folder.path('b.txt'), ...ROLE)).status).toBe(0);
  const { groups, problems } = await readInventories([folder.path('all')]);
  expect([...groups.values()].map(({ groupName }) => groupName)).toEqual([`${ONE} eu-central-1`]);
  expect(problems).toEqual([
    expect.stringMatching(`all/${OTHER}-eu-central-1 was not read: it is left of an earlier snapshot$`),
  ]);
});

test('what a run that was stopped did not come to is told; what could not be read stays told until it is', async () => {
  await folder.write({ 'a.txt': `${ONE}\n${OTHER}`, 'b.txt': ONE });
  organization.closed = [OTHER];
  expect((await run('--accounts', folder.path('a.txt'), '--all-regions', ...ROLE)).status).toBe(3);
  expect((await run('--accounts', folder.path('b.txt'), '--all-regions', '--resume', ...ROLE)).status).toBe(0);
  const { problems } = await readInventories([folder.path('all')]);
  expect(problems).toEqual([expect.stringMatching(`^not observed: ${OTHER}: DescribeRegions failed`)]);
  const stopped = (await folder.read('all/snapshot.json')).replace(/"FinishedAt": "[^"]+",/, '');
  await folder.write({ 'all/snapshot.json': stopped });
  const { newest } = await readHistory([folder.path('all')]);
  expect(newest.problems[0]).toMatch(
    /^not observed: what the snapshot in \S+all did not come to, for it was stopped: `stale-sg snapshot --resume` goes/,
  );
  organization.closed = [];
  expect((await run('--accounts', folder.path('a.txt'), '--all-regions', '--resume', ...ROLE)).status).toBe(0);
  expect((await readInventories([folder.path('all')])).problems).toEqual([]);
});

test('nothing that could be read is a failure, for a snapshot and for who reads it', async () => {
  organization.closed = [ONE];
  await folder.write({ 'a.json': { Accounts: [{ Id: ONE, Name: 'one' }] } });
  const { status, stderr } = await run('--accounts', folder.path('a.json'), '--all-regions', ...ROLE);
  expect(status).toBe(1);
  expect(stderr).toMatch(/all: nothing was read: 1 could not be read/);
  expect(JSON.parse(await folder.read('all/accounts.json'))).toEqual({ Accounts: [{ Id: ONE, Name: 'one' }] });
  await expect(readInventories([folder.path('all')])).rejects.toThrow(
    'all: nothing could be read of any account: see snapshot.json',
  );
});

test('of the own account all regions, in its own partition', async () => {
  organization.partition = 'aws-us-gov';
  organization.regions = ['us-gov-west-1'];
  await folder.write({ 'a.txt': `${ONE}\n${CALLER}` });
  expect((await run('--all-regions')).status).toBe(0);
  expect(await partsOf()).toEqual([`${CALLER} us-gov-west-1`]);
  expect((await run('--accounts', folder.path('a.txt'), '--regions', 'us-gov-east-1', ...ROLE)).status).toBe(0);
  expect(organization.assumed[0]).toBe(`arn:aws-us-gov:iam::${ONE}:role/path/reader`);
  expect(await partsOf()).toEqual([`${CALLER} us-gov-east-1`, `${ONE} us-gov-east-1`].sort());
});

test('--history of each, within a budget of each, goes on by --resume', async () => {
  const cloudTrail = new FakeCloudTrail(() => Date.now());
  new FakeConfig();
  expect((await run('--all-regions')).status).toBe(0);
  // What is asked within minutes of a snapshot waits for what may come late.
  const text = await folder.read('all/snapshot.json');
  const hourAgo = isoTime(Date.now() / 1000 - 3600);
  await folder.write({ 'all/snapshot.json': text.replaceAll(/"TakenAt": "[^"]+"/g, `"TakenAt": "${hourAgo}"`) });
  const history = ['--all-regions', '--resume', '--history', '--history-calls', '1'];
  const { status, stdout, stderr } = await run(...history);
  expect(status).toBe(0);
  expect(stdout).toContain('1 call; not all is there');
  expect(stderr).toContain(`stale-sg: of ${CALLER}-eu-west-1 missing: `);
  const asked = cloudTrail.asked.map(({ LookupAttributes }) => LookupAttributes![0]!.AttributeValue);
  expect(asked).toEqual([asked[0], asked[0]]);
  await run(...history);
  const later = cloudTrail.asked.slice(2).map(({ LookupAttributes }) => LookupAttributes![0]!.AttributeValue);
  expect(later).toEqual([later[0], later[0]]);
  expect(later[0]).not.toBe(asked[0]);
  expect(organization.asked).toHaveLength(2);
  const [begun] = (await folder.filesIn(`all/${CALLER}-eu-west-1`)).filter((name) =>
    name.startsWith('cloudtrail-events.0'),
  );
  expect(await folder.read(`all/${CALLER}-eu-west-1/${begun!}`)).toContain(`"EndTime": "${hourAgo}"`);
});

describe('wrong', () => {
  test.each<[more: readonly string[], cause: string, status: number]>([
    [['--organization'], 'say which role is to be assumed in the accounts: --role-name', 2],
    [['--organization', '--accounts', 'x', ...ROLE], 'cannot be used with', 2],
    [['--all-regions', '--regions', 'eu-west-1'], 'cannot be used with', 2],
    [['--all-regions', '--unknown-of', 'logs'], '--unknown-of is for a snapshot of one account and region', 2],
    [['--resume'], '--resume goes on with a history (--history), or with a snapshot of several accounts', 2],
    [['--all-regions', '--resume'], 'no snapshot of several accounts was begun here', 1],
    [['--accounts', 'nowhere', ...ROLE], 'nowhere: no such file or folder', 1],
    [['--role-name', 'a b'], 'Give the name of a role', 2],
    [['--role-arn', `arn:aws:iam::${ONE}:role/reader`], '--role-arn is of the flow logs of --unknown-of', 2],
  ])('%p', async (more, cause, status) => {
    const { stderr, ...ended } = await run(...more);
    expect([ended.status, stderr]).toEqual([status, expect.stringContaining(cause)]);
  });

  test.each([
    ['12345\n', 'a.txt:1: not the id of an account, 12 digits: 12345'],
    ['# none\n', 'a.txt: no account there'],
    ['{"Accounts": [{"Id": "x"}]}', 'a.txt: not what `aws organizations list-accounts` prints'],
  ])('a file with %p', async (text, cause) => {
    await folder.write({ 'a.txt': text });
    const { status, stderr } = await run('--accounts', folder.path('a.txt'), ...ROLE);
    expect([status, stderr]).toEqual([1, expect.stringContaining(cause)]);
  });

  test('folders that hold something else', async () => {
    await folder.write({ 'all/security-groups.json': {} });
    expect((await run('--all-regions')).stderr).toContain('is a snapshot of one account; choose another folder');
    await rm(folder.path('all'), { recursive: true });
    await folder.write({ 'all/x': '' });
    expect((await run('--all-regions')).stderr).toContain('is neither empty nor a former snapshot (no snapshot.json)');
    await folder.write({ 'all/snapshot.json': { Parts: 1 } });
    await expect(readInventories([folder.path('all')])).rejects.toThrow(
      'snapshot.json: not what `stale-sg snapshot` writes there',
    );
  });

  test('several of them, for an inventory', async () => {
    await folder.write({
      'days/2026-01-12T03-45-00Z/snapshot.json': {},
      'days/2026-01-13T03-45-00Z/snapshot.json': {},
    });
    await expect(readHistory([folder.path('days')])).rejects.toThrow(
      /days: snapshots of several accounts, of several times; give one of them, such as .*2026-01-12T03-45-00Z$/,
    );
  });

  test('an account that is no administrator', async () => {
    mockClient(OrganizationsClient).on(ListAccountsCommand).rejects(ec2Error('AccessDeniedException'));
    const { status, stderr } = await run('--organization', ...ROLE);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(
        'ListAccounts failed: AccessDeniedException: .*; the management account and delegated administrators may ask, others give --accounts FILE',
      ),
    ]);
  });
});
