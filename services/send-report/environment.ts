import { environmentReader } from '../../shared/aws/environment.ts';

/** What the deployment tells the function. */
export const readEnvironment = environmentReader('send-report', [
  'tablePrefix',
  'dataBucket',
  'accountId',
  'region',
  'mailFrom',
  'mailTo',
  'mailReplyTo',
  'mailConfigurationSet',
  'mailMaxBytes',
  'ownerDomains',
  'ownerAddresses',
  'ownerMailEvery',
]);
