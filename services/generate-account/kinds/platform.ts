import type { Recipe } from './recipe.ts';
import { machineBut, primary, type Stage } from './stage.ts';

export const dns: Recipe = (stage) => stage.udp(machineBut(stage, stage.cast.core), primary(stage.cast.core), 53);

export const dnsOverTcp: Recipe = (stage) =>
  stage.tcp(machineBut(stage, stage.cast.core), primary(stage.cast.core), 53, { seconds: 0 });

export const dnsForwarded: Recipe = (stage) =>
  stage.udp(primary(stage.cast.core), stage.outsiders.internet(), 53, { ports: 'any' });

/** ntpd asks from the port it serves on. */
export const ntpInside: Recipe = (stage) =>
  stage.pairwise(machineBut(stage, stage.cast.core), primary(stage.cast.core), 17, 123, 0);

export const ntpOutside: Recipe = (stage) =>
  stage.pairwise(primary(stage.cast.core), stage.outsiders.internet(), 17, 123, 0);

/** Nobody answers statsd. */
export const statsd: Recipe = (stage) => {
  const { random, cast } = stage;
  return stage.udp(machineBut(stage, cast.bastion), primary(cast.bastion), 8125, {
    course: 'unanswered',
    seconds: random.between(0, 120),
    period: 10,
    forward: 3,
  });
};

/** The service's port lies above all ports of its clients. */
export const grpcFromLowPorts: Recipe = (stage) => {
  const { random, cast } = stage;
  const client = random.chance(0.6) ? primary(random.pick(cast.app)) : random.pick(random.pick(cast.nodes).endpoints);
  return stage.tcp(client, primary(cast.core), 50_051, { ports: 'low', seconds: random.below(90), period: 2 });
};

export const brokerFromLowPorts: Recipe = (stage) =>
  stage.tcp(primary(stage.random.pick(stage.cast.app)), primary(stage.cast.core), 61_616, {
    ports: 'low',
    seconds: stage.random.between(60, 1800),
    period: 15,
  });

function twoOfTheCluster({ random, cast }: Stage) {
  const first = random.below(cast.app.length);
  const second = (first + 1 + random.below(cast.app.length - 1)) % cast.app.length;
  return [primary(cast.app[first]!), primary(cast.app[second]!)] as const;
}

export const gossip: Recipe = (stage) => stage.tcp(...twoOfTheCluster(stage), 7000 + stage.random.below(2));

/** Members send from the port they listen on; either may begin. */
export const equalPortPeers: Recipe = (stage) =>
  stage.pairwise(...twoOfTheCluster(stage), 17, 7946, stage.random.below(3));

export const cache: Recipe = (stage) =>
  stage.tcp(primary(stage.random.pick(stage.cast.app)), primary(stage.cast.nlbTarget), 6379, {
    forward: 8,
    backward: 8,
  });

export const scrape: Recipe = (stage) =>
  stage.tcp(primary(stage.cast.bastion), primary(stage.random.pick([...stage.cast.web, ...stage.cast.app])), 9100, {
    seconds: 1,
    backward: 30,
    backwardSize: 1400,
  });

export const sshFromOffice: Recipe = (stage) =>
  stage.tcp(stage.outsiders.office(), primary(stage.cast.bastion), 22, {
    seconds: stage.random.between(20, 2400),
    period: 7,
  });

export const sshInside: Recipe = (stage) => {
  const { random, cast } = stage;
  return stage.tcp(primary(cast.bastion), machineBut(stage, cast.bastion), 22, {
    seconds: random.between(20, 600),
    period: 7,
  });
};

export const podToService: Recipe = (stage) => {
  const { random, cast } = stage;
  return stage.tcp(random.pick(random.pick(cast.nodes).endpoints), primary(random.pick(cast.app)), 9000);
};

/** Across nodes: inside of one, no interface sees it. */
export const podToPod: Recipe = (stage) => {
  const { random, cast } = stage;
  const first = random.below(cast.nodes.length);
  const second = (first + 1 + random.below(cast.nodes.length - 1)) % cast.nodes.length;
  const port = random.pick([8080, 8443, 9090]);
  return stage.tcp(random.pick(cast.nodes[first]!.endpoints), random.pick(cast.nodes[second]!.endpoints), port);
};

export const nodeToControlPlane: Recipe = (stage) =>
  stage.tcp(primary(stage.random.pick(stage.cast.nodes)), primary(stage.cast.controlPlane), 443, {
    seconds: stage.random.chance(0.3) ? stage.random.between(60, 1200) : stage.random.below(4),
    period: 5,
  });

export const controlPlaneToNode: Recipe = (stage) =>
  stage.tcp(
    primary(stage.cast.controlPlane),
    primary(stage.random.pick(stage.cast.nodes)),
    stage.random.chance(0.8) ? 10_250 : 9443,
  );
