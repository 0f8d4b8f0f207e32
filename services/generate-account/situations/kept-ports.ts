import type { PlayedKind, Recipe } from '../kinds/recipe.ts';
import { primary } from '../kinds/stage.ts';
import type { Endpoint, Interface } from '../world/entities.ts';
import { ON_PREMISES } from '../world/lay-out-network.ts';
import { awaited, stale, used } from '../world/purposes.ts';
import { TCP, UDP } from '../../../shared/protocols.ts';
import { byShare, DEFAULT_EGRESS, everySlot, inTurn, type Site } from './site.ts';

/** UDP between equal ports, from one address of a block after the other. */
function equalPorts(host: Interface, block: string, port: number, isOurs: boolean): Recipe {
  const next = inTurn(block);
  return (stage) => {
    const [own, other] = [primary(host), next(stage.turnOfRun(`${host.id} ${port}`))];
    const ends: [Endpoint, Endpoint] = isOurs ? [own, other] : [other, own];
    return stage.pairwise(...ends, UDP, port, 0);
  };
}

/** Time servers and resolvers are asked from the port that they serve on. */
export function clocksAndNames(site: Site): PlayedKind[] {
  const kept = used('keptPort');
  const [CLOCKS, RESOLVERS] = ['198.19.4.0/24', '198.19.5.0/24'];
  site.groups({
    clock: [
      [`out udp 123 ${CLOCKS}`, kept],
      [`in udp 123 ${CLOCKS}`, stale('answers look like requests of others', false)],
      [`in udp 161 ${CLOCKS}`, stale('left over')],
    ],
    forwarder: [
      [`out udp 53 ${RESOLVERS}`, kept],
      [`in tcp 53 ${RESOLVERS}`, stale('left over')],
    ],
  });
  const [clock, forwarder] = [site.host('clock'), site.host('forwarder')];
  return [
    byShare('ntpFromItsPort', 0.3, '123 to 123', equalPorts(clock, CLOCKS, 123, true)),
    byShare('dnsFromItsPort', 0.3, '53 to 53', equalPorts(forwarder, RESOLVERS, 53, true)),
  ];
}

/** Devices are polled at 161, and send traps from there. */
export function traps(site: Site): PlayedKind[] {
  const DEVICES = '198.19.6.0/24';
  site.groups({
    station: [
      [`in udp 162 ${DEVICES}`, used('keptPort'), 'traps'],
      [`out udp 161 ${DEVICES}`, used('ordinary'), 'polls'],
      [`in udp 514 ${DEVICES}`, stale('logs go elsewhere')],
    ],
  });
  const station = site.host('station');
  const next = inTurn(DEVICES);
  return [
    byShare('trap', 0.3, 'looks like the answer to a poll', (stage) => {
      const device = next(stage.turnOfRun('trap'));
      const details = { openerPort: 161, course: 'unanswered' } as const;
      return stage.pairwise(device, primary(station), UDP, 162, 0, details);
    }),
    byShare('poll', 0.4, 'the poll itself', (stage) => stage.udp(primary(station), next(stage.turnOfRun('poll')), 161)),
  ];
}

/**
 * FSx for Lustre: clients and servers open connections to 988 from 1018 to 1023, and the service demands rules for both.
 * https://docs.aws.amazon.com/fsx/latest/LustreGuide/limit-access-security-groups.html
 */
export function lustre(site: Site): PlayedKind[] {
  const reserved = used('reservedPort');
  const demanded = awaited('demandedByService');
  site.groups({
    compute: [
      ['out tcp 0-65535 sg:lustre', reserved],
      ['in tcp 988 sg:lustre', demanded],
      ['in tcp 1018-1023 sg:lustre', demanded],
      ['in tcp 8097 10.20.0.0/16', stale('left over')],
    ],
    lustre: [
      ['in tcp 988 sg:compute', reserved],
      ['in tcp 1018-1023 sg:compute', demanded],
      ['in tcp 988 sg:lustre', reserved],
      ['in tcp 1018-1023 sg:lustre', demanded],
      ['out tcp 0-65535 sg:lustre', reserved],
      ['in tcp 8098 10.20.0.0/16', stale('left over')],
    ],
  });
  const client = site.host('compute');
  const [server, other] = [site.host('lustre'), site.host('lustre')];
  const mount =
    (opener: Interface): Recipe =>
    (stage) => {
      const openerPort = 1018 + (stage.turnOfRun(opener.id) % 6);
      return stage.pairwise(primary(opener), primary(server), TCP, 988, stage.random.below(60), { openerPort });
    };
  return [
    byShare('lustreMount', 0.4, '988 from 1018–1023', mount(client)),
    byShare('lustreBetweenServers', 0.3, 'the same within the group', mount(other)),
  ];
}

const OLD_CLIENTS = '198.19.16.0/24';

/** The kernel takes a port below 1024 for a mount, and keeps it for as long as it is mounted: here that of a service. */
export function networkFiles(site: Site): PlayedKind[] {
  const reserved = used('reservedPort');
  site.groups({
    mounter: [
      [`out tcp 0-65535 ${ON_PREMISES}`, reserved],
      [`in tcp 892 ${ON_PREMISES}`, stale('exports nothing; but answers to its mount look like calls', false)],
      [`in tcp 8463 ${ON_PREMISES}`, stale('left over')],
    ],
    filer: [
      [`in tcp 2049 ${ON_PREMISES}`, reserved],
      [`in tcp 8464 ${ON_PREMISES}`, stale('left over')],
    ],
    'filer-v3': [
      [`in tcp 111 ${OLD_CLIENTS}`, reserved],
      [`in tcp 2049 ${OLD_CLIENTS}`, reserved],
      [`in tcp 20048 ${OLD_CLIENTS}`, reserved],
      [`in tcp 8465 ${OLD_CLIENTS}`, stale('left over')],
      DEFAULT_EGRESS,
    ],
  });
  const [mounter, filer, old] = [site.host('mounter'), site.host('filer'), site.host('filer-v3')];
  const oldClients = inTurn(OLD_CLIENTS);
  const { end } = site.world;
  return [
    everySlot('longMount', 'a mount from the port of a service of its own', (stage) => {
      if (!stage.isFirstSlot) return 0;
      const opened = stage.moment();
      const ports = { openerPort: 892, serverPort: 2049 };
      const course = { period: 1800, ending: 'open' } as const;
      const ends = { opener: primary(mounter), server: stage.outsiders.onPremises() };
      return stage.open({ ...ends, ...ports, ...course, protocol: TCP, opened, closed: end });
    }),
    byShare('mountOfVersion3', 0.4, 'one port of the client meets three of the server', (stage) => {
      const client = oldClients(stage.turnOfRun('old clients'));
      const [openerPort, opened] = [stage.random.between(665, 1023), stage.moment()];
      const call = { opener: client, server: primary(old), protocol: TCP, openerPort };
      return [111, 20_048, 2049].reduce(
        (written, serverPort, i) =>
          written + stage.open({ ...call, serverPort, opened: opened + i, closed: opened + i }),
        0,
      );
    }),
    byShare('reservedMount', 0.3, 'any port from 665 to 1023', (stage) => {
      const openerPort = stage.random.between(665, 1023);
      return stage.pairwise(stage.outsiders.onPremises(), primary(filer), TCP, 2049, stage.random.below(40), {
        openerPort,
      });
    }),
  ];
}

/** Either end calls the other, from 5060 to 5060. */
export function telephony(site: Site): PlayedKind[] {
  const [PHONES, TRUNKS] = ['198.19.2.0/24', '198.19.3.0/24'];
  site.groups({
    pbx: [
      [`in udp 5060 ${PHONES}`, used('keptPort'), 'phones register'],
      [`out udp 5060 ${PHONES}`, used('speaksFirst'), 'calls, long after'],
      [`in tcp 5061 ${PHONES}`, stale('left over')],
    ],
    trunk: [
      [`out udp 5060 ${TRUNKS}`, used('keptPort')],
      [`in udp 5062 ${TRUNKS}`, stale('left over')],
    ],
  });
  const [pbx, trunk] = [site.host('pbx'), site.host('trunk')];
  // Phones in turn, one turn for both: the phone that is called is another than those of the minutes before.
  const next = inTurn(PHONES);
  const sip =
    (isOurs: boolean): Recipe =>
    (stage) => {
      const [own, phone] = [primary(pbx), next(stage.turnOfRun('phone'))];
      const ends: [Endpoint, Endpoint] = isOurs ? [own, phone] : [phone, own];
      return stage.pairwise(...ends, UDP, 5060, 0);
    };
  return [
    byShare('sipRegister', 0.3, 'the phone opens', sip(false)),
    byShare('sipCall', 0.3, 'the server opens, when nothing is tracked any more', sip(true)),
    byShare('sipTrunk', 0.3, 'we open, equal ports', equalPorts(trunk, TRUNKS, 5060, true)),
  ];
}
