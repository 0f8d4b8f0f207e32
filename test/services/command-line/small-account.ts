import { awsRule } from '../../shared/inventory/aws-shorthand.ts';
import type { Files } from './scratch.ts';

const ACCOUNT = '111122223333';

/** One group `web` with one rule, on one interface, 10.0.0.1: the least that an inventory can be. */
export const INVENTORY: Files = {
  'inventory/security-groups.json': { SecurityGroups: [{ GroupId: 'sg-1', GroupName: 'web', VpcId: 'vpc-1' }] },
  'inventory/security-group-rules.json': { SecurityGroupRules: [awsRule('in tcp 443 0.0.0.0/0')] },
  'inventory/network-interfaces.json': {
    NetworkInterfaces: [
      {
        NetworkInterfaceId: 'eni-1',
        VpcId: 'vpc-1',
        SubnetId: 'subnet-1',
        PrivateIpAddress: '10.0.0.1',
        Groups: [{ GroupId: 'sg-1' }],
      },
    ],
  },
};

export const HEADER =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';

/** 2026-01-12T00:00:00Z */
const START = Date.UTC(2026, 0, 12) / 1000;

/** A line of the default format: somebody opens port 443 of 10.0.0.1, a minute long, `minute` minutes into 2026-01-12. */
export function recordLine(minute: number, action = 'ACCEPT'): string {
  const start = START + 60 * minute;
  return `2 ${ACCOUNT} eni-1 203.0.113.9 10.0.0.1 50000 443 6 10 840 ${start} ${start + 59} ${action} OK`;
}

/** A log of the default format with its header. */
export function logOf(...lines: string[]): string {
  return [HEADER, ...lines, ''].join('\n');
}
