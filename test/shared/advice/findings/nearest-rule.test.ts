import { expect, test } from '@jest/globals';
import { nearestRule } from '../../../../shared/advice/findings/nearest-rule.ts';
import { CompiledInventory } from '../../../../shared/matching/compiled-inventory.ts';
import type { RejectedFlow } from '../../../../shared/usage/usage.ts';
import { inventoryOfWorld, type World } from '../world.ts';

const ICMP = 1;
const TCP = 6;
const UDP = 17;

type Row = [nearest: string | undefined, why: string, rules: readonly string[], given?: Partial<RejectedFlow & World>];

/** A rejected flow to tcp 22 from 10.1.2.3, unless the row says otherwise. */
function nearest(
  rules: readonly string[],
  { lists, ...given }: Partial<RejectedFlow & World> = {},
): string | undefined {
  const compiled = new CompiledInventory(
    inventoryOfWorld({ rules, interfaces: ['sg-a,sg-b', 'sg-x 10.1.2.3'], ...(lists ? { lists } : {}) }),
  );
  const flow: RejectedFlow = {
    interfaceId: 'eni-1',
    direction: 'ingress',
    protocol: TCP,
    peer: '10.1.2.3',
    port: 22,
    reason: '',
    times: 1,
    lastSeen: 0,
    ...given,
  };
  const found = nearestRule(flow, compiled);
  return found && `${found.ruleId} ${found.differsIn}`;
}

test.each<Row>([
  ['r1 port', 'another port', ['r1 sg-a in tcp 80 10.0.0.0/8']],
  ['r2 port', 'the nearest of several ports', ['r1 sg-a in tcp 80 10.0.0.0/8', 'r2 sg-b in tcp 5-20 10.0.0.0/8']],
  ['r2 port', 'below as well as above', ['r1 sg-a in tcp 80 10.0.0.0/8', 'r2 sg-a in tcp 23-30 10.0.0.0/8']],
  ['r1 peer', 'another CIDR', ['r1 sg-a in tcp 22 10.1.3.0/24']],
  ['r2 peer', 'the nearest of several CIDRs', ['r1 sg-a in tcp 22 10.9.0.0/16', 'r2 sg-a in tcp 22 10.1.3.0/24']],
  ['r2 peer', 'a CIDR before another family', ['r1 sg-a in tcp 22 ::/0', 'r2 sg-a in tcp 22 192.168.0.0/16']],
  ['r1 peer', 'another group', ['r1 sg-a in tcp 22 sg-y']],
  ['r1 port', 'the group of the peer', ['r1 sg-a in tcp 23 sg-x']],
  ['r1 peer', 'an entry of a list', ['r1 sg-a in tcp 22 pl-1'], { lists: { 'pl-1': ['10.7.0.0/16', '10.1.4.0/24'] } }],
  ['r1 protocol', 'UDP instead of TCP', ['r1 sg-a in tcp 22 10.0.0.0/8'], { protocol: UDP }],
  ['r1 protocol', 'ICMP', ['r1 sg-a in icmp -1/-1 10.0.0.0/8']],
  ['r1 peer', 'a protocol without ports', ['r1 sg-a in icmp -1/-1 10.9.0.0/16'], { protocol: ICMP, port: 0 }],
  [
    'r3 port',
    'port before peer before protocol',
    ['r1 sg-a in udp 22 10.0.0.0/8', 'r2 sg-a in tcp 22 10.1.2.2/32', 'r3 sg-a in tcp 9 10.0.0.0/8'],
  ],
  ['r1 port', 'of equals the smallest id', ['r2 sg-a in tcp 21 10.0.0.0/8', 'r1 sg-b in tcp 23 10.0.0.0/8']],
  [undefined, 'two differences', ['r1 sg-a in tcp 80 192.168.0.0/16']],
  [undefined, 'the other direction', ['r1 sg-a out tcp 80 10.0.0.0/8']],
  [undefined, 'a group that the interface has not', ['r1 sg-c in tcp 80 10.0.0.0/8']],
  [undefined, 'one admits it', ['r1 sg-a in tcp 80 10.0.0.0/8', 'r2 sg-a in tcp 22 10.0.0.0/8']],
  [undefined, 'entries that nobody knows', ['r1 sg-a in tcp 22 pl-1'], { lists: { 'pl-1': 4 } }],
  [undefined, 'no direction', ['r1 sg-a in tcp 80 10.0.0.0/8'], { direction: undefined }],
  [undefined, 'no group decided', ['r1 sg-a in tcp 80 10.0.0.0/8'], { reason: 'BPA' }],
  [undefined, 'an unknown interface', ['r1 sg-a in tcp 80 10.0.0.0/8'], { interfaceId: 'eni-9' }],
])('%s: %s', (...[expected, , rules, given]: Row) => {
  expect(nearest(rules, given)).toBe(expected);
});
