import { environmentReader } from '../../shared/aws/environment.ts';

/** What the deployment tells the function. */
export const readEnvironment = environmentReader('judge-rules', [
  'tablePrefix',
  'dataBucket',
  'accountId',
  'region',
  'retentionDays',
  'windowDays',
  'rulesKnownSince',
  'exemptions',
  'ownerTag',
]);
