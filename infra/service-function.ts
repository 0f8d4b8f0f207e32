import { RemovalPolicy, Stack, Stage, Validations, type Duration } from 'aws-cdk-lib/core';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { join } from 'node:path';
import { usesKey, type Access } from './access.ts';
import { bundleOnce } from './bundle.ts';
import type { Config } from '../shared/configuration/config.ts';

export interface ServiceFunctionProps {
  /** Folder below services/; the function is named after it. */
  readonly service: string;
  readonly config: Config;
  readonly timeout: Duration;
  /** Default 1769: one whole virtual CPU. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
  readonly memoryMiB?: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether it publishes metrics, each of which has its price; default yes. */
  readonly publishesMetrics?: boolean;
}

/** One service as a Lambda function: its bundle, a log group, tracing, and a role that only {@link allow} widens. */
export class ServiceFunction extends Construct {
  readonly lambda: lambda.Function;
  readonly #role: iam.Role;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const { service, config, timeout, memoryMiB = 1769, environment, publishesMetrics = true } = props;
    const functionName = `${config.prefix}-${service}`;
    const logGroup = new logs.LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: retentionOf(config),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // A role given to CDK stays without the managed policy that allows writing to every log group.
    this.#role = new iam.Role(this, 'Role', {
      roleName: roleName(this, functionName),
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    const folder = join(Stage.of(this)!.outdir, 'bundles', service);
    bundleOnce(service, folder);
    this.lambda = new lambda.Function(this, 'Function', {
      functionName,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(folder),
      handler: 'index.handler',
      memorySize: memoryMiB,
      timeout,
      role: this.#role,
      // https://docs.aws.amazon.com/powertools/typescript/latest/environment-variables/
      environment: { ...environment, ...(!publishesMetrics && { POWERTOOLS_METRICS_DISABLED: 'true' }) },
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      tracing: lambda.Tracing.ACTIVE,
    });
    this.allow({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] });
    explain(
      this.#role,
      '*',
      'Traces are no resource; CDK grants xray:PutTraceSegments and PutTelemetryRecords for tracing.',
    );
    for (const access of usesKey(this, config)) this.allow(access);
    if (config.vpc) this.#attach(config.vpc);
  }

  /** CDK's own `vpc` would have to look it up. */
  #attach(vpc: lambda.CfnFunction.VpcConfigProperty): void {
    (this.lambda.node.defaultChild as lambda.CfnFunction).vpcConfig = vpc;
    this.allow({
      // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
      actions: [
        ...['CreateNetworkInterface', 'DeleteNetworkInterface', 'DescribeNetworkInterfaces', 'DescribeSubnets'],
        ...['AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses'],
      ].map((call) => `ec2:${call}`),
      resources: ['*'],
      because: 'Lambda makes network interfaces with the rights of the function, and only for everything.',
    });
  }

  /** Grants what is in `access` and sets the variables that come with it: one is of no use without the other. */
  allow(access: Access): void {
    explainedGrant(this.#role, access);
    for (const [name, value] of Object.entries(access.environment ?? {})) this.lambda.addEnvironment(name, value);
  }
}

/**
 * Roles have names, so that a log account can let in these and no others, before they are there. A role is for the whole
 * account, hence the region. At most 64 characters: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export function roleName(scope: Construct, name: string): string {
  return `${name}-${Stack.of(scope).region}`;
}

/** Grants what is in `access`, with the reason for each `*` where cdk-nag looks for it. */
export function explainedGrant(role: iam.Role, { actions, resources, conditions, because }: Access): void {
  role.addToPolicy(
    new iam.PolicyStatement({ actions: [...actions], resources: [...resources], ...(conditions && { conditions }) }),
  );
  if (because) for (const resource of resources) explain(role, resource, because);
}

function explain(role: iam.Role, resource: string, reason: string): void {
  const arn = flat(Stack.of(role).resolve(resource) as Resolved);
  Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${arn}]`, reason });
}

type Resolved = string | { readonly Ref: string } | { readonly 'Fn::Join': readonly [string, readonly Resolved[]] };

/** An ARN as cdk-nag writes it in the name of a finding. */
function flat(arn: Resolved): string {
  if (typeof arn === 'string') return arn;
  return 'Ref' in arn ? `<${arn.Ref}>` : arn['Fn::Join'][1].map(flat).join('');
}

/** As CDK has it, which knows these numbers of days by names. */
export function retentionOf({ logRetentionDays }: Pick<Config, 'logRetentionDays'>): logs.RetentionDays {
  return logs.RetentionDays[logs.RetentionDays[logRetentionDays] as keyof typeof logs.RetentionDays];
}
