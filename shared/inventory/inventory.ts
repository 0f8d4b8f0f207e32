import type { Address, Family, Prefix } from '../addresses/address.ts';

import type { Direction } from '../protocols.ts';

/** Groups, rules, interfaces, prefix lists and flow logs as they stood at one moment. */
export interface Inventory {
  readonly groups: ReadonlyMap<string, Group>;
  /** Every rule AWS describes, one by one, ordered by group id, then rule id; none merged, none dropped. */
  readonly rules: readonly Rule[];
  readonly interfaces: ReadonlyMap<string, NetworkInterface>;
  /** Lists whose entries are unknown are here with `entries` undefined, or not at all. */
  readonly prefixLists: ReadonlyMap<string, PrefixList>;
  /** Undefined where `flow-logs.json` was not given: coverage then rests on the records seen. */
  readonly flowLogs: readonly FlowLog[] | undefined;
  /** Empty where `vpcs.json` was not given. */
  readonly vpcs: ReadonlyMap<string, Vpc>;
  readonly associations: readonly GroupVpcAssociation[];
  /** Accounts that something was told of beside their things; absent where nothing was. */
  readonly accounts?: readonly KnownAccount[];
  /** What looked wrong and was kept all the same: for the report. */
  readonly problems: readonly string[];
}

export interface KnownAccount {
  readonly accountId: string;
  /** `''` where nobody says. Text of others. */
  readonly name: string;
  /** The inventory is of it, and not only its name is known. */
  readonly isDescribed: boolean;
  /** UNIX seconds at which its newest snapshot was taken; absent where nothing tells. */
  readonly takenAt?: number;
}

export interface Group {
  readonly groupId: string;
  readonly groupName: string;
  readonly ownerId: string;
  /** `''` for a group that is known only by its rules. */
  readonly vpcId: string;
  /** `''` where AWS did not say: its ARN tells, which older answers lack. */
  readonly region: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Both ends inclusive. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export type RulePeer =
  | { readonly type: 'cidrIpv4' | 'cidrIpv6'; readonly value: string; readonly prefix: Prefix }
  | { readonly type: 'prefixList'; readonly value: string }
  | {
      readonly type: 'group';
      readonly value: string;
      /** Account that owns the referenced group; `''` where AWS did not say. */
      readonly ownerId: string;
      /** Set where the reference crosses a VPC peering connection; `''` else. */
      readonly peeringConnectionId: string;
      /** The reference admits nothing now: AWS lists it as stale, or the peering connection that it crosses is not active. */
      readonly stale: boolean;
    }
  /** What AWS sent was none of the four; the rule is kept and unmatchable. */
  | { readonly type: 'unknown'; readonly value: string };

/**
 * One security group rule, as it is matched. The oddities of the AWS form (-1 in ports, ICMP type and code in port
 * fields) end where this is made: `from-aws.ts`.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html
 */
export interface Rule {
  readonly ruleId: string;
  readonly groupId: string;
  readonly groupName: string;
  readonly direction: Direction;
  /** As shown: `tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all, or a protocol number. */
  readonly protocol: string;
  /** IANA number, or undefined for all protocols. */
  readonly protocolNumber: number | undefined;
  /** TCP and UDP only; undefined elsewhere. Port 0 is a port. */
  readonly ports: PortRange | undefined;
  /** ICMP and ICMPv6 only: type and code as AWS shows them, -1 for any. Never logged, so never matched. */
  readonly icmp: { readonly type: number; readonly code: number } | undefined;
  readonly peer: RulePeer;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Why this rule can match nothing here (say, an unreadable CIDR); undefined for a sound rule. */
  readonly unmatchable: string | undefined;
}

export interface NetworkInterface {
  readonly interfaceId: string;
  readonly vpcId: string;
  readonly subnetId: string;
  /** AWS `InterfaceType`, say `interface` or `network_load_balancer`. */
  readonly type: string;
  readonly groupIds: readonly string[];
  readonly primary: Readonly<Address> | undefined;
  /** All private IPv4 and IPv6 addresses (as host prefixes) and delegated prefixes; never public addresses. */
  readonly prefixes: readonly Prefix[];
  readonly description: string;
  /** Account; `''` where AWS did not say. */
  readonly ownerId: string;
  /** UNIX seconds of `AttachTime`; undefined where it is attached to nothing, or AWS did not say. */
  readonly attachedAt: number | undefined;
  /** From then on another may have its addresses, UNIX seconds; only of one that is gone. */
  readonly detachedAt?: number;
  /** The instance that it is attached to, where AWS says so. */
  readonly instanceId?: string;
}

export interface PrefixList {
  readonly prefixListId: string;
  readonly name: string;
  readonly family: Family | undefined;
  /** Account, or `AWS`; `''` where AWS did not say. */
  readonly ownerId: string;
  /** Undefined where the entries are not in the inventory: such a list could hold any address of its family. */
  readonly entries: readonly Prefix[] | undefined;
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html */
export interface FlowLog {
  readonly flowLogId: string;
  /** VPC, subnet or interface it covers. */
  readonly resourceId: string;
  readonly trafficType: 'ALL' | 'ACCEPT' | 'REJECT';
  /** `FlowLogStatus` is ACTIVE and `DeliverLogsStatus` is not FAILED. */
  readonly active: boolean;
  /** UNIX seconds; 0 where AWS did not say, Infinity where it said what is not a time. */
  readonly createdAt: number;
}

export interface Vpc {
  readonly vpcId: string;
  /** Account; `''` where AWS did not say. */
  readonly ownerId: string;
  readonly prefixes: readonly Prefix[];
}

export interface GroupVpcAssociation {
  readonly groupId: string;
  readonly vpcId: string;
  readonly state: string;
}
