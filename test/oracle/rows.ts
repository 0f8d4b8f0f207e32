/** Rows worked by hand from the design page, each with its why. Notation: shorthand.ts. */

export interface Row {
  why: string;
  rules: string[];
  record: string;
  /** Fate, then hypothesis and deciding step where the record came that far. */
  says: string;
  /** Counters by rule, `used` = 1 and `used:2` = 2; all counters not named are 0. */
  use?: Record<string, string>;
  peer?: string;
  primary?: string;
  /** Interfaces besides the standard ones; prefix lists; vpcs as 'vpc-1 10.0.0.0/16'. */
  interfaces?: string[];
  prefixLists?: Record<string, { family?: string; entries?: string[] }>;
  vpcs?: string[];
}

/** Present in every row. sg-web, sg-db and sg-two are listed as groups of this account; sg-nowhere is on no interface. */
export const STANDARD_INTERFACES = [
  'eni-a vpc-1 sg-web 10.0.0.10 10.0.0.11 10.0.1.16/28 2001:db8::10 2001:db8:0:1::/80',
  'eni-b vpc-1 sg-db 10.0.0.20 2001:db8::20',
  'eni-nat vpc-1 - 10.0.0.5 type=nat_gateway',
  'eni-two vpc-2 sg-two 10.0.0.99 10.2.0.7',
];
export const LISTED_GROUPS = ['sg-web', 'sg-db', 'sg-two', 'sg-nowhere', 'sg-lb', 'sg-eice'];

const anyIn = 'r1 sg-web in -1 * 0.0.0.0/0';
const ssh = 'r1 sg-web in tcp 22-22 10.9.0.0/16';

const setAside: Row[] = [
  {
    why: 'NODATA has dashes everywhere',
    rules: [anyIn],
    record: 'eni-a - - - > - log-status=NODATA action=-',
    says: 'noData',
  },
  {
    why: 'SKIPDATA is a gap, not silence',
    rules: [anyIn],
    record: 'eni-a - - - > - log-status=SKIPDATA action=-',
    says: 'skipData',
  },
  {
    why: 'NODATA of an unknown interface is still noData: fates in order',
    rules: [],
    record: 'eni-x - - - > - log-status=NODATA action=-',
    says: 'noData',
  },
  {
    why: 'a REJECT credits nothing',
    rules: [anyIn],
    record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=2 action=REJECT',
    says: 'rejected',
  },
  {
    why: 'every REJECT is rejected, whatever else is known: unknown interface',
    rules: [],
    record: 'eni-x in tcp 10.9.9.9:50000 > 10.0.0.10:22 action=REJECT',
    says: 'rejected',
  },
  {
    why: 'every REJECT is rejected: no interface at all',
    rules: [],
    record: '- in tcp 10.9.9.9:50000 > 10.0.0.10:22 action=REJECT',
    says: 'rejected',
  },
];

const findInterface: Row[] = [
  {
    why: 'an id that is not in the inventory',
    rules: [anyIn],
    record: 'eni-x in tcp 10.9.9.9:50000 > 10.0.0.10:22',
    says: 'unknownInterface',
  },
  {
    why: 'NAT gateways have no group',
    rules: [anyIn],
    record: 'eni-nat in tcp 10.9.9.9:50000 > 10.0.0.5:22',
    says: 'noGroup',
  },
  {
    why: 'noGroup comes before unknownDirection',
    rules: [],
    record: 'eni-nat - tcp 10.9.9.9:50000 > 10.9.9.8:22',
    says: 'noGroup',
  },
  {
    why: "a regional NAT gateway's row has no interface",
    rules: [anyIn],
    record: '- in tcp 10.9.9.9:50000 > 10.0.0.10:22',
    says: 'noGroup',
  },
  {
    why: 'without flow-direction, own destination: ingress',
    rules: [ssh],
    record: 'eni-a - tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'without flow-direction, own source: egress',
    rules: ['r1 sg-web out tcp 443-443 0.0.0.0/0'],
    record: 'eni-a - tcp 10.0.0.10:50000 > 192.0.2.1:443 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'both own, a flow to itself: ingress',
    rules: ['r1 sg-web in tcp 80-80 sg-web', 'r2 sg-web out tcp 80-80 sg-web'],
    record: 'eni-a - tcp 10.0.0.11:50000 > 10.0.0.10:80 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'neither own: nobody knows the direction',
    rules: [anyIn],
    record: 'eni-a - tcp 10.9.9.9:50000 > 10.9.9.8:22',
    says: 'unknownDirection',
  },
  {
    why: 'only srcaddr and dstaddr tell the direction, not pkt-dstaddr',
    rules: [anyIn],
    record: 'eni-a - tcp 10.9.9.9:50000 > 10.9.9.8:22 pkt-dstaddr=10.0.0.10',
    says: 'unknownDirection',
  },
  {
    why: 'a secondary address is own',
    rules: [ssh],
    record: 'eni-a - tcp 10.9.9.9:50000 > 10.0.0.11:22 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'the last address of a delegated /28 is own',
    rules: [ssh],
    record: 'eni-a - tcp 10.9.9.9:50000 > 10.0.1.31:22 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'one above a delegated /28 is not own',
    rules: [ssh],
    record: 'eni-a - tcp 10.9.9.9:50000 > 10.0.1.32:22 flags=2',
    says: 'unknownDirection',
  },
  {
    why: 'an address in a delegated /80 is own',
    rules: ['r1 sg-web in tcp 22-22 ::/0'],
    record: 'eni-a - tcp [2001:db8:9::9]:50000 > [2001:db8:0:1::ffff]:22 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'flow-direction wins over the addresses',
    rules: ['r1 sg-web out tcp 22-22 10.0.0.10/32'],
    record: 'eni-a out tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
];

const findPeer: Row[] = [
  {
    why: 'ingress: the peer is pkt-srcaddr',
    rules: [ssh, 'r2 sg-web in tcp 22-22 10.0.0.5/32'],
    record: 'eni-a in tcp 10.0.0.5:50000 > 10.0.0.10:22 flags=2 pkt-srcaddr=10.9.9.9',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
    peer: '10.9.9.9',
  },
  {
    why: 'egress: the peer is pkt-dstaddr; its own pkt-srcaddr says nothing',
    rules: ['r1 sg-web out tcp 443-443 192.0.2.0/24'],
    record: 'eni-a out tcp 10.0.0.10:50000 > 10.0.0.5:443 flags=2 pkt-srcaddr=10.0.0.11 pkt-dstaddr=192.0.2.1',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
    peer: '192.0.2.1',
  },
  {
    why: 'a pkt-srcaddr of "-" is none',
    rules: [ssh],
    record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=2 pkt-srcaddr=-',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
    peer: '10.9.9.9',
  },
  {
    why: 'no rule admits pkt-srcaddr: srcaddr stands in, and even a SYN counts as inferred',
    rules: [ssh],
    record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=2 pkt-srcaddr=192.0.2.1',
    says: 'attributed request syn',
    use: { r1: 'used sole primary inferred' },
    peer: '10.9.9.9',
  },
  {
    why: 'nothing admits either: the plain field is the peer all the same',
    rules: [ssh],
    record: 'eni-a in tcp 10.8.8.8:50000 > 10.0.0.10:22 flags=2 pkt-srcaddr=192.0.2.1',
    says: 'unexplained request syn',
    peer: '10.8.8.8',
  },
  {
    why: 'not certain: one admitted hypothesis is enough to stay with the pkt- field',
    rules: [ssh, 'r2 sg-web out tcp 50000-50000 192.0.2.1/32'],
    record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=0 pkt-srcaddr=192.0.2.1',
    says: 'attributed reply onlyOne',
    use: { r2: 'reply' },
    peer: '192.0.2.1',
  },
  {
    why: 'certain: the other hypothesis is not looked at, so the plain field stands in',
    rules: [ssh, 'r2 sg-web out tcp 50000-50000 192.0.2.1/32'],
    record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=2 pkt-srcaddr=192.0.2.1',
    says: 'attributed request syn',
    use: { r1: 'used sole primary inferred' },
    peer: '10.9.9.9',
  },
  {
    why: 'that a rule could admit the pkt- peer does not hold back the plain field',
    rules: [ssh, 'r2 sg-web in tcp 22-22 pl-unknown'],
    record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=2 pkt-srcaddr=192.0.2.1',
    says: 'attributed request syn',
    use: { r1: 'used sole primary inferred' },
    peer: '10.9.9.9',
  },
  {
    why: 'the same address in another spelling does not differ',
    rules: ['r1 sg-web in tcp 22-22 2001:db8:9::/48'],
    record: 'eni-a in tcp [2001:db8:9::9]:50000 > [2001:db8::10]:22 flags=2 pkt-srcaddr=2001:0db8:0009:0:0:0:0:0009',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
    peer: '2001:db8:9::9',
  },
];

const twoHypotheses: Row[] = [
  {
    why: 'SYN and FIN, no ACK: a request, for certain',
    rules: [ssh],
    record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=3',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'SYN-ACK: a reply, so rules of the other direction and the source port',
    rules: [ssh, 'r2 sg-web out -1 * 0.0.0.0/0'],
    record: 'eni-a out tcp 10.0.0.10:22 > 10.9.9.9:50000 flags=18',
    says: 'attributed reply syn',
    use: { r1: 'reply' },
  },
  {
    why: 'SYN-ACK and FIN: a reply, though its source port is the larger',
    rules: ['r1 sg-web in tcp 50000-50000 10.9.0.0/16'],
    record: 'eni-a out tcp 10.0.0.10:50000 > 10.9.9.9:22 flags=19',
    says: 'attributed reply syn',
    use: { r1: 'reply' },
  },
  {
    why: 'a certain request that only the reply would explain stays unexplained',
    rules: ['r1 sg-web out tcp 50000-50000 10.9.0.0/16'],
    record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=2',
    says: 'unexplained request syn',
  },
  {
    why: 'flags mean nothing for UDP',
    rules: ['r1 sg-web in udp 53-53 10.9.0.0/16'],
    record: 'eni-a in udp 10.9.9.9:50000 > 10.0.0.10:53 flags=18',
    says: 'attributed request onlyOne',
    use: { r1: 'used sole primary inferred' },
  },
  {
    why: 'ACK without SYN tells nothing',
    rules: [ssh],
    record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=16',
    says: 'attributed request onlyOne',
    use: { r1: 'used sole primary inferred' },
  },
  {
    why: 'b: only the reply is admitted',
    rules: ['r1 sg-web out tcp 443-443 0.0.0.0/0'],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=0',
    says: 'attributed reply onlyOne',
    use: { r1: 'reply' },
  },
  {
    why: 'b: only the request could be admitted, the larger port notwithstanding',
    rules: ['r1 sg-web in tcp 50000-50000 pl-unknown'],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=0',
    says: 'possible request onlyOne',
    use: { r1: 'possible' },
  },
  {
    why: 'c: both admitted, the narrower range wins against the smaller port',
    rules: ['r1 sg-web in tcp 8000-8099 10.9.0.0/16', 'r2 sg-web out tcp 0-65535 0.0.0.0/0'],
    record: 'eni-a in tcp 10.9.9.9:2000 > 10.0.0.10:8080 flags=0',
    says: 'attributed request moreSpecific',
    use: { r1: 'used sole primary inferred' },
  },
  {
    why: 'c: the best rule of each hypothesis counts, not the first',
    rules: [anyIn, 'r2 sg-web in tcp 443-443 0.0.0.0/0', 'r3 sg-web out tcp 1024-65535 0.0.0.0/0'],
    record: 'eni-a out tcp 10.0.0.10:443 > 192.0.2.1:50000 flags=0',
    says: 'attributed reply moreSpecific',
    use: { r1: 'reply', r2: 'reply' },
  },
  {
    why: 'c: all 65,536 ports of a named protocol beat "-1"',
    rules: ['r1 sg-web in tcp 0-65535 192.0.2.0/24', 'r2 sg-web out -1 * 0.0.0.0/0'],
    record: 'eni-a out tcp 10.0.0.10:50000 > 192.0.2.1:443 flags=0',
    says: 'attributed reply moreSpecific',
    use: { r1: 'reply' },
  },
  {
    why: 'c: ranges come before names: -1 is 65,536 wide',
    rules: ['r1 sg-web in -1 * 0.0.0.0/0', 'r2 sg-web out tcp 1-65535 192.0.2.0/24'],
    record: 'eni-a in tcp 192.0.2.1:50000 > 10.0.0.10:443 flags=0',
    says: 'attributed reply moreSpecific',
    use: { r2: 'reply' },
  },
  {
    why: 'c: a rule that could admit takes part, and can win',
    rules: ['r1 sg-web in tcp 443-443 pl-unknown', 'r2 sg-web out -1 * 0.0.0.0/0'],
    record: 'eni-a in tcp 192.0.2.1:50000 > 10.0.0.10:443 flags=0',
    says: 'possible request moreSpecific',
    use: { r1: 'possible' },
  },
  {
    why: 'd: equally specific, the smaller port is the service: destination',
    rules: ['r1 sg-web in udp 0-65535 0.0.0.0/0', 'r2 sg-web out udp 0-65535 0.0.0.0/0'],
    record: 'eni-a in udp 192.0.2.1:5000 > 10.0.0.10:4999',
    says: 'attributed request smallerPort',
    use: { r1: 'used sole primary inferred' },
  },
  {
    why: 'd: equally specific, the smaller port is the service: source',
    rules: [
      'r1 sg-web in udp 0-65535 192.0.2.0/24',
      'r2 sg-web out -1 * 192.0.2.0/24',
      'r3 sg-web out udp * 192.0.2.0/24',
    ],
    record: 'eni-a in udp 192.0.2.1:4999 > 10.0.0.10:5000',
    says: 'attributed reply smallerPort',
    use: { r2: 'reply', r3: 'reply' },
  },
  {
    why: 'd: port 0 is a port, and the smallest',
    rules: ['r1 sg-web in udp 0-65535 0.0.0.0/0', 'r2 sg-web out udp 0-65535 0.0.0.0/0'],
    record: 'eni-a in udp 192.0.2.1:0 > 10.0.0.10:53',
    says: 'attributed reply smallerPort',
    use: { r2: 'reply', r1: 'untracked' },
  },
  {
    why: 'd: equal ports: request; the reply that was admitted too is possible use (i)',
    rules: ['r1 sg-web in udp 123-123 0.0.0.0/0', 'r2 sg-web out udp 123-123 0.0.0.0/0'],
    record: 'eni-a in udp 192.0.2.1:123 > 10.0.0.10:123',
    says: 'attributed request smallerPort',
    use: { r1: 'used sole primary inferred', r2: 'possible' },
  },
  {
    why: 'd: neither is admitted: the smaller port all the same',
    rules: [],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000',
    says: 'unexplained reply smallerPort',
  },
  {
    why: 'd: a protocol without ports has no smaller port: request, whatever the log shows as ports',
    rules: ['r1 sg-web in icmp -1~-1 0.0.0.0/0', 'r2 sg-web out icmp -1~-1 0.0.0.0/0'],
    record: 'eni-a in icmp 192.0.2.1:3 > 10.0.0.10:8',
    says: 'attributed request smallerPort',
    use: { r1: 'used sole primary inferred', r2: 'possible' },
  },
];

const matchPorts: Row[] = [
  ...[
    ['the first port is inside', '8000', 'attributed'],
    ['the last port is inside', '8099', 'attributed'],
    ['one below is outside', '7999', 'unexplained'],
    ['one above is outside', '8100', 'unexplained'],
  ].map(([why = '', port, fate = '']) => ({
    why: `FromPort…ToPort, both inclusive: ${why}`,
    rules: ['r1 sg-web in tcp 8000-8099 10.9.0.0/16'],
    record: `eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:${port} flags=2`,
    says: `${fate} request syn`,
    use: fate === 'attributed' ? { r1: 'used sole primary' } : {},
  })),
  {
    why: 'port 0 is a port: a rule for 0 does not admit 1',
    rules: ['r1 sg-web in tcp 0-0 10.9.0.0/16'],
    record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:1 flags=2',
    says: 'unexplained request syn',
  },
  {
    why: 'port 0 is a port: a rule for 0 admits 0',
    rules: ['r1 sg-web in tcp 0-0 10.9.0.0/16'],
    record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:0 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'TCP without ports, or with -1/-1, means all ports',
    rules: ['r1 sg-web in tcp * 10.9.0.0/16', 'r2 sg-web in tcp -1~-1 10.9.0.0/16'],
    record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:65535 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used primary', r2: 'used' },
  },
  {
    why: 'protocol -1 ignores ports',
    rules: ['r1 sg-web in -1 80-80 10.9.0.0/16'],
    record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'protocol numbers: 6 is tcp, with ports',
    rules: ['r1 sg-web in 6 22-22 10.9.0.0/16', 'r2 sg-web in 6 23-23 10.9.0.0/16'],
    record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'UDP is 17 and no TCP',
    rules: ['r1 sg-web in tcp 53-53 10.9.0.0/16', 'r2 sg-web in udp 53-53 10.9.0.0/16'],
    record: 'eni-a in 17 10.9.9.9:50000 > 10.0.0.10:53',
    says: 'attributed request onlyOne',
    use: { r2: 'used sole primary inferred' },
  },
  {
    why: 'another protocol by its number, without ports',
    rules: ['r1 sg-web in 50 -1~-1 10.9.0.0/16', 'r2 sg-web in 47 * 10.9.0.0/16'],
    record: 'eni-a in 50 10.9.9.9 > 10.0.0.10',
    says: 'attributed request onlyOne',
    use: { r1: 'used sole primary inferred' },
  },
  {
    why: 'ICMP type and code are not logged: matched on protocol and peer alone',
    rules: ['r1 sg-web in icmp 8~-1 10.9.0.0/16', 'r2 sg-web in icmp 3~4 10.9.0.0/16'],
    record: 'eni-a in icmp 10.9.9.9 > 10.0.0.10',
    says: 'attributed request onlyOne',
    use: { r1: 'used primary inferred', r2: 'used inferred' },
  },
  {
    why: 'icmpv6 is 58, not 1',
    rules: ['r1 sg-web in icmp -1~-1 ::/0', 'r2 sg-web in icmpv6 -1~-1 ::/0'],
    record: 'eni-a in icmpv6 [2001:db8:9::9] > [2001:db8::10]',
    says: 'attributed request onlyOne',
    use: { r2: 'used sole primary inferred' },
  },
];

const fromPeer = (peer: string) =>
  peer.includes(':')
    ? `eni-a in tcp [${peer}]:50000 > [2001:db8::10]:22 flags=2`
    : `eni-a in tcp ${peer}:50000 > 10.0.0.10:22 flags=2`;

const matchPeers: Row[] = [
  ...[
    ['10.9.16.0/20', '10.9.16.0', 'attributed'],
    ['10.9.16.0/20', '10.9.31.255', 'attributed'],
    ['10.9.16.0/20', '10.9.15.255', 'unexplained'],
    ['10.9.16.0/20', '10.9.32.0', 'unexplained'],
    ['10.9.9.9/32', '10.9.9.9', 'attributed'],
    ['10.9.9.9/32', '10.9.9.10', 'unexplained'],
    ['0.0.0.0/0', '255.255.255.255', 'attributed'],
    ['0.0.0.0/0', '2001:db8:9::9', 'unexplained'],
    ['::/0', '10.9.9.9', 'unexplained'],
    ['::/0', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'attributed'],
    ['2001:db8:9::/65', '2001:db8:9:0:7fff:ffff:ffff:ffff', 'attributed'],
    ['2001:db8:9::/65', '2001:db8:9:0:8000::', 'unexplained'],
    ['2001:db8:9::9/128', '2001:db8:9::9', 'attributed'],
  ].map(([cidr = '', peer = '', fate = '']) => ({
    why: `${cidr} ${fate === 'attributed' ? 'holds' : 'does not hold'} ${peer}; families never mix`,
    rules: [`r1 sg-web in tcp 22-22 ${cidr}`],
    record: fromPeer(peer),
    says: `${fate} request syn`,
    use: fate === 'attributed' ? { r1: 'used sole primary' } : {},
  })),
  {
    why: 'any entry of a prefix list admits; the longest that matched ranks the rule',
    rules: ['r1 sg-web in tcp 22-22 10.9.0.0/16', 'r2 sg-web in tcp 22-22 pl-known'],
    prefixLists: { 'pl-known': { family: 'IPv4', entries: ['10.0.0.0/8', '192.0.2.0/24', '10.9.9.0/24'] } },
    record: fromPeer('10.9.9.9'),
    says: 'attributed request syn',
    use: { r1: 'used', r2: 'used primary' },
  },
  {
    why: 'a prefix list known to hold nothing for the peer could not admit it',
    rules: ['r1 sg-web in tcp 22-22 pl-known', 'r2 sg-web in tcp 22-22 pl-empty'],
    prefixLists: { 'pl-known': { entries: ['192.0.2.0/24'] }, 'pl-empty': { family: 'IPv4', entries: [] } },
    record: fromPeer('10.9.9.9'),
    says: 'unexplained request syn',
  },
  {
    why: 'a prefix list without entries could hold any address of its family, or of any where that is not known',
    rules: ['r1 sg-web in tcp 22-22 pl-4', 'r2 sg-web in tcp 22-22 pl-6', 'r3 sg-web in tcp 22-22 pl-absent'],
    prefixLists: { 'pl-4': { family: 'IPv4' }, 'pl-6': { family: 'IPv6' } },
    record: fromPeer('10.9.9.9'),
    says: 'possible request syn',
    use: { r1: 'possible', r3: 'possible' },
  },
  {
    why: 'what could admit must fit in direction, protocol and port',
    rules: [
      'r1 sg-web in tcp 23-23 pl-unknown',
      'r2 sg-web in udp 22-22 pl-unknown',
      'r3 sg-web out tcp 22-22 pl-unknown',
      'r4 sg-db in tcp 22-22 pl-unknown',
    ],
    record: fromPeer('10.9.9.9'),
    says: 'unexplained request syn',
  },
  {
    why: 'a member of the referenced group, by its address',
    rules: ['r1 sg-web in tcp 22-22 sg-db'],
    record: fromPeer('10.0.0.20'),
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'a member of the referenced group, by IPv6: one reference serves both families',
    rules: ['r1 sg-web in tcp 22-22 sg-db'],
    record: fromPeer('2001:db8::20'),
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'a self reference, by a secondary address and by a delegated prefix',
    rules: ['r1 sg-web in tcp 22-22 sg-web'],
    record: fromPeer('10.0.1.16'),
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'a known interface that is no member is no peer of the reference',
    rules: ['r1 sg-web in tcp 22-22 sg-db'],
    record: fromPeer('10.0.0.5'),
    says: 'unexplained request syn',
  },
  {
    why: 'the address of no interface here could have been a short-lived member',
    rules: ['r1 sg-web in tcp 22-22 sg-db', 'r2 sg-web in tcp 22-22 sg-nowhere'],
    record: fromPeer('10.0.0.77'),
    says: 'possible request syn',
    use: { r1: 'possible', r2: 'possible' },
  },
  {
    why: 'own group on no interface, and the peer is known: could not',
    rules: ['r1 sg-web in tcp 22-22 sg-nowhere'],
    record: fromPeer('10.0.0.20'),
    says: 'unexplained request syn',
  },
  {
    why: "another account's, a peered VPC's, a deleted group with no interface here: could be any peer, even a known one",
    rules: [
      'r1 sg-web in tcp 22-22 sg-nowhere@222222222222',
      'r2 sg-web in tcp 22-22 sg-nowhere^pcx-1',
      'r3 sg-web in tcp 22-22 sg-deleted',
    ],
    record: fromPeer('10.0.0.20'),
    says: 'possible request syn',
    use: { r1: 'possible', r2: 'possible', r3: 'possible' },
  },
  {
    why: 'such groups are known as soon as an interface here carries them',
    rules: ['r1 sg-web in tcp 22-22 sg-db@222222222222', 'r2 sg-web in tcp 22-22 sg-two^pcx-1'],
    record: fromPeer('10.0.0.5'),
    says: 'unexplained request syn',
  },
  {
    why: 'a member in another VPC admits by its address',
    rules: ['r1 sg-web in tcp 22-22 sg-two^pcx-1'],
    record: fromPeer('10.2.0.7'),
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'load balancers and connect endpoints may keep the address of the client, even a known one',
    rules: ['r1 sg-web in tcp 22-22 sg-lb', 'r2 sg-web in tcp 22-22 sg-eice'],
    interfaces: [
      'eni-lb vpc-1 sg-lb 10.0.0.30 type=network_load_balancer',
      'eni-eice vpc-1 sg-eice 10.0.0.31 type=ec2_instance_connect_endpoint',
    ],
    record: fromPeer('10.0.0.20'),
    says: 'possible request syn',
    use: { r1: 'possible', r2: 'possible' },
  },
  {
    why: 'but only towards the target: egress rules see the load balancer itself',
    rules: ['r1 sg-web out tcp 22-22 sg-lb'],
    interfaces: ['eni-lb vpc-1 sg-lb 10.0.0.30 type=network_load_balancer'],
    record: 'eni-a out tcp 10.0.0.10:50000 > 10.0.0.20:22 flags=2',
    says: 'unexplained request syn',
  },
  {
    why: 'an address that only another VPC has is not known where no VPC is described',
    rules: ['r1 sg-web in tcp 22-22 sg-db'],
    record: fromPeer('10.0.0.99'),
    says: 'possible request syn',
    use: { r1: 'possible' },
  },
  {
    why: "nor where the record's own VPC spans that address",
    rules: ['r1 sg-web in tcp 22-22 sg-db'],
    vpcs: ['vpc-1 10.0.0.0/16', 'vpc-2 10.0.0.0/16'],
    record: fromPeer('10.0.0.99'),
    says: 'possible request syn',
    use: { r1: 'possible' },
  },
  {
    why: "nor where the record's own VPC is not among those described",
    rules: ['r1 sg-web in tcp 22-22 sg-db'],
    vpcs: ['vpc-2 10.2.0.0/16'],
    record: fromPeer('10.2.0.7'),
    says: 'possible request syn',
    use: { r1: 'possible' },
  },
  {
    why: "it is known where the record's own VPC is described and does not span it",
    rules: ['r1 sg-web in tcp 22-22 sg-db'],
    vpcs: ['vpc-1 10.0.0.0/16'],
    record: fromPeer('10.2.0.7'),
    says: 'unexplained request syn',
  },
  {
    why: 'the address of no interface at all is never known, inside or outside the blocks of the VPC',
    rules: ['r1 sg-web in tcp 22-22 sg-db'],
    vpcs: ['vpc-1 10.0.0.0/16'],
    record: fromPeer('10.2.0.77'),
    says: 'possible request syn',
    use: { r1: 'possible' },
  },
  {
    why: 'the secondary blocks of a VPC count',
    rules: ['r1 sg-web in tcp 22-22 sg-db'],
    vpcs: ['vpc-1 10.0.0.0/16 10.2.0.0/16'],
    record: fromPeer('10.2.0.7'),
    says: 'possible request syn',
    use: { r1: 'possible' },
  },
  {
    why: 'rules of groups that are not on the interface admit nothing there',
    rules: ['r1 sg-db in tcp 22-22 0.0.0.0/0'],
    record: fromPeer('10.9.9.9'),
    says: 'unexplained request syn',
  },
  {
    why: 'rules of the other direction admit no request',
    rules: ['r1 sg-web out tcp 22-22 0.0.0.0/0'],
    record: fromPeer('10.9.9.9'),
    says: 'unexplained request syn',
  },
];

const credit: Row[] = [
  {
    why: 'all groups of an interface are a union: every admitting rule is credited, none is sole',
    rules: ['r1 sg-web in tcp 22-22 10.9.0.0/16', 'r2 sg-extra in -1 * 10.9.9.9/32'],
    interfaces: ['eni-c vpc-1 sg-web,sg-extra 10.0.0.40'],
    record: 'eni-c in tcp 10.9.9.9:50000 > 10.0.0.40:22 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used', r2: 'used primary' },
  },
  {
    why: 'a rule that could admit does not take the only admitting rule its sole use, and is no possible use',
    rules: [ssh, 'r2 sg-web in tcp 22-22 pl-unknown'],
    record: fromPeer('10.9.9.9'),
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'primary: the longest prefix first, though its ports are wider',
    rules: ['r1 sg-web in tcp 22-22 10.9.9.0/24', 'r2 sg-web in tcp 0-65535 10.9.9.0/25'],
    record: fromPeer('10.9.9.9'),
    says: 'attributed request syn',
    use: { r1: 'used', r2: 'used primary' },
  },
  {
    why: 'primary: then the narrowest port range',
    rules: ['r1 sg-web in tcp 20-30 10.9.9.0/24', 'r2 sg-web in tcp 22-30 10.9.9.0/24'],
    record: fromPeer('10.9.9.9'),
    says: 'attributed request syn',
    use: { r1: 'used', r2: 'used primary' },
  },
  {
    why: 'primary: then the named protocol, -1 being 65,536 ports wide',
    rules: ['r1 sg-web in -1 * 10.9.9.0/24', 'r2 sg-web in tcp 0-65535 10.9.9.0/24'],
    record: fromPeer('10.9.9.9'),
    says: 'attributed request syn',
    use: { r1: 'used', r2: 'used primary' },
  },
  {
    why: 'primary: then the smallest id, in code-unit order',
    rules: ['ra sg-web in tcp 22-22 10.9.9.0/24', 'rB sg-web in tcp 22-22 10.9.9.0/24'],
    record: fromPeer('10.9.9.9'),
    says: 'attributed request syn',
    use: { ra: 'used', rB: 'used primary' },
  },
  {
    why: 'primary: a group member is a host',
    rules: ['r1 sg-web in tcp 22-22 10.0.0.0/31', 'r2 sg-web in tcp 0-65535 sg-db', 'r3 sg-web in -1 * 10.0.0.16/29'],
    record: fromPeer('10.0.0.20'),
    says: 'attributed request syn',
    use: { r2: 'used primary', r3: 'used' },
  },
  {
    why: 'primary: a delegated prefix is as long as it is',
    rules: ['r1 sg-web in tcp 0-65535 10.0.1.16/29', 'r2 sg-web in tcp 22-22 sg-web'],
    record: fromPeer('10.0.1.17'),
    says: 'attributed request syn',
    use: { r1: 'used primary', r2: 'used' },
  },
  {
    why: 'replies are nobody’s sole or primary use, and no inferred one',
    rules: [ssh],
    record: 'eni-a out tcp 10.0.0.10:22 > 10.9.9.9:50000 flags=0',
    says: 'attributed reply onlyOne',
    use: { r1: 'reply' },
  },
  {
    why: '(i) not where the ports differ and neither is missing',
    rules: ['r1 sg-web in udp 123-123 0.0.0.0/0', 'r2 sg-web out udp 124-124 0.0.0.0/0'],
    record: 'eni-a in udp 192.0.2.1:124 > 10.0.0.10:123',
    says: 'attributed request smallerPort',
    use: { r1: 'used sole primary inferred' },
  },
  {
    why: '(i) also where equal ports were decided by the narrower rule',
    rules: [
      'r1 sg-web in udp 123-123 10.9.0.0/16',
      'r2 sg-web out -1 * 0.0.0.0/0',
      'r3 sg-web out udp 100-200 10.9.0.0/16',
    ],
    record: 'eni-a out udp 10.0.0.10:123 > 10.9.9.9:123',
    says: 'attributed reply moreSpecific',
    use: { r1: 'reply', r2: 'possible', r3: 'possible' },
  },
  {
    why: '(i) not where the flags were certain',
    rules: ['r1 sg-web in tcp 179-179 0.0.0.0/0', 'r2 sg-web out tcp 179-179 0.0.0.0/0'],
    record: 'eni-a in tcp 192.0.2.1:179 > 10.0.0.10:179 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: '(i) not for rules that only could admit the loser',
    rules: ['r1 sg-web in udp 123-123 0.0.0.0/0', 'r2 sg-web out udp 123-123 pl-unknown'],
    record: 'eni-a in udp 192.0.2.1:123 > 10.0.0.10:123',
    says: 'attributed request smallerPort',
    use: { r1: 'used sole primary inferred' },
  },
  {
    why: '(ii) the request that could be, beside an inferred reply',
    rules: ['r1 sg-web out tcp 443-443 0.0.0.0/0', 'r2 sg-web in tcp 50000-50010 pl-unknown'],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=0',
    says: 'attributed reply moreSpecific',
    use: { r1: 'reply', r2: 'possible' },
  },
  {
    why: '(ii) not beside a certain reply',
    rules: ['r1 sg-web out tcp 443-443 0.0.0.0/0', 'r2 sg-web in tcp 50000-50010 pl-unknown'],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=18',
    says: 'attributed reply syn',
    use: { r1: 'reply' },
  },
  {
    why: '(ii) not where a rule admits the request, though the reply wins',
    rules: [
      'r1 sg-web out tcp 443-443 0.0.0.0/0',
      'r2 sg-web in tcp 50000-50010 pl-unknown',
      'r3 sg-web in -1 * 0.0.0.0/0',
    ],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=0',
    says: 'attributed reply moreSpecific',
    use: { r1: 'reply', r3: 'untracked' },
  },
  {
    why: 'a reply that only could be admitted: possible as a fate, and no possible use of the rule',
    rules: ['r1 sg-web out tcp 443-443 pl-unknown'],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=18',
    says: 'possible reply syn',
  },
];

const untracked: Row[] = [
  {
    why: 'open request, open opposite rule: the reply passes by the opposite one',
    rules: [
      'r1 sg-web in tcp 443-443 0.0.0.0/0',
      'r2 sg-web out -1 * 0.0.0.0/0',
      'r3 sg-web out tcp 0-65535 0.0.0.0/0',
    ],
    record: 'eni-a out tcp 10.0.0.10:443 > 192.0.2.1:50000 flags=18',
    says: 'attributed reply syn',
    use: { r1: 'reply', r2: 'untracked', r3: 'untracked' },
  },
  {
    why: 'its request is no reply',
    rules: ['r1 sg-web in tcp 443-443 0.0.0.0/0', 'r2 sg-web out -1 * 0.0.0.0/0'],
    record: 'eni-a in tcp 192.0.2.1:50000 > 10.0.0.10:443 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'a request rule that is not open is tracked',
    rules: ['r1 sg-web in tcp 443-443 192.0.2.0/24', 'r2 sg-web out -1 * 0.0.0.0/0'],
    record: 'eni-a out tcp 10.0.0.10:443 > 192.0.2.1:50000 flags=18',
    says: 'attributed reply syn',
    use: { r1: 'reply' },
  },
  {
    why: 'one open rule among the admitting ones is enough',
    rules: ['r1 sg-web in tcp 443-443 192.0.2.0/24', 'r2 sg-web in -1 * 0.0.0.0/0', 'r3 sg-web out -1 * 0.0.0.0/0'],
    record: 'eni-a out tcp 10.0.0.10:443 > 192.0.2.1:50000 flags=18',
    says: 'attributed reply syn',
    use: { r1: 'reply', r2: 'reply', r3: 'untracked' },
  },
  {
    why: 'not by a rule with fewer ports, another protocol, fewer addresses, or another group',
    rules: [
      'r1 sg-web in tcp 443-443 0.0.0.0/0',
      'r2 sg-web out tcp 1-65535 0.0.0.0/0',
      'r3 sg-web out udp 0-65535 0.0.0.0/0',
      'r4 sg-web out -1 * 128.0.0.0/1',
      'r5 sg-db out -1 * 0.0.0.0/0',
      'r6 sg-web out -1 * ::/0',
    ],
    record: 'eni-a out tcp 10.0.0.10:443 > 192.0.2.1:50000 flags=18',
    says: 'attributed reply syn',
    use: { r1: 'reply' },
  },
  {
    why: 'IPv6 by ::/0, and by a prefix list that has ::/0',
    rules: ['r1 sg-web in udp 443-443 pl-six', 'r2 sg-web out udp * ::/0', 'r3 sg-web out -1 * 0.0.0.0/0'],
    prefixLists: { 'pl-six': { family: 'IPv6', entries: ['2001:db8:9::/48', '::/0'] } },
    record: 'eni-a out udp [2001:db8::10]:443 > [2001:db8:9::9]:50000',
    says: 'attributed reply moreSpecific',
    use: { r1: 'reply', r2: 'untracked' },
  },
  {
    why: 'egress connections too: the reply passes by the open ingress rule',
    rules: ['r1 sg-web out tcp 443-443 0.0.0.0/0', 'r2 sg-web in -1 * 0.0.0.0/0'],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=18',
    says: 'attributed reply syn',
    use: { r1: 'reply', r2: 'untracked' },
  },
  {
    why: 'ICMP is always tracked',
    rules: ['r1 sg-web in icmp -1~-1 0.0.0.0/0', 'r2 sg-web out -1 * 0.0.0.0/0'],
    record: 'eni-a out icmp 10.0.0.10 > 192.0.2.1',
    says: 'attributed reply moreSpecific',
    use: { r1: 'reply', r2: 'possible' },
  },
];

export const ROWS: Record<string, Row[]> = {
  '2.2 set aside': setAside,
  '2.3 interface and direction': findInterface,
  '2.3 peer': findPeer,
  '2.4 and 2.5 two hypotheses': twoHypotheses,
  '2.6 protocol and port': matchPorts,
  '2.6 peer': matchPeers,
  '2.7 credit and possible use': credit,
  '2.7 untracked connections': untracked,
};
