import { Validations, type App } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Config } from './config.ts';
import { DataStack } from './data-stack.ts';
import { ServiceStack } from './service-stack.ts';

export interface Stacks {
  readonly data: DataStack;
  readonly services: ServiceStack;
}

/** The stacks of one deployment, and the checks without which they are not synthesized. */
export function addStacks(app: App, config: Config): Stacks {
  const { prefix, account, region, retentionDays } = config;
  const env = { ...(account && { account }), ...(region && { region }) };
  const data = new DataStack(app, `${prefix}-data`, {
    env,
    prefix,
    retentionDays,
    description: 'stale-sg: tables and data bucket',
  });
  const services = new ServiceStack(app, `${prefix}-services`, { env, config, description: 'stale-sg: what runs' });
  // Tables and bucket are known by their names, so nothing else tells CDK of the order.
  services.addStackDependency(data);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { data, services };
}
