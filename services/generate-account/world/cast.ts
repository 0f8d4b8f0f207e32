import type { Endpoint, Interface } from './entities.ts';

/** Who plays which part in the connections. Lists grow with the number of interfaces asked for; nobody plays two parts. */
export interface Cast {
  readonly alb: Interface;
  readonly web: readonly Interface[];
  readonly app: readonly Interface[];
  readonly db: Interface;
  /** Never send or receive anything. */
  readonly standby: readonly Interface[];
  /** Self-run resolver, NTP, message broker and gRPC service on one machine with five groups. */
  readonly core: Interface;
  readonly nodes: readonly Interface[];
  readonly controlPlane: Interface;
  readonly nlb: Interface;
  /** Also runs the cache. */
  readonly nlbTarget: Interface;
  readonly vpn: Interface;
  /** Also monitors. */
  readonly bastion: Interface;
  readonly publicWeb: Interface;
  readonly nat: Interface;
  readonly endpoint: Interface;
  readonly stagingFront: readonly Interface[];
  readonly stagingBack: Interface;
  readonly legacy: Interface;
  /** All that ask the resolver and the time server. */
  readonly machines: readonly Interface[];
  /** Calls between services that rules of both sides admit. */
  readonly edges: readonly ServiceEdge[];
  /** Interfaces of the peered account, all with its group `partner-account`. */
  readonly partners: readonly Endpoint[];
}

export interface ServiceEdge {
  readonly from: readonly Interface[];
  readonly to: readonly Interface[];
  readonly port: number;
}

/** The fixed part of the cast, before services are added. */
export type FixedCast = Omit<Cast, 'edges' | 'machines'>;
