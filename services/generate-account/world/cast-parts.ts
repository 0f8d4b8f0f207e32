import { MIN_INTERFACES } from '../options/options.ts';
import type { FixedCast } from './cast.ts';
import type { GroupSet, Interface } from './entities.ts';
import type { Network } from './lay-out-network.ts';
import { endpoint, type InterfaceOptions, type WorldBuilder } from './world-builder.ts';

/** How many of the interfaces beyond the first twenty play which part, of every twenty. */
const EXTRA_PARTS = { services: 9, web: 4, app: 3, nodes: 2, stagingFront: 1, standby: 1 } as const;
type ExtraPart = keyof typeof EXTRA_PARTS;

/** Pod prefixes come from a block that has room for this many nodes; what would be more becomes a service. */
const MAX_NODES = 200;

export function countExtras(interfaces: number): Record<ExtraPart, number> {
  const counts: Record<ExtraPart, number> = { services: 0, web: 0, app: 0, nodes: 0, stagingFront: 0, standby: 0 };
  const order = (Object.keys(EXTRA_PARTS) as ExtraPart[]).flatMap((part) =>
    Array.from({ length: EXTRA_PARTS[part] }, (_, i) => ({ part, at: (i + 0.5) / EXTRA_PARTS[part] })),
  );
  order.sort((a, b) => a.at - b.at);
  for (let i = 0; i < interfaces - MIN_INTERFACES; i++) {
    const { part } = order[i % order.length]!;
    counts[part === 'nodes' && counts.nodes >= MAX_NODES ? 'services' : part]++;
  }
  return counts;
}

/** Twenty interfaces, one for each part (two where peers of one kind meet), and the extra ones but those of services. */
export function castParts(
  b: WorldBuilder,
  { subnets }: Network,
  partnerGroup: GroupSet,
  extras: Record<ExtraPart, number>,
): FixedCast {
  const make = (subnet: keyof typeof subnets, groups: string, options: Partial<InterfaceOptions> = {}): Interface =>
    b.addInterface({ ...options, subnet: subnets[subnet], groups: groups === '' ? [] : groups.split(' ') });
  const many = (count: number, one: () => Interface): Interface[] => Array.from({ length: count }, one);
  const elb = { requesterId: 'amazon-elb', isPublic: true };
  const machine = { description: 'Primary network interface' };

  return {
    alb: make('public', 'alb', { ...elb, hasIpv6: true, description: `ELB app/prod-web/${b.random.hex(16)}` }),
    nlb: make('public', 'nlb', {
      ...elb,
      type: 'network_load_balancer',
      description: `ELB net/prod-tcp/${b.random.hex(16)}`,
    }),
    publicWeb: make('public', 'public-web partner-api cdn-origin', { ...machine, isPublic: true, hasIpv6: true }),
    bastion: make('public', 'bastion monitor base shared-ops', { ...machine, isPublic: true, hasIpv6: true }),
    vpn: make('public', 'vpn', { ...machine, isPublic: true }),
    nat: make('public', '', {
      type: 'nat_gateway',
      requesterId: 'amazon-nat-gateway',
      isPublic: true,
      description: `Interface for NAT Gateway ${b.id('nat')}`,
    }),
    web: [
      make('app', 'web base worker service-00', machine),
      ...many(extras.web, () => make('app', 'web base worker', machine)),
    ],
    app: [
      make('app', 'app base cluster service-01', { ...machine, hasIpv6: true, secondaryCount: 1 }),
      make('app', 'app base cluster', { ...machine, hasIpv6: true, secondaryCount: 1 }),
      ...many(extras.app, () => make('app', 'app base cluster', { ...machine, hasIpv6: true, secondaryCount: 1 })),
    ],
    core: make('app', 'base resolver ntp broker grpc', machine),
    nlbTarget: make('app', 'nlb-target cache base', machine),
    endpoint: make('app', 'endpoint', {
      type: 'vpc_endpoint',
      requesterId: 'amazon-vpc-endpoint',
      description: `VPC Endpoint Interface ${b.id('vpce')}`,
    }),
    db: make('data', 'db', { requesterId: 'amazon-rds', description: 'RDSNetworkInterface' }),
    standby: many(1 + extras.standby, () =>
      make('data', 'db', { requesterId: 'amazon-rds', description: 'RDSNetworkInterface' }),
    ),
    nodes: many(2 + extras.nodes, () =>
      make('nodes', 'node base', { ...machine, hasIpv6: true, secondaryCount: 2, prefixCount: 1 }),
    ),
    controlPlane: make('nodes', 'control-plane', { requesterId: 'amazon-eks', description: 'Amazon EKS prod' }),
    stagingFront: many(1 + extras.stagingFront, () => make('stagingApp', 'staging-front', machine)),
    stagingBack: make('stagingApp', 'staging-back', machine),
    legacy: make('legacyApp', 'legacy', machine),
    partners: ['172.31.4.10', '172.31.4.77', '172.31.9.200', '172.31.60.3'].map((text) =>
      endpoint(text, 'peering', partnerGroup),
    ),
  };
}
