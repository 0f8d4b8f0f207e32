import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import * as ec2 from '@aws-sdk/client-ec2';
import { ListAccountsCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { bedEnvironment } from '../../../../beds/bed-environment.ts';

export const CALLER = '111122220000';

/** An organization in which every account may be asked of every region, until it is told otherwise. */
export interface FakeOrganization {
  /** `account region` of each security groups call. */
  readonly asked: string[];
  /** ARNs and external ids, in order. */
  readonly assumed: string[];
  partition: string;
  accounts: object[];
  regions: string[];
  /** Accounts of which nobody may assume a role. */
  closed: string[];
  /** By `account region`. */
  errors: Record<string, Error>;
}

/** For each test a new one. Credentials of an assumed role name its account. */
export function fakeOrganization(): FakeOrganization {
  const fake: FakeOrganization = {
    asked: [],
    assumed: [],
    partition: '',
    accounts: [],
    regions: [],
    closed: [],
    errors: {},
  };
  const environment = { ...process.env };
  const server = createServer((request, response) => {
    const respond = (body: Buffer): void => {
      const asked = new URLSearchParams(body.toString());
      const arn = asked.get('RoleArn')!;
      fake.assumed.push([arn, asked.get('ExternalId')].filter((one) => one !== null).join(' '));
      const account = arn.split(':')[4]!;
      const isClosed = fake.closed.includes(account);
      response.writeHead(isClosed ? 403 : 200);
      response.end(isClosed ? denial(arn) : credentialsOf(account));
    };
    buffer(request).then(respond, (error: unknown) => response.destroy(error as Error));
  });
  beforeEach(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    Object.assign(process.env, bedEnvironment({}), { AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${String(port)}` });
    Object.assign(fake, {
      partition: 'aws',
      accounts: [],
      regions: ['eu-central-1', 'eu-west-1'],
      closed: [],
      errors: {},
    });
    fake.asked.length = 0;
    fake.assumed.length = 0;
    mockClient(STSClient)
      .on(GetCallerIdentityCommand)
      .callsFake(() => ({ Account: CALLER, Arn: `arn:${fake.partition}:sts::${CALLER}:assumed-role/x/y` }));
    mockClient(OrganizationsClient)
      .on(ListAccountsCommand)
      .callsFake(({ NextToken }: { NextToken?: string }) =>
        // A page may be empty and not the last.
        NextToken === undefined ? { Accounts: [], NextToken: 'more' } : { Accounts: fake.accounts },
      );
    const mock = mockClient(ec2.EC2Client);
    mock.onAnyCommand().resolves({});
    mock.on(ec2.DescribeRegionsCommand).callsFake(async (_input, client: () => ec2.EC2Client) => {
      await placeOf(client());
      return { Regions: fake.regions.map((RegionName) => ({ RegionName })) };
    });
    mock.on(ec2.DescribeSecurityGroupsCommand).callsFake(async (_input, client: () => ec2.EC2Client) => {
      const place = await placeOf(client());
      fake.asked.push(place);
      if (fake.errors[place]) throw fake.errors[place];
      return {
        SecurityGroups: [{ GroupId: `sg-${Buffer.from(place).toString('hex')}`, GroupName: place, VpcId: 'vpc-1' }],
      };
    });
  });
  afterEach(async () => {
    process.env = { ...environment };
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return fake;
}

const denial = (arn: string): string =>
  `<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you: ${arn}</Message></Error></ErrorResponse>`;

const credentialsOf = (account: string): string =>
  `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>of${account}</AccessKeyId>` +
  '<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>' +
  '</Credentials></AssumeRoleResult></AssumeRoleResponse>';

async function placeOf({ config }: ec2.EC2Client): Promise<string> {
  const { accessKeyId } = await config.credentials();
  return `${/^of(\d{12})$/.exec(accessKeyId)?.[1] ?? CALLER} ${await config.region()}`;
}
