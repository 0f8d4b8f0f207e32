import type { PlayedKind } from '../kinds/recipe.ts';
import { primary } from '../kinds/stage.ts';
import { TCP, UDP } from '../../../shared/protocols.ts';
import { stale, used } from '../world/purposes.ts';
import { byShare, inTurn, type Site } from './site.ts';

const speaks = used('speaksFirst');
const ordinary = used('ordinary');

/** Active FTP: for each transfer the server calls the client, from port 20. */
export function activeFtp(site: Site): PlayedKind[] {
  const [CLIENTS, SERVERS] = ['198.19.7.0/24', '198.19.8.0/24'];
  site.groups({
    ftp: [
      [`in tcp 21 ${CLIENTS}`, ordinary],
      [`out tcp 1024-65535 ${CLIENTS}`, speaks, 'active transfers'],
      [`in tcp 990 ${CLIENTS}`, stale('nobody uses FTPS')],
    ],
    'ftp-client': [
      [`out tcp 21 ${SERVERS}`, ordinary],
      [`in tcp 1024-65535 ${SERVERS}`, speaks, 'active transfers'],
      [`out tcp 990 ${SERVERS}`, stale('nobody uses FTPS')],
    ],
  });
  const [server, client] = [site.host('ftp'), site.host('ftp-client')];
  const [clients, servers] = [inTurn(CLIENTS), inTurn(SERVERS)];
  return [
    byShare('ftpServer', 0.5, 'a call to 21, and a transfer from 20', (stage) => {
      const outside = clients(stage.turnOfRun('ftp clients'));
      const [opened, port] = [stage.moment(), stage.random.between(40_000, 60_000)];
      const transfer = { opened, closed: opened + 4, protocol: TCP, openerPort: 20, serverPort: port };
      return (
        stage.tcp(outside, primary(server), 21, { opened, seconds: 4 }) +
        stage.open({ ...transfer, opener: primary(server), server: outside })
      );
    }),
    byShare('ftpClient', 0.5, 'the same, from the other end', (stage) => {
      const outside = servers(stage.turnOfRun('ftp servers'));
      const [opened, port] = [stage.moment(), stage.random.between(40_000, 60_000)];
      const transfer = { opened, closed: opened + 4, protocol: TCP, openerPort: 20, serverPort: port };
      return (
        stage.tcp(primary(client), outside, 21, { opened, seconds: 4 }) +
        stage.open({ ...transfer, opener: outside, server: primary(client) })
      );
    }),
  ];
}

/** RADIUS changes an authorization on its own; TFTP answers from a new port. */
export function datagramServers(site: Site): PlayedKind[] {
  const [DEVICES, BOOTING] = ['198.19.9.0/24', '198.19.14.0/24'];
  site.groups({
    radius: [
      [`in udp 1812-1813 ${DEVICES}`, ordinary],
      [`out udp 3799 ${DEVICES}`, speaks, 'change of authorization'],
      [`in udp 1645-1646 ${DEVICES}`, stale('the old ports')],
    ],
    tftp: [
      [`in udp 69 ${BOOTING}`, ordinary],
      [`out udp 1024-65535 ${BOOTING}`, speaks, 'answers from a port of their own'],
      [`in tcp 69 ${BOOTING}`, stale('left over')],
    ],
  });
  const [radius, tftp] = [site.host('radius'), site.host('tftp')];
  const [devices, booting] = [inTurn(DEVICES), inTurn(BOOTING)];
  return [
    byShare('radius', 0.3, 'a device asks', (stage) =>
      stage.udp(devices(stage.turnOfRun('devices')), primary(radius), stage.random.pick([1812, 1813])),
    ),
    byShare('radiusChange', 0.3, 'the server opens', (stage) =>
      stage.udp(primary(radius), devices(stage.turnOfRun('devices')), 3799),
    ),
    byShare('tftp', 0.4, 'a request without an answer, and a flow of the server’s', (stage) => {
      const machine = booting(stage.turnOfRun('booting'));
      const [opened, port] = [stage.moment(), stage.random.between(2070, 3000)];
      const [asked, sent] = [stage.random.between(32_768, 60_999), { opened, closed: opened + 3, protocol: UDP }];
      const request = {
        ...sent,
        closed: opened,
        opener: machine,
        server: primary(tftp),
        openerPort: port,
        serverPort: 69,
      };
      const data = { ...sent, opener: primary(tftp), server: machine, openerPort: asked, serverPort: port };
      return stage.open({ ...request, course: 'unanswered' }) + stage.open(data);
    }),
  ];
}

/** An answer 45 seconds after its request, which UDP is tracked for 30: it passes by a rule of its own. */
export function lateAnswers(site: Site): PlayedKind[] {
  const USERS = '198.19.15.0/24';
  site.groups({
    'second-factor': [
      [`in udp 1812 ${USERS}`, ordinary],
      [`out udp 1024-65535 ${USERS}`, used('lateAnswer'), 'answers wait for a telephone'],
      [`in udp 1813 ${USERS}`, stale('no accounting')],
    ],
  });
  const server = site.host('second-factor');
  const users = inTurn(USERS);
  return [
    byShare('lateAnswer', 0.4, 'an answer that nothing tracks', (stage) => {
      const { slot, random } = stage;
      const user = users(stage.turnOfRun('users'));
      const port = random.between(40_000, 60_000);
      const asked = random.between(slot.from, slot.to - 60);
      const request = { opener: user, server: primary(server), openerPort: port, serverPort: 1812 };
      const answer = { opener: primary(server), server: user, openerPort: 1812, serverPort: port };
      const one = { protocol: UDP, forward: 1, course: 'unanswered' } as const;
      return (
        stage.open({ ...request, ...one, opened: asked, closed: asked }) +
        stage.open({ ...answer, ...one, opened: asked + 46, closed: asked + 46 })
      );
    }),
  ];
}
