// Costs about 20 seconds.
/** Snapshots of an organization against services that others wrote: moto's. `npm run test:moto`. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import * as ec2 from '@aws-sdk/client-ec2';
import {
  CloseAccountCommand,
  CreateAccountCommand,
  CreateOrganizationCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { readInventories } from '../../services/command-line/files/read-inventories.ts';
import { assumedRole } from '../../shared/aws/assumed-role.ts';
import { bedEnvironment } from '../beds/bed-environment.ts';
import { orWhyNot } from '../beds/from-pypi.ts';
import { runMain } from '../services/command-line/program.ts';
import { installMoto, Moto } from './moto-server.ts';

jest.setTimeout(120_000);

const { installed, missing } = orWhyNot(installMoto);
const CALLER = '123456789012';
/** As Organizations names it in accounts that it makes. */
const ROLE = 'OrganizationAccountAccessRole';

(installed === undefined ? describe.skip : describe)(`an organization of moto's${missing}`, () => {
  const before = { ...process.env };
  const out = join(mkdtempSync(join(tmpdir(), 'organization-')), 'all');
  let moto: Moto;
  let member = '';
  let closed = '';

  beforeAll(async () => {
    moto = await Moto.start(installed!);
    const all = Object.keys(bedEnvironment({})).filter((name) => name.startsWith('AWS_ENDPOINT_URL'));
    Object.assign(process.env, bedEnvironment({}), Object.fromEntries(all.map((name) => [name, moto.endpoint])));
    const organizations = new OrganizationsClient();
    await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
    const made = async (AccountName: string): Promise<string> => {
      const input = { AccountName, Email: `${AccountName}@example.com` };
      return (await organizations.send(new CreateAccountCommand(input))).CreateAccountStatus!.AccountId!;
    };
    [member, closed] = [await made('member'), await made('closed')];
    await organizations.send(new CloseAccountCommand({ AccountId: closed }));
    organizations.destroy();
    const credentials = assumedRole({ roleArn: `arn:aws:iam::${member}:role/${ROLE}` });
    const client = new ec2.EC2Client({ region: 'eu-west-1', credentials });
    const { Vpcs } = await client.send(new ec2.DescribeVpcsCommand({}));
    const input = { GroupName: 'of-member', Description: 'x', VpcId: Vpcs![0]!.VpcId! };
    await client.send(new ec2.CreateSecurityGroupCommand(input));
    client.destroy();
  });
  afterAll(async () => {
    process.env = before;
    rmSync(join(out, '..'), { recursive: true });
    await moto.stop();
  });

  test('has a folder for each account and region, and all are one inventory', async () => {
    const args = ['snapshot', '--organization', '--role-name', ROLE, '--out', out];
    const { status, stdout } = await runMain([...args, '--regions', 'eu-central-1', 'eu-west-1']);
    expect([status, stdout]).toEqual([0, expect.stringContaining(': 4 folders, one for each account and region\n')]);
    const { groups, problems } = await readInventories([out]);
    const found = [...groups.values()].filter(({ groupName }) => groupName === 'of-member');
    expect(found.map(({ ownerId }) => ownerId)).toEqual([member]);
    expect(new Set([...groups.values()].map(({ ownerId }) => ownerId))).toEqual(new Set([CALLER, member]));
    expect(problems).toContainEqual(expect.stringMatching(`^not observed: ${closed}: not asked, for the account is `));
    const { Accounts } = JSON.parse(readFileSync(join(out, 'accounts.json'), 'utf8')) as {
      Accounts: { Name: string }[];
    };
    expect(Accounts.map(({ Name }) => Name)).toEqual(['master', 'member', 'closed']);
  });

  test('has all regions that it may use', async () => {
    const { status, stdout } = await runMain(['snapshot', '--all-regions', '--resume', '--out', out]);
    const regions = readdirSync(out).filter((name) => name.startsWith(CALLER));
    expect([status, stdout]).toEqual([0, expect.stringContaining(`: ${String(regions.length)} folders`)]);
    expect(regions.length).toBeGreaterThan(10);
  });
});
