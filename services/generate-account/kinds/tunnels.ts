import { VPN_PARTNERS } from '../world/lay-out-network.ts';
import type { Recipe } from './recipe.ts';
import { ipv6, machineBut, primary, type Stage } from './stage.ts';
import { UDP, ICMP } from '../../../shared/protocols.ts';

const ESP = 50;
const GRE = 47;
const ICMPV6 = 58;

const PARTNERS = { ours: VPN_PARTNERS[0], theirs: VPN_PARTNERS[1], either: VPN_PARTNERS[2] } as const;
type Partner = keyof typeof PARTNERS;

/** An exchange with a VPN partner, opened by us or by them. */
function exchange(
  stage: Stage,
  partner: Partner,
  isOurs: boolean,
  protocol: number,
  port: number,
  seconds: number,
): number {
  const own = primary(stage.cast.vpn);
  const other = stage.outsiders.within(PARTNERS[partner], 5, 'internet');
  const [opener, server] = isOurs ? [own, other] : [other, own];
  const traffic = { period: 2, forward: 6, backward: 9, forwardSize: 700, backwardSize: 900 };
  return stage.pairwise(opener, server, protocol, port, seconds, protocol === UDP && port === 500 ? {} : traffic);
}

export const espFromInside: Recipe = (stage) =>
  exchange(stage, stage.random.pick(['ours', 'either']), true, ESP, 0, stage.random.between(30, 240));

export const espFromOutside: Recipe = (stage) =>
  exchange(stage, stage.random.pick(['theirs', 'either']), false, ESP, 0, stage.random.between(30, 240));

export const gre: Recipe = (stage) => {
  const isOurs = stage.random.chance(0.5);
  return exchange(stage, isOurs ? 'ours' : 'theirs', isOurs, GRE, 0, stage.random.between(30, 240));
};

export const ikeFromInside: Recipe = (stage) =>
  exchange(stage, stage.random.pick(['ours', 'either']), true, UDP, 500, stage.random.below(4));

export const ikeFromOutside: Recipe = (stage) =>
  exchange(stage, stage.random.pick(['theirs', 'either']), false, UDP, 500, stage.random.below(4));

/** IPsec inside UDP 4500 on both ends. */
export const natTraversal: Recipe = (stage) => {
  const isOurs = stage.random.chance(0.5);
  return exchange(stage, isOurs ? 'ours' : 'theirs', isOurs, UDP, 4500, stage.random.between(10, 240));
};

export const pingFromInside: Recipe = (stage) => {
  const { random, cast } = stage;
  return stage.pairwise(primary(cast.bastion), machineBut(stage, cast.bastion), ICMP, 0, random.below(10));
};

export const pingFromOutside: Recipe = (stage) =>
  stage.pairwise(stage.outsiders.internet(), primary(stage.cast.publicWeb), ICMP, 0, stage.random.below(5));

export const ping6FromInside: Recipe = (stage) =>
  stage.pairwise(ipv6(stage.cast.bastion), ipv6(stage.random.pick(stage.cast.app)), ICMPV6, 0, stage.random.below(10));

export const ping6FromOutside: Recipe = (stage) =>
  stage.pairwise(stage.outsiders.internetIpv6(), ipv6(stage.cast.publicWeb), ICMPV6, 0, stage.random.below(5));
