import { environmentReader } from '../../shared/aws/environment.ts';

/** What the deployment tells the function. */
export const readEnvironment = environmentReader('snapshot-groups', [
  'tablePrefix',
  'dataBucket',
  'accountId',
  'region',
  'retentionDays',
]);
