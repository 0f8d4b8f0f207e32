import { redundant, stale, USED } from './purposes.ts';
import type { RuleRow, WorldBuilder } from './world-builder.ts';

/** What every machine has, self-run services, Kubernetes nodes and their control plane, monitoring. */
export function addPlatformRules(b: WorldBuilder): void {
  for (const [group, rows] of Object.entries(RULES)) b.addRules(group, rows);
}

const RULES: Readonly<Record<string, readonly RuleRow[]>> = {
  base: [
    ['out udp 53 sg:resolver', USED],
    ['out tcp 53 sg:resolver', USED],
    ['out udp 123 sg:ntp', USED],
    ['out udp 8125 sg:monitor', USED, 'statsd'],
    ['in icmp 8/-1 sg:monitor', USED, 'ping'],
    ['in icmpv6 128/-1 sg:monitor', USED, 'ping'],
    ['in tcp 22 sg:bastion', USED],
    ['out tcp 514 10.20.64.0/20', stale('logs go elsewhere')],
  ],
  resolver: [
    ['in udp 53 10.20.0.0/16', USED],
    ['in tcp 53 10.20.0.0/16', USED],
    ['in udp 53 192.168.50.0/24', stale('headquarters asks its own resolver')],
    ['out udp 53 0.0.0.0/0', USED],
  ],
  ntp: [
    ['in udp 123 10.20.0.0/16', USED],
    ['out udp 123 0.0.0.0/0', USED],
  ],
  broker: [
    ['in tcp 61616 sg:app', USED],
    ['in tcp 8161 10.20.0.0/16', stale('the web console is off')],
  ],
  grpc: [
    ['in tcp 50051 sg:app', USED],
    ['in tcp 50051 sg:node', USED],
  ],
  node: [
    ['in all sg:node', USED, 'pod to pod'],
    ['in tcp 1025-65535 sg:control-plane', USED],
    ['in tcp 8080 sg:alb', USED],
    ['in tcp 30000-32767 10.20.0.0/22', stale('no NodePort service left')],
    ['out all 0.0.0.0/0', USED],
    ['out all ::/0', USED],
  ],
  'control-plane': [
    ['in tcp 443 sg:node', USED],
    ['out tcp 1025-65535 sg:node', USED, 'recommended by the guide'],
    ['out tcp 10250 sg:node', redundant('control-plane|out tcp 1025-65535 sg:node'), 'kubelet'],
  ],
  bastion: [
    ['in tcp 22 pl:office', USED],
    ['in tcp 2222 pl:office', stale('the second SSH daemon is gone')],
    ['out tcp 22 10.20.0.0/16', USED],
  ],
  monitor: [
    ['out tcp 9100 10.20.0.0/16', USED],
    ['out icmp -1/-1 10.20.0.0/16', USED],
    ['out icmpv6 -1/-1 ::/0', USED],
    ['in udp 8125 10.20.0.0/16', USED, 'statsd'],
    ['in tcp 3000 pl:office', stale('dashboards are hosted')],
  ],
  'shared-ops': [['in tcp 8443 10.20.0.0/16', stale('unused here, but also associated into an unlogged VPC', false)]],
};
