import { environmentReader } from '../../shared/aws/environment.ts';

/** What the deployment tells the function. */
export const readEnvironment = environmentReader('archive-flow-logs', [
  'tablePrefix',
  'dataBucket',
  'logBucket',
  'logKeyPrefix',
  'accountId',
  'region',
]);
