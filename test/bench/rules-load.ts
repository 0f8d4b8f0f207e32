/**
 * Made-up rules and records for what a record costs: an account grows by groups, 50 rules in each, two groups on each of 200
 * interfaces. "crowded" is the worst that AWS's quotas allow on one interface: 1,000 rules. The same records are used throughout;
 * only the rules change.
 */
import { inventoryFromAws } from '../../shared/inventory/from-aws.ts';
import type { Inventory } from '../../shared/inventory/inventory.ts';

const INTERFACES = 200;
const PAIRS = 20_000;
const SERVICES = [
  22, 25, 53, 80, 123, 389, 443, 636, 1433, 2049, 3306, 3389, 5432, 6379, 8080, 8443, 9092, 9200, 27017,
];

export interface RuleCase {
  readonly name: string;
  readonly rules: number;
  readonly rulesPerGroup: number;
}

export const CASES: readonly RuleCase[] = [
  { name: 'reading only', rules: 0, rulesPerGroup: 50 },
  { name: '100 rules', rules: 100, rulesPerGroup: 50 },
  { name: '1,000 rules', rules: 1000, rulesPerGroup: 50 },
  { name: '10,000 rules', rules: 10_000, rulesPerGroup: 50 },
  { name: '10,000 rules, crowded', rules: 10_000, rulesPerGroup: 500 },
];

/** mulberry32: the same numbers from the same seed everywhere. Whole, from 0 to below `n`. */
function numbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

const id = (kind: string, i: number): string => `${kind}-${i.toString(16).padStart(17, '0')}`;
const addressOf = (i: number): string => `10.0.${String(i >> 8)}.${String(i & 255)}`;

export function inventoryOf({ rules, rulesPerGroup }: RuleCase): Inventory {
  const below = numbers(7);
  const groups = Math.ceil(rules / rulesPerGroup);
  const page = (value: Record<string, unknown>) => [{ source: 'bench', value }];
  const rule = (i: number) => {
    const port = SERVICES[below(SERVICES.length)]!;
    const wide = below(10) === 0;
    return {
      SecurityGroupRuleId: id('sgr', i),
      GroupId: id('sg', i % groups),
      IsEgress: below(2) === 0,
      IpProtocol: below(20) === 0 ? '-1' : below(4) === 0 ? 'udp' : 'tcp',
      FromPort: wide ? 1024 : port,
      ToPort: wide ? 65_535 : port,
      CidrIpv4:
        below(8) === 0 ? '0.0.0.0/0' : `10.${String(below(8))}.${String(below(256))}.0/${String(8 + below(17))}`,
    };
  };
  return inventoryFromAws({
    securityGroups: page({
      SecurityGroups: Array.from({ length: groups }, (_, i) => ({
        GroupId: id('sg', i),
        GroupName: `group ${String(i)}`,
        VpcId: 'vpc-1',
        OwnerId: '111122223333',
      })),
    }),
    securityGroupRules: page({ SecurityGroupRules: Array.from({ length: rules }, (_, i) => rule(i)) }),
    networkInterfaces: page({
      NetworkInterfaces: Array.from({ length: INTERFACES }, (_, i) => ({
        NetworkInterfaceId: id('eni', i),
        VpcId: 'vpc-1',
        SubnetId: 'subnet-1',
        InterfaceType: 'interface',
        Groups: [{ GroupId: id('sg', i % groups) }, { GroupId: id('sg', (i + 1) % groups) }],
        PrivateIpAddress: addressOf(i),
        PrivateIpAddresses: [{ PrivateIpAddress: addressOf(i), Primary: true }],
      })),
    }),
  });
}

/**
 * A day's traffic between 20,000 pairs of interface and peer, half the peers inside and half anywhere, each pair with
 * its service; client ports change with every record. A quarter each is without flags, with none set, SYN, SYN-ACK.
 */
export function logText(records: number): Uint8Array {
  const below = numbers(11);
  const pairs = Array.from({ length: PAIRS }, () => {
    const net = below(2) === 0 ? `10.${String(below(8))}` : `${String(11 + below(200))}.${String(below(256))}`;
    return {
      own: below(INTERFACES),
      peer: `${net}.${String(below(256))}.${String(below(256))}`,
      service: SERVICES[below(SERVICES.length)]!,
      inbound: below(2) === 0,
      protocol: below(5) === 0 ? 17 : 6,
    };
  });
  const lines = ['interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action tcp-flags'];
  for (let i = 0; i < records; i++) {
    const { own, peer, service, inbound, protocol } = pairs[below(PAIRS)]!;
    const client = 32_768 + below(28_232);
    const isReply = below(2) === 0;
    const ends = [peer, addressOf(own)];
    const ports = [client, service];
    if (inbound === isReply) ends.reverse();
    if (isReply) ports.reverse();
    const flags = ['-', '0', isReply ? '18' : '2', '-'][below(4)]!;
    const end = 1_767_571_200 + below(86_400);
    lines.push(
      `${id('eni', own)} ${ends.join(' ')} ${ports.join(' ')} ${String(protocol)} 10 4000 ${String(end - 60)} ${String(end)} ACCEPT ${flags}`,
    );
  }
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}
