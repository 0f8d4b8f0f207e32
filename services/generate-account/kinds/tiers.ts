import type { Recipe } from './recipe.ts';
import { ipv6, primary, type Stage } from './stage.ts';

/** Pages come in seconds; browsers that keep their connection stay for a minute or two. */
function pageSeconds({ random }: Stage): number {
  return random.chance(0.15) ? random.between(30, 150) : random.below(8);
}

export const clientToLoadBalancer: Recipe = (stage) => {
  const isPlain = stage.random.chance(0.1);
  return stage.tcp(stage.outsiders.internet(), primary(stage.cast.alb), isPlain ? 80 : 443, {
    seconds: isPlain ? 0 : pageSeconds(stage),
    period: 4,
    ending: stage.random.pick(['fin', 'fin', 'fin', 'finReset', 'reset']),
  });
};

export const ipv6ToLoadBalancer: Recipe = (stage) =>
  stage.tcp(stage.outsiders.internetIpv6(), ipv6(stage.cast.alb), 443, { seconds: pageSeconds(stage), period: 4 });

export const loadBalancerToWeb: Recipe = (stage) =>
  stage.tcp(primary(stage.cast.alb), primary(stage.random.pick(stage.cast.web)), 8080, { seconds: pageSeconds(stage) });

export const loadBalancerToPod: Recipe = (stage) => {
  const node = stage.random.pick(stage.cast.nodes);
  return stage.tcp(primary(stage.cast.alb), stage.random.pick(node.endpoints), 8080, { seconds: pageSeconds(stage) });
};

export const webToApp: Recipe = (stage) => {
  const { random, cast } = stage;
  const port = random.chance(0.8) ? 9000 : 9000 + random.between(1, 5);
  return stage.tcp(primary(random.pick(cast.web)), primary(random.pick(cast.app)), port);
};

export const appToDatabase: Recipe = (stage) =>
  stage.tcp(primary(stage.random.pick(stage.cast.app)), primary(stage.cast.db), 5432, { forward: 6, backward: 6 });

/** A pool keeps its connections for hours: only the first window shows a SYN. */
export const databasePool: Recipe = (stage) => {
  const { random } = stage;
  return stage.tcp(primary(random.pick(stage.cast.app)), primary(stage.cast.db), 5432, {
    seconds: random.between(1200, 6 * 3600),
    period: random.between(5, 40),
    ending: random.pick(['fin', 'reset', 'open']),
  });
};

/** The same, but its SYN was sent before the log began. */
export const openBeforeTheLog: Recipe = (stage) => {
  if (!stage.isFirstSlot) return 0;
  const { random, world } = stage;
  const opened = world.start - random.between(120, 7200);
  return stage.tcp(primary(random.pick(stage.cast.app)), primary(stage.cast.db), 5432, {
    opened,
    closed: world.start + random.between(180, 5400),
    period: random.between(5, 40),
  });
};

/** Each call of the account in turn, so that no rule for one waits long. */
export const serviceToService: Recipe = (stage) => {
  const { random, cast } = stage;
  const edge = cast.edges[stage.turnOfRun('edge') % cast.edges.length]!;
  const to = random.pick(edge.to);
  // Services on one machine talk inside of it.
  const from = random.pick(edge.from.filter((iface) => iface !== to));
  return stage.tcp(primary(from), primary(to), edge.port, { seconds: random.chance(0.1) ? 200 : random.below(4) });
};

/** Clients know a virtual address; the interface logs its primary one. */
export const toSecondaryAddress: Recipe = (stage) => {
  const { random, cast } = stage;
  return stage.tcp(primary(random.pick(cast.web)), random.pick(cast.app).endpoints[1]!, 9000);
};
