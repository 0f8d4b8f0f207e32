import type { Endpoint } from '../world/entities.ts';
import type { Recipe } from './recipe.ts';
import { ipv6, primary, type Stage } from './stage.ts';

export const webFromLinux: Recipe = (stage) =>
  stage.tcp(stage.outsiders.internet(), primary(stage.cast.publicWeb), 443, { period: 2 });

export const webFromAnyPort: Recipe = (stage) =>
  stage.tcp(stage.outsiders.internet(), primary(stage.cast.publicWeb), 443, { ports: 'any', ending: 'finReset' });

export const webOverIpv6: Recipe = (stage) =>
  stage.tcp(stage.outsiders.internetIpv6(), ipv6(stage.cast.publicWeb), 443, { period: 2 });

/** Admitted, but nothing listens: the kernel answers with RST. */
export const refused: Recipe = (stage) =>
  stage.tcp(stage.outsiders.internet(), primary(stage.cast.publicWeb), 80, {
    course: 'refused',
    seconds: 0,
    forwardSize: 60,
    backwardSize: 40,
  });

/** Admitted, and dropped by the machine's own firewall: only requests, never a reply. */
export const unansweredScan: Recipe = (stage) =>
  stage.tcp(stage.outsiders.internet(), primary(stage.cast.publicWeb), 8442, {
    course: 'unanswered',
    ports: 'any',
    seconds: 3,
    forward: 1,
    forwardSize: 60,
  });

/** A packet that arrives after its connection was closed: rejected, whatever the rules say. */
export const afterTheClose: Recipe = (stage) =>
  stage.tcp(stage.outsiders.internet(), primary(stage.cast.publicWeb), 443, {
    course: 'straggler',
    rejectedFor: '',
    expect: 'reject',
    seconds: 0,
    forward: 1,
    forwardSize: 52,
  });

/** VPC Block Public Access turned it away; such records have no bytes. */
export const blockedPublicAccess: Recipe = (stage) =>
  stage.tcp(stage.outsiders.internet(), primary(stage.cast.publicWeb), 443, {
    rejectedFor: 'BPA',
    expect: 'reject',
    seconds: 0,
    forward: 1,
  });

const SCANNED_PORTS = [21, 22, 23, 25, 110, 445, 1433, 3306, 3389, 5060, 5900, 6379, 8081, 8888, 9200, 11211, 27017];

/** Ports no rule of a public interface opens to the world. */
function scan(stage: Stage): { target: Endpoint; port: number; seconds: number } {
  const { random, cast } = stage;
  return {
    target: primary(random.pick([cast.publicWeb, cast.publicWeb, cast.alb, cast.bastion, cast.vpn])),
    port: random.chance(0.6) ? random.pick(SCANNED_PORTS) : random.between(10_000, 60_000),
    seconds: random.below(4),
  };
}

export const tcpScan: Recipe = (stage) => {
  const { target, port, seconds } = scan(stage);
  const details = { expect: 'reject', ports: 'any', seconds, forward: 1, forwardSize: 44 } as const;
  return stage.tcp(stage.outsiders.internet(), target, port, details);
};

export const udpScan: Recipe = (stage) => {
  const { target, port } = scan(stage);
  return stage.udp(stage.outsiders.internet(), target, port, { expect: 'reject', ports: 'any' });
};

export const clientKeptByLoadBalancer: Recipe = (stage) => {
  const { random, cast } = stage;
  const client = stage.outsiders.internet();
  const opened = stage.moment();
  const details = { opened, closed: opened + random.below(40), openerPort: random.between(1024, 65_535) };
  return (
    stage.tcp(client, primary(cast.nlb), 443, details) +
    stage.tcp(client, primary(cast.nlbTarget), 8443, { ...details, relay: cast.nlb })
  );
};

export const healthCheck: Recipe = (stage) =>
  stage.tcp(primary(stage.cast.nlb), primary(stage.cast.nlbTarget), 8088, { seconds: 0, forward: 3, backward: 2 });

export const fromCloudFront: Recipe = (stage) =>
  stage.tcp(stage.outsiders.cloudfront(), primary(stage.cast.publicWeb), 8444, {
    seconds: stage.random.below(60),
    period: 3,
  });

export const natGateway: Recipe = (stage) => {
  const { random, cast } = stage;
  const nat = { gateway: cast.nat, port: random.between(1024, 65_535) };
  return stage.tcp(primary(random.pick(cast.web)), stage.outsiders.internet(), 443, { nat });
};

export const podThroughNatGateway: Recipe = (stage) => {
  const { random, cast } = stage;
  const nat = { gateway: cast.nat, port: random.between(1024, 65_535) };
  return stage.tcp(random.pick(random.pick(cast.nodes).endpoints), stage.outsiders.internet(), 443, { nat });
};

export const nodeOverIpv6: Recipe = (stage) =>
  stage.tcp(ipv6(stage.random.pick(stage.cast.nodes)), stage.outsiders.internetIpv6(), 443);
