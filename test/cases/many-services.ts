import { OTHER_ACCOUNT, type InterfaceOptions, type RuleText } from './aws-items.ts';
import { range } from './clock.ts';
import type { ConnectionOptions } from './flow-record.ts';
import type { World } from './world.ts';

/** Adds services whose protocols mislead, no SYN in any record; the ids of the rules that they need. */
export function manyServices(world: World): string[] {
  const services = new Services(world);
  services.fileTransfer();
  services.windowsAndContainers();
  services.tunnelsAndRouting();
  services.datagrams();
  services.unusualAddresses();
  services.unreadablePeers();
  services.serversThatCall();
  return services.needed;
}

class Services {
  readonly needed: string[] = [];
  readonly #world: World;
  #hosts = 20;

  constructor(world: World) {
    this.#world = world;
  }

  fileTransfer(): void {
    const ftpServer = this.#host('ftp', ['in tcp 21 198.51.100.0/24', 'out tcp 1024-65535 198.51.100.0/24']);
    this.#conn('198.51.100.7', ftpServer, 21);
    this.#conn(ftpServer, '198.51.100.7', 50_101, { clientPort: 20 });
    const ftpClient = this.#host('ftc', ['out tcp 21 198.51.100.9/32', 'in tcp 1024-65535 198.51.100.9/32']);
    this.#conn(ftpClient, '198.51.100.9', 21);
    this.#conn('198.51.100.9', ftpClient, 50_101, { clientPort: 20 });
    const passiveFtp = this.#host('pasv', ['in tcp 50000-51000 0.0.0.0/0'], ['out tcp 8000-9000 0.0.0.0/0']);
    this.#conn('203.0.113.9', passiveFtp, 50_500, { clientPort: 8100 });
    const nfsClient = this.#host('nfsc', ['out tcp 0-65535 10.0.0.0/16'], ['in tcp 0-65535 10.0.0.0/16']);
    this.#conn(nfsClient, '10.0.200.5', 2049, { clientPort: 890 });
  }

  /** Ports that are agreed on only when a service starts. */
  windowsAndContainers(): void {
    const directory = this.#host('ad', ['in tcp 49152-65535 10.0.0.0/8', 'out tcp 49152-65535 10.0.0.0/8']);
    this.#conn('10.44.1.2', directory, 49_700, { clientPort: 50_001 });
    this.#conn(directory, '10.44.1.3', 49_701, { clientPort: 50_002 });
    const containers = this.#host('ecs', ['in tcp 32768-60999 10.0.100.0/24'], ['out tcp 3306 10.0.0.0/16']);
    this.#conn('10.0.100.8', containers, 33_001, { clientPort: 20_007 });
    const gossip = this.#host('gos', ['in udp 7946 10.0.0.0/16', 'out udp 7946 10.0.0.0/16']);
    this.#conn('10.0.201.2', gossip, 7946, { clientPort: 7946, protocol: 'udp' });
  }

  /** IKE, ESP and GRE; BGP, which either side opens. */
  tunnelsAndRouting(): void {
    const vpn = this.#host('vpn', [
      ...(['in udp 500 198.51.100.1/32', 'in 50 198.51.100.1/32', 'out 50 198.51.100.1/32'] as const),
      ...(['in udp 4500 198.51.100.1/32', 'in 47 198.51.100.2/32', 'out 47 198.51.100.2/32'] as const),
    ]);
    for (const port of [500, 4500]) this.#conn('198.51.100.1', vpn, port, { clientPort: port, protocol: 'udp' });
    this.#conn('198.51.100.1', vpn, 0, { protocol: 50 });
    this.#conn('198.51.100.2', vpn, 0, { protocol: 47 });
    const router = this.#host('bgp', ['in tcp 179 10.44.0.1/32', 'out tcp 179 10.44.0.1/32']);
    this.#conn('10.44.0.1', router, 179, { when: this.#world.daily(5, range(0, 30, 2)) });
    this.#conn(router, '10.44.0.1', 179, { when: this.#world.daily(5, range(1, 30, 2)) });
  }

  /** TFTP, which answers from a new port; syslog from 514 to 5140; TURN; multicast and IGMP. */
  datagrams(): void {
    const tftp = this.#host('tftp', ['in udp 69 10.0.0.0/16', 'out udp 1024-65535 10.0.0.0/16']);
    this.#conn('10.0.202.2', tftp, 69, { clientPort: 2070, protocol: 'udp', reply: false });
    this.#conn(tftp, '10.0.202.2', 2070, { clientPort: 49_155, protocol: 'udp' });
    const syslog = this.#host('log', ['in udp 0-65535 10.0.0.0/8'], ['out udp 0-65535 10.0.0.0/8']);
    this.#conn('10.44.3.3', syslog, 5140, { clientPort: 514, protocol: 'udp', reply: false });
    const turn = this.#host('turn', [
      'in udp 49152-65535 0.0.0.0/0',
      'out udp 1024-65535 0.0.0.0/0',
      'in udp 3478 0.0.0.0/0',
    ]);
    this.#conn('203.0.113.77', turn, 3478, { protocol: 'udp' });
    this.#conn('203.0.113.78', turn, 50_000, { clientPort: 20_000, protocol: 'udp' });
    this.#conn(turn, '203.0.113.79', 30_000, { clientPort: 50_001, protocol: 'udp' });
    const multicast = this.#host('mc', ['in udp 5000 10.0.205.0/24', 'in 2 0.0.0.0/32']);
    for (const start of this.#world.daily()) {
      this.#world.record(multicast, 'ingress', ['10.0.205.5', 5000], ['232.1.1.1', 5000], start, { protocol: 17 });
      this.#world.record(multicast, 'ingress', ['0.0.0.0', 0], ['224.0.0.1', 0], start, { protocol: 2 });
    }
  }

  /** A pod in a delegated prefix; middleboxes that keep the address of the client. */
  unusualAddresses(): void {
    this.#world.group('sg-0pods');
    this.#world.eni('eni-0pods', '10.0.206.10', ['sg-0pods'], {
      secondary: ['10.0.206.11'],
      prefixes: ['10.0.206.16/28'],
      noData: false,
    });
    this.#conn('10.0.206.20', this.#host('api', ['in tcp 8443 sg-0pods']), 8443);
    for (const [type, name] of [
      ['network_load_balancer', 'nlb'],
      ['ec2_instance_connect_endpoint', 'eice'],
      ['global_accelerator_managed', 'ga'],
    ] as const) {
      this.#world.group(`sg-0${name}`);
      this.#world.eni(`eni-0${name}`, this.#nextAddress(), [`sg-0${name}`], { type });
      this.#conn('203.0.113.107', this.#host(`t${name}`, [`in tcp 8000 sg-0${name}`]), 8000);
    }
  }

  /** Another account's group; a list whose entries nobody may read; a group of short-lived interfaces. */
  unreadablePeers(): void {
    const peer = this.#host('peer', []);
    const reference = { UserId: OTHER_ACCOUNT, VpcPeeringConnectionId: 'pcx-0a' };
    this.#world.rule('sgr-0peer', 'in tcp 6000 sg-0foreign', { reference });
    this.needed.push('sgr-0peer');
    this.#conn('172.16.0.9', peer, 6000);
    this.#world.prefixList('pl-0secret', 'secret', 'unreadable', OTHER_ACCOUNT);
    this.#conn(this.#host('list', ['out tcp 443 pl-0secret']), '198.18.0.9', 443);
    this.#world.group('sg-0eph');
    this.#conn('10.0.250.5', this.#host('pg', ['in tcp 5432 sg-0eph']), 5432);
  }

  /** Remote shell, ICMPv6, WireGuard, RADIUS with change of authorization: either end speaks first. */
  serversThatCall(): void {
    const shell = this.#host('rsh', ['out tcp 514 10.0.0.0/16', 'in tcp 512-1023 10.0.0.0/16']);
    this.#conn(shell, '10.0.207.2', 514, { clientPort: 1022 });
    this.#conn('10.0.207.2', shell, 1020, { clientPort: 1021 });
    const dualStack = this.#host('v6', ['in icmpv6 -1 2001:db8:1::/48'], [], { ip6: ['2001:db8::10'] });
    this.#conn('2001:db8:1::5', dualStack, 0, { protocol: 'icmpv6', reply: false });
    const wireGuard = this.#host('wg', ['in udp 51820 0.0.0.0/0', 'out udp 51820-51821 0.0.0.0/0']);
    this.#conn(wireGuard, '203.0.113.200', 51_821, { clientPort: 51_820, protocol: 'udp' });
    this.#conn('203.0.113.201', wireGuard, 51_820, { clientPort: 33_333, protocol: 'udp' });
    const radius = this.#host('rad', ['in udp 1812-1813 10.0.0.0/8', 'out udp 3799 10.0.0.0/8']);
    this.#conn('10.44.6.6', radius, 1812, { protocol: 'udp' });
    this.#conn(radius, '10.44.6.6', 3799, { protocol: 'udp' });
  }

  /** With rules that it needs, and rules that it does not. */
  #host(
    name: string,
    needed: readonly RuleText[],
    besides: readonly RuleText[] = [],
    options: InterfaceOptions = {},
  ): string {
    this.needed.push(...needed.map((_, i) => `sgr-0${name}${i + 1}`));
    return this.#world.host(name, this.#nextAddress(), [...needed, ...besides], options);
  }

  #conn(client: string, server: string, port: number, options: ConnectionOptions = {}): void {
    this.#world.conn(client, server, port, { syn: false, ...options });
  }

  #nextAddress(): string {
    this.#hosts++;
    return `10.0.${this.#hosts}.10`;
  }
}
