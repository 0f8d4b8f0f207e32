import type { Endpoint, Interface, RuleContent } from '../world/entities.ts';
import type { Destination } from '../truth/set-aside.ts';
import type { Activity, Ending } from './activity.ts';

/** What a recipe asks for; the legs, and what is accepted, follow from the world. */
export interface Plan {
  readonly opener: Endpoint;
  readonly server: Endpoint;
  readonly protocol: number;
  /** 0 for protocols without ports. */
  readonly openerPort: number;
  readonly serverPort: number;
  /** UNIX seconds, both inclusive. */
  readonly opened: number;
  readonly closed: number;
  /** Seconds between bursts; default 1. */
  readonly period?: number;
  /** Packets per burst, default 4 and 5, and bytes per packet, default 180 and 900. */
  readonly forward?: number;
  readonly backward?: number;
  readonly forwardSize?: number;
  readonly backwardSize?: number;
  readonly ending?: Ending;
  readonly course?: Activity['course'];
  /** The world must decide this way, or the recipe is wrong. Default `accept`. */
  readonly expect?: 'accept' | 'reject';
  /** Not a group's decision: rejected at the server's interface for this reason, `''` for a closed connection. */
  readonly rejectedFor?: '' | 'BPA';
  /**
   * Load balancer that keeps the opener's address: references to its groups admit the opener at the server, and its own
   * egress rules admit the way there, which it does not log.
   */
  readonly relay?: Interface;
  /** NAT gateway on the way to the server, and the port it uses there. */
  readonly nat?: { readonly gateway: Interface; readonly port: number };
  /** Machine that forwards the opener's packets: its own interface shows its primary address in the plain field. */
  readonly router?: Interface;
  /** No record is written: its window was skipped. */
  readonly isSkipped?: boolean;
}

/** A connection as one interface sees it. */
export interface Leg {
  readonly iface: Interface;
  /** Whether the opener is on the interface's own side: then requests are egress. */
  readonly ownOpens: boolean;
  /** `srcaddr` and `pkt-srcaddr` of a request; the destinations of a reply. */
  readonly opener: string;
  readonly openerPacket: string;
  readonly openerPort: number;
  readonly server: string;
  readonly serverPacket: string;
  readonly serverPort: number;
  readonly accepted: boolean;
  readonly rejectReason: string;
  readonly destinations: readonly Destination[];
  readonly admitted: readonly RuleContent[];
  readonly passingReplies: readonly RuleContent[];
  /** `traffic-path` of egress records: 1, 4, 7 or 8; 0 for none. */
  readonly trafficPath: number;
  /** AWS service the other side belongs to, `-` for none. */
  readonly peerService: string;
  /** The truth of a request and of a reply, up to the last field. */
  readonly requestTruth: string;
  readonly replyTruth: string;
}

export interface Connection extends Activity {
  readonly id: number;
  readonly kindIndex: number;
  readonly isIpv6: boolean;
  readonly forwardSize: number;
  readonly backwardSize: number;
  readonly isSkipped: boolean;
  readonly legs: readonly Leg[];
}
