import { VPN_PARTNERS } from './lay-out-network.ts';
import { onlyPossible, stale, UNATTACHED, unseen, USED } from './purposes.ts';
import type { RuleRow, WorldBuilder } from './world-builder.ts';

const [OURS, THEIRS, EITHER] = VPN_PARTNERS;

/** Where the account meets others, and its forgotten corners. */
export function addEdgeRules(b: WorldBuilder, editedAt: number): void {
  for (const [group, rows] of Object.entries(RULES)) b.addRules(group, rows);
  b.addEditedRule('partner-api', 'in tcp 8443 203.0.113.0/25', editedAt, [
    'in tcp 9443 203.0.113.0/25',
    USED,
    'partner API',
  ]);
  b.addEditedRule('partner-api', 'in tcp 7443 203.0.113.128/26', editedAt, ['in tcp 7443 203.0.113.192/26', USED]);
  for (const vpc of ['prod', 'staging', 'legacy']) {
    b.addRules(`default-${vpc}`, [
      [`in all sg:default-${vpc}`, UNATTACHED],
      ['out all 0.0.0.0/0', UNATTACHED],
    ]);
  }
}

const RULES: Readonly<Record<string, readonly RuleRow[]>> = {
  'public-web': [
    ['in tcp 443 0.0.0.0/0', USED, 'HTTPS from anywhere'],
    ['in tcp 443 ::/0', USED, 'HTTPS from anywhere'],
    ['in tcp 80 0.0.0.0/0', USED, 'nothing listens any more'],
    ['in tcp 8442 0.0.0.0/0', USED, 'only scanners come, and get no answer'],
    ['in icmp 8/-1 0.0.0.0/0', USED, 'ping'],
    ['in icmpv6 128/-1 ::/0', USED, 'ping'],
    ['in tcp 22 198.51.100.64/26', stale('the old office')],
    ['out all 0.0.0.0/0', stale('opens nothing; but replies of untracked connections pass by it')],
    ['out all ::/0', stale('opens nothing; but replies of untracked connections pass by it')],
  ],
  'cdn-origin': [['in tcp 8444 pl:cloudfront', onlyPossible('the entries of the list are not in the inventory')]],
  nlb: [
    ['in tcp 443 0.0.0.0/0', USED],
    ['out tcp 8088 sg:nlb-target', USED, 'health checks'],
    ['out tcp 8443 sg:nlb-target', unseen('the leg to the targets is not logged at the load balancer')],
  ],
  'nlb-target': [
    ['in tcp 8443 sg:nlb', onlyPossible('the load balancer keeps the addresses of its clients')],
    ['in tcp 8088 sg:nlb', USED, 'health checks'],
    ['in tcp 8443 10.99.0.0/16', stale('the legacy VPC is not connected')],
  ],
  vpn: [
    [`out udp 500 ${OURS}`, USED, 'IKE'],
    [`out udp 4500 ${OURS}`, USED, 'IPsec NAT-T'],
    [`out 50 ${OURS}`, USED, 'ESP'],
    [`out 47 ${OURS}`, USED, 'GRE'],
    [`in udp 500 ${THEIRS}`, USED, 'IKE'],
    [`in udp 4500 ${THEIRS}`, USED, 'IPsec NAT-T'],
    [`in 50 ${THEIRS}`, USED, 'ESP'],
    [`in 47 ${THEIRS}`, USED, 'GRE'],
    [`in udp 500 ${EITHER}`, USED, 'IKE'],
    [`out udp 500 ${EITHER}`, USED, 'IKE'],
    [`in 50 ${EITHER}`, USED, 'ESP'],
    [`out 50 ${EITHER}`, USED, 'ESP'],
    ['in icmp -1/-1 198.51.100.224/28', stale('the fourth partner left, but the log skips data', false)],
    ['in 51 198.51.100.128/25', stale('nobody speaks AH, but the log skips data', false)],
  ],
  'staging-front': [
    ['in tcp 443 pl:office', USED],
    ['out tcp 5432 sg:staging-back', USED],
    ['out tcp 443 0.0.0.0/0', stale('staging calls nobody')],
  ],
  'staging-back': [
    ['in tcp 5432 sg:staging-front', USED],
    ['in tcp 22 10.20.0.0/22', stale('staging has no bastion')],
    ['out all 0.0.0.0/0', stale('a database opens no connections')],
  ],
  legacy: [
    ['in tcp 443 10.99.0.0/16', unseen('its flow log records rejected traffic only')],
    ['in tcp 445 10.99.0.0/16', stale('unused, but its flow log records rejected traffic only', false)],
  ],
  'old-batch': [
    ['in tcp 8088 sg:bastion', UNATTACHED, "=1+1 (descriptions are anybody's text)"],
    ['in tcp 22 10.0.0.0/8', UNATTACHED],
    ['out all 0.0.0.0/0', UNATTACHED],
  ],
};
