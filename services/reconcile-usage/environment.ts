import { environmentReader } from '../../shared/aws/environment.ts';

/** What the deployment tells the function. */
export const readEnvironment = environmentReader('reconcile-usage', [
  'tablePrefix',
  'dataBucket',
  'logBucket',
  'accountId',
  'region',
  'retentionDays',
  'database',
]);
