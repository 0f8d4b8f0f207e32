import { prefixContains } from '../../../shared/addresses/address.ts';
import type { Endpoint, GroupSet, RuleContent } from '../world/entities.ts';
import { type Direction, hasPorts } from '../../../shared/protocols.ts';

/** What a connection asks of an interface. */
export interface ServiceFlow {
  readonly direction: Direction;
  /** IANA number. */
  readonly protocol: number;
  /** 0 for protocols without ports. */
  readonly servicePort: number;
  readonly peer: Endpoint;
  /** Groups that a middlebox which keeps the peer's address lends to it: a network load balancer's. */
  readonly peerVia: GroupSet | undefined;
  /** A middlebox lies between: references to groups admit nothing. */
  readonly isThroughMiddlebox: boolean;
  /** UNIX seconds at which the connection opens. */
  readonly at: number;
}

const NONE: readonly RuleContent[] = [];

/**
 * Which rules admit a connection, as EC2 would decide it: with the groups that interfaces truly have, hidden ones
 * included, and with the ICMP type. Stateful: asked once, when the connection opens.
 */
export class TrueAdmission {
  readonly #contents = new Map<string, RuleContent[]>();
  readonly #candidates = new Map<GroupSet, Map<number, readonly RuleContent[]>>();

  readonly #wide = new Map<GroupSet, readonly RuleContent[]>();

  constructor(contents: readonly RuleContent[]) {
    for (const content of contents) {
      const groupId = content.rule.group.id;
      const list = this.#contents.get(groupId);
      if (list) list.push(content);
      else this.#contents.set(groupId, [content]);
    }
  }

  admitting(groups: GroupSet, flow: ServiceFlow): readonly RuleContent[] {
    const candidates = this.#fitting(groups, flow.direction, flow.protocol, flow.servicePort);
    if (candidates.length === 0) return NONE;
    return candidates.filter((c) => c.from <= flow.at && flow.at < c.until && admitsPeer(c, flow));
  }

  /**
   * Rules that let the replies of an untracked connection pass: the connection is TCP or UDP, was admitted by a rule open
   * to every address, and the other direction has rules open to every address of the family for all ports.
   * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
   */
  passingReplies(groups: GroupSet, flow: ServiceFlow, admitted: readonly RuleContent[]): readonly RuleContent[] {
    if (flow.protocol !== 6 && flow.protocol !== 17) return NONE;
    if (!admitted.some(isOpenToAll)) return NONE;
    const { direction, protocol, peer, at } = flow;
    return this.#openWide(groups).filter(
      (c) =>
        c.direction !== direction &&
        (c.protocolNumber ?? protocol) === protocol &&
        c.peer.type === 'cidr' &&
        c.peer.prefix.address.family === peer.address.family &&
        c.from <= at &&
        at < c.until,
    );
  }

  /** Contents that admit every address of a family on all ports. Most groups have none. */
  #openWide(groups: GroupSet): readonly RuleContent[] {
    let list = this.#wide.get(groups);
    if (!list) {
      const hasAllPorts = (c: RuleContent): boolean =>
        c.protocolNumber === undefined || (c.fromPort === 0 && c.toPort === 65_535);
      const all = groups.groups.flatMap((group) => this.#contents.get(group.id) ?? []);
      this.#wide.set(groups, (list = all.filter((c) => isOpenToAll(c) && hasAllPorts(c))));
    }
    return list;
  }

  /** Contents whose direction, protocol and port fit. The many connections to few services share one short list. */
  #fitting(groups: GroupSet, direction: Direction, protocol: number, port: number): readonly RuleContent[] {
    let byService = this.#candidates.get(groups);
    if (!byService) this.#candidates.set(groups, (byService = new Map<number, readonly RuleContent[]>()));
    const key = ((direction === 'ingress' ? 1 : 0) * 256 + protocol) * 65_536 + port;
    let list = byService.get(key);
    if (!list) {
      const all = groups.groups.flatMap((group) => this.#contents.get(group.id) ?? []);
      const fitting = all.filter((c) => c.direction === direction && fitsService(c, protocol, port));
      byService.set(key, (list = fitting.length === 0 ? NONE : fitting));
    }
    return list;
  }
}

/** Echo request, IPv4 and IPv6: the only ICMP connections simulated. */
const ECHO_TYPES: Readonly<Record<number, number>> = { 1: 8, 58: 128 };

function fitsService(content: RuleContent, protocol: number, port: number): boolean {
  if (content.protocolNumber === undefined) return true;
  if (content.protocolNumber !== protocol) return false;
  if (hasPorts(protocol)) return content.fromPort <= port && port <= content.toPort;
  const type = ECHO_TYPES[protocol];
  return type === undefined || content.fromPort === -1 || content.fromPort === type;
}

function admitsPeer({ peer }: RuleContent, flow: ServiceFlow): boolean {
  switch (peer.type) {
    case 'cidr':
      return prefixContains(peer.prefix, flow.peer.address);
    case 'prefixList':
      return peer.list.entries.some(
        ({ prefix, from, until }) => from <= flow.at && flow.at < until && prefixContains(prefix, flow.peer.address),
      );
    case 'group':
      if (flow.isThroughMiddlebox) return false;
      return flow.peer.groups.ids.has(peer.groupId) || (flow.peerVia?.ids.has(peer.groupId) ?? false);
  }
}

function isOpenToAll({ peer }: RuleContent): boolean {
  return peer.type === 'cidr' && peer.prefix.length === 0;
}
