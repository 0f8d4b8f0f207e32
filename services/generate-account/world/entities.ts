import type { Address, Prefix } from '../../../shared/addresses/address.ts';
import type { Direction } from '../../../shared/protocols.ts';
import type { Purpose } from './purposes.ts';

/*
 * The simulated world as it truly is, hidden parts included. The inventory that is written shows only what AWS would
 * show of it, at the end of the run.
 */

export interface Vpc {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly cidrs: readonly string[];
  readonly ipv6Cidr: string | undefined;
}

export interface Subnet {
  readonly id: string;
  readonly name: string;
  readonly vpc: Vpc;
  /** Zone letter `a` or `b`. */
  readonly zone: string;
  readonly cidr: string;
}

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vpc: Vpc;
  readonly tags: Readonly<Record<string, string>>;
}

/** A set of groups that some interface carries; one object per distinct set, so it serves as a key. */
export interface GroupSet {
  readonly groups: readonly Group[];
  readonly ids: ReadonlySet<string>;
}

export type RulePeer =
  | { readonly type: 'cidr'; readonly prefix: Prefix; readonly text: string }
  | { readonly type: 'group'; readonly groupId: string; readonly peering: Peering | undefined }
  | { readonly type: 'prefixList'; readonly list: PrefixList };

export interface Peering {
  readonly connectionId: string;
  readonly vpcId: string;
  readonly ownerId: string;
}

/** What a rule says during a time; an edit in place keeps the rule's id and starts a new content. */
export interface RuleContent {
  /** Position among all contents of the world, from 0. */
  readonly index: number;
  readonly rule: Rule;
  /** `sgr-…` for the newest content, `sgr-…@1` for the first one before an edit. */
  readonly label: string;
  /** Shorthand, as `in tcp 443 0.0.0.0/0`. */
  readonly text: string;
  readonly direction: Direction;
  readonly protocol: string;
  readonly protocolNumber: number | undefined;
  /** As AWS prints them: ports, ICMP type and code, or -1. */
  readonly fromPort: number;
  readonly toPort: number;
  readonly peer: RulePeer;
  /** UNIX seconds, from inclusive, until exclusive; infinite where open. */
  readonly from: number;
  readonly until: number;
  readonly purpose: Purpose;
}

export interface Rule {
  readonly id: string;
  readonly group: Group;
  readonly description: string;
  /** Oldest first; the last one is in the inventory. */
  readonly contents: RuleContent[];
}

export interface PrefixList {
  readonly id: string;
  readonly name: string;
  /** `AWS` or the account. */
  readonly ownerId: string;
  /** True entries of all times, whether the inventory shows them or not. */
  readonly entries: readonly ListEntry[];
  readonly entriesInInventory: boolean;
}

export interface ListEntry {
  readonly text: string;
  readonly prefix: Prefix;
  /** UNIX seconds, from inclusive, until exclusive; infinite where open. */
  readonly from: number;
  readonly until: number;
}

/** Where an address lies, seen from VPC `prod`: decides traffic-path and the service fields of the logs. */
export type Place = 'vpc' | 'internet' | 's3' | 'cloudfront' | 'peering' | 'onPremises';

/** One address that can open or accept connections. */
export interface Endpoint {
  readonly text: string;
  readonly address: Readonly<Address>;
  readonly owner: Interface | undefined;
  /** Groups that group references truly resolve to; empty for the internet. */
  readonly groups: GroupSet;
  readonly place: Place;
  /** Ephemeral ports handed out so far. */
  portsUsed: number;
}

export interface Interface {
  readonly id: string;
  /** Position in the world, from 0. */
  readonly index: number;
  readonly subnet: Subnet;
  /** AWS `InterfaceType`. */
  readonly type: string;
  readonly description: string;
  readonly groups: GroupSet;
  /** Primary address first, then secondary ones, then some inside the delegated prefixes. */
  readonly endpoints: readonly Endpoint[];
  readonly ipv6: Endpoint | undefined;
  readonly secondaries: readonly string[];
  /** Delegated IPv4 prefixes. */
  readonly prefixes: readonly string[];
  readonly publicAddress: string | undefined;
  readonly instanceId: string | undefined;
  /** AWS service that owns it, say `amazon-elb`; undefined for an instance's. */
  readonly requesterId: string | undefined;
  /** False for what lived between two snapshots: its records name an interface nobody knows. */
  readonly inInventory: boolean;
  /** UNIX seconds; undefined for what is older than the run. */
  readonly attachedAt: number | undefined;
  readonly flowLogs: readonly FlowLog[];
  /** Length of its aggregation windows in seconds: 60 or 600. */
  readonly windowSeconds: number;
  /** Windows start this many seconds after a multiple of their length. */
  readonly windowOffset: number;
}

export interface FlowLog {
  readonly id: string;
  /** Position among the flow logs, from 0. */
  readonly index: number;
  readonly resourceId: string;
  /** Owner of what it covers. */
  readonly accountId: string;
  readonly trafficType: 'ALL' | 'REJECT';
  readonly windowSeconds: 60 | 600;
  /** False: the log exists, but `DeliverLogsStatus` is FAILED, and it writes no file. */
  readonly delivers: boolean;
  /** UTC hours, from inclusive, until exclusive, of which there are files; undefined for all. */
  readonly heardHours: { readonly from: number; readonly until: number } | undefined;
}

/**
 * A firewall, an inspection VPC or a transit gateway between two subnets. References to groups admit nothing across it.
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
 */
export interface Middlebox {
  readonly between: readonly [Subnet, Subnet];
  /** Its interfaces, without groups, in the order of a packet from the first subnet to the second. */
  readonly hops: readonly Interface[];
}

/** Why a record is no evidence for any rule; empty where it is evidence. */
export type SetAside = '' | 'noData' | 'skipData' | 'duplicateLog' | 'rejected' | 'unknownInterface' | 'noGroup';
