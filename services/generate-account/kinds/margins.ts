import { VPN_PARTNERS } from '../world/lay-out-network.ts';
import type { Recipe } from './recipe.ts';
import { primary, type Stage } from './stage.ts';

export const partnerCallsUs: Recipe = (stage) =>
  stage.tcp(stage.random.pick(stage.cast.partners), primary(stage.cast.db), 5432, {
    seconds: stage.random.between(0, 120),
    period: 5,
  });

export const weCallPartner: Recipe = (stage) =>
  stage.tcp(primary(stage.random.pick(stage.cast.app)), stage.random.pick(stage.cast.partners), 8443);

const TASK_SECONDS = 180;

/** A task that lives three minutes: two of its connections, and what it asks the resolver. */
export const shortLivedTask: Recipe = (stage) => {
  const { random, cast, slot } = stage;
  const born = slot.from + random.below(Math.max(1, slot.to - slot.from - TASK_SECONDS));
  const task = primary(stage.newTask(born, born + TASK_SECONDS));
  const during = () => born + random.below(Math.min(TASK_SECONDS - 10, slot.to - born - 5));
  let written = stage.udp(task, primary(cast.core), 53, { opened: born, closed: born });
  for (let i = 0; i < 2; i++) {
    const opened = during();
    written += stage.tcp(task, primary(cast.nlbTarget), 6379, { opened, closed: opened + random.below(8) });
  }
  return written;
};

export const toS3: Recipe = (stage) =>
  stage.tcp(primary(stage.random.pick(stage.cast.app)), stage.outsiders.s3(), 443, {
    backward: 20,
    backwardSize: 1400,
  });

export const toInterfaceEndpoint: Recipe = (stage) =>
  stage.tcp(primary(stage.random.pick(stage.cast.app)), primary(stage.cast.endpoint), 443);

/** A reporting tool at headquarters, through the VPN: never again after a certain time. */
export const retired: Recipe = (stage) => {
  const { world, random, slot, cast } = stage;
  const last = Math.min(slot.to, world.quietSince) - 70;
  if (last <= slot.from) return 0;
  const opened = random.between(slot.from, last);
  return stage.tcp(stage.outsiders.onPremises(), primary(cast.db), 1521, {
    opened,
    closed: opened + random.below(6),
    router: cast.vpn,
  });
};

/** The partner API before its rules were edited in place. */
export const beforeTheEdit: Recipe = (stage) => {
  const { world, random, slot } = stage;
  const last = Math.min(slot.to, world.editedAt) - 70;
  if (last <= slot.from) return 0;
  const opened = random.between(slot.from, last);
  return partnerApi(stage, opened, ['203.0.113.0/25', 8443], ['203.0.113.128/26', 7443]);
};

export const afterTheEdit: Recipe = (stage) => {
  const { world, random, slot } = stage;
  const first = Math.max(slot.from, world.editedAt);
  if (first >= slot.to - 5) return 0;
  const opened = random.between(first, slot.to - 6);
  return partnerApi(stage, opened, ['203.0.113.0/25', 9443], ['203.0.113.192/26', 7443]);
};

type Api = readonly [clients: string, port: number];

/** Both APIs at once, so that neither of the edited rules stays without use. */
function partnerApi(stage: Stage, opened: number, ...apis: readonly Api[]): number {
  const target = primary(stage.cast.publicWeb);
  const call = ([clients, port]: Api): number =>
    stage.tcp(stage.outsiders.within(clients, 6, 'internet'), target, port, { opened, closed: opened + 2 });
  return apis.reduce((written, api) => written + call(api), 0);
}

/** Accepted traffic that no log shows, and a scan that its REJECT-only log does show. */
export const legacyVpc: Recipe = (stage) => {
  const target = primary(stage.cast.legacy);
  stage.tcp(stage.outsiders.within('10.99.7.0/24', 8, 'vpc'), target, 443);
  return stage.tcp(stage.outsiders.within('10.99.8.0/24', 8, 'vpc'), target, 8443, {
    expect: 'reject',
    seconds: 1,
    forward: 1,
    forwardSize: 60,
  });
};

/** In a VPC with the same addresses as the first. */
export const staging: Recipe = (stage) =>
  stage.tcp(primary(stage.random.pick(stage.cast.stagingFront)), primary(stage.cast.stagingBack), 5432, {
    seconds: stage.random.below(30),
  });

export const officeToStaging: Recipe = (stage) =>
  stage.tcp(stage.outsiders.office(), primary(stage.random.pick(stage.cast.stagingFront)), 443);

export const rejectedAtTheSource: Recipe = (stage) =>
  stage.tcp(primary(stage.random.pick(stage.cast.app)), stage.outsiders.internet(), 25, {
    expect: 'reject',
    seconds: 3,
    forward: 1,
    forwardSize: 60,
  });

/** Leaves one machine, and is turned away by the other. */
export const rejectedAtTheTarget: Recipe = (stage) =>
  stage.tcp(primary(stage.random.pick(stage.cast.web)), primary(stage.cast.db), 443, {
    expect: 'reject',
    seconds: 3,
    forward: 1,
    forwardSize: 60,
  });

/** A NODATA record for each window of the interfaces that never speak, one after the other. */
export const noData: Recipe = (stage) => {
  const { standby } = stage.cast;
  const turn = stage.turn('noData');
  const iface = standby[turn % standby.length]!;
  const time = stage.slot.from + Math.floor(turn / standby.length) * iface.windowSeconds;
  return time + iface.windowSeconds > stage.slot.to ? 0 : stage.gap(iface, 'NODATA', time);
};

/** A window was skipped: its records, one connection's here, are lost. */
export const skipData: Recipe = (stage) => {
  const { cast, slot } = stage;
  const iface = cast.vpn;
  const time = slot.from + stage.turn('skipData') * iface.windowSeconds;
  if (time + iface.windowSeconds > slot.to) return 0;
  const opener = primary(iface);
  const server = stage.outsiders.within(VPN_PARTNERS[0], 5, 'internet');
  const ports = { openerPort: 4500, serverPort: 4500 };
  stage.open({ opener, server, protocol: 17, ...ports, opened: time, closed: time, isSkipped: true });
  return stage.gap(iface, 'SKIPDATA', time);
};
