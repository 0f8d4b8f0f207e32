import { Annotations, PermissionsBoundary, Stage, Tags, Validations, type App } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Config } from '../shared/configuration/config.ts';
import { DataStack } from './data-stack.ts';
import { LogAccountStack } from './log-account.ts';
import { ServiceStack } from './service-stack.ts';
import { SetupStack } from './setup-stack.ts';
import { synthesizerOf } from './synthesizer.ts';

export interface Stacks {
  readonly data: DataStack;
  readonly services: ServiceStack;
  readonly setup: SetupStack;
}

/** The stacks of one deployment, and the checks without which they are not synthesized. */
export function addStacks(app: App, config: Config): Stacks {
  const { prefix, account, region, flowLogs, permissionsBoundary, protect } = config;
  const env = { ...(account && { account }), ...(region && { region }) };
  const common = () => ({
    env,
    config,
    ...synthesizerOf(config),
    ...(permissionsBoundary && { permissionsBoundary: PermissionsBoundary.fromName(permissionsBoundary) }),
  });
  const data = new DataStack(app, `${prefix}-data`, { ...common(), description: 'stale-sg: tables, buckets' });
  const services = new ServiceStack(app, `${prefix}-services`, { ...common(), description: 'stale-sg: what runs' });
  const setup = new SetupStack(app, `${prefix}-setup`, {
    ...common(),
    description: 'stale-sg: flow logs of VPCs, identities of SES',
  });
  // Tables and buckets are known by their names, so nothing else tells CDK of the order.
  for (const stack of [services, setup]) stack.addStackDependency(data);
  for (const stack of [data, services, setup]) {
    for (const [key, value] of Object.entries(config.tags)) Tags.of(stack).add(key, value);
  }
  if (!protect) {
    Annotations.of(data).addInfoV2(
      'stale-sg:protect',
      'Not protected from deletion: once all stands, set "protect" and deploy again.',
    );
  }
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
  return { data, services, setup };
}
