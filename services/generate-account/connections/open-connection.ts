import type { Endpoint, GroupSet, Interface, Middlebox, Place, RuleContent } from '../world/entities.ts';
import { truthOfRecord } from '../truth/record-truth.ts';
import { destinationsOf } from '../truth/set-aside.ts';
import type { Connection, Leg, Plan } from './connection.ts';
import type { ServiceFlow, TrueAdmission } from './true-admission.ts';

const TRAFFIC_PATH: Readonly<Record<Place, number>> = {
  vpc: 1,
  internet: 8,
  s3: 7,
  cloudfront: 8,
  peering: 4,
  onPremises: 1,
};
const SERVICE: Readonly<Partial<Record<Place, string>>> = { s3: 'S3', cloudfront: 'CLOUDFRONT' };

/** One side of a leg as the interface logs it. */
interface Side {
  readonly plain: string;
  readonly packet: string;
  readonly port: number;
}

/** Turns plans into connections: asks the rules of each interface on the way, in the order of the packets. */
export class ConnectionOpener {
  readonly #admission: TrueAdmission;
  readonly #middleboxes: readonly Middlebox[];
  #count = 0;

  constructor(admission: TrueAdmission, middleboxes: readonly Middlebox[]) {
    this.#admission = admission;
    this.#middleboxes = middleboxes;
  }

  /** Throws where the world decides otherwise than the plan expects. */
  open(plan: Plan, kind: string, kindIndex: number): Connection {
    const id = ++this.#count;
    const legs: Leg[] = [];
    const hops = hopsBetween(plan.opener, plan.server, this.#middleboxes);
    const name = { id, kind, isThroughMiddlebox: hops.length > 0 };
    const add = (iface: Interface, ownOpens: boolean, opener: Side, server: Side): boolean => {
      const leg = this.#leg(plan, name, iface, ownOpens, opener, server);
      legs.push(leg);
      return leg.accepted;
    };
    const isAccepted = this.#walk(plan, hops, add);
    const expected = plan.expect ?? 'accept';
    if (isAccepted !== (expected === 'accept')) {
      throw new Error(
        `${kind}: ${plan.opener.text} to ${plan.server.text}, protocol ${plan.protocol}, port ${plan.serverPort}: expected to ${expected}`,
      );
    }
    return {
      id,
      kindIndex,
      protocol: plan.protocol,
      opened: plan.opened,
      closed: plan.closed,
      period: plan.period ?? 1,
      forward: plan.forward ?? 4,
      backward: plan.backward ?? 5,
      ending: plan.ending ?? 'fin',
      course: plan.course ?? (isAccepted ? 'talk' : 'unanswered'),
      forwardSize: plan.forwardSize ?? 180,
      backwardSize: plan.backwardSize ?? 900,
      isIpv6: plan.opener.address.family === 6,
      isSkipped: plan.isSkipped ?? false,
      legs,
    };
  }

  /** From the opener to the server, until somebody rejects. */
  #walk(
    plan: Plan,
    hops: readonly Interface[],
    add: (iface: Interface, ownOpens: boolean, opener: Side, server: Side) => boolean,
  ): boolean {
    const { opener, server, openerPort, serverPort } = plan;
    const openerAway: Side = { plain: opener.text, packet: opener.text, port: openerPort };
    const serverAway: Side = { plain: server.text, packet: server.text, port: serverPort };
    if (opener.owner && !add(opener.owner, true, ownSide(opener, opener.owner, openerPort), serverAway)) return false;
    if (plan.nat) {
      // At the gateway the plain field shows the gateway, pkt-… the true end, on the side towards the VPC.
      const { gateway, port } = plan.nat;
      const plain = gateway.endpoints[0]!.text;
      add(gateway, false, openerAway, { plain, packet: server.text, port: serverPort });
      add(gateway, true, { plain, packet: plain, port }, serverAway);
    }
    for (const hop of hops) {
      // As the gateway does it: the plain field shows the hop.
      const plain = hop.endpoints[0]!.text;
      add(hop, false, openerAway, { plain, packet: server.text, port: serverPort });
      add(hop, true, { plain, packet: opener.text, port: openerPort }, serverAway);
    }
    if (plan.relay && !add(plan.relay, true, openerAway, serverAway)) return false;
    if (plan.router) {
      const own: Side = { plain: plan.router.endpoints[0]!.text, packet: opener.text, port: openerPort };
      if (!add(plan.router, true, own, serverAway)) return false;
    }
    return !server.owner || add(server.owner, false, openerAway, ownSide(server, server.owner, serverPort));
  }

  #leg(
    plan: Plan,
    {
      isThroughMiddlebox,
      ...name
    }: { readonly id: number; readonly kind: string; readonly isThroughMiddlebox: boolean },
    iface: Interface,
    ownOpens: boolean,
    opener: Side,
    server: Side,
  ): Leg {
    const peer: Endpoint = ownOpens ? plan.server : plan.opener;
    const flow: ServiceFlow = {
      direction: ownOpens ? 'egress' : 'ingress',
      protocol: plan.protocol,
      servicePort: plan.serverPort,
      peer,
      peerVia: ownOpens ? undefined : plan.relay?.groups,
      isThroughMiddlebox,
      at: plan.opened,
    };
    const { accepted, admitted } = this.#decide(iface.groups, flow, ownOpens ? undefined : plan.rejectedFor);
    const passingReplies = this.#admission.passingReplies(iface.groups, flow, admitted);
    const truth = (isRequest: boolean): string =>
      truthOfRecord({
        ...name,
        isRequest,
        plan,
        peer: ownOpens ? server.packet : opener.packet,
        admitted,
        passingReplies,
      });
    return {
      iface,
      ownOpens,
      opener: opener.plain,
      openerPacket: opener.packet,
      openerPort: opener.port,
      server: server.plain,
      serverPacket: server.packet,
      serverPort: server.port,
      accepted,
      rejectReason: (ownOpens ? undefined : plan.rejectedFor) ?? '',
      destinations: iface === plan.relay ? [] : destinationsOf(iface, accepted),
      admitted,
      passingReplies,
      trafficPath: TRAFFIC_PATH[peer.place],
      peerService: SERVICE[peer.place] ?? '-',
      requestTruth: truth(true),
      replyTruth: truth(false),
    };
  }

  /** An interface without groups accepts everything. */
  #decide(
    groups: GroupSet,
    flow: ServiceFlow,
    rejectedFor: Plan['rejectedFor'],
  ): { accepted: boolean; admitted: readonly RuleContent[] } {
    if (rejectedFor !== undefined) return { accepted: false, admitted: [] };
    const admitted = this.#admission.admitting(groups, flow);
    return { accepted: admitted.length > 0 || groups.groups.length === 0, admitted };
  }
}

/** Interfaces of the middlebox that lies between two endpoints; none where there is none. */
function hopsBetween(opener: Endpoint, server: Endpoint, middleboxes: readonly Middlebox[]): readonly Interface[] {
  const [from, to] = [opener.owner?.subnet, server.owner?.subnet];
  for (const { between, hops } of middleboxes) {
    if (from === between[0] && to === between[1]) return hops;
    if (from === between[1] && to === between[0]) return hops.toReversed();
  }
  return [];
}

/** An interface logs its own IPv4 side by its primary address, whichever of its addresses is meant. */
function ownSide(own: Endpoint, iface: Interface, port: number): Side {
  const plain = own.address.family === 4 ? iface.endpoints[0]!.text : own.text;
  return { plain, packet: own.text, port };
}
