import { environmentReader } from '../../shared/environment.ts';

/** What the deployment tells the function. */
export const readEnvironment = environmentReader('snapshot-groups', [
  'tablePrefix',
  'dataBucket',
  'accountId',
  'region',
]);
