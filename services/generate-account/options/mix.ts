/**
 * What the simulated traffic consists of. Fixed before any classifier was measured on it, and not tuned to one: a share
 * is what such traffic has in accounts of some size, raised to a few per mille where it would be too rare to be seen.
 * Where a slot of time has no room for more of a kind, the others fill in.
 */
export interface KindOfTraffic {
  readonly kind: string;
  /** Percent of the records, those of second flow logs included. */
  readonly share: number;
  readonly why: string;
}

/** What was written of a kind. */
export interface KindCount {
  connections: number;
  records: number;
  requests: number;
  replies: number;
}

export const MIX = [
  // Kinds that a part of the run alone can have come first, so that short runs have them too.
  { kind: 'openBeforeTheLog', share: 2, why: 'no record of it has a SYN' },
  { kind: 'retired', share: 0.4, why: 'rules that were used, and are not any more; forwarded by a machine of ours' },
  { kind: 'beforeTheEdit', share: 0.3, why: 'admitted by a content of the rule that the inventory no longer has' },
  { kind: 'afterTheEdit', share: 0.3, why: 'the same rule id, another content' },

  { kind: 'clientToLoadBalancer', share: 8, why: 'the bulk: browsers to the load balancer' },
  { kind: 'ipv6ToLoadBalancer', share: 2, why: 'IPv6' },
  { kind: 'loadBalancerToWeb', share: 8, why: 'second tier; two rules that cover each other' },
  { kind: 'loadBalancerToPod', share: 2.5, why: 'targets by secondary address and delegated prefix' },
  { kind: 'webToApp', share: 6, why: 'third tier; a rule that a broader one covers' },
  { kind: 'appToDatabase', share: 3, why: 'short connections; in the subnet with a second flow log' },
  { kind: 'databasePool', share: 7, why: 'long connections: a SYN in the first window only' },
  { kind: 'serviceToService', share: 5, why: 'as many rules and groups as one asks for' },
  { kind: 'toSecondaryAddress', share: 1, why: 'the plain field shows the primary address' },
  { kind: 'cache', share: 2.6, why: 'one of two groups that may use a service' },

  { kind: 'webFromLinux', share: 2.5, why: 'untracked: open to all both ways; clients from 32768 up' },
  { kind: 'webFromAnyPort', share: 2, why: 'untracked; clients from 1024 up, as behind carriers' },
  { kind: 'webOverIpv6', share: 1.4, why: 'untracked, IPv6' },
  { kind: 'refused', share: 0.3, why: 'admitted, answered with RST alone' },
  { kind: 'unansweredScan', share: 0.3, why: 'admitted, never answered' },
  { kind: 'afterTheClose', share: 0.3, why: 'REJECT without a rule having a say' },
  { kind: 'blockedPublicAccess', share: 0.1, why: 'REJECT that no group decided, without bytes' },
  { kind: 'tcpScan', share: 3, why: 'the internet’s noise, also in a REJECT-only second log' },
  { kind: 'udpScan', share: 0.5, why: 'noise without flags' },
  { kind: 'clientKeptByLoadBalancer', share: 2, why: 'a group reference admits addresses of strangers' },
  { kind: 'healthCheck', share: 0.8, why: 'the one use of that load balancer’s own egress rule that is logged' },
  { kind: 'fromCloudFront', share: 1.3, why: 'a prefix list whose entries are not in the inventory' },
  { kind: 'natGateway', share: 2.5, why: 'an interface without groups; pkt-… differs from the plain field' },
  { kind: 'podThroughNatGateway', share: 1.4, why: 'pkt-… differs at both interfaces' },
  { kind: 'nodeOverIpv6', share: 0.5, why: 'IPv6 opened from inside' },

  { kind: 'dns', share: 6.9, why: 'UDP: no flag ever tells who asked' },
  { kind: 'dnsOverTcp', share: 0.2, why: 'a rule that is used a few times a day' },
  { kind: 'dnsForwarded', share: 1.5, why: 'UDP opened to the internet' },
  { kind: 'ntpInside', share: 0.6, why: 'equal ports 123' },
  { kind: 'ntpOutside', share: 0.3, why: 'equal ports, opened to the internet' },
  { kind: 'statsd', share: 0.8, why: 'UDP without an answer' },
  { kind: 'grpcFromLowPorts', share: 2.5, why: 'service 50051 above clients 1024–5000' },
  { kind: 'brokerFromLowPorts', share: 1.4, why: 'service 61616 above clients 1024–5000, long connections' },
  { kind: 'gossip', share: 1.9, why: 'a group that refers to itself' },
  { kind: 'equalPortPeers', share: 0.6, why: 'equal ports, either peer may begin' },
  { kind: 'scrape', share: 1.5, why: 'monitoring of machines by one of several groups' },
  { kind: 'sshFromOffice', share: 0.3, why: 'a customer’s prefix list' },
  { kind: 'sshInside', share: 0.2, why: 'rare, and not to be lost' },
  { kind: 'podToService', share: 2, why: 'opened from a delegated prefix' },
  { kind: 'podToPod', share: 1.8, why: 'rules for all protocols on both ways' },
  { kind: 'nodeToControlPlane', share: 0.8, why: 'the clients’ ports lie inside a wide rule of the other direction' },
  { kind: 'controlPlaneToNode', share: 0.8, why: 'the same pair of groups, the other way' },

  { kind: 'espFromInside', share: 0.2, why: 'protocol 50, no ports; opened by us' },
  { kind: 'espFromOutside', share: 0.2, why: 'protocol 50, opened by the partner' },
  { kind: 'gre', share: 0.2, why: 'protocol 47, either way' },
  { kind: 'ikeFromInside', share: 0.1, why: 'UDP 500 on both ends, opened by us' },
  { kind: 'ikeFromOutside', share: 0.1, why: 'UDP 500 on both ends, opened by the partner' },
  { kind: 'natTraversal', share: 0.2, why: 'UDP 4500 on both ends' },
  { kind: 'pingFromInside', share: 0.3, why: 'ICMP: neither type nor ports are logged' },
  { kind: 'pingFromOutside', share: 0.3, why: 'the same, opened from outside' },
  { kind: 'ping6FromInside', share: 0.1, why: 'ICMPv6' },
  { kind: 'ping6FromOutside', share: 0.1, why: 'ICMPv6, opened from outside' },

  { kind: 'partnerCallsUs', share: 0.8, why: 'a group of a peered account' },
  { kind: 'weCallPartner', share: 0.4, why: 'the same, opened by us' },
  {
    kind: 'shortLivedTask',
    share: 0.9,
    why: 'unknown interface, and a peer nobody knows; below 1 % as where tasks are few',
  },
  { kind: 'toS3', share: 1.2, why: 'a prefix list of AWS; gateway endpoint' },
  { kind: 'toInterfaceEndpoint', share: 0.6, why: 'an interface of AWS’s with a group of ours' },
  { kind: 'legacyVpc', share: 0.3, why: 'a REJECT-only flow log: used rules without a trace' },
  { kind: 'staging', share: 1.5, why: 'a VPC with the same addresses; 10-minute windows' },
  { kind: 'officeToStaging', share: 0.3, why: 'the same prefix list, used in two VPCs' },
  { kind: 'rejectedAtTheSource', share: 0.3, why: 'REJECT of egress' },
  { kind: 'rejectedAtTheTarget', share: 0.2, why: 'ACCEPT at one interface, REJECT at the other, no reply' },
  { kind: 'noData', share: 0.57, why: 'interfaces that never speak are observed all the same' },
  { kind: 'skipData', share: 0.03, why: 'a gap that is not silence' },
] as const satisfies readonly KindOfTraffic[];

export type Kind = (typeof MIX)[number]['kind'];
