import type { Subnet, Vpc } from './entities.ts';
import type { WorldBuilder } from './world-builder.ts';

export const ACCOUNT_ID = '111122223333';
export const PEER_ACCOUNT_ID = '444455556666';
/** Accounts that are generated beside the first. */
export const PEERED_ACCOUNTS = ['555566667777', '777788889999'] as const;
export const REGION = 'eu-west-1';

/*
 * Blocks that stand for the outside. All are reserved for documentation and benchmarks (RFC 5737, 2544, 3849), so no
 * record points at anybody's machine.
 */
export const INTERNET = '198.18.0.0/18';
export const INTERNET_IPV6 = '2001:db8:ffff::/64';
export const S3 = '198.18.64.0/20';
export const CLOUDFRONT = '198.18.128.0/20';
export const OFFICE = ['198.51.100.0/27', '198.51.100.32/28'] as const;
export const ON_PREMISES = '192.168.50.0/24';
/** Partners' VPN gateways: we open tunnels to the first ones, the second open them to us, the third do either. */
export const VPN_PARTNERS = ['198.51.100.128/27', '198.51.100.160/27', '198.51.100.192/27'] as const;

export interface Network {
  readonly prod: Vpc;
  /** Has the same addresses as `prod`. */
  readonly staging: Vpc;
  readonly legacy: Vpc;
  readonly subnets: Readonly<Record<SubnetName, Subnet>>;
}

export type SubnetName = 'public' | 'app' | 'data' | 'nodes' | 'tasks' | 'services' | 'stagingApp' | 'legacyApp';

export function layOutNetwork(b: WorldBuilder): Network {
  const prod = b.vpc('prod', ACCOUNT_ID, ['10.20.0.0/16'], '2001:db8:20:1200::/56');
  const staging = b.vpc('staging', ACCOUNT_ID, ['10.20.0.0/16']);
  const legacy = b.vpc('legacy', ACCOUNT_ID, ['10.99.0.0/16']);
  const subnets = {
    public: b.subnet(prod, 'public', '10.20.0.0/22'),
    app: b.subnet(prod, 'app', '10.20.16.0/20'),
    data: b.subnet(prod, 'data', '10.20.64.0/20', 'b'),
    nodes: b.subnet(prod, 'nodes', '10.20.96.0/19'),
    tasks: b.subnet(prod, 'tasks', '10.20.128.0/20', 'b'),
    services: b.subnet(prod, 'services', '10.20.192.0/18'),
    stagingApp: b.subnet(staging, 'staging-app', '10.20.16.0/20'),
    legacyApp: b.subnet(legacy, 'legacy-app', '10.99.1.0/24'),
  };
  addFlowLogs(b, prod, staging, legacy, subnets);
  addPrefixLists(b);
  return { prod, staging, legacy, subnets };
}

function addFlowLogs(b: WorldBuilder, prod: Vpc, staging: Vpc, legacy: Vpc, subnets: Network['subnets']): void {
  // Ids in no order: which of two logs over an interface has the smaller one depends on the seed.
  b.flowLog(prod.id, 'ALL', 60, b.id('fl'));
  b.flowLog(subnets.data.id, 'ALL', 60, b.id('fl'));
  b.flowLog(subnets.public.id, 'REJECT', 60, b.id('fl'));
  b.flowLog(staging.id, 'ALL', 600, b.id('fl'));
  b.flowLog(legacy.id, 'REJECT', 600, b.id('fl'));
  // The smallest id of all, and no file: an analyzer that takes it for the log that counts loses everything.
  b.flowLog(prod.id, 'ALL', 600, `fl-0000${b.random.hex(13)}`, false);
}

function addPrefixLists(b: WorldBuilder): void {
  b.prefixList('office', ACCOUNT_ID, OFFICE);
  b.prefixList('s3', 'AWS', [S3]);
  b.prefixList('cloudfront', 'AWS', [CLOUDFRONT], false);
  b.prefixList('dynamodb', 'AWS', ['198.18.80.0/20'], false);
}
