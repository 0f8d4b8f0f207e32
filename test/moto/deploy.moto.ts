// Costs about a minute of one processor.
/**
 * A first deployment that fails, the second that succeeds, removal and import: CDK's own command line against moto's
 * CloudFormation, with what that does not do in `cloudformation-server.py`. What moto has no resource of (alarms, schedules,
 * identities) it passes over. `npm run test:moto`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { DescribeTableCommand, DynamoDBClient, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import { CreateBucketCommand, DeleteBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { tableNames } from '../../shared/names.ts';
import { orWhyNot } from '../beds/from-pypi.ts';
import { installMoto, Moto } from './moto-server.ts';

jest.setTimeout(600_000);

const { installed, missing } = orWhyNot(installMoto);
const ROOT = join(import.meta.dirname, '../..');
/** moto's own. */
const ACCOUNT = '123456789012';
const REGION = 'eu-central-1';
const TABLES = Object.values<string>({ ...tableNames('sg-analysis') }).sort();
const BUCKETS = ['data', 'logs'].map((name) => `sg-analysis-${name}-${ACCOUNT}-${REGION}`);
const DEPLOY = ['deploy', '--all'] as const;

(installed === undefined ? describe.skip : describe)(`a deployment by CDK into moto${missing}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'deploy-moto-'));
  let moto: Moto;
  let clients: { dynamo: DynamoDBClient; s3: S3Client; ec2: ec2.EC2Client };
  let env: NodeJS.ProcessEnv;
  let vpcId = '';

  beforeAll(async () => {
    moto = await Moto.start(join(installed!, '../python3'), join(import.meta.dirname, 'cloudformation-server.py'));
    const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
    const common = { region: REGION, endpoint: moto.endpoint, credentials };
    clients = { dynamo: new DynamoDBClient(common), s3: new S3Client(common), ec2: new ec2.EC2Client(common) };
    env = {
      ...process.env,
      AWS_ENDPOINT_URL: moto.endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      HOME: folder,
      NODE_OPTIONS: '',
    };
    expect(await cdk({ vpcId: 'vpc-0123456789abcdef0' }, 'bootstrap', `aws://${ACCOUNT}/${REGION}`)).toContain('✅');
  });
  afterAll(async () => {
    for (const client of Object.values(clients)) client.destroy();
    await moto.stop();
    rmSync(folder, { recursive: true });
  });

  const made: string[] = [];

  /** What CDK says to a command; a configuration is synthesized once. */
  async function cdk(configured: { vpcId: string; protect?: boolean }, ...args: readonly string[]): Promise<string> {
    const { vpcId, ...rest } = configured;
    const flowLogs = { kind: 'new', enableOn: [{ vpcId }] };
    // Dashboards name alarms, of which moto knows nothing.
    const config = JSON.stringify({ account: ACCOUNT, region: REGION, flowLogs, dashboard: false, ...rest });
    const isMade = made.includes(config);
    if (!isMade) made.push(config);
    const [file, out] = ['json', 'out'].map((kind) => join(folder, `${made.indexOf(config)}.${kind}`)) as [
      string,
      string,
    ];
    writeFileSync(file, config);
    const app = isMade ? ['--app', out] : ['-c', `config=${file}`, '--output', out];
    const unasked = args[0] === 'deploy' ? ['--require-approval', 'never'] : [];
    const own = [...app, ...unasked, '--no-notices', '--ci'];
    const child = spawn(join(ROOT, 'node_modules/.bin/cdk'), [...args, ...own], { cwd: ROOT, env });
    const said = await Promise.all([text(child.stdout), text(child.stderr)]);
    return said.join('');
  }

  async function left() {
    const { TableNames } = await clients.dynamo.send(new ListTablesCommand());
    const { Buckets } = await clients.s3.send(new ListBucketsCommand());
    const { FlowLogs } = await clients.ec2.send(new ec2.DescribeFlowLogsCommand());
    return {
      tables: [...TableNames!].sort(),
      buckets: Buckets!
        .map(({ Name }) => Name!)
        .filter((name) => !name.startsWith('cdk-'))
        .sort(),
      flowLogs: FlowLogs!.map(({ ResourceId }) => ResourceId),
    };
  }
  const isProtected = async (): Promise<unknown[]> =>
    Promise.all(
      TABLES.map(async (TableName) => {
        const { Table } = await clients.dynamo.send(new DescribeTableCommand({ TableName }));
        return Table!.DeletionProtectionEnabled;
      }),
    );

  test('fails where a name is taken, and leaves nothing behind', async () => {
    const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
    await clients.s3.send(new CreateBucketCommand({ Bucket: BUCKETS[1], CreateBucketConfiguration }));
    const said = await cdk({ vpcId: 'vpc-0123456789abcdef0' }, ...DEPLOY);
    expect(said).toContain('already exists');
    expect(await left()).toEqual({ tables: [], buckets: [BUCKETS[1]], flowLogs: [] });
    await clients.s3.send(new DeleteBucketCommand({ Bucket: BUCKETS[1] }));
  });

  test('fails where there is no such VPC, and leaves what stood', async () => {
    const said = await cdk({ vpcId: 'vpc-0123456789abcdef0' }, ...DEPLOY);
    expect(said).toContain('VpcID vpc-0123456789abcdef0 does not exist');
    expect(said).toContain('✅  sg-analysis-data');
    expect(await left()).toEqual({ tables: TABLES, buckets: BUCKETS, flowLogs: [] });
  });

  test('succeeds with the same command once that is mended; then it is protected', async () => {
    const { Vpc } = await clients.ec2.send(new ec2.CreateVpcCommand({ CidrBlock: '10.1.0.0/16' }));
    vpcId = Vpc!.VpcId!;
    const said = await cdk({ vpcId }, ...DEPLOY);
    for (const stack of ['data (no changes)', 'services', 'setup']) expect(said).toContain(`✅  sg-analysis-${stack}`);
    expect(await left()).toEqual({ tables: TABLES, buckets: BUCKETS, flowLogs: [vpcId] });
    expect(await isProtected()).toEqual([false, false, false]);
    expect(await cdk({ vpcId, protect: true }, 'deploy', 'sg-analysis-data')).toContain('✅');
    expect(await isProtected()).toEqual([true, true, true]);
    expect(await cdk({ vpcId, protect: true }, 'destroy', 'sg-analysis-data', '--force')).toContain(
      'TerminationProtection',
    );
  });

  test('removed, leaves what was counted, onto which the next one is deployed', async () => {
    const item = { rule_id: { S: 'sgr-1' } };
    await clients.dynamo.send(new PutItemCommand({ TableName: 'sg-analysis-rules-data', Item: item }));
    expect(await cdk({ vpcId }, 'deploy', 'sg-analysis-data')).toContain('✅');
    await cdk({ vpcId }, 'destroy', '--all', '--force');
    expect(await left()).toEqual({ tables: TABLES, buckets: BUCKETS, flowLogs: [] });
    expect(await cdk({ vpcId }, ...DEPLOY)).toContain('already exists');
    expect(await left()).toEqual({ tables: TABLES, buckets: BUCKETS, flowLogs: [] });
    const said = await cdk({ vpcId }, ...DEPLOY, '--import-existing-resources');
    for (const stack of ['data', 'services', 'setup']) expect(said).toContain(`✅  sg-analysis-${stack}`);
    expect(await left()).toEqual({ tables: TABLES, buckets: BUCKETS, flowLogs: [vpcId] });
    const { Table } = await clients.dynamo.send(new DescribeTableCommand({ TableName: 'sg-analysis-rules-data' }));
    expect(Table!.ItemCount).toBe(1);
  });

  test('is what the README says to do', () => {
    const readme = readFileSync(join(ROOT, 'infra/README.md'), 'utf8');
    for (const command of [
      `npx cdk ${DEPLOY.join(' ')} -c config=FILE`,
      `npx cdk ${DEPLOY.join(' ')} --import-existing-resources -c config=FILE`,
      'npx cdk deploy $P-data -c config=FILE\nnpx cdk destroy --all -c config=FILE',
    ]) {
      expect(readme).toContain(command);
    }
    const [, named = ''] = /for T in ([a-z -]+); do aws dynamodb delete-table/.exec(readme)!;
    expect(
      named
        .split(' ')
        .map((name) => `sg-analysis-${name}`)
        .sort(),
    ).toEqual(TABLES);
  });
});
