import type { PlayedKind } from '../kinds/recipe.ts';
import type { Interface, Subnet } from '../world/entities.ts';
import { redundant, stale, USED, used, VOID } from '../world/purposes.ts';
import { byShare, calls, type Site } from './site.ts';

const byCidr = used('middlebox');

function hop(site: Site, subnet: Subnet, type: string): Interface {
  return site.idle('', { subnet, type, requesterId: 'amazon-vpc', description: `${type} interface` });
}

/**
 * Traffic between two subnets goes through a firewall, where references to groups admit nothing: rules with blocks do.
 * Within one of the subnets the same references work, and are the only ones that do.
 */
export function firewall(site: Site): PlayedKind[] {
  const office = site.subnet('office', '10.20.48.0/20');
  const vault = site.subnet('vault', '10.20.80.0/20', 'b');
  const inspection = site.subnet('inspection', '10.20.160.0/24');
  site.b.middleboxes.push({
    between: [office, vault],
    hops: [hop(site, inspection, 'gateway_load_balancer_endpoint')],
  });
  site.groups({
    clerk: [
      ['out tcp 5434 sg:vault', redundant('clerk|out tcp 5434 10.20.80.0/20'), 'does not work'],
      ['out tcp 5434 10.20.80.0/20', byCidr, 'works'],
      ['out tcp 5436 sg:vault', VOID],
      ['out tcp 5436 10.20.80.0/20', byCidr],
      ['out tcp 5437 10.20.80.0/20', stale('left over')],
    ],
    vault: [
      ['in tcp 5434 sg:clerk', USED, 'does not work, but for the clerk next door'],
      ['in tcp 5434 10.20.48.0/20', byCidr, 'works'],
      ['in tcp 5436 sg:clerk', VOID],
      ['in tcp 5436 10.20.48.0/20', byCidr],
      ['in tcp 5437 sg:clerk', stale('left over')],
    ],
  });
  const clerk = site.host('clerk', { subnet: office });
  const nextDoor = site.host('clerk', { subnet: vault });
  const server = site.host('vault', { subnet: vault });
  return [
    byShare(
      'throughFirewall',
      0.4,
      'by the block alone, though the inventory lets the group look able',
      calls(clerk, server, 5434),
    ),
    byShare('throughFirewallOnly', 0.4, 'the same on a port where the group never works', calls(clerk, server, 5436)),
    byShare('besideFirewall', 0.3, 'the group works within a subnet', calls(nextDoor, server, 5434)),
  ];
}

/** Two VPCs, joined by a transit gateway without security group referencing. */
export function transitGateway(site: Site): PlayedKind[] {
  const { b } = site;
  const { ownerId } = site.world.network.prod;
  const spoke = b.vpc('spoke', ownerId, ['10.40.0.0/16']);
  const [far, farEnd] = [b.subnet(spoke, 'spoke-data', '10.40.16.0/20'), b.subnet(spoke, 'spoke-tgw', '10.40.1.0/24')];
  const [near, nearEnd] = [site.subnet('hub', '10.20.176.0/20'), site.subnet('hub-tgw', '10.20.161.0/24')];
  b.flowLog(spoke.id, 'ALL', 60, b.id('fl'));
  const hops = [hop(site, nearEnd, 'transit_gateway'), hop(site, farEnd, 'transit_gateway')];
  b.middleboxes.push({ between: [near, far], hops });
  site.groups({
    hub: [
      ['out tcp 5435 10.40.0.0/16', byCidr],
      ['out tcp 5984 10.40.0.0/16', stale('left over')],
    ],
  });
  site.groups(
    {
      spoke: [
        ['in tcp 5435 sg:hub', VOID],
        ['in tcp 5435 10.20.0.0/16', byCidr],
        ['in tcp 5984 10.20.0.0/16', stale('left over')],
      ],
    },
    spoke,
  );
  b.addRules('hub', [['out tcp 5435 sg:spoke', VOID]]);
  const client = site.host('hub', { subnet: near });
  const server = site.idle('spoke', { subnet: far });
  return [byShare('throughTransitGateway', 0.5, 'references are ignored both ways', calls(client, server, 5435))];
}
