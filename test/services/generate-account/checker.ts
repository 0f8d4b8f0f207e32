import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress, parsePrefix, prefixContains } from '../../../shared/addresses/address.ts';
import { type Fields, hiddenInterfaces, readJson, rulesTruth, type Truth } from './generated.ts';

/** Something that is so for a time only; UNIX seconds, both inclusive. */
interface Timed {
  readonly from: number;
  readonly until: number;
}

/** A rule in words that a person checks it with, read from `rules.json` or from the inventory. */
interface PlainRule {
  readonly label: string;
  readonly groupId: string;
  readonly isEgress: boolean;
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
  readonly blocks: readonly (Timed & { readonly cidr: string })[];
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
  InterfaceType: string;
  Attachment: { AttachTime: string };
  Groups: { GroupId: string }[];
  PrivateIpAddresses: { PrivateIpAddress: string }[];
  Ipv6Addresses: { Ipv6Address: string }[];
  Ipv4Prefixes?: { Ipv4Prefix: string }[];
}

interface AccountTruth {
  changedAt: string;
  hiddenPrefixListEntries: Record<string, string[]>;
  formerPrefixListEntries: Record<string, string[]>;
  middleboxes: [string, string][];
}

/** Records begin and end up to so many seconds before and after what they tell of. */
const WINDOW_SECONDS = 60;

const ALWAYS: Timed = { from: -Infinity, until: Infinity };

/**
 * Decides again, from the written files alone and rule by rule, which rules admit a connection. With `truth` it knows what
 * truth knows: hidden interfaces, hidden and former entries, former groups, middleboxes, contents before an edit, and that
 * a load balancer which keeps its clients' addresses lends them its groups. With `inventory` it believes what that shows.
 */
export class Checker {
  readonly rules: readonly PlainRule[];
  readonly #groupsOf = new Map<string, (Timed & { readonly groupIds: readonly string[] })[]>();
  readonly #members: (Timed & { readonly cidr: string; readonly groupIds: readonly string[] })[] = [];
  readonly #cache = new Map<string, readonly string[]>();
  readonly #nlbGroups: readonly string[];
  readonly #middleboxes: AccountTruth['middleboxes'];

  constructor(out: string, knows: 'truth' | 'inventory' = 'truth') {
    const isTrue = knows === 'truth';
    const truth = readJson(out, 'truth/account.json') as AccountTruth;
    const { SecurityGroupRules } = readJson(out, 'inventory/security-group-rules.json') as {
      SecurityGroupRules: AwsRule[];
    };
    const blocks = blocksOfLists(out, isTrue ? truth : undefined);
    const newest = SecurityGroupRules.map((rule) => plain(rule, blocks));
    this.rules = isTrue ? [...newest, ...earlierContents(out)] : newest;
    this.#middleboxes = isTrue ? truth.middleboxes : [];
    const { NetworkInterfaces } = readJson(out, 'inventory/network-interfaces.json') as {
      NetworkInterfaces: AwsInterface[];
    };
    const hidden = isTrue ? hiddenInterfaces(out) : [];
    const formerUntil = new Map(hidden.filter(({ from }) => from === -Infinity).map(({ id, until }) => [id, until]));
    for (const { id, address, groupIds, from, until } of hidden) {
      // A former self gives way to another at once.
      const margin = from === -Infinity ? 0 : WINDOW_SECONDS;
      const life = { from: from - margin, until: until + margin };
      this.#addGroups(id, { ...life, groupIds });
      this.#members.push({ cidr: `${address}/32`, groupIds, ...life });
    }
    for (const each of NetworkInterfaces) {
      const attached = isTrue ? Date.parse(each.Attachment.AttachTime) / 1000 : -Infinity;
      this.#addInterface(each, formerUntil.get(each.NetworkInterfaceId) ?? attached);
    }
    const nlb = NetworkInterfaces.find((each) => each.InterfaceType === 'network_load_balancer')!;
    this.#nlbGroups = isTrue ? nlb.Groups.map((group) => group.GroupId) : [];
  }

  #addGroups(id: string, groups: Timed & { readonly groupIds: readonly string[] }): void {
    const known = this.#groupsOf.get(id);
    if (known) known.push(groups);
    else this.#groupsOf.set(id, [groups]);
  }

  #addInterface(each: AwsInterface, from: number): void {
    const groupIds = each.Groups.map((group) => group.GroupId);
    this.#addGroups(each.NetworkInterfaceId, { from, until: Infinity, groupIds });
    const cidrs = [
      ...each.PrivateIpAddresses.map((one) => `${one.PrivateIpAddress}/32`),
      ...(each.Ipv4Prefixes ?? []).map((one) => one.Ipv4Prefix),
      ...each.Ipv6Addresses.map((one) => `${one.Ipv6Address}/128`),
    ];
    for (const cidr of cidrs) this.#members.push({ cidr, groupIds, from, until: Infinity });
  }

  /** Labels of the contents that fit but for the time they were in force. */
  admitting(record: Fields, truth: Truth): readonly string[] {
    const isEgress = (record['flow-direction'] === 'egress') === (truth.opened === 'request');
    const start = Number(record.start);
    // What changes does so between two slots of time, of which none is shorter than this.
    const key = [
      ...[record['interface-id'], isEgress, record.protocol, truth.servicePort, truth.peer, truth.kind],
      Math.floor(start / 600),
    ].join(' ');
    let labels = this.#cache.get(key);
    if (!labels) {
      const groupIds = this.#groupIds(record);
      labels = this.rules
        .filter((rule) => rule.isEgress === isEgress)
        .filter((rule) => groupIds.includes(rule.groupId))
        .filter((rule) => fitsService(rule, Number(record.protocol), Number(truth.servicePort)))
        .filter((rule) => this.#fitsPeer(rule, record, truth))
        .map((rule) => rule.label);
      this.#cache.set(key, labels);
    }
    return labels;
  }

  /** Of the record's interface at that time; of one that nobody knows, none. */
  #groupIds(record: Fields): readonly string[] {
    const known = this.#groupsOf.get(record['interface-id']!) ?? [];
    return known.find((each) => holds(each, Number(record.start), Number(record.end)))?.groupIds ?? [];
  }

  /** Labels of the rules by which a reply passes where its connection is not tracked. */
  passingReplies(record: Fields, truth: Truth): readonly string[] {
    if (record.action !== 'ACCEPT' || !['6', '17'].includes(record.protocol!) || truth.opened !== 'reply') return [];
    const everyone = truth.peer.includes(':') ? '::/0' : '0.0.0.0/0';
    const isOpen = (rule: PlainRule): boolean => rule.blocks.some(({ cidr }) => cidr === everyone);
    const groupIds = this.#groupIds(record);
    const own = this.rules.filter((rule) => groupIds.includes(rule.groupId));
    if (!own.some((rule) => truth.rules.includes(rule.label) && isOpen(rule))) return [];
    // The reply's own direction is the opposite of its connection's.
    const isEgress = record['flow-direction'] === 'egress';
    return own
      .filter((rule) => rule.isEgress === isEgress && isOpen(rule) && rule.protocol === '-1')
      .map((rule) => rule.label);
  }

  #fitsPeer(rule: PlainRule, record: Fields, { peer, kind }: Truth): boolean {
    const { referencedGroup } = rule;
    const [start, end] = [Number(record.start), Number(record.end)];
    if (referencedGroup === undefined) {
      return rule.blocks.some((block) => holds(block, start, end) && contains(block.cidr, peer));
    }
    const own = record['flow-direction'] === 'egress' ? record.srcaddr! : record.dstaddr!;
    const isBetween = this.#middleboxes.some(
      ([one, other]) => (contains(one, own) && contains(other, peer)) || (contains(other, own) && contains(one, peer)),
    );
    if (isBetween) return false;
    const isMember = this.#members.some(
      (member) => member.groupIds.includes(referencedGroup) && holds(member, start, end) && contains(member.cidr, peer),
    );
    return isMember || (kind === 'clientKeptByLoadBalancer' && this.#nlbGroups.includes(referencedGroup));
  }
}

/** Whether any of the seconds from `start` to `end` is of that time. */
function holds({ from, until }: Timed, start: number, end: number): boolean {
  return from <= end && start <= until;
}

/** Of each prefix list; without the truth, those that the inventory shows. */
function blocksOfLists(out: string, truth: AccountTruth | undefined): Map<string, PlainRule['blocks']> {
  const { PrefixLists } = readJson(out, 'inventory/managed-prefix-lists.json') as {
    PrefixLists: { PrefixListId: string }[];
  };
  const lists = PrefixLists.map(({ PrefixListId: id }): [string, PlainRule['blocks']] => {
    const shown = entriesShown(out, id) ?? truth?.hiddenPrefixListEntries[id] ?? [];
    const former = truth?.formerPrefixListEntries[id];
    if (!truth || !former) return [id, shown.map((cidr) => ({ cidr, ...ALWAYS }))];
    const changedAt = Date.parse(truth.changedAt) / 1000;
    return [
      id,
      [
        ...former.map((cidr) => ({ cidr, from: -Infinity, until: changedAt })),
        ...shown.map((cidr) => ({ cidr, from: changedAt, until: Infinity })),
      ],
    ];
  });
  return new Map(lists);
}

/** Undefined where the inventory lacks them. */
function entriesShown(out: string, listId: string): string[] | undefined {
  const path = `inventory/prefix-list-entries/${listId}.json`;
  if (!existsSync(join(out, path))) return undefined;
  const { Entries } = readJson(out, path) as { Entries: { Cidr: string }[] };
  return Entries.map((entry) => entry.Cidr);
}

/** What rules were before they were edited in place. */
function earlierContents(out: string): PlainRule[] {
  return rulesTruth(out).flatMap((truth) =>
    truth.earlier.map(({ label, rule }) => {
      const [way, protocol, port, cidr] = rule.split(' ') as [string, string, string, string];
      return {
        label,
        groupId: truth.groupId,
        isEgress: way === 'out',
        protocol,
        from: Number(port),
        to: Number(port),
        blocks: [{ cidr, ...ALWAYS }],
        referencedGroup: undefined,
      };
    }),
  );
}

function plain(rule: AwsRule, lists: ReadonlyMap<string, PlainRule['blocks']>): PlainRule {
  const cidr = rule.CidrIpv4 ?? rule.CidrIpv6;
  const ofList = rule.PrefixListId === undefined ? [] : lists.get(rule.PrefixListId)!;
  return {
    label: rule.SecurityGroupRuleId,
    groupId: rule.GroupId,
    isEgress: rule.IsEgress,
    protocol: rule.IpProtocol,
    from: rule.FromPort,
    to: rule.ToPort,
    blocks: cidr === undefined ? ofList : [{ cidr, ...ALWAYS }],
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
