import { onlyPossible, redundant, stale, unseen, USED } from './purposes.ts';
import type { RuleRow, WorldBuilder } from './world-builder.ts';

/** Peer of a rule that no group, address or log of this account can name. */
const IN_ANOTHER_ACCOUNT = 'the interfaces of the peered account are not in the inventory';

const WEB_FROM_ALB = 'in tcp 8080 sg:alb';
const WEB_FROM_PUBLIC = 'in tcp 8080 10.20.0.0/22';

/** Load balancer, web, application, database, and what they call. */
export function addTierRules(b: WorldBuilder, quietSince: number): void {
  for (const [group, rows] of Object.entries(RULES)) b.addRules(group, rows);
  const quiet = { kind: 'quiet', since: quietSince } as const;
  b.addRule('db', ['in tcp 1521 192.168.50.0/24', quiet, 'reporting tool at headquarters']);
  b.addRule('vpn', ['out tcp 1521 10.20.64.0/20', quiet, 'reporting tool at headquarters']);
}

const RULES: Readonly<Record<string, readonly RuleRow[]>> = {
  alb: [
    ['in tcp 443 0.0.0.0/0', USED, 'HTTPS from anywhere'],
    ['in tcp 443 ::/0', USED, 'HTTPS from anywhere'],
    ['in tcp 80 0.0.0.0/0', USED, 'redirect to HTTPS'],
    ['in tcp 80 ::/0', stale('nobody asks for plain HTTP over IPv6')],
    ['out tcp 8080 sg:web', USED],
    ['out tcp 8080 sg:node', USED, 'ingress to pods'],
    ['out tcp 8443 sg:web', stale('TLS to targets was never switched on')],
  ],
  web: [
    [WEB_FROM_ALB, redundant(`web|${WEB_FROM_PUBLIC}`), 'from the load balancer'],
    [WEB_FROM_PUBLIC, redundant(`web|${WEB_FROM_ALB}`), 'from the public subnet'],
    ['in tcp 9100 sg:monitor', USED, 'node exporter'],
    ['in tcp 3389 10.0.0.0/8', stale('no Windows left'), 'RDP (temporary, JIRA-1234)'],
    ['in udp 161 sg:monitor', stale('SNMP gave way to the node exporter')],
    ['out tcp 9000-9010 sg:app', USED],
  ],
  worker: [
    ['out tcp 443 0.0.0.0/0', USED, 'webhooks to customers'],
    ['out tcp 80 0.0.0.0/0', stale('all customers have TLS')],
    ['out tcp 443 ::/0', stale('the interface has no IPv6 address')],
  ],
  app: [
    ['in tcp 9000-9010 sg:web', USED],
    ['in tcp 9000 sg:web', redundant('app|in tcp 9000-9010 sg:web'), 'first release'],
    ['in tcp 9000 sg:node', USED],
    ['in tcp 9100 sg:monitor', USED, 'node exporter'],
    ['in tcp 8500 10.20.64.0/20', stale('Consul is gone')],
    ['out tcp 5432 sg:db', USED],
    ['out tcp 443 pl:s3', USED],
    ['out tcp 443 pl:dynamodb', stale('the table moved to the data team')],
    ['out tcp 6379 sg:cache', USED],
    ['out tcp 61616 sg:broker', USED],
    ['out tcp 50051 sg:grpc', USED],
    ['out tcp 443 sg:endpoint', USED, 'Secrets Manager'],
    ['out tcp 8443 sg:partner-account', onlyPossible(IN_ANOTHER_ACCOUNT)],
    ['out tcp 25 198.51.100.64/26', stale('mail goes through SES')],
  ],
  cluster: [
    ['in tcp 7000-7001 sg:cluster', USED, 'gossip'],
    ['in udp 7946 sg:cluster', USED, 'membership'],
    ['in tcp 7199 sg:cluster', stale('JMX is off')],
    ['out all sg:cluster', USED],
  ],
  db: [
    ['in tcp 5432 sg:app', USED],
    ['in tcp 5432 sg:partner-account', onlyPossible(IN_ANOTHER_ACCOUNT), 'analytics of the partner'],
    ['in tcp 5432 sg:bastion', stale('nobody looks in by hand')],
    ['in tcp 3306 10.20.16.0/20', stale('from the days of MySQL')],
    ['out all 0.0.0.0/0', stale('a database opens no connections; its replies need no rule')],
  ],
  cache: [
    ['in tcp 6379 sg:app', USED],
    ['in tcp 6379 sg:task', onlyPossible('the tasks live between two snapshots')],
    ['in tcp 11211 sg:app', stale('memcached was replaced')],
  ],
  task: [
    ['out tcp 6379 sg:cache', unseen('records of short-lived tasks name unknown interfaces')],
    ['out udp 53 sg:resolver', unseen('records of short-lived tasks name unknown interfaces')],
  ],
  endpoint: [['in tcp 443 10.20.0.0/16', USED]],
};
