import { Duration } from 'aws-cdk-lib/core';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { parseConfig } from '../../shared/configuration/config.ts';
import { ServiceFunction } from '../../infra/service-function.ts';
import { synthesizeNow } from './synthesize.ts';
import { exampleOf } from './synthesized.ts';

/** Why what must not be deployed is refused; empty if it is not. */
export function refused(): string {
  try {
    synthesizeNow(exampleOf('existing-bucket'), ({ data, services }) => {
      new Bucket(data, 'Open');
      new CfnQueue(services, 'Short', { messageRetentionPeriod: 5 });
      const config = parseConfig({ ...exampleOf('existing-bucket'), prefix: 'other' });
      const other = { service: 'count-usage', config, timeout: Duration.minutes(1), environment: {} };
      new ServiceFunction(services, 'Other', other).allow({
        actions: ['s3:GetObject'],
        resources: ['arn:aws:s3:::amzn-s3-demo-bucket/*'],
      });
    });
    return '';
  } catch (error) {
    return String(error);
  }
}
