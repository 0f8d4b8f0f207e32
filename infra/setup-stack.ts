import { Stack, Validations, type StackProps } from 'aws-cdk-lib/core';
import { CfnFlowLog } from 'aws-cdk-lib/aws-ec2';
import { CfnEmailIdentity } from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { Config } from '../shared/configuration/config.ts';
import type { EnabledVpc } from '../shared/configuration/flow-log-config.ts';
import { flowLogBucketArn } from './flow-logs.ts';
import { RECOMMENDED_FIELDS } from '../shared/flowlogs/fields.ts';

export interface SetupStackProps extends StackProps {
  readonly config: Config;
}

/**
 * What names things of the account that are not ours, and so is most easily refused: flow logs of VPCs, identities of SES.
 * Apart from what must survive, so that its failing takes none of that along; and from the services, since an address is
 * confirmed by hand: once, and not each time they are removed and put back.
 *
 * Without resources it is not deployed, and what was deployed of it is removed: `cdk deploy` does so by itself.
 */
export class SetupStack extends Stack {
  constructor(scope: Construct, id: string, { config, ...props }: SetupStackProps) {
    super(scope, id, props);
    for (const vpc of config.flowLogs.enableOn) this.#flowLog(config, vpc);
    Validations.of(this).acknowledge({
      id: 'CloudFormation-Validate::F0001',
      reason:
        'There may be nothing to set up: CDK does not deploy a stack without resources, and removes one that had some.',
    });
    const identities = new Construct(this, 'Identities');
    for (const emailIdentity of config.report?.createIdentities ?? []) {
      new CfnEmailIdentity(identities, emailIdentity, { emailIdentity });
    }
  }

  /** A flow log cannot be changed: CloudFormation makes another and removes the first. */
  #flowLog(config: Config, { vpcId, aggregationMinutes, fileFormat, layout }: EnabledVpc): void {
    const { keyPrefix } = config.flowLogs;
    new CfnFlowLog(this, vpcId, {
      resourceType: 'VPC',
      resourceId: vpcId,
      // Rejected traffic takes part in no verdict, but shows which rule nearly matched.
      trafficType: 'ALL',
      maxAggregationInterval: aggregationMinutes * 60,
      logDestinationType: 's3',
      logDestination: `${flowLogBucketArn(this, config)}${keyPrefix && `/${keyPrefix}`}`,
      logFormat: RECOMMENDED_FIELDS.map((field) => `\${${field}}`).join(' '),
      // Handed on by CDK as they are, hence with capitals.
      destinationOptions: {
        FileFormat: fileFormat === 'text' ? 'plain-text' : 'parquet',
        HiveCompatiblePartitions: layout.startsWith('hive'),
        PerHourPartition: layout.endsWith('hourly'),
      },
      tags: [{ key: 'Name', value: `${config.prefix}-${vpcId}` }],
    });
  }
}
