import { environmentReader } from '../../shared/aws/environment.ts';

/** What the deployment tells the function. */
export const readEnvironment = environmentReader('reconcile-usage', [
  'tablePrefix',
  'dataBucket',
  'logBucket',
  'logKeyPrefix',
  'logGroups',
  'accountId',
  'region',
  'retentionDays',
  'database',
]);
