import { environmentReader } from '../../shared/aws/environment.ts';

/** What the deployment tells the function. */
export const readEnvironment = environmentReader('send-findings', [
  'tablePrefix',
  'dataBucket',
  'accountId',
  'region',
  'hubMinPriority',
  'webhookKind',
  'webhookSecret',
]);
