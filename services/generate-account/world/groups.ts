import type { GroupSet } from './entities.ts';
import { PEER_ACCOUNT_ID, type Network } from './lay-out-network.ts';
import type { WorldBuilder } from './world-builder.ts';

const PROD_GROUPS: Readonly<Record<string, string>> = {
  alb: 'public load balancer',
  web: 'web servers',
  worker: 'may call the internet',
  app: 'application servers',
  cluster: 'members of the application cluster',
  db: 'PostgreSQL',
  cache: 'Redis',
  task: 'batch tasks on Fargate',
  endpoint: 'interface endpoints',
  base: 'every machine',
  resolver: 'DNS resolver',
  ntp: 'time server',
  broker: 'ActiveMQ',
  grpc: 'gRPC services',
  node: 'Kubernetes nodes',
  'control-plane': 'EKS control plane',
  bastion: 'SSH entry',
  monitor: 'monitoring',
  'public-web': 'web server without load balancer',
  'partner-api': 'API for partners',
  'cdn-origin': 'origin of the CDN',
  nlb: 'network load balancer',
  'nlb-target': 'behind the network load balancer',
  vpn: 'VPN gateway',
  'old-batch': 'batch system, version 1',
};

/** Groups of the fixed cast. Returns the group of the peered account, which rules name as `sg:partner-account`. */
export function addGroups(b: WorldBuilder, { prod, staging, legacy }: Network): GroupSet {
  for (const [name, description] of Object.entries(PROD_GROUPS)) {
    // A tag may hold any text at all.
    b.group(prod, name, description, name, name === 'app' ? { Owner: 'R&D <core>' } : {});
  }
  b.group(prod, 'shared-ops', 'operations, shared with other VPCs');
  b.group(staging, 'staging-front', 'front end of staging');
  b.group(staging, 'staging-back', 'database of staging');
  b.group(legacy, 'legacy', 'what nobody dares to move');
  for (const vpc of [prod, staging, legacy]) {
    b.group(vpc, 'default', 'default VPC security group', `default-${vpc.name}`);
  }
  return b.peeredGroup('partner-account', {
    connectionId: b.id('pcx'),
    vpcId: b.id('vpc'),
    ownerId: PEER_ACCOUNT_ID,
  });
}
