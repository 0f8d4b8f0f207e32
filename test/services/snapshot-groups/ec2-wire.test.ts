import { afterEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEc2Client, ec2Account, type ClientOptions } from '../../../services/snapshot-groups/ec2-adapter.ts';
import { readAccount, type Account } from '../../../services/snapshot-groups/read-account.ts';

/*
 * The SDK itself against a server that speaks EC2's query protocol and, unlike moto, cuts its answers into pages.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html
 */

type Asked = Readonly<Record<string, string>>;
type Answer = readonly [status: number, xml: string];

const environment = { ...process.env };
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  process.env = { ...environment };
});

/** The account behind a server that answers every request with `respond`. */
async function accountAt(
  respond: (asked: Asked, response: ServerResponse) => Answer | Promise<Answer>,
  options: ClientOptions = {},
): Promise<Account> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const asked = Object.fromEntries(new URLSearchParams((await request.toArray()).join('')));
    const [status, xml] = await respond(asked, response);
    response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
  };
  server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  process.env.AWS_ENDPOINT_URL_EC2 = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.AWS_ACCESS_KEY_ID = process.env.AWS_SECRET_ACCESS_KEY = 'test';
  return ec2Account(createEc2Client({ region: 'eu-west-1', maxAttempts: 3, ...options }));
}

const page = ({ Action }: Asked, inner: string): Answer => [200, `<${Action}Response>${inner}</${Action}Response>`];
const failure = (status: number, code: string): Answer => [
  status,
  `<Response><Errors><Error><Code>${code}</Code><Message>no &amp; no</Message></Error></Errors></Response>`,
];
const { signal } = new AbortController();

describe('paging', () => {
  test('thirty pages, one of the last throttled at first, each asked for with the token of the one before', async () => {
    const asked: Asked[] = [];
    const account = await accountAt((request) => {
      asked.push(request);
      if (asked.length === 29) return failure(503, 'RequestLimitExceeded');
      const number = Number(request.NextToken ?? 0) + 1;
      const token = number < 30 ? `<nextToken>${number}</nextToken>` : '<nextToken/>';
      const set = `<item><vpcId>vpc-${number}</vpcId><isDefault>true</isDefault></item>`;
      return page(request, `<vpcSet>${set}</vpcSet>${token}`);
    });
    const vpcs = await account.vpcs(signal);
    expect(vpcs).toEqual(Array.from({ length: 30 }, (_, index) => ({ VpcId: `vpc-${index + 1}`, IsDefault: true })));
    expect(asked).toHaveLength(31);
    expect(asked[30]).toMatchObject({ Action: 'DescribeVpcs', MaxResults: '1000', NextToken: '29' });
  });

  test('the flag for managed interfaces reaches EC2', async () => {
    const asked: Asked[] = [];
    const account = await accountAt((request) => (asked.push(request), page(request, '<networkInterfaceSet/>')));
    expect(await account.interfaces(signal)).toEqual([]);
    expect(asked[0]).toMatchObject({ IncludeManagedResources: 'true' });
  });
});

describe('errors', () => {
  test('throttled to death: as often as given, then the call by name', async () => {
    let tries = 0;
    const account = await accountAt(() => ((tries += 1), failure(503, 'RequestLimitExceeded')), { maxAttempts: 2 });
    await expect(account.flowLogs(signal)).rejects.toThrow('DescribeFlowLogs failed: RequestLimitExceeded: no & no');
    expect(tries).toBe(2);
  });

  test.each(['UnauthorizedOperation', 'InvalidPrefixListID.NotFound'])('%s of one list: unknown', async (code) => {
    const account = await accountAt(() => failure(400, code));
    const found = await account.prefixListEntries(['pl-1'], signal);
    expect(found.get('pl-1')).toEqual({ readable: false, reason: code });
  });

  test('whoever cancels cuts the reading of entries too', async () => {
    const cancel = new AbortController();
    const account = await accountAt(() => {
      cancel.abort();
      return new Promise(() => undefined);
    });
    const reading = account.prefixListEntries(['pl-1'], cancel.signal);
    await expect(reading).rejects.toThrow('GetManagedPrefixListEntries of pl-1 failed: AbortError');
  });

  test('the first failing call ends the whole, and every other request is cut', async () => {
    const others: Promise<unknown>[] = [];
    const allAsked = Promise.withResolvers<Answer>();
    const account = await accountAt(({ Action }, response) => {
      if (Action !== 'DescribeVpcs') others.push(once(response, 'close'));
      if (others.length === 6) allAsked.resolve(failure(403, 'UnauthorizedOperation'));
      return Action === 'DescribeVpcs' ? allAsked.promise : new Promise(() => undefined);
    });
    await expect(readAccount(account)).rejects.toThrow('DescribeVpcs failed: UnauthorizedOperation: no & no');
    await Promise.all(others);
  });
});

describe('client', () => {
  test('retries adaptively, as often as given', async () => {
    const { config } = createEc2Client({ region: 'eu-west-1', maxAttempts: 4 });
    expect([config.retryMode, await config.maxAttempts()]).toEqual(['adaptive', 4]);
  });

  test('region and credentials come from the profile given, else from the default chain', async () => {
    const home = await mkdtemp(join(tmpdir(), 'profile-'));
    const keys = (name: string) => `aws_access_key_id = ${name}\naws_secret_access_key = x\n`;
    const profiles = `[default]\nregion = eu-west-1\n${keys('one')}[profile two]\nregion = eu-west-2\n${keys('two')}`;
    await writeFile(join(home, 'config'), profiles);
    process.env = { AWS_CONFIG_FILE: join(home, 'config'), AWS_SHARED_CREDENTIALS_FILE: join(home, 'none') };
    const found = [createEc2Client(), createEc2Client({ profile: 'two' })].map(async ({ config }) => [
      await config.region(),
      (await config.credentials()).accessKeyId,
    ]);
    expect(await Promise.all(found)).toEqual([
      ['eu-west-1', 'one'],
      ['eu-west-2', 'two'],
    ]);
    await rm(home, { recursive: true });
  });
});
