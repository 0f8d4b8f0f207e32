import { Aws } from 'aws-cdk-lib/core';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { Construct } from 'constructs';
import { deployedBucketName } from './access.ts';
import type { Config } from '../shared/configuration/config.ts';

export interface WorkGroupProps {
  readonly config: Config;
  readonly name: string;
  readonly description: string;
  /** A query that would read more ends: a bound on what a mistake can cost. */
  readonly scanLimitBytes: number;
  /** Of results, in the data bucket. */
  readonly folder: string;
}

/** Of Athena. What it says holds, whatever a caller asks for. */
export function workGroup(scope: Construct, { config, name, description, ...props }: WorkGroupProps): CfnWorkGroup {
  const { prefix, kmsKeyArn } = config;
  return new CfnWorkGroup(scope, 'WorkGroup', {
    name,
    description,
    recursiveDeleteOption: true,
    workGroupConfiguration: {
      enforceWorkGroupConfiguration: true,
      publishCloudWatchMetricsEnabled: true,
      bytesScannedCutoffPerQuery: props.scanLimitBytes,
      engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
      resultConfiguration: {
        outputLocation: `s3://${deployedBucketName({ scope, prefix })}/${props.folder}`,
        encryptionConfiguration:
          kmsKeyArn === undefined ? { encryptionOption: 'SSE_S3' } : { encryptionOption: 'SSE_KMS', kmsKey: kmsKeyArn },
        expectedBucketOwner: Aws.ACCOUNT_ID,
      },
    },
  });
}
