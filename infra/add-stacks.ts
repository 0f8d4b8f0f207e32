import { Stage, Validations, type App } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Config } from './config.ts';
import { DataStack } from './data-stack.ts';
import { LogAccountStack } from './log-account.ts';
import { ServiceStack } from './service-stack.ts';
import { synthesizerOf } from './synthesizer.ts';

export interface Stacks {
  readonly data: DataStack;
  readonly services: ServiceStack;
}

/** The stacks of one deployment, and the checks without which they are not synthesized. */
export function addStacks(app: App, config: Config): Stacks {
  const { prefix, account, region, flowLogs } = config;
  const env = { ...(account && { account }), ...(region && { region }) };
  const data = new DataStack(app, `${prefix}-data`, {
    env,
    config,
    ...synthesizerOf(config),
    description: 'stale-sg: tables, buckets, flow logs',
  });
  const services = new ServiceStack(app, `${prefix}-services`, {
    env,
    config,
    ...synthesizerOf(config),
    description: 'stale-sg: what runs',
  });
  // Tables and buckets are known by their names, so nothing else tells CDK of the order.
  services.addStackDependency(data);
  if (flowLogs.kind === 'central') {
    // A stage of its own, so that `cdk deploy --all` leaves it alone: it is for another account.
    const env = { account: flowLogs.ownerAccount!, ...(region && { region }) };
    const logAccount = new Stage(app, 'log-account', { env });
    new LogAccountStack(logAccount, `${prefix}-log-account`, {
      config,
      stackName: `${prefix}-log-account`,
      ...synthesizerOf({ stackSet: true }),
      description: 'stale-sg: what the account of the flow-log bucket allows one deployment',
    });
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { data, services };
}
