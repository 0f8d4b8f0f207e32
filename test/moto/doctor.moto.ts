// Costs about 20 seconds.
/** `doctor --config` against services that others wrote: moto's. What moto does not know is told by mocks. `npm run test:moto`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { GetAccountCommand, GetEmailIdentityCommand, NotFoundException, SESv2Client } from '@aws-sdk/client-sesv2';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { mockClient } from 'aws-sdk-client-mock';
import { checkup } from '../../services/command-line/commands/doctor/ailment.ts';
import { bedEnvironment } from '../beds/bed-environment.ts';
import { orWhyNot } from '../beds/from-pypi.ts';
import { runMain } from '../services/command-line/program.ts';
import { installMoto, Moto } from './moto-server.ts';

jest.setTimeout(120_000);

const { installed, missing } = orWhyNot(installMoto);
const ACCOUNT = '123456789012';

(installed === undefined ? describe.skip : describe)(`doctor of moto's account${missing}`, () => {
  const before = { ...process.env };
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  const file = join(folder, 'account.json');
  const [ses, cloudTrail, iam] = [mockClient(SESv2Client), mockClient(CloudTrailClient), mockClient(IAMClient)];
  let moto: Moto;

  beforeAll(async () => {
    moto = await Moto.start(installed!);
    const all = Object.keys(bedEnvironment({})).filter((name) => name.startsWith('AWS_ENDPOINT_URL'));
    Object.assign(process.env, bedEnvironment({}), Object.fromEntries(all.map((name) => [name, moto.endpoint])));
  });
  afterAll(async () => {
    process.env = before;
    rmSync(folder, { recursive: true });
    await moto.stop();
  });

  afterEach(() => {
    ses.reset();
    cloudTrail.reset();
    iam.reset();
  });

  async function kindsOf(config: object): Promise<string[]> {
    ses.on(GetAccountCommand).resolves({ ProductionAccessEnabled: false, SendingEnabled: true });
    ses.on(GetEmailIdentityCommand).rejects(new NotFoundException({ message: 'none', $metadata: {} }));
    ses.on(GetEmailIdentityCommand, { EmailIdentity: 'example.com' }).resolves({ VerifiedForSendingStatus: true });
    iam.on(SimulatePrincipalPolicyCommand).resolves({ EvaluationResults: [] });
    cloudTrail.on(LookupEventsCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    writeFileSync(file, JSON.stringify({ account: ACCOUNT, region: 'eu-central-1', ...config }));
    const run = await runMain(['doctor', '--config', file, '--json']);
    expect([run.status, run.stderr]).toEqual([0, '']);
    return checkup.parse(JSON.parse(run.stdout)).ailments.map(({ kind }) => kind);
  }

  test('before anything is there', async () => {
    const report = { sender: 'sg@mail.example.com', recipients: ['other@example.net'] };
    const flowLogs = { bucket: 'flow-logs', enableOn: [{ vpcId: 'vpc-0123456789abcdef0' }] };
    expect(await kindsOf({ flowLogs, report, securityHub: {} })).toEqual([
      'notBootstrapped',
      'vpcMissing',
      'bucketMissing',
      'uncoveredVpcs',
      'sandbox',
      'securityHubOff',
      'couldNotLook',
      'noRecorder',
    ]);
  });

  test('once flow logs are there', async () => {
    const [s3, dynamo, client] = [new S3Client(), new DynamoDBClient(), new ec2.EC2Client()];
    const place = { CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } } as const;
    for (const Bucket of ['flow-logs', `cdk-hnb659fds-assets-${ACCOUNT}-eu-central-1`]) {
      await s3.send(new CreateBucketCommand({ Bucket, ...place }));
    }
    const { Vpcs = [] } = await client.send(new ec2.DescribeVpcsCommand({}));
    await client.send(
      new ec2.CreateFlowLogsCommand({
        ResourceType: 'VPC',
        ResourceIds: Vpcs.map(({ VpcId }) => VpcId!),
        TrafficType: 'ALL',
        LogDestinationType: 's3',
        // moto takes what follows the bucket for a part of its name.
        LogDestination: 'arn:aws:s3:::flow-logs',
        MaxAggregationInterval: 600,
      }),
    );
    const TableName = 'sg-analysis-state';
    const KeySchema = [{ AttributeName: 'id', KeyType: 'HASH' }] as const;
    const AttributeDefinitions = [{ AttributeName: 'id', AttributeType: 'S' }] as const;
    await dynamo.send(
      new CreateTableCommand({
        TableName,
        KeySchema: [...KeySchema],
        AttributeDefinitions: [...AttributeDefinitions],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    const config = { flowLogs: { bucket: 'flow-logs' } };
    const others = ['poorFormat', 'couldNotLook', 'noRecorder', 'coarseFlowLogs'];
    // moto keeps `EventBridgeConfiguration`, and does not tell it.
    expect(await kindsOf(config)).toEqual(['namesTaken', 'eventsOff', ...others]);
    expect(await kindsOf({ flowLogs: { bucket: 'flow-logs', keyPrefix: 'vpc/' } })).toContain('noFlowLogs');
  });
});
