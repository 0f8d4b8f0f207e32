/** Plain JSON as the AWS CLI prints it, reduced to what the oracle reads. */

export interface OracleGroup {
  GroupId: string;
  GroupName?: string;
  Description?: string;
  OwnerId?: string;
  VpcId?: string;
}

export interface OracleRule {
  SecurityGroupRuleId: string;
  GroupId: string;
  GroupOwnerId?: string;
  IsEgress: boolean;
  /** `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all. */
  IpProtocol: string;
  FromPort?: number;
  ToPort?: number;
  CidrIpv4?: string;
  CidrIpv6?: string;
  PrefixListId?: string;
  ReferencedGroupInfo?: OracleGroupReference;
  Description?: string;
}

export interface OracleGroupReference {
  GroupId: string;
  UserId?: string;
  VpcId?: string;
  VpcPeeringConnectionId?: string;
  PeeringStatus?: string;
}

export interface OracleInterface {
  NetworkInterfaceId: string;
  VpcId?: string;
  SubnetId?: string;
  Attachment?: { AttachTime: string };
  InterfaceType?: string;
  Groups?: { GroupId: string; GroupName?: string }[];
  PrivateIpAddress?: string;
  PrivateIpAddresses?: { PrivateIpAddress: string; Primary?: boolean; Association?: { PublicIp?: string } }[];
  Ipv6Addresses?: { Ipv6Address: string }[];
  Ipv4Prefixes?: { Ipv4Prefix: string }[];
  Ipv6Prefixes?: { Ipv6Prefix: string }[];
  /** Of one that was attached after the record: as AWS tells it. The oracle's own. */
  attachedLater?: OracleInterface;
}

export interface OraclePrefixList {
  /** `IPv4` or `IPv6`; absent where the list itself was not described. */
  family?: string;
  /** CIDRs; absent where they are not known, `[]` where the list is known to be empty. */
  entries?: string[];
}

export interface OracleVpc {
  VpcId: string;
  CidrBlock?: string;
  CidrBlockAssociationSet?: { CidrBlock: string }[];
  Ipv6CidrBlockAssociationSet?: { Ipv6CidrBlock: string }[];
}

export interface OracleInventory {
  securityGroups: OracleGroup[];
  securityGroupRules: OracleRule[];
  networkInterfaces: OracleInterface[];
  /** By `pl-` id. */
  prefixLists: Record<string, OraclePrefixList>;
  vpcs?: OracleVpc[];
  /** What `describe-stale-security-groups` lists. */
  staleReferences?: { GroupId: string; IsEgress: boolean; Referenced: string }[];
}

/** Fields of a flow log record by their hyphen names; `-` or no key where absent. */
export type OracleRecord = Record<string, string>;

/** The twelve ends a record can come to. The oracle reads no files: it never finds malformed or duplicate ones. */
export type Fate =
  | 'noData'
  | 'skipData'
  | 'malformed'
  | 'otherAccount'
  | 'duplicateLog'
  | 'rejected'
  | 'unknownInterface'
  | 'noGroup'
  | 'unknownDirection'
  | 'possible'
  | 'unexplained'
  | 'attributed';

export type Direction = 'ingress' | 'egress';
export type Hypothesis = 'request' | 'reply';

/**
 * The sub-step of 2.5 that decided: a `syn`, b `onlyOne`, before c and at night only `fanOut`, c `moreSpecific`,
 * d `smallerPort` (ambiguous).
 */
export type Decision = 'syn' | 'onlyOne' | 'fanOut' | 'moreSpecific' | 'smallerPort';

/** What the night alone knows of a record. */
export interface NightEvidence {
  /** Who opened the connection, by other records of the day. */
  opener?: Hypothesis | undefined;
  /** A SYN of the connection was seen. */
  synSeen?: boolean | undefined;
  /** Of UDP: what the packets of the other half say for (v). */
  paired?: 'answers' | 'asks' | undefined;
  /** Whose port met three or more of the other end's. */
  service?: 'source' | 'destination' | undefined;
}

/** Why a rule was possibly used: the steps of section 2.7 (`otherPath`: 2.5), and three beyond them, for the user's protection. */
export type PossibleReason =
  /** It admits or could admit the losing reading, and the chosen one is neither certain nor clear. */
  | 'i'
  /** It could admit the request, which no rule admits. */
  | 'ii'
  /** (ii) as well: it could admit the chosen reply, which no rule admits. */
  | 'chosenCould'
  /** Nothing admits and nothing could, and it may have. */
  | 'iii'
  /** (iii) as well: for the request that has the smaller port and no rule. */
  | 'wantOfRules'
  /** A SYN-ACK that nothing admits. */
  | 'otherPath'
  /** It names a group of an interface that has the peer's address and was attached later, beside rules that admit. */
  | 'attachedLater'
  /** It names a group of one of several interfaces of the VPC that have the peer's address. */
  | 'sharedAddress'
  /** It could admit the pkt- peer, which the plain field stands in for. */
  | 'packetPeer'
  /** It admits or could admit the losing hypothesis by the plain field, and none does by the pkt- one. */
  | 'plainAddress'
  /** It may be of the group that let a call of VPC Lattice in. */
  | 'lattice';

/** What the oracle makes of one accepted record that it could orient. */
export interface Explanation {
  interfaceId: string;
  /** Sorted ids of the interface's groups. */
  groups: string[];
  /** UTC, YYYY-MM-DD. */
  day: string;
  hypothesis: Hypothesis;
  decision: Decision;
  /** Of the service flow, not of the record. */
  direction: Direction;
  peer: string;
  /** The plain field stands in for the pkt- field. */
  fellBack: boolean;
  protocol: number;
  /** Null for protocols without ports. */
  servicePort: number | null;
  /** A certain reading that nothing admits, credited to the lone rule that could. */
  isLone: boolean;
  /** Sorted ids of the rules credited, and of those that could admit the chosen hypothesis but do not. */
  admitting: string[];
  could: string[];
  /** Null where nothing is admitted. */
  primary: string | null;
  /** Possible use, each rule once, with the first reason found for it. */
  possible: { because: PossibleReason; rule: string }[];
  /** Rules by which this reply of an untracked connection passed. */
  untracked: string[];
}

export interface Outcome {
  fate: Fate;
  explanation?: Explanation;
  /** For an unknown interface or direction: the rules that may have been used. */
  eitherWay?: string[];
}

export interface OraclePortUse {
  /** `tcp`, `udp`, `icmp`, `icmpv6`, or the number. */
  protocol: string;
  fromPort: number | null;
  toPort: number | null;
  usedTimes: number;
  replyTimes: number;
}

export interface OracleRuleUse {
  usedTimes: number;
  soleTimes: number;
  primaryTimes: number;
  inferredTimes: number;
  replyTimes: number;
  possibleTimes: number;
  untrackedReplies: number;
  packets: number;
  bytes: number;
  /** UNIX seconds. */
  lastUsed: number | null;
  lastPossible: number | null;
  /** Ordered by protocol, then port. */
  ports: OraclePortUse[];
}

export interface OracleResult {
  records: Record<Fate, number> & { total: number; requests: number; replies: number };
  /** By rule id; every rule of the inventory. */
  rules: Record<string, OracleRuleUse>;
  /** group ids joined by `,` → UTC day → ids of the admitting rules joined by `,` → how often. */
  admittingSets: Record<string, Record<string, Record<string, { requests: number; replies: number }>>>;
}
