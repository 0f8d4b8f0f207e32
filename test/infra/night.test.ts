import { describe, expect, test } from '@jest/globals';
import { grantsOf, policyLines, roleId } from './policies.ts';
import { one, plain, servicesWith, synthesizeExample, type Properties } from './synthesized.ts';
import { VARIANTS } from './variants.ts';

const { services } = await synthesizeExample('existing-bucket');
const ofName = (StateMachineName: string) => one(services, 'AWS::StepFunctions::StateMachine', { StateMachineName });
const machine = ofName('sg-analysis-night');

const LOGS = 'arn:aws:s3:::amzn-s3-demo-bucket';
const DATA = 'arn:aws:s3:::sg-analysis-data-<account>-<region>';
const OURS = ' if aws:ResourceAccount StringEquals <account>';
const each = (service: string, actions: readonly string[], on: string): string[] =>
  actions.map((action) => `allow ${service}:${action} on ${on}`);

const BACKFILL = 'arn:aws:states:<region>:<account>:';

test('the backfill has the rights of the night', () => {
  expect(ofName('sg-analysis-backfill').RoleArn).toEqual(machine.RoleArn);
});

test('the night may invoke its functions, tell operators, query its tables and write its folders, and nothing else', () => {
  const written = ['AbortMultipartUpload', 'GetObject', 'ListMultipartUploadParts', 'PutObject'];
  const glue = 'arn:aws:glue:<region>:<account>:';
  const tables = ['CreateTable', 'GetDatabase', 'GetPartitions', 'GetTable', 'GetTables'];
  const athena = 'arn:aws:athena:<region>:<account>:';
  const logs = /^allow (?:logs|xray):\w+ on \*$/;
  expect(grantsOf(machine.RoleArn, services).filter((line) => !logs.test(line))).toEqual(
    [
      ...['snapshot-groups', 'recall-account', 'reconcile-usage', 'judge-rules'].flatMap((name) =>
        each('lambda', ['InvokeFunction'], `sg-analysis-${name}`),
      ),
      ...each('sns', ['Publish'], 'sg-analysis-alarms'),
      ...each('states', ['StartExecution'], `${BACKFILL}stateMachine:sg-analysis-backfill`),
      ...each('states', ['DescribeExecution', 'StopExecution'], `${BACKFILL}execution:sg-analysis-backfill:*`),
      ...each('states', ['RedriveExecution'], `${BACKFILL}execution:sg-analysis-backfill/days:*`),
      ...each(
        'athena',
        ['StartQueryExecution', 'GetQueryExecution', 'StopQueryExecution'],
        `${athena}workgroup/sg-analysis-night`,
      ),
      ...each('athena', ['GetDataCatalog'], `${athena}datacatalog/AwsDataCatalog`),
      ...['catalog', 'database/sg_analysis', 'table/sg_analysis/*'].flatMap((it) =>
        each('glue', tables, `${glue}${it}`),
      ),
      ...each('glue', ['GetDatabase'], `${glue}database/default`),
      ...each('s3', written, `${DATA}/night/*${OURS}`),
      ...each('s3', written, `${DATA}/query-results/*${OURS}`),
      ...each('s3', ['GetBucketLocation', 'ListBucket', 'ListBucketMultipartUploads'], DATA),
      ...each('s3', ['GetBucketLocation', 'ListBucket'], `${LOGS}${OURS}`),
      ...each('s3', ['GetObject'], `${LOGS}/AWSLogs/<account>/vpcflowlogs/<region>/*${OURS}`),
      ...each(
        's3',
        ['GetObject'],
        `${LOGS}/AWSLogs/aws-account-id=<account>/aws-service=vpcflowlogs/aws-region=<region>/*${OURS}`,
      ),
    ].sort(),
  );
});

test('only state machines of the account run as the night', () => {
  expect(policyLines(services[roleId(machine.RoleArn)]!.Properties.AssumeRolePolicyDocument, services)).toEqual([
    'allow sts:AssumeRole to states.amazonaws.com if aws:SourceAccount StringEquals <account>',
  ]);
});

describe('what the night runs with', () => {
  test('begins when it is configured to, without a day', async () => {
    const schedule = (resources: typeof services) => {
      const { ScheduleExpression, ScheduleExpressionTimezone, Target } = one(resources, 'AWS::Scheduler::Schedule', {
        Name: 'sg-analysis-night',
      });
      return [ScheduleExpression, ScheduleExpressionTimezone, (Target as Properties).Input];
    };
    expect(schedule(services)).toEqual(['cron(30 3 * * ? *)', 'Etc/UTC', '{}']);
    const other = await servicesWith(VARIANTS.otherwise);
    expect(schedule(other)).toEqual(['cron(5 0 * * ? *)', 'Etc/UTC', '{}']);
  });

  test('reads no more than its limit in one query, and keeps its results where it says', () => {
    const { Name, WorkGroupConfiguration } = one(services, 'AWS::Athena::WorkGroup');
    expect(Name).toBe('sg-analysis-night');
    const { ResultConfiguration, ...rest } = WorkGroupConfiguration as Properties;
    expect(rest).toMatchObject({ EnforceWorkGroupConfiguration: true, BytesScannedCutoffPerQuery: 1000 * 2 ** 30 });
    const { OutputLocation, EncryptionConfiguration } = ResultConfiguration as Properties;
    expect(plain(OutputLocation, services)).toBe('s3://sg-analysis-data-<account>-<region>/query-results/');
    expect(EncryptionConfiguration).toEqual({ EncryptionOption: 'SSE_S3' });
    const { DatabaseInput } = one(services, 'AWS::Glue::Database');
    expect((DatabaseInput as Properties).Name).toBe('sg_analysis');
  });

  test('leaves a log of every step, and traces', () => {
    expect(machine.LoggingConfiguration).toMatchObject({ Level: 'ALL', IncludeExecutionData: true });
    expect(machine.TracingConfiguration).toEqual({ Enabled: true });
  });
});
