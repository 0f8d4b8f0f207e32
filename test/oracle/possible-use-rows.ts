/**
 * Rows of 2.7, possible use, worked by hand. Where both readings could be, the rules of the one not chosen keep possible
 * use unless the choice is clear as 2.5 says: some rule admits it, no port is 20 or 989, the ports differ, and one of (i) to (v).
 */
import type { Row } from './row.ts';

const nothingTells: Row[] = [
  {
    why: '(i) also where equal ports were decided by the narrower rule',
    rules: ['r1 sg-web in udp 123 10.9.0.0/16', 'r2 sg-web out -1 0.0.0.0/0', 'r3 sg-web out udp 100-200 10.9.0.0/16'],
    record: 'eni-a out udp 10.0.0.10:123 > 10.9.9.9:123',
    says: 'attributed reply moreSpecific',
    use: { r1: 'reply', r2: 'possible(i)', r3: 'possible(i)' },
  },
  {
    why: '(i) not where the flags were certain',
    rules: ['r1 sg-web in tcp 179 0.0.0.0/0', 'r2 sg-web out tcp 179 0.0.0.0/0'],
    record: 'eni-a in tcp 192.0.2.1:179 > 10.0.0.10:179 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: '(i) not where the ports differ; two well-known ports are unclear all the same',
    rules: ['r1 sg-web in udp 123 0.0.0.0/0', 'r2 sg-web out udp 124 0.0.0.0/0'],
    record: 'eni-a in udp 192.0.2.1:124 > 10.0.0.10:123',
    says: 'attributed request smallerPort',
    use: { r1: 'used sole primary inferred', r2: 'possible(i)' },
  },
  {
    why: '(i) not for rules that only could admit the loser; equal ports are unclear all the same',
    rules: ['r1 sg-web in udp 123 0.0.0.0/0', 'r2 sg-web out udp 123 pl-unknown'],
    record: 'eni-a in udp 192.0.2.1:123 > 10.0.0.10:123',
    says: 'attributed request smallerPort',
    use: { r1: 'used sole primary inferred', r2: 'possible(i)' },
  },
  {
    why: 'equal ports are unclear even where one rule of a single port stands against all ports',
    rules: ['r1 sg-web in udp 123 10.9.0.0/16', 'r2 sg-web out udp 0-65535 pl-unknown'],
    record: 'eni-a in udp 10.9.9.9:123 > 10.0.0.10:123',
    says: 'attributed request moreSpecific',
    use: { r1: 'used sole primary inferred', r2: 'possible(i)' },
  },
  {
    why: 'a protocol without ports is never clear: a rule that could admit the loser',
    rules: ['r1 sg-web in 50 -1..-1 10.9.0.0/16', 'r2 sg-web out 50 -1..-1 pl-unknown'],
    record: 'eni-a in 50 10.9.9.9 > 10.0.0.10',
    says: 'attributed request smallerPort',
    use: { r1: 'used sole primary inferred', r2: 'possible(i)' },
  },
  {
    why: 'a protocol without ports is never clear: a record that shows ports all the same',
    rules: ['r1 sg-web in icmp -1/-1 10.9.0.0/16', 'r2 sg-web out icmp -1/-1 pl-unknown'],
    record: 'eni-a in icmp 10.9.9.9:50000 > 10.0.0.10:8',
    says: 'attributed request smallerPort',
    use: { r1: 'used sole primary inferred', r2: 'possible(i)' },
  },
];

const theRequestThatCouldBe: Row[] = [
  {
    why: '(ii) the request that could be, beside a reply that is clear',
    rules: ['r1 sg-web out tcp 443 0.0.0.0/0', 'r2 sg-web in tcp 49000-51000 pl-unknown'],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=0',
    says: 'attributed reply moreSpecific',
    use: { r1: 'reply', r2: 'possible(ii)' },
  },
  {
    why: '(ii) not beside a certain reply',
    rules: ['r1 sg-web out tcp 443 0.0.0.0/0', 'r2 sg-web in tcp 50000-50010 pl-unknown'],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=18',
    says: 'attributed reply syn',
    use: { r1: 'reply' },
  },
  {
    why: '(ii) not where a rule admits the request, though the reply wins clearly',
    rules: ['r1 sg-web out tcp 443 0.0.0.0/0', 'r2 sg-web in tcp 49000-51000 pl-unknown', 'r3 sg-web in -1 0.0.0.0/0'],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=0',
    says: 'attributed reply moreSpecific',
    use: { r1: 'reply', r3: 'untracked' },
  },
  {
    why: '(i) and (ii) meet in one rule: counted once',
    rules: ['r1 sg-web in udp 0-65535 pl-unknown', 'r2 sg-web out udp 1024-65535 10.9.0.0/16'],
    record: 'eni-a in udp 10.9.9.9:50000 > 10.0.0.10:514',
    says: 'attributed reply moreSpecific',
    use: { r1: 'possible(i)', r2: 'reply' },
  },
];

/** Equally specific, so that the smaller port decides; not open to all, so that nothing is untracked. */
const allOf = (protocol: string): string[] => [
  `r1 sg-web in ${protocol} 0-65535 10.9.0.0/16`,
  `r2 sg-web out ${protocol} 0-65535 10.9.0.0/16`,
];

/** (iii) Ports alone, all of them admitted both ways: [service port, port of the client, is that clear]. */
const PORT_CLASSES: [number, number, boolean][] = [
  [0, 511, false],
  [510, 511, false],
  [511, 512, true],
  [512, 513, false],
  // NFS clients use reserved ports: here the smaller port is not the service.
  [890, 2049, false],
  [1023, 1024, false],
  [32767, 32768, false],
  [32768, 65535, false],
  [0, 65535, true],
  [19, 512, true],
  [20, 50000, false],
  [21, 50000, true],
];

/** (ii) A service port, a client's port, and the widths of their rules: [service, client, chosen, other, is that clear]. */
const RANGES: [number, number, string, string, boolean][] = [
  [8000, 40000, '8000-9023', '0-65535', true],
  [8000, 40000, '8000-9024', '0-65535', false],
  [8000, 40000, '8000-9023', '39000-40023', false],
  [8000, 40000, '8000-9023', '39000-40024', true],
  [8000, 40000, '8000-8000', '39000-40023', false],
  [8000, 32768, '8000-9023', '0-65535', true],
  [8000, 32767, '8000-9023', '0-65535', false],
  [32767, 40000, '32000-33023', '0-65535', true],
  [32768, 40000, '32000-33023', '0-65535', false],
  // However narrow the rule: the client's port may be a service of its own.
  [8000, 9000, '8000-8000', '0-65535', false],
];

/** (iv) UDP: [source port, destination port, is a reply clear]. */
const ONLY_ANSWERING: [number, number, boolean][] = [
  [53, 1024, true],
  [88, 50000, true],
  [389, 50000, true],
  [123, 50000, true],
  [123, 1023, true],
  [161, 50000, false],
  [514, 50000, false],
  [5060, 50000, false],
];

const classes: Row[] = PORT_CLASSES.flatMap(([service, client, clear]) => [
  {
    why: `(iii) ports ${service} and ${client} are ${clear ? 'clear' : 'unclear'}: request`,
    rules: allOf('tcp'),
    record: `eni-a in tcp 10.9.9.9:${client} > 10.0.0.10:${service} flags=0`,
    says: 'attributed request smallerPort',
    use: { r1: 'used sole primary inferred', r2: clear ? '' : 'possible(i)' },
  },
  {
    why: `(iii) ports ${service} and ${client} are ${clear ? 'clear' : 'unclear'}: reply`,
    rules: allOf('tcp'),
    record: `eni-a in tcp 10.9.9.9:${service} > 10.0.0.10:${client} flags=0`,
    says: 'attributed reply smallerPort',
    use: { r1: clear ? '' : 'possible(i)', r2: 'reply' },
  },
]);

/** (iii) Rules that may name the client's port 50000: [rule, does it]. */
const NAMING: [string, boolean][] = [
  ['r3 sg-web out tcp 50000 10.8.0.0/16', true],
  ['r3 sg-web out tcp 50000-51023 10.8.0.0/16', true],
  ['r3 sg-web out tcp 49977-51000 10.8.0.0/16', true],
  ['r3 sg-web out tcp 50000-51024 10.8.0.0/16', false],
  ['r3 sg-web out tcp 50001 10.8.0.0/16', false],
  ['r3 sg-web out tcp 49000-49999 10.8.0.0/16', false],
  ['r3 sg-web out udp 50000 10.8.0.0/16', false],
  ['r3 sg-web in tcp 50000 10.8.0.0/16', false],
  ['r3 sg-db out tcp 50000 10.8.0.0/16', false],
];

const namedTwice: Row = {
  why: '(iii) the client’s port, in the wider of two ranges that begin before it',
  rules: [...allOf('tcp'), 'r3 sg-web out tcp 49990-50100 10.8.0.0/16', 'r4 sg-web out tcp 49995-49996 10.8.0.0/16'],
  record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:443 flags=0',
  says: 'attributed request smallerPort',
  use: { r1: 'used sole primary inferred', r2: 'possible(i)' },
};

const naming: Row[] = NAMING.map(([rule, names]) => ({
  why: `(iii) a rule in the losing direction that names the client's port, whatever its peer: ${rule} does${names ? '' : ' not'}`,
  rules: [...allOf('tcp'), rule],
  record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:443 flags=0',
  says: 'attributed request smallerPort',
  use: { r1: 'used sole primary inferred', r2: names ? 'possible(i)' : '' },
}));

const ranges: Row[] = RANGES.flatMap(([service, client, chosen, other, clear]) => [
  {
    why: `(ii) ${service} by a rule of ${chosen} against ${client} by one of ${other} is ${clear ? 'clear' : 'unclear'}: request`,
    rules: [`r1 sg-web in tcp ${chosen} 10.9.0.0/16`, `r2 sg-web out tcp ${other} 10.9.0.0/16`],
    record: `eni-a in tcp 10.9.9.9:${client} > 10.0.0.10:${service} flags=0`,
    says: `attributed request ${chosen === '8000-9023' && other === '39000-40023' ? 'smallerPort' : 'moreSpecific'}`,
    use: { r1: 'used sole primary inferred', r2: clear ? '' : 'possible(i)' },
  },
  {
    why: `(ii) ${service} by a rule of ${chosen} against ${client} by one of ${other} is ${clear ? 'clear' : 'unclear'}: reply`,
    rules: [`r1 sg-web in tcp ${other} 10.9.0.0/16`, `r2 sg-web out tcp ${chosen} 10.9.0.0/16`],
    record: `eni-a in tcp 10.9.9.9:${service} > 10.0.0.10:${client} flags=0`,
    says: `attributed reply ${chosen === '8000-9023' && other === '39000-40023' ? 'smallerPort' : 'moreSpecific'}`,
    use: { r1: clear ? '' : 'possible(i)', r2: 'reply' },
  },
  {
    why: `(ii) is for TCP: over UDP ${service} and ${client} are unclear, whatever the rules`,
    rules: [`r1 sg-web in udp ${chosen} 10.9.0.0/16`, `r2 sg-web out udp ${other} 10.9.0.0/16`],
    record: `eni-a in udp 10.9.9.9:${client} > 10.0.0.10:${service}`,
    says: `attributed request ${chosen === '8000-9023' && other === '39000-40023' ? 'smallerPort' : 'moreSpecific'}`,
    use: { r1: 'used sole primary inferred', r2: 'possible(i)' },
  },
]);

const onlyAnswering: Row[] = ONLY_ANSWERING.flatMap(([service, client, clear]) => [
  {
    why: `(iv) UDP, ${service} to ${client}: a reply that is ${clear ? 'clear' : 'unclear'}`,
    rules: allOf('udp'),
    record: `eni-a in udp 10.9.9.9:${service} > 10.0.0.10:${client}`,
    says: 'attributed reply smallerPort',
    use: { r1: clear ? '' : 'possible(i)', r2: 'reply' },
  },
  {
    why: `(iv) UDP, ${client} to ${service}: no request is clear`,
    rules: allOf('udp'),
    record: `eni-a in udp 10.9.9.9:${client} > 10.0.0.10:${service}`,
    says: 'attributed request smallerPort',
    use: { r1: 'used sole primary inferred', r2: 'possible(i)' },
  },
]);

const unclear: Row[] = [
  ...classes,
  ...naming,
  namedTwice,
  ...ranges,
  ...onlyAnswering,
  {
    why: 'UDP, a service named alone against a registered port: many clients have a port of their own (SIP)',
    rules: ['r1 sg-web in udp 10000-20000 10.9.0.0/16', 'r2 sg-web out udp 5060 10.9.0.0/16'],
    record: 'eni-a in udp 10.9.9.9:5060 > 10.0.0.10:12000',
    says: 'attributed reply moreSpecific',
    use: { r1: 'possible(i)', r2: 'reply' },
  },
  {
    why: 'UDP, a service named alone against an ephemeral port: clear at night alone',
    rules: ['r1 sg-web in udp 514 10.9.0.0/16', 'r2 sg-web out -1 0.0.0.0/0'],
    record: 'eni-a in udp 10.9.9.9:50000 > 10.0.0.10:514',
    says: 'attributed request moreSpecific',
    use: { r1: 'used sole primary inferred', r2: 'possible(i)' },
  },
  {
    why: 'active FTP opens data connections from port 20: never clear',
    rules: ['r1 sg-web in tcp 20-21 10.9.0.0/16', 'r2 sg-web out tcp 1024-65535 10.9.0.0/16'],
    record: 'eni-a out tcp 10.0.0.10:20 > 10.9.9.9:50000 flags=0',
    says: 'attributed reply moreSpecific',
    use: { r1: 'reply', r2: 'possible(i)' },
  },
  {
    why: 'active FTP over TLS opens them from port 989',
    rules: ['r1 sg-web in tcp 989-990 10.9.0.0/16', 'r2 sg-web out tcp 1024-65535 10.9.0.0/16'],
    record: 'eni-a out tcp 10.0.0.10:989 > 10.9.9.9:50000 flags=0',
    says: 'attributed reply moreSpecific',
    use: { r1: 'reply', r2: 'possible(i)' },
  },
  {
    why: 'a packet address that could be the loser, behind a fallback that is not clear',
    rules: ['r1 sg-web in udp 0-65535 10.0.0.0/24', 'r2 sg-web out udp 1024-65535 sg-db'],
    record: 'eni-a in udp 10.0.0.5:2055 > 10.0.0.10:1995 pkt-srcaddr=192.0.2.1',
    says: 'attributed request onlyOne',
    use: { r1: 'used sole primary inferred', r2: 'possible(packetPeer)' },
  },
  {
    why: 'a narrow rule cannot make up for another narrow one: both 16 ports wide',
    rules: ['r1 sg-web in tcp 8000-8015 10.9.0.0/16', 'r2 sg-web out tcp 9000-9015 10.9.0.0/16'],
    record: 'eni-a in tcp 10.9.9.9:9000 > 10.0.0.10:8000 flags=0',
    says: 'attributed request smallerPort',
    use: { r1: 'used sole primary inferred', r2: 'possible(i)' },
  },
  {
    why: 'a service port above the ephemeral ones is never clear: gRPC, port 50051 named alone',
    rules: ['r1 sg-web in tcp 50051 10.0.0.0/8', 'r2 sg-web out -1 0.0.0.0/0'],
    record: 'eni-a in tcp 10.9.9.9:3000 > 10.0.0.10:50051 flags=0',
    says: 'attributed request moreSpecific',
    use: { r1: 'used sole primary inferred', r2: 'possible(i)' },
  },
  {
    why: 'gRPC, the same flow the other way round: its reply is no clearer',
    rules: ['r1 sg-web in tcp 50051 10.0.0.0/8', 'r2 sg-web out -1 0.0.0.0/0'],
    record: 'eni-a out tcp 10.0.0.10:50051 > 10.9.9.9:3000 flags=0',
    says: 'attributed reply moreSpecific',
    use: { r1: 'reply', r2: 'possible(i)' },
  },
  {
    why: 'web with egress open to all: a request of a long connection does not keep the egress rule',
    rules: ['r1 sg-web in tcp 443 0.0.0.0/0', 'r2 sg-web out -1 0.0.0.0/0'],
    record: 'eni-a in tcp 203.0.113.9:50000 > 10.0.0.10:443 flags=0',
    says: 'attributed request moreSpecific',
    use: { r1: 'used sole primary inferred' },
  },
  {
    why: 'web with egress open to all: nor does its reply, which only passes by that rule',
    rules: ['r1 sg-web in tcp 443 0.0.0.0/0', 'r2 sg-web out -1 0.0.0.0/0'],
    record: 'eni-a out tcp 10.0.0.10:443 > 203.0.113.9:50000 flags=0',
    says: 'attributed reply moreSpecific',
    use: { r1: 'reply', r2: 'untracked' },
  },
  {
    why: 'syslog: read as a reply by 1,024 ports of difference, and surely a request',
    rules: ['r1 sg-web in udp 0-65535 10.0.0.0/8', 'r2 sg-web out udp 1024-65535 0.0.0.0/0'],
    record: 'eni-a in udp 10.9.9.9:50000 > 10.0.0.10:514',
    says: 'attributed reply moreSpecific',
    use: { r1: 'possible(i)', r2: 'reply' },
  },
  {
    why: 'NetFlow from 2055 to 9995: read as a reply by the smaller port, and surely a request',
    rules: ['r1 sg-web in -1 0.0.0.0/0', 'r2 sg-web out -1 0.0.0.0/0'],
    record: 'eni-a in udp 10.9.9.9:2055 > 10.0.0.10:9995',
    says: 'attributed reply smallerPort',
    use: { r1: 'possible(i) untracked', r2: 'reply' },
  },
  {
    why: 'every rule of the loser, those that admit and those that could',
    rules: [
      'r1 sg-web in udp 0-65535 10.9.0.0/16',
      'r2 sg-web in -1 pl-unknown',
      'r3 sg-web in udp 514-600 10.8.0.0/16',
      'r4 sg-web out udp 1024-65535 10.9.0.0/16',
    ],
    record: 'eni-a in udp 10.9.9.9:50000 > 10.0.0.10:514',
    says: 'attributed reply moreSpecific',
    use: { r1: 'possible(i)', r2: 'possible(i)', r4: 'reply' },
  },
  {
    why: 'a loser that no rule admits, and one could',
    rules: ['r1 sg-web in udp 5000-5099 10.9.0.0/16', 'r2 sg-web out udp 0-65535 pl-unknown'],
    record: 'eni-a in udp 10.9.9.9:6000 > 10.0.0.10:5000',
    says: 'attributed request moreSpecific',
    use: { r1: 'used sole primary inferred', r2: 'possible(i)' },
  },
  {
    why: 'rules that could admit a loser get nothing either where the choice is clear',
    rules: ['r1 sg-web in tcp 443 0.0.0.0/0', 'r2 sg-web out tcp 0-65535 pl-unknown'],
    record: 'eni-a in tcp 203.0.113.9:50000 > 10.0.0.10:443 flags=0',
    says: 'attributed request moreSpecific',
    use: { r1: 'used sole primary inferred' },
  },
  {
    why: 'the narrowest rule may be one that only could admit: of the chosen',
    rules: [
      'r1 sg-web in tcp 0-65535 10.9.0.0/16',
      'r2 sg-web in tcp 8000 pl-unknown',
      'r3 sg-web out tcp 0-65535 10.9.0.0/16',
    ],
    record: 'eni-a in tcp 10.9.9.9:40000 > 10.0.0.10:8000 flags=0',
    says: 'attributed request moreSpecific',
    use: { r1: 'used sole primary inferred' },
  },
  {
    why: 'the narrowest rule may be one that only could admit: of the loser',
    rules: [
      'r1 sg-web in tcp 8000 10.9.0.0/16',
      'r2 sg-web out tcp 0-65535 10.9.0.0/16',
      'r3 sg-web out tcp 40000-40015 pl-unknown',
    ],
    record: 'eni-a in tcp 10.9.9.9:40000 > 10.0.0.10:8000 flags=0',
    says: 'attributed request moreSpecific',
    use: { r1: 'used sole primary inferred', r2: 'possible(i)', r3: 'possible(i)' },
  },
  {
    why: 'the narrowest rule of several that admit, not the first',
    rules: [
      'r1 sg-web in -1 10.9.0.0/16',
      'r2 sg-web in tcp 8000-8015 10.9.9.0/24',
      'r3 sg-web out tcp 0-65535 10.9.0.0/16',
    ],
    record: 'eni-a in tcp 10.9.9.9:40000 > 10.0.0.10:8000 flags=0',
    says: 'attributed request moreSpecific',
    use: { r1: 'used inferred', r2: 'used primary inferred' },
  },
  {
    why: 'a choice that no rule admits is never clear: neither by the port nor by the narrow rule',
    rules: ['r1 sg-web in tcp 443 pl-unknown', 'r2 sg-web out tcp 0-65535 192.0.2.0/24'],
    record: 'eni-a in tcp 192.0.2.1:50000 > 10.0.0.10:443 flags=0',
    says: 'possible request moreSpecific',
    use: { r1: 'possible(ii)', r2: 'possible(i)' },
  },
  {
    why: 'a certain choice has no loser, be the ports as they may',
    rules: ['r1 sg-web in tcp 0-65535 10.9.0.0/16', 'r2 sg-web out tcp 0-65535 10.9.0.0/16'],
    record: 'eni-a in tcp 10.9.9.9:5000 > 10.0.0.10:6000 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'a loser that no rule admits or could: nobody to credit',
    rules: ['r1 sg-web in tcp 0-65535 10.9.0.0/16', 'r2 sg-web out tcp 0-65535 10.8.0.0/16'],
    record: 'eni-a in tcp 10.9.9.9:5000 > 10.0.0.10:6000 flags=0',
    says: 'attributed request onlyOne',
    use: { r1: 'used sole primary inferred' },
  },
];

const chosenCould: Row[] = [
  {
    why: 'a SYN-ACK that several rules could admit and none does: perhaps of another path',
    rules: ['r1 sg-web out tcp 443 pl-unknown', 'r2 sg-web out -1 pl-other', 'r3 sg-web out tcp 443 10.8.0.0/16'],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=18',
    says: 'unexplained reply syn',
    use: { r1: 'possible(otherPath)', r2: 'possible(otherPath)' },
  },
  {
    why: 'an inferred reply that only could be admitted',
    rules: ['r1 sg-web out tcp 443 pl-unknown'],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=0',
    says: 'possible reply onlyOne',
    use: { r1: 'possible(chosenCould)' },
  },
  {
    why: 'not where another rule admits the reply',
    rules: ['r1 sg-web out tcp 443 0.0.0.0/0', 'r2 sg-web out tcp 443 pl-unknown'],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=18',
    says: 'attributed reply syn',
    use: { r1: 'reply' },
  },
  {
    why: 'a SYN-ACK that nothing admits, perhaps of another path: the rules of both readings',
    rules: [
      'r1 sg-web out tcp 443 pl-unknown',
      'r2 sg-web in tcp 50000 pl-unknown',
      'r3 sg-web in tcp 50000 192.0.2.0/24',
    ],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=18',
    says: 'unexplained reply syn',
    use: { r1: 'possible(otherPath)', r2: 'possible(otherPath)', r3: 'possible(otherPath)' },
  },
  {
    why: 'an inferred reply that only could be, and a request that only could be: both',
    rules: ['r1 sg-web out tcp 443 pl-unknown', 'r2 sg-web in tcp 50000-50010 pl-unknown'],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=0',
    says: 'possible reply moreSpecific',
    use: { r1: 'possible(chosenCould)', r2: 'possible(i)' },
  },
  {
    why: 'an inferred reply that only could be, and a request that a rule admits: both',
    rules: ['r1 sg-web out tcp 443 pl-unknown', 'r2 sg-web in -1 192.0.2.0/24'],
    record: 'eni-a in tcp 192.0.2.1:443 > 10.0.0.10:50000 flags=0',
    says: 'possible reply moreSpecific',
    use: { r1: 'possible(chosenCould)', r2: 'possible(i)' },
  },
];

/*
 * 10.0.0.5, the plain address in most of these, is an interface here without groups: no rule by group could admit it.
 * 192.0.2.1, the packet's own, is unknown here: every rule by group could.
 */
const packetPeer: Row[] = [
  {
    why: 'a rule that could admit the pkt- peer alone, beside the one that admits the plain field, though certain',
    rules: ['r1 sg-web in tcp 22 10.0.0.0/24', 'r2 sg-web in tcp 22 sg-db'],
    record: 'eni-a in tcp 10.0.0.5:50000 > 10.0.0.10:22 flags=2 pkt-srcaddr=192.0.2.1',
    says: 'attributed request syn',
    use: { r1: 'used sole primary inferred', r2: 'possible(packetPeer)' },
    peer: '10.0.0.5',
  },
  {
    why: 'the same at egress, by pkt-dstaddr',
    rules: ['r1 sg-web out tcp 443 10.0.0.0/24', 'r2 sg-web out tcp 443 sg-db'],
    record: 'eni-a out tcp 10.0.0.10:50000 > 10.0.0.5:443 flags=2 pkt-dstaddr=192.0.2.1',
    says: 'attributed request syn',
    use: { r1: 'used sole primary inferred', r2: 'possible(packetPeer)' },
  },
  {
    why: 'beside a plain field that nothing admits either',
    rules: ['r1 sg-web in tcp 22 sg-db'],
    record: 'eni-a in tcp 10.0.0.5:50000 > 10.0.0.10:22 flags=2 pkt-srcaddr=192.0.2.1',
    says: 'unexplained request syn',
    use: { r1: 'possible(packetPeer)' },
  },
  {
    why: 'not where a rule admits the pkt- peer: then nothing stands in for it',
    rules: ['r1 sg-web in tcp 22 192.0.2.0/24', 'r2 sg-web in tcp 22 sg-db'],
    record: 'eni-a in tcp 10.0.0.5:50000 > 10.0.0.10:22 flags=2 pkt-srcaddr=192.0.2.1',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
    peer: '192.0.2.1',
  },
  {
    why: 'not in another direction, protocol or port, nor by another group',
    rules: [
      'r1 sg-web in tcp 22 10.0.0.0/24',
      'r2 sg-web in tcp 23 sg-db',
      'r3 sg-web in udp 22 sg-db',
      'r4 sg-web out tcp 22 sg-db',
      'r5 sg-db in tcp 22 sg-db',
    ],
    record: 'eni-a in tcp 10.0.0.5:50000 > 10.0.0.10:22 flags=2 pkt-srcaddr=192.0.2.1',
    says: 'attributed request syn',
    use: { r1: 'used sole primary inferred' },
  },
  {
    why: 'once per record and rule: one credited by the plain field is not possibly used as well',
    rules: ['r1 sg-web in tcp 22 sg-db', 'r2 sg-web in tcp 22 sg-two'],
    record: 'eni-a in tcp 10.0.0.20:50000 > 10.0.0.10:22 flags=2 pkt-srcaddr=192.0.2.1',
    says: 'attributed request syn',
    use: { r1: 'used sole primary inferred', r2: 'possible(packetPeer)' },
  },
  {
    why: 'once per record and rule: (ii) by the plain field and again by the pkt- field',
    rules: ['r1 sg-web in tcp 22 pl-unknown', 'r2 sg-web in tcp 22 sg-db'],
    record: 'eni-a in tcp 10.0.0.5:50000 > 10.0.0.10:22 flags=2 pkt-srcaddr=192.0.2.1',
    says: 'possible request syn',
    use: { r1: 'possible(ii)', r2: 'possible(packetPeer)' },
  },
  {
    why: 'once per record and rule: the chosen reply could be by the plain field and again by the pkt- field',
    rules: ['r1 sg-web out tcp 443 pl-unknown', 'r2 sg-web out tcp 443 sg-db'],
    record: 'eni-a in tcp 10.0.0.5:443 > 10.0.0.10:50000 flags=18 pkt-srcaddr=192.0.2.1',
    says: 'unexplained reply syn',
    use: { r1: 'possible(otherPath)', r2: 'possible(packetPeer)' },
  },
  {
    why: 'once per record and rule: an unclear loser, admitted by the plain field (r1) or not (r2), and the pkt- field',
    rules: [
      'r1 sg-web in udp 0-65535 sg-db',
      'r2 sg-web in -1 pl-unknown',
      'r3 sg-web in udp 514 sg-two',
      'r4 sg-web out udp 1024-65535 10.0.0.0/24',
    ],
    record: 'eni-a in udp 10.0.0.20:50000 > 10.0.0.10:514 pkt-srcaddr=192.0.2.1',
    says: 'attributed reply moreSpecific',
    use: { r1: 'possible(i)', r2: 'possible(i)', r3: 'possible(packetPeer)', r4: 'reply' },
  },
  {
    why: 'an inferred reply: both what could admit the reply and what could admit the request',
    rules: ['r1 sg-web out tcp 443 10.0.0.0/24', 'r2 sg-web out tcp 443 sg-db', 'r3 sg-web in tcp 50000-50010 sg-db'],
    record: 'eni-a in tcp 10.0.0.5:443 > 10.0.0.10:50000 flags=0 pkt-srcaddr=192.0.2.1',
    says: 'attributed reply onlyOne',
    use: { r1: 'reply', r2: 'possible(packetPeer)', r3: 'possible(packetPeer)' },
  },
  {
    why: 'a certain reply: only what could admit the reply',
    rules: ['r1 sg-web out tcp 443 10.0.0.0/24', 'r2 sg-web out tcp 443 sg-db', 'r3 sg-web in tcp 50000-50010 sg-db'],
    record: 'eni-a in tcp 10.0.0.5:443 > 10.0.0.10:50000 flags=18 pkt-srcaddr=192.0.2.1',
    says: 'attributed reply syn',
    use: { r1: 'reply', r2: 'possible(packetPeer)' },
  },
];

/** Read as a reply only since nothing admits the request: [protocol, from port, to port, can it only be a reply]. */
const REPLY_PORTS: ['tcp' | 'udp', number, number, boolean][] = [
  ['udp', 514, 514, false],
  ['udp', 40000, 40000, false],
  ['tcp', 511, 2049, true],
  // NFS clients use reserved ports.
  ['tcp', 512, 2049, false],
  ['tcp', 2049, 32767, false],
  ['tcp', 2049, 32768, true],
  ['tcp', 20, 50000, false],
  ['tcp', 989, 50000, false],
  ['udp', 53, 2049, true],
  // Traps.
  ['udp', 161, 10162, false],
  ['udp', 161, 32768, true],
];

/** sg-nowhere is on no interface; 10.0.0.5 is the address of one without groups, so that no reference could admit it. */
const unexplained: Row[] = [
  {
    why: '(iii) a group or a list whose direction, protocol and port fit, of the groups of the interface and of the VPC',
    rules: [
      'r1 sg-web in tcp 22 sg-db',
      'r2 sg-db in -1 sg-nowhere',
      'r3 sg-nowhere in tcp 20-30 pl-known',
      'r4 sg-db in tcp 22 10.0.0.0/24',
      'r5 sg-db in tcp 22 10.1.0.0/24',
      'r6 sg-web in tcp 23 sg-db',
      'r7 sg-web in udp 22 sg-db',
      'r8 sg-web out tcp 22 sg-db',
    ],
    prefixLists: { 'pl-known': { entries: ['192.0.2.0/24'] } },
    record: 'eni-a in tcp 10.0.0.5:50000 > 10.0.0.10:22 flags=2',
    says: 'unexplained request syn',
    use: { r1: 'possible(iii)', r2: 'possible(iii)', r3: 'possible(iii)', r4: 'possible(iii)' },
  },
  {
    why: '(iii) no list of the other family: families never mix',
    rules: ['r1 sg-web in tcp 22 pl-six', 'r2 sg-web in tcp 22 pl-entries'],
    prefixLists: { 'pl-six': { family: 'IPv6', entries: [] }, 'pl-entries': { entries: ['2001:db8::/32'] } },
    record: 'eni-a in tcp 10.0.0.5:50000 > 10.0.0.10:22 flags=2',
    says: 'unexplained request syn',
  },
  {
    why: '(iii) in both readings where nothing is certain',
    rules: ['r1 sg-db in tcp 22 10.0.0.0/24', 'r2 sg-db out tcp 50000 sg-nowhere'],
    record: 'eni-a in tcp 10.0.0.5:50000 > 10.0.0.10:22 flags=0',
    says: 'unexplained request smallerPort',
    use: { r1: 'possible(iii)', r2: 'possible(iii)' },
  },
  {
    why: '(iii) not in a reading that the flags exclude',
    rules: ['r1 sg-db in tcp 22 10.0.0.0/24', 'r2 sg-db out tcp 50000 sg-nowhere'],
    record: 'eni-a in tcp 10.0.0.5:50000 > 10.0.0.10:22 flags=2',
    says: 'unexplained request syn',
    use: { r1: 'possible(iii)' },
  },
  {
    why: '(iii) not where something admits the reading, or could',
    rules: ['r1 sg-web in tcp 22 10.0.0.0/24', 'r2 sg-db in tcp 22 10.0.0.0/24', 'r3 sg-web in tcp 22 sg-db'],
    record: 'eni-a in tcp 10.0.0.5:50000 > 10.0.0.10:22 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: '(iii) a group of another VPC cannot be on the interface, one that an interface of this VPC carries can',
    rules: ['r1 sg-other in tcp 22 10.0.0.0/24', 'r2 sg-both in tcp 22 10.0.0.0/24'],
    interfaces: ['eni-c vpc-1 sg-both 10.0.0.40'],
    groups: { 'sg-other': 'vpc-2', 'sg-both': 'vpc-2' },
    record: 'eni-a in tcp 10.0.0.5:50000 > 10.0.0.10:22 flags=2',
    says: 'unexplained request syn',
    use: { r2: 'possible(iii)' },
  },
  {
    why: '(iii) a reference that is stale now, by the status of its peering',
    rules: ['r1 sg-web in tcp 22 sg-two^pcx-1:deleted'],
    record: 'eni-a in tcp 10.2.0.7:50000 > 10.0.0.10:22 flags=2',
    says: 'unexplained request syn',
    use: { r1: 'possible(iii)' },
  },
  {
    why: 'read as a reply only since nothing admits the request, which has the smaller port: (iii) for the request',
    rules: ['r1 sg-web out -1 0.0.0.0/0', 'r2 sg-web in tcp 22 sg-db', 'r3 sg-db in tcp 22 10.0.0.0/24'],
    record: 'eni-a in tcp 10.0.0.5:50000 > 10.0.0.10:22 flags=0',
    says: 'attributed reply onlyOne',
    use: { r1: 'reply', r2: 'possible(wantOfRules)', r3: 'possible(wantOfRules)' },
  },
  {
    why: 'not where the reply has the smaller port',
    rules: ['r1 sg-web out -1 0.0.0.0/0', 'r2 sg-web in tcp 50000 sg-db'],
    record: 'eni-a in tcp 10.0.0.5:22 > 10.0.0.10:50000 flags=0',
    says: 'attributed reply onlyOne',
    use: { r1: 'reply' },
  },
  {
    why: 'not where the flags say that it is a reply',
    rules: ['r1 sg-web out -1 0.0.0.0/0', 'r2 sg-web in tcp 22 sg-db'],
    record: 'eni-a in tcp 10.0.0.5:50000 > 10.0.0.10:22 flags=18',
    says: 'attributed reply syn',
    use: { r1: 'reply' },
  },
  {
    why: 'of protocols without ports nothing tells: the ping of a member that is gone may have needed its rule',
    rules: ['r1 sg-web out icmp -1/-1 0.0.0.0/0', 'r2 sg-db in icmp -1/-1 0.0.0.0/0'],
    record: 'eni-a in icmp 10.0.0.5 > 10.0.0.10',
    says: 'attributed reply onlyOne',
    use: { r1: 'reply', r2: 'possible(wantOfRules)' },
  },
  ...REPLY_PORTS.map(([protocol, from, to, isReply]): Row => ({
    why: `whether ${protocol} from ${from} to ${to} can only be a reply, where nothing admits the request`,
    rules: ['r1 sg-web out -1 0.0.0.0/0', `r2 sg-web in ${protocol} ${to}-${to} sg-db`],
    record: `eni-a in ${protocol} 10.0.0.5:${from} > 10.0.0.10:${to}${protocol === 'tcp' ? ' flags=0' : ''}`,
    says: 'attributed reply onlyOne',
    use: { r1: 'reply', ...(!isReply && { r2: 'possible(wantOfRules)' }) },
  })),
  {
    why: 'protocols without ports have none of a reply, whatever the log shows',
    rules: ['r1 sg-web out icmp -1/-1 0.0.0.0/0', 'r2 sg-db in icmp -1/-1 0.0.0.0/0'],
    record: 'eni-a in icmp 10.0.0.5:8 > 10.0.0.10:40000',
    says: 'attributed reply onlyOne',
    use: { r1: 'reply', r2: 'possible(wantOfRules)' },
  },
  {
    why: 'not where a rule admits the request, and the reply has the narrower one',
    rules: [
      'r1 sg-web in udp 0-65535 10.0.0.0/8',
      'r2 sg-web out udp 1024-65535 10.9.0.0/16',
      'r3 sg-db in udp 514 10.9.0.0/16',
    ],
    record: 'eni-a in udp 10.9.9.9:50000 > 10.0.0.10:514',
    says: 'attributed reply moreSpecific',
    use: { r1: 'possible(i)', r2: 'reply' },
  },
  {
    why: 'and for the request alone',
    rules: ['r1 sg-web out -1 0.0.0.0/0', 'r2 sg-db out tcp 50000 10.0.0.0/24'],
    record: 'eni-a in tcp 10.0.0.5:50000 > 10.0.0.10:22 flags=0',
    says: 'attributed reply onlyOne',
    use: { r1: 'reply' },
  },
  {
    why: '(iii) by the packet’s own address and by the plain one',
    rules: ['r1 sg-db in tcp 22 192.0.2.0/24', 'r2 sg-db in tcp 22 10.9.0.0/16'],
    record: 'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=2 pkt-srcaddr=192.0.2.1',
    says: 'unexplained request syn',
    use: { r1: 'possible(iii)', r2: 'possible(iii)' },
  },
];

const lone: Row[] = [
  {
    why: 'a certain request that exactly one rule could admit, by a group with an interface here: used, sole and inferred',
    rules: ['r1 sg-web in tcp 22 sg-db', 'r2 sg-web in tcp 23 sg-db'],
    record: 'eni-a in tcp 10.0.0.77:50000 > 10.0.0.10:22 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary inferred' },
  },
  {
    why: 'with its certain replies',
    rules: ['r1 sg-web in tcp 22 sg-db'],
    record: 'eni-a out tcp 10.0.0.10:22 > 10.0.0.77:50000 flags=18',
    says: 'attributed reply syn',
    use: { r1: 'reply' },
  },
  {
    why: 'not where the opener is inferred',
    rules: ['r1 sg-web in tcp 22 sg-db'],
    record: 'eni-a in tcp 10.0.0.77:50000 > 10.0.0.10:22 flags=0',
    says: 'possible request onlyOne',
    use: { r1: 'possible(ii)' },
  },
  {
    why: 'not where two rules could',
    rules: ['r1 sg-web in tcp 22 sg-db', 'r2 sg-web in tcp 22 sg-web'],
    record: 'eni-a in tcp 10.0.0.77:50000 > 10.0.0.10:22 flags=2',
    says: 'possible request syn',
    use: { r1: 'possible(ii)', r2: 'possible(ii)' },
  },
  {
    why: 'nor where the other one is a list without entries',
    rules: ['r1 sg-web in tcp 22 sg-db', 'r2 sg-web in tcp 22 pl-unknown'],
    record: 'eni-a in tcp 10.0.0.77:50000 > 10.0.0.10:22 flags=2',
    says: 'possible request syn',
    use: { r1: 'possible(ii)', r2: 'possible(ii)' },
  },
  {
    why: 'not by a group that no interface here has',
    rules: ['r1 sg-web in tcp 22 sg-nowhere'],
    record: 'eni-a in tcp 10.0.0.77:50000 > 10.0.0.10:22 flags=2',
    says: 'possible request syn',
    use: { r1: 'possible(ii)' },
  },
  {
    why: 'nor by a list without entries',
    rules: ['r1 sg-web in tcp 22 pl-unknown'],
    record: 'eni-a in tcp 10.0.0.77:50000 > 10.0.0.10:22 flags=2',
    says: 'possible request syn',
    use: { r1: 'possible(ii)' },
  },
];

const otherPath: Row[] = [
  {
    why: 'a SYN-ACK that nothing admits: its request went out elsewhere, and the rules of this direction let it in',
    rules: ['r1 sg-web in tcp 1024-65535 172.16.0.0/12', 'r2 sg-web out tcp 22 172.16.0.0/12'],
    record: 'eni-a in tcp 172.16.5.5:443 > 10.0.0.10:40000 flags=18',
    says: 'unexplained reply syn',
    use: { r1: 'possible(otherPath)' },
  },
  {
    why: 'nothing admits it in either reading: (iii) in both',
    rules: ['r1 sg-db in tcp 40000 172.16.0.0/12', 'r2 sg-db out tcp 443 sg-nowhere'],
    record: 'eni-a in tcp 172.16.5.5:443 > 10.0.0.10:40000 flags=18',
    says: 'unexplained reply syn',
    use: { r1: 'possible(iii)', r2: 'possible(iii)' },
  },
  {
    why: 'no more than these, by group and list, where they let it in',
    rules: ['r1 sg-web in tcp 40000 172.16.0.0/12', 'r2 sg-web out tcp 443 sg-db'],
    vpcs: ['vpc-1 10.0.0.0/16'],
    record: 'eni-a in tcp 172.16.5.5:443 > 10.0.0.10:40000 flags=18',
    says: 'unexplained reply syn',
    use: { r1: 'possible(otherPath)' },
  },
  {
    why: 'not where a rule admits the reply by the plain address alone',
    rules: ['r1 sg-web in tcp 1024-65535 172.16.0.0/12', 'r2 sg-web out tcp 443 172.16.0.0/12'],
    record: 'eni-a in tcp 172.16.5.5:443 > 10.0.0.10:40000 flags=18 pkt-srcaddr=192.0.2.1',
    says: 'attributed reply syn',
    use: { r2: 'reply' },
  },
  {
    why: 'not where a rule admits the reply',
    rules: ['r1 sg-web in tcp 1024-65535 172.16.0.0/12', 'r2 sg-web out tcp 443 172.16.0.0/12'],
    record: 'eni-a in tcp 172.16.5.5:443 > 10.0.0.10:40000 flags=18',
    says: 'attributed reply syn',
    use: { r2: 'reply' },
  },
];

const unknownInterface: Row[] = [
  {
    why: 'every group of the VPC that the record tells, carried or not, and of no other',
    rules: [
      'r1 sg-web in tcp 22 10.9.0.0/16',
      'r2 sg-nowhere in tcp 22 10.9.0.0/16',
      'r3 sg-other in tcp 22 10.9.0.0/16',
    ],
    groups: { 'sg-other': 'vpc-2' },
    record: 'eni-x in tcp 10.9.9.9:50000 > 10.0.0.88:22 vpc-id=vpc-1',
    says: 'unknownInterface',
    use: { r1: 'possible', r2: 'possible' },
  },
  {
    why: 'a rule that only could, beside one that admits',
    rules: ['r1 sg-web in tcp 22 10.9.0.0/16', 'r2 sg-db in tcp 22 pl-unknown'],
    record: 'eni-x in tcp 10.9.9.9:50000 > 10.0.0.88:22 vpc-id=vpc-1 flags=2',
    says: 'unknownInterface',
    use: { r1: 'possible', r2: 'possible' },
  },
  {
    why: 'by the packet’s own address and by the plain one',
    rules: ['r1 sg-web in tcp 22 10.9.0.0/16', 'r2 sg-web in tcp 22 192.0.2.0/24'],
    record: 'eni-x in tcp 10.9.9.9:50000 > 10.0.0.88:22 vpc-id=vpc-1 flags=2 pkt-srcaddr=192.0.2.1',
    says: 'unknownInterface',
    use: { r1: 'possible', r2: 'possible' },
  },
  {
    why: 'not in a direction that the record excludes',
    rules: ['r1 sg-web out tcp 22 10.0.0.0/16'],
    record: 'eni-x in tcp 10.9.9.9:50000 > 10.0.0.88:22 vpc-id=vpc-1 flags=2',
    says: 'unknownInterface',
  },
  {
    why: 'a group of which nobody says the VPC may be of any',
    rules: ['r1 sg-undescribed in tcp 22 10.9.0.0/16'],
    record: 'eni-x in tcp 10.9.9.9:50000 > 10.0.0.88:22 vpc-id=vpc-1 flags=2',
    says: 'unknownInterface',
    use: { r1: 'possible' },
  },
  {
    why: 'of every VPC where nothing tells',
    rules: ['r1 sg-web in tcp 22 10.9.0.0/16', 'r3 sg-other in tcp 22 10.9.0.0/16'],
    groups: { 'sg-other': 'vpc-2' },
    record: 'eni-x in tcp 10.9.9.9:50000 > 10.0.0.88:22',
    says: 'unknownInterface',
    use: { r1: 'possible', r3: 'possible' },
  },
  {
    why: 'of none where the VPC is none of the inventory’s',
    rules: ['r1 sg-web in tcp 22 10.9.0.0/16'],
    record: 'eni-x in tcp 10.9.9.9:50000 > 10.0.0.88:22 vpc-id=vpc-9',
    says: 'unknownInterface',
  },
  {
    why: 'in both readings, and in both directions',
    rules: [
      'r1 sg-web in tcp 22 10.9.0.0/16',
      'r2 sg-web out tcp 50000 10.9.0.0/16',
      'r3 sg-web out tcp 22 10.0.0.0/16',
      'r4 sg-web in tcp 50000 10.0.0.0/16',
    ],
    record: 'eni-x - tcp 10.9.9.9:50000 > 10.0.0.88:22 vpc-id=vpc-1',
    says: 'unknownInterface',
    use: { r1: 'possible', r2: 'possible', r3: 'possible', r4: 'possible' },
  },
  {
    why: 'but for the readings that its flags exclude',
    rules: [
      'r1 sg-web in tcp 22 10.9.0.0/16',
      'r2 sg-web out tcp 50000 10.9.0.0/16',
      'r3 sg-web out tcp 22 10.0.0.0/16',
      'r4 sg-web in tcp 50000 10.0.0.0/16',
    ],
    record: 'eni-x - tcp 10.9.9.9:50000 > 10.0.0.88:22 vpc-id=vpc-1 flags=2',
    says: 'unknownInterface',
    use: { r1: 'possible', r3: 'possible' },
  },
  {
    why: 'an end that a known interface of the VPC has is the peer: the source',
    rules: ['r1 sg-web in tcp 22 10.0.0.0/16', 'r2 sg-web out tcp 22 10.0.0.0/16'],
    record: 'eni-x - tcp 10.0.0.20:50000 > 10.0.0.88:22 vpc-id=vpc-1 flags=2',
    says: 'unknownInterface',
    use: { r1: 'possible' },
  },
  {
    why: 'an end that a known interface of the VPC has is the peer: the destination',
    rules: ['r1 sg-web in tcp 22 10.0.0.0/16', 'r2 sg-web out tcp 22 10.0.0.0/16'],
    record: 'eni-x - tcp 10.0.0.88:50000 > 10.0.0.20:22 vpc-id=vpc-1 flags=2',
    says: 'unknownInterface',
    use: { r2: 'possible' },
  },
  {
    why: 'not one that an interface of another VPC has',
    rules: ['r1 sg-web in tcp 22 10.0.0.0/16', 'r2 sg-web out tcp 22 10.0.0.0/16'],
    record: 'eni-x - tcp 10.0.0.88:50000 > 10.0.0.99:22 vpc-id=vpc-1 flags=2',
    says: 'unknownInterface',
    use: { r1: 'possible', r2: 'possible' },
  },
  {
    why: 'where nothing admits or could: (iii), by group and list',
    rules: ['r1 sg-web in tcp 22 sg-db', 'r2 sg-web in tcp 22 10.8.0.0/16', 'r3 sg-web in tcp 23 sg-db'],
    record: 'eni-x in tcp 10.0.0.5:50000 > 10.0.0.88:22 vpc-id=vpc-1 flags=2',
    says: 'unknownInterface',
    use: { r1: 'possible' },
  },
  {
    why: 'where something does, no more than that',
    rules: ['r1 sg-web in tcp 22 sg-db', 'r2 sg-web in tcp 22 10.0.0.0/16'],
    record: 'eni-x in tcp 10.0.0.5:50000 > 10.0.0.88:22 vpc-id=vpc-1 flags=2',
    says: 'unknownInterface',
    use: { r2: 'possible' },
  },
];

const lattice: Row[] = [
  {
    why: 'any ingress rule of the VPC that admits the caller of VPC Lattice, beside a certain request as well',
    rules: [
      'r1 sg-web out -1 0.0.0.0/0',
      'r2 sg-db in tcp 443 10.0.0.0/16',
      'r3 sg-db in tcp 443 10.9.0.0/16',
      'r4 sg-db in tcp 444 10.0.0.0/16',
      'r5 sg-db out tcp 443 10.0.0.0/16',
    ],
    record: 'eni-a out tcp 10.0.0.10:50000 > 169.254.171.33:443 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary', r2: 'possible(lattice)' },
  },
  {
    why: 'by what Lattice answered, in IPv6',
    rules: ['r1 sg-web out -1 ::/0', 'r2 sg-db in tcp 80 2001:db8::/32', 'r3 sg-db in tcp 80 0.0.0.0/0'],
    record: 'eni-a in tcp [fd00:ec2:80::7]:80 > [2001:db8::10]:50000 flags=18',
    says: 'attributed reply syn',
    use: { r1: 'reply', r2: 'possible(lattice)' },
  },
  {
    why: 'not for the addresses beside those of Lattice',
    rules: ['r1 sg-web out -1 0.0.0.0/0', 'r2 sg-db in tcp 443 10.0.0.0/16'],
    record: 'eni-a out tcp 10.0.0.10:50000 > 169.254.172.0:443 flags=2',
    says: 'attributed request syn',
    use: { r1: 'used sole primary' },
  },
  {
    why: 'of an interface that nobody knows as well',
    rules: ['r1 sg-web out -1 0.0.0.0/0', 'r2 sg-db in tcp 443 10.0.0.0/16'],
    record: 'eni-x out tcp 10.0.0.88:50000 > 169.254.171.255:443 vpc-id=vpc-1 flags=2',
    says: 'unknownInterface',
    use: { r1: 'possible', r2: 'possible' },
  },
];

export const possibleUse: Row[] = [
  ...nothingTells,
  ...theRequestThatCouldBe,
  ...unclear,
  ...chosenCould,
  ...packetPeer,
  ...unexplained,
  ...lone,
  ...otherPath,
  ...unknownInterface,
  ...lattice,
];
