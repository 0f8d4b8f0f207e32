import { ArnFormat, Aws, CfnMapping, Duration, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib/core';
import { CfnDatabase } from 'aws-cdk-lib/aws-glue';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { consoleHost, CONSOLES } from '../shared/console-links.ts';
import { backfillName, databaseName, DATA_PREFIXES, ENVIRONMENT, nightName } from '../shared/names.ts';
import { deployedBucketName, dataObjects, tableAccess, usesKey, type Access } from './access.ts';
import type { Config } from '../shared/configuration/config.ts';
import { readFromBucket, flowLogBucketName, flowLogKeys, listsFlowLogs, readsFlowLogs } from './flow-logs.ts';
import { grantTables } from './lake-formation.ts';
import { backfillDefinition, EACH_DAY } from './backfill-definition.ts';
import { LONGEST_NIGHT_HOURS, nightDefinition, type NightParts } from './night-definition.ts';
import type { Operations } from './operations.ts';
import { explainedGrant, retentionOf, roleName, ServiceFunction } from './service-function.ts';
import { workGroup } from './work-group.ts';

const SERVICE = 'reconcile-usage';
const FIVE_MINUTES = Duration.minutes(5);
const HOUR = Duration.hours(1);

export interface NightProps {
  readonly config: Config;
  readonly operations: Operations;
  readonly snapshotGroups: ServiceFunction;
  readonly recallAccount: ServiceFunction;
  readonly judgeRules: ServiceFunction;
  /** Undefined where no mail is configured. */
  readonly sendReport: ServiceFunction | undefined;
  /** Undefined where neither Security Hub nor a webhook is configured. */
  readonly sendFindings: ServiceFunction | undefined;
}

interface MachineProps {
  readonly retention: RetentionDays;
  readonly name: string;
  readonly role: iam.Role;
  readonly definition: object;
}

/**
 * Schedule → state machine: snapshot, ask what the account remembers, fold the day in Athena, attribute it, make it count for the day, judge, report. And a
 * second one beside it, with the same rights, that does so for past days: whoever lets the night read flow logs lets it.
 */
export class NightStateMachine extends Construct {
  constructor(scope: Construct, id: string, { config, operations, ...functions }: NightProps) {
    super(scope, id);
    const { snapshotGroups, recallAccount, judgeRules, sendReport, sendFindings } = functions;
    const told = [sendReport, sendFindings].filter((one) => one !== undefined);
    const deployed = { scope: this, prefix: config.prefix };
    const { partition, region } = Stack.of(this);
    const { name } = workGroup(this, {
      config,
      name: nightName(config.prefix),
      description: 'stale-sg: the nightly fold',
      scanLimitBytes: config.night.scanLimitGiB * 2 ** 30,
      folder: DATA_PREFIXES.queryResults,
    });
    const database = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name: databaseName(config.prefix), description: 'stale-sg: tables over flow logs' },
    });
    const worker = this.#worker(config);
    const role = new iam.Role(this, 'Role', {
      roleName: roleName(this, nightName(config.prefix)),
      // State machines of other accounts must not be able to use the role.
      // https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
      assumedBy: new iam.ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    const grant = (access: Access): void => explainedGrant(role, access);
    for (const access of [
      {
        actions: ['lambda:InvokeFunction'],
        resources: [snapshotGroups, recallAccount, worker, judgeRules, ...told].map(arnOf),
      },
      { actions: ['sns:Publish'], resources: [operations.topicArn] },
      ...this.#athenaAccess(config),
      dataObjects(deployed, 'night', 'PutObject', 'GetObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'),
      dataObjects(
        deployed,
        'queryResults',
        'PutObject',
        'GetObject',
        'AbortMultipartUpload',
        'ListMultipartUploadParts',
      ),
      {
        actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
        resources: [`arn:${partition}:s3:::${deployedBucketName(deployed)}`],
      },
      { ...listsFlowLogs(this, config), actions: ['s3:GetBucketLocation', 's3:ListBucket'] },
      ...readsFlowLogs(this, config),
      ...usesKey(this, config),
      ...this.#backfillAccess(config),
    ]) {
      grant(access);
    }
    grantTables(this, { config, role, ofDatabase: ['DESCRIBE', 'CREATE_TABLE'], after: database });
    const parts: NightParts = {
      partition,
      region,
      console: consoleHostOf(this),
      workGroup: name,
      topic: operations.topicArn,
      snapshotGroups: arnOf(snapshotGroups),
      recallAccount: arnOf(recallAccount),
      reconcileUsage: arnOf(worker),
      judgeRules: arnOf(judgeRules),
      sendReport: sendReport && arnOf(sendReport),
      sendFindings: sendFindings && arnOf(sendFindings),
    };
    const { prefix } = config;
    const both = { role, retention: retentionOf(config) };
    const machine = this.#machine('', { ...both, name: nightName(prefix), definition: nightDefinition(parts) });
    this.#machine('Backfill', { ...both, name: backfillName(prefix), definition: backfillDefinition(parts) });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'Log deliveries and traces are not resources; CDK grants them for logging and tracing.',
    });
    this.#schedule(config, machine);
    this.#alarms(operations, machine, worker.lambda, config.alarms);
    this.#graphs(operations, machine, worker.lambda);
  }

  #worker(config: Config): ServiceFunction {
    const deployed = { scope: this, prefix: config.prefix };
    const worker = new ServiceFunction(this, 'Worker', {
      service: SERVICE,
      config,
      timeout: Duration.minutes(15),
      // The service flows of one part, and the inventory.
      memoryMiB: 3008,
      environment: {
        [ENVIRONMENT.accountId]: Stack.of(this).account,
        [ENVIRONMENT.logBucket]: flowLogBucketName(this, config),
        ...readFromBucket(config),
        [ENVIRONMENT.retentionDays]: String(config.retentionDays),
        [ENVIRONMENT.database]: databaseName(config.prefix),
      },
    });
    worker.allow(listsFlowLogs(this, config, { under: flowLogKeys(this, config) }));
    for (const read of ['snapshots', 'unions', 'past', 'additions', 'sums', 'history'] as const) {
      worker.allow(dataObjects(deployed, read, 'GetObject'));
    }
    worker.allow(dataObjects(deployed, 'night', 'GetObject', 'PutObject'));
    worker.allow(dataObjects(deployed, 'queryResults', 'GetObject'));
    for (const kept of ['evidence', 'history', 'exports'] as const) {
      worker.allow(dataObjects(deployed, kept, 'PutObject'));
    }
    worker.allow(tableAccess(deployed, 'rulesUsage', 'BatchWriteItem', 'UpdateItem'));
    worker.allow(tableAccess(deployed, 'state', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'));
    worker.allow({ actions: ['athena:GetQueryExecution'], resources: [this.#workGroupArn(config)] });
    return worker;
  }

  /** https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html */
  #athenaAccess(config: Config): Access[] {
    const ofGlue = (...names: readonly string[]): string[] =>
      names.map((name) => `arn:${Stack.of(this).partition}:glue:${Stack.of(this).region}:${Aws.ACCOUNT_ID}:${name}`);
    const database = databaseName(config.prefix);
    return [
      {
        actions: ['StartQueryExecution', 'GetQueryExecution', 'StopQueryExecution'].map((call) => `athena:${call}`),
        resources: [this.#workGroupArn(config)],
      },
      {
        actions: ['athena:GetDataCatalog'],
        resources: [
          Stack.of(this).formatArn({ service: 'athena', resource: 'datacatalog', resourceName: 'AwsDataCatalog' }),
        ],
      },
      {
        actions: ['GetDatabase', 'CreateTable', 'GetTable', 'GetTables', 'GetPartitions'].map((call) => `glue:${call}`),
        resources: ofGlue('catalog', `database/${database}`, `table/${database}/*`),
        because: 'A table is named by the format of the flow logs it describes, which is seen when they are read.',
      },
      { actions: ['glue:GetDatabase'], resources: ofGlue('database/default') },
    ];
  }

  #workGroupArn({ prefix }: Config): string {
    return Stack.of(this).formatArn({ service: 'athena', resource: 'workgroup', resourceName: nightName(prefix) });
  }

  /**
   * What runs its days as executions of their own, and looks after them, as CDK grants it for a distributed map.
   * https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
   */
  #backfillAccess({ prefix }: Config): Access[] {
    const arn = (resource: string, resourceName: string): string =>
      Stack.of(this).formatArn({ service: 'states', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    const name = backfillName(prefix);
    return [
      { actions: ['states:StartExecution'], resources: [arn('stateMachine', name)] },
      {
        actions: ['states:DescribeExecution', 'states:StopExecution'],
        resources: [arn('execution', `${name}:*`)],
        because: 'Executions of days are named by Step Functions.',
      },
      {
        actions: ['states:RedriveExecution'],
        resources: [arn('execution', `${name}/${EACH_DAY}:*`)],
        because: 'Executions of days are named by Step Functions.',
      },
    ];
  }

  #machine(id: string, { name, retention, role, definition }: MachineProps): sfn.StateMachine {
    const logGroup = new LogGroup(this, `${id}Logs`, {
      logGroupName: `/aws/vendedlogs/states/${name}`,
      retention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new sfn.StateMachine(this, `${id}Machine`, {
      stateMachineName: name,
      definitionBody: sfn.DefinitionBody.fromString(JSON.stringify(definition)),
      role,
      // Inputs and outputs are pointers and figures: nothing in them is a secret.
      logs: { destination: logGroup, level: sfn.LogLevel.ALL, includeExecutionData: true },
      tracingEnabled: true,
    });
  }

  #schedule({ prefix, night }: Config, machine: sfn.StateMachine): void {
    const role = new iam.Role(this, 'ScheduleRole', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    role.addToPolicy(
      new iam.PolicyStatement({ actions: ['states:StartExecution'], resources: [machine.stateMachineArn] }),
    );
    const [hour, minute] = night.at.split(':').map(Number) as [number, number];
    new Schedule(this, 'Schedule', {
      scheduleName: nightName(prefix),
      schedule: ScheduleExpression.cron({ hour: String(hour), minute: String(minute) }),
      target: {
        bind: () => ({
          arn: machine.stateMachineArn,
          role,
          input: ScheduleTargetInput.fromObject({}),
          retryPolicy: { maximumRetryAttempts: 5, maximumEventAgeInSeconds: HOUR.toSeconds() },
        }),
      },
    });
  }

  #alarms(operations: Operations, machine: sfn.StateMachine, worker: IFunction, bounds: Config['alarms']): void {
    for (const [stem, metric] of [
      ['night-failed', machine.metricFailed({ period: HOUR })],
      ['night-timed-out', machine.metricTimedOut({ period: HOUR })],
      ['night-aborted', machine.metricAborted({ period: HOUR })],
    ] as const) {
      operations.alarm(stem, { metric, bound: { above: 0 } });
    }
    operations.alarm('night-missing', {
      metric: machine.metricSucceeded({ period: HOUR }),
      bound: { below: 1 },
      // From one to the next, or from the deployment to the first, a day and what a night takes at most.
      periods: 24 + LONGEST_NIGHT_HOURS,
      missing: 'bad',
    });
    const share = (name: string, statistic: 'max' | 'min') =>
      operations.metric(SERVICE, name, { statistic, period: HOUR });
    // There is a figure once a night: until the next one, what the last one said holds.
    for (const [stem, metric, bound] of [
      ['night-drift', share('DriftShare', 'max'), { above: bounds.driftAbove }],
      ['night-coverage', share('CoverageShare', 'min'), { below: bounds.coverageBelow }],
      ['night-unknown-interfaces', share('UnknownInterfaceShare', 'max'), { above: bounds.unknownInterfacesAbove }],
    ] as const) {
      operations.alarm(stem, { metric, bound, missing: 'keep' });
    }
    operations.alarm('night-throttles', {
      metric: worker.metricThrottles({ period: FIVE_MINUTES }),
      bound: { above: 0 },
      periods: 3,
    });
  }

  #graphs(operations: Operations, machine: sfn.StateMachine, worker: IFunction): void {
    const day = { period: Duration.days(1) };
    const own = (name: string, statistic: 'max' | 'min' | 'sum') =>
      operations.metric(SERVICE, name, { statistic, ...day });
    operations.graphs('reconcile-usage: the nights', [
      {
        title: 'Nights that succeeded and failed; days reconciled',
        of: [machine.metricSucceeded(day), machine.metricFailed(day), machine.metricTimedOut(day)],
        also: [own('DaysReconciled', 'sum')],
      },
      {
        title: 'Coverage; drift, unknown interfaces (shares)',
        of: [own('CoverageShare', 'min')],
        also: [own('DriftShare', 'max'), own('UnknownInterfaceShare', 'max')],
      },
      {
        title: 'Records; longest step',
        of: [own('RecordsReconciled', 'sum')],
        also: [worker.metricDuration({ ...day, statistic: 'max' })],
      },
    ]);
  }
}

/** A template that fits any region looks the console of its partition up. */
function consoleHostOf(scope: Construct): string {
  const { partition, region } = Stack.of(scope);
  if (!Token.isUnresolved(region)) return consoleHost(region);
  const rows = Object.entries(CONSOLES).map(([name, host]) => [name, { host }]);
  const consoles = new CfnMapping(scope, 'Consoles', { mapping: Object.fromEntries(rows) as Record<string, object> });
  return `${region}.${consoles.findInMap(partition, 'host')}`;
}

const arnOf = ({ lambda }: ServiceFunction): string => lambda.functionArn;
