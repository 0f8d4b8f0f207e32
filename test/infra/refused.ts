import { Duration } from 'aws-cdk-lib/core';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { ServiceFunction } from '../../infra/service-function.ts';
import { synthesizeNow } from './synthesize.ts';
import { exampleOf } from './synthesized.ts';

/** Why what must not be deployed is refused; empty if it is not. */
export function refused(): string {
  try {
    synthesizeNow(exampleOf('existing-bucket'), ({ data, services }) => {
      new Bucket(data, 'Open');
      new CfnQueue(services, 'Short', { messageRetentionPeriod: 5 });
      const other = { service: 'count-usage', prefix: 'other', timeout: Duration.minutes(1), environment: {} };
      const logRetentionDays = RetentionDays.ONE_DAY;
      new ServiceFunction(services, 'Other', { ...other, logRetentionDays }).allow({
        actions: ['s3:GetObject'],
        resources: ['arn:aws:s3:::amzn-s3-demo-bucket/*'],
      });
    });
    return '';
  } catch (error) {
    return String(error);
  }
}
