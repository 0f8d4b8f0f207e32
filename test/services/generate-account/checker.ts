import { parseAddress, parsePrefix, prefixContains } from '../../../shared/addresses/address.ts';
import { type Fields, hiddenInterfaces, readJson, rulesTruth, type Truth } from './generated.ts';

/** A rule in words that a person checks it with, read from `rules.json` or from the inventory. */
interface PlainRule {
  readonly label: string;
  readonly groupId: string;
  readonly isEgress: boolean;
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
  readonly cidrs: readonly string[];
  readonly referencedGroup: string | undefined;
}

interface AwsRule {
  SecurityGroupRuleId: string;
  GroupId: string;
  IsEgress: boolean;
  IpProtocol: string;
  FromPort: number;
  ToPort: number;
  CidrIpv4?: string;
  CidrIpv6?: string;
  PrefixListId?: string;
  ReferencedGroupInfo?: { GroupId: string };
}

interface AwsInterface {
  NetworkInterfaceId: string;
  VpcId: string;
  InterfaceType: string;
  Groups: { GroupId: string }[];
  PrivateIpAddresses: { PrivateIpAddress: string }[];
  Ipv6Addresses: { Ipv6Address: string }[];
  Ipv4Prefixes?: { Ipv4Prefix: string }[];
}

/**
 * Decides again, from the written files alone and rule by rule, which rules admit a connection. Knows what truth knows:
 * hidden interfaces, hidden entries, contents before an edit, and that a load balancer which keeps its clients' addresses
 * lends them its groups.
 */
export class Checker {
  readonly rules: readonly PlainRule[];
  readonly #groupsOf = new Map<string, string[]>();
  readonly #members: { vpc: string; cidr: string; groupIds: readonly string[] }[] = [];
  readonly #cache = new Map<string, readonly string[]>();
  readonly #nlbGroups: readonly string[];

  constructor(out: string) {
    const lists = (readJson(out, 'truth/account.json') as { hiddenPrefixListEntries: Record<string, string[]> })
      .hiddenPrefixListEntries;
    const { PrefixLists } = readJson(out, 'inventory/managed-prefix-lists.json') as {
      PrefixLists: { PrefixListId: string }[];
    };
    const entries = new Map(Object.entries(lists));
    for (const { PrefixListId: id } of PrefixLists) {
      if (entries.has(id)) continue;
      const { Entries } = readJson(out, `inventory/prefix-list-entries/${id}.json`) as { Entries: { Cidr: string }[] };
      entries.set(
        id,
        Entries.map((entry) => entry.Cidr),
      );
    }
    const { SecurityGroupRules } = readJson(out, 'inventory/security-group-rules.json') as {
      SecurityGroupRules: AwsRule[];
    };
    const newest = SecurityGroupRules.map((rule) => plain(rule, entries));
    const older = rulesTruth(out).flatMap((truth) =>
      truth.earlier.map(({ label, rule }) => {
        const [way, protocol, port, cidr] = rule.split(' ') as [string, string, string, string];
        return {
          label,
          groupId: truth.groupId,
          isEgress: way === 'out',
          protocol,
          from: Number(port),
          to: Number(port),
          cidrs: [cidr],
          referencedGroup: undefined,
        };
      }),
    );
    this.rules = [...newest, ...older];
    const { NetworkInterfaces } = readJson(out, 'inventory/network-interfaces.json') as {
      NetworkInterfaces: AwsInterface[];
    };
    for (const each of NetworkInterfaces) this.#addInterface(each);
    for (const { id, address, groupIds } of hiddenInterfaces(out)) {
      this.#groupsOf.set(id, groupIds);
      this.#members.push({ vpc: '', cidr: `${address}/32`, groupIds });
    }
    const nlb = NetworkInterfaces.find((each) => each.InterfaceType === 'network_load_balancer')!;
    this.#nlbGroups = nlb.Groups.map((group) => group.GroupId);
  }

  #addInterface(each: AwsInterface): void {
    const groupIds = each.Groups.map((group) => group.GroupId);
    this.#groupsOf.set(each.NetworkInterfaceId, groupIds);
    const cidrs = [
      ...each.PrivateIpAddresses.map((one) => `${one.PrivateIpAddress}/32`),
      ...(each.Ipv4Prefixes ?? []).map((one) => one.Ipv4Prefix),
      ...each.Ipv6Addresses.map((one) => `${one.Ipv6Address}/128`),
    ];
    for (const cidr of cidrs) this.#members.push({ vpc: each.VpcId, cidr, groupIds });
  }

  /** Labels of the contents that fit but for the time they were in force. */
  admitting(record: Fields, truth: Truth): readonly string[] {
    const isEgress = (record['flow-direction'] === 'egress') === (truth.opened === 'request');
    const key = [record['interface-id'], isEgress, record.protocol, truth.servicePort, truth.peer, truth.kind].join(
      ' ',
    );
    let labels = this.#cache.get(key);
    if (!labels) {
      labels = this.rules
        .filter((rule) => rule.isEgress === isEgress)
        .filter((rule) => this.#groupsOf.get(record['interface-id']!)!.includes(rule.groupId))
        .filter((rule) => fitsService(rule, Number(record.protocol), Number(truth.servicePort)))
        .filter((rule) => this.#fitsPeer(rule, record, truth))
        .map((rule) => rule.label);
      this.#cache.set(key, labels);
    }
    return labels;
  }

  /** Labels of the rules by which a reply passes where its connection is not tracked. */
  passingReplies(record: Fields, truth: Truth): readonly string[] {
    if (record.action !== 'ACCEPT' || !['6', '17'].includes(record.protocol!) || truth.opened !== 'reply') return [];
    const everyone = truth.peer.includes(':') ? '::/0' : '0.0.0.0/0';
    const own = this.rules.filter((rule) => this.#groupsOf.get(record['interface-id']!)?.includes(rule.groupId));
    if (!own.some((rule) => truth.rules.includes(rule.label) && rule.cidrs.includes(everyone))) return [];
    // The reply's own direction is the opposite of its connection's.
    const isEgress = record['flow-direction'] === 'egress';
    return own
      .filter((rule) => rule.isEgress === isEgress && rule.cidrs.includes(everyone) && rule.protocol === '-1')
      .map((rule) => rule.label);
  }

  #fitsPeer(rule: PlainRule, record: Fields, { peer, kind }: Truth): boolean {
    const { referencedGroup } = rule;
    if (referencedGroup === undefined) return rule.cidrs.some((cidr) => contains(cidr, peer));
    const isMember = this.#members.some(
      ({ vpc, cidr, groupIds }) =>
        groupIds.includes(referencedGroup) && (vpc === '' || vpc === record['vpc-id']) && contains(cidr, peer),
    );
    return isMember || (kind === 'clientKeptByLoadBalancer' && this.#nlbGroups.includes(referencedGroup));
  }
}

function plain(rule: AwsRule, entries: ReadonlyMap<string, readonly string[]>): PlainRule {
  const cidr = rule.CidrIpv4 ?? rule.CidrIpv6;
  return {
    label: rule.SecurityGroupRuleId,
    groupId: rule.GroupId,
    isEgress: rule.IsEgress,
    protocol: rule.IpProtocol,
    from: rule.FromPort,
    to: rule.ToPort,
    cidrs: cidr !== undefined ? [cidr] : rule.PrefixListId !== undefined ? entries.get(rule.PrefixListId)! : [],
    referencedGroup: rule.ReferencedGroupInfo?.GroupId,
  };
}

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 };

function fitsService(rule: PlainRule, protocol: number, port: number): boolean {
  if (rule.protocol === '-1') return true;
  if ((PROTOCOLS[rule.protocol] ?? Number(rule.protocol)) !== protocol) return false;
  // All pings are echo requests, and no rule of the world names another ICMP type.
  return protocol === 6 || protocol === 17 ? rule.from <= port && port <= rule.to : true;
}

function contains(cidr: string, address: string): boolean {
  return prefixContains(parsePrefix(cidr)!, parseAddress(address)!);
}
