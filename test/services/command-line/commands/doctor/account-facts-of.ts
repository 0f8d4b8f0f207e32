import type {
  AccountFacts,
  FlowLogOfAccount,
} from '../../../../../services/command-line/commands/doctor/account-facts.ts';
import { parseConfig } from '../../../../../shared/configuration/config.ts';
import { RECOMMENDED_FIELDS } from '../../../../../shared/flowlogs/fields.ts';

export const VPC = 'vpc-0123456789abcdef0';
export const OTHER_VPC = 'vpc-0123456789abcdef1';
export const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

export const CONFIG = {
  account: '111122223333',
  region: 'eu-central-1',
  flowLogs: { bucket: 'logs', keyPrefix: 'vpc/' },
  report: { sender: 'stale-sg <sg@mail.example.com>', recipients: ['network@example.com'] },
};

export function flowLogOf(more: Partial<FlowLogOfAccount> = {}): FlowLogOfAccount {
  return {
    flowLogId: 'fl-1',
    resourceId: VPC,
    trafficType: 'ALL',
    isActive: true,
    destination: 'arn:aws:s3:::logs/vpc',
    logGroup: '',
    fileFormat: 'text',
    layout: 'default',
    fields: RECOMMENDED_FIELDS,
    intervalSeconds: 60,
    deliveryError: '',
    ...more,
  };
}

/** An account in which nothing ails the configuration, but for what is said; the configuration likewise. */
export function accountFactsOf(
  more: Partial<AccountFacts>,
  config: Readonly<Record<string, unknown>> = {},
): AccountFacts {
  return {
    config: parseConfig({ ...CONFIG, ...config }),
    file: 'account.json',
    region: 'eu-central-1',
    account: '111122223333',
    vpcs: { found: [{ vpcId: VPC, isOwn: true }] },
    flowLogs: { found: [flowLogOf()] },
    bucket: { found: { sendsEvents: true, kmsKey: undefined } },
    taken: { found: [] },
    isDeployed: { found: false },
    isBootstrapped: { found: true },
    refusedRoles: { found: [] },
    lake: { found: { governsNew: false, administrators: [] } },
    mail: { found: { isProduction: true, maySend: true } },
    verified: {
      found: new Map([
        ['sg@mail.example.com', true],
        ['network@example.com', false],
      ]),
    },
    identities: { found: new Set(['sg@mail.example.com']) },
    hasHub: undefined,
    isRecording: { found: true },
    mayAskEvents: { found: true },
    ...more,
  };
}
