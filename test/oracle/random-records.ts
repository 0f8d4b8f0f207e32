/** Records drawn to hit: edges of rules in peer and port, own and foreign addresses, every oddity of the fields. */
import { firstOf, formatIp, formatIpLong, lastOf, parseIp, type Block, type Ip } from './addresses.ts';
import { groupsOf, hasPorts, holdingsOf, peersOf, portsOf, protocolOf } from './match.ts';
import { DAY, FIRST_DAY, OUTSIDERS, randomVpcAddress } from './random-inventory.ts';
import type { Random } from './random.ts';
import type { OracleInterface, OracleInventory, OracleRecord, OracleRule } from './types.ts';

const COMMON_PORTS = [0, 22, 53, 80, 123, 443, 1023, 1024, 3306, 5432, 8080, 9999, 65535];

export function randomRecord(random: Random, inventory: OracleInventory): OracleRecord {
  const at = random.pick(inventory.networkInterfaces);
  const shape = random.weighted({ flow: 85, reject: 6, noData: 3, skipData: 2, unknownInterface: 6, noInterface: 2 });
  if (shape === 'noData' || shape === 'skipData') return emptyRecord(random, at, shape);
  const flow = randomFlow(random, inventory, at);
  if (shape === 'reject') return { ...flow, action: 'REJECT', 'reject-reason': random.pick(['-', 'BPA', 'EC']) };
  if (shape === 'unknownInterface') {
    const vpc = random.chance(0.2) ? { 'vpc-id': random.id('vpc') } : {};
    const account = random.chance(0.3) ? { 'account-id': '333333333333' } : {};
    return { ...flow, ...vpc, ...account, 'interface-id': random.id('eni') };
  }
  if (shape === 'noInterface') {
    return { ...flow, 'interface-id': '-', ...(random.chance(0.5) ? { 'resource-id': random.id('nat') } : {}) };
  }
  return flow;
}

function emptyRecord(random: Random, at: OracleInterface, shape: 'noData' | 'skipData'): OracleRecord {
  return { ...commonFields(random, at), 'log-status': shape === 'noData' ? 'NODATA' : 'SKIPDATA' };
}

/** Fields every row has. The end is now and then the first or the last second of a day. */
function commonFields(random: Random, at: OracleInterface): OracleRecord {
  const second = random.chance(0.1) ? random.pick([0, DAY - 1]) : random.between(0, DAY - 1);
  const end = FIRST_DAY + random.between(0, 3) * DAY + second;
  return {
    version: '8',
    'account-id': random.chance(0.1) ? 'unknown' : '111111111111',
    'interface-id': at.NetworkInterfaceId,
    start: String(end - random.between(0, 600)),
    end: String(end),
  };
}

function randomFlow(random: Random, inventory: OracleInventory, at: OracleInterface): OracleRecord {
  const ofInterface = inventory.securityGroupRules.filter((rule) => groupsOf(at).includes(rule.GroupId));
  const target = ofInterface.length > 0 && random.chance(0.9) ? random.pick(ofInterface) : undefined;
  const isRequest = random.chance(0.5);
  const serviceIsIngress = target === undefined ? random.chance(0.5) : !target.IsEgress;
  const ingress = serviceIsIngress === isRequest;

  const protocol = randomProtocol(random, target);
  const [servicePort, otherPort] = randomPorts(random, target, protocol);

  const hairpin = random.chance(0.03);
  const peer = hairpin ? addressOf(random, random.pick(holdingsOf(at))) : randomPeer(random, inventory, at, target);
  const own = random.chance(0.04) ? parseIp('192.0.2.99') : ownAddress(random, at, peer.family);
  const [plain, real] = randomViews(random, inventory, at, peer);
  const ownReal = random.chance(0.2) ? formatIp(addressOf(random, random.pick(holdingsOf(at)))) : formatIp(own);

  return {
    ...commonFields(random, at),
    srcaddr: ingress ? plain : formatIp(own),
    dstaddr: ingress ? formatIp(own) : plain,
    srcport: String(isRequest ? otherPort : servicePort),
    dstport: String(isRequest ? servicePort : otherPort),
    protocol: String(protocol),
    packets: String(random.between(1, 50)),
    bytes: String(random.chance(0.05) ? random.between(1e9, 9e9) : random.between(40, 9000)),
    action: 'ACCEPT',
    'log-status': 'OK',
    'vpc-id': random.chance(0.8) ? (at.VpcId ?? '-') : '-',
    'subnet-id': at.SubnetId ?? '-',
    'tcp-flags': randomFlags(random, protocol),
    type: peer.family === 4 ? 'IPv4' : 'IPv6',
    'pkt-srcaddr': real === '-' ? '-' : ingress ? real : ownReal,
    'pkt-dstaddr': real === '-' ? '-' : ingress ? ownReal : real,
    'flow-direction': randomDirection(random, ingress),
    'traffic-path': ingress ? '-' : random.pick(['-', '1', '8']),
    'reject-reason': '-',
  };
}

function randomProtocol(random: Random, target: OracleRule | undefined): number {
  const wanted = target === undefined || random.chance(0.05) ? -1 : protocolOf(target);
  return wanted === -1 ? Number(random.weighted({ 6: 6, 17: 4, 1: 2, 58: 1, 50: 0.5, 47: 0.5, 132: 0.3 })) : wanted;
}

/** Service port and other port. Protocols without ports show zeros, and, rarely, something all the same. */
function randomPorts(random: Random, target: OracleRule | undefined, protocol: number): [number, number] {
  if (!hasPorts(protocol) && random.chance(0.95)) return [0, 0];
  const range = (target === undefined ? null : portsOf(target)) ?? { from: 0, to: 65535 };
  const edges = [range.from - 1, range.from, range.from + 1, range.to - 1, range.to, range.to + 1];
  const inside = random.between(range.from, range.to);
  const common = random.pick(COMMON_PORTS);
  const wanted = { edge: random.pick(edges), inside, common }[random.weighted({ edge: 5, inside: 3, common: 2 })];
  const service = Math.min(Math.max(wanted, 0), 65535);
  const other = {
    ephemeral: random.between(1024, 65535),
    equal: service,
    zero: 0,
    smaller: random.between(0, service),
    common: random.pick(COMMON_PORTS),
  }[random.weighted({ ephemeral: 6, equal: 1.5, zero: 0.3, smaller: 1, common: 1 })];
  return [service, other];
}

function randomFlags(random: Random, protocol: number): string {
  if (protocol === 6) return random.pick(['0', '0', '1', '2', '2', '3', '4', '6', '16', '18', '18', '19', '-']);
  return random.pick(['0', '0', '-', '2', '18']);
}

function randomDirection(random: Random, ingress: boolean): string {
  const kind = random.weighted({ right: 10, absent: 6, wrong: 0.5 });
  if (kind === 'absent') return '-';
  return ingress === (kind === 'right') ? 'ingress' : 'egress';
}

function randomPeer(
  random: Random,
  inventory: OracleInventory,
  at: OracleInterface,
  target: OracleRule | undefined,
): Ip {
  const blocks = target === undefined ? [] : peersOf(inventory, target);
  const family = random.chance(0.75) ? 4 : 6;
  const kind = random.weighted({ ofRule: 12, ofInterface: 3, inVpc: 3, outside: 2, anywhere: 1 });
  if (kind === 'ofRule' && blocks.length > 0) return edgeOf(random, random.pick(blocks));
  if (kind === 'outside') return parseIp(random.pick(OUTSIDERS));
  if (kind === 'anywhere') return { family, value: random.bigint(family === 4 ? 1n << 32n : 1n << 128n) };
  if (kind === 'inVpc') return randomVpcAddress(random, inventory, at, family);
  return addressOf(random, random.pick(inventory.networkInterfaces.flatMap(holdingsOf)));
}

/** First, last, one below, one above, or inside. */
function edgeOf(random: Random, block: Block): Ip {
  const [first, last] = [firstOf(block), lastOf(block)];
  const highest = block.family === 4 ? (1n << 32n) - 1n : (1n << 128n) - 1n;
  switch (random.weighted({ first: 4, last: 4, inside: 4, below: 1, above: 1 })) {
    case 'first':
      return first;
    case 'last':
      return last;
    case 'below':
      return first.value === 0n ? first : { family: block.family, value: first.value - 1n };
    case 'above':
      return last.value === highest ? last : { family: block.family, value: last.value + 1n };
    case 'inside':
      return addressOf(random, block);
  }
}

function addressOf(random: Random, block: Block): Ip {
  const first = firstOf(block);
  return { family: block.family, value: first.value + random.bigint(lastOf(block).value - first.value + 1n) };
}

/** The primary address of the family, as flow logs show it; now and then another one. */
function ownAddress(random: Random, at: OracleInterface, family: 4 | 6): Ip {
  const own = holdingsOf(at).filter((block) => block.family === family);
  const [primary] = own;
  if (primary === undefined) return parseIp(family === 4 ? '192.0.2.98' : '2001:db8:ffff::98');
  return addressOf(random, random.chance(0.8) ? primary : random.pick(own));
}

/** How the peer shows in the plain and in the pkt- field. */
function randomViews(random: Random, inventory: OracleInventory, at: OracleInterface, peer: Ip): [string, string] {
  const text = formatIp(peer);
  const other = formatIp(
    random.chance(0.5)
      ? randomVpcAddress(random, inventory, at, peer.family)
      : randomPeer(random, inventory, at, undefined),
  );
  switch (random.weighted({ absent: 5, same: 5, otherSpelling: 0.5, behindMiddlebox: 2, unmatchedPacket: 2 })) {
    case 'absent':
      return [text, '-'];
    case 'same':
      return [text, text];
    case 'otherSpelling':
      return [text, formatIpLong(peer)];
    case 'behindMiddlebox':
      return [other, text];
    case 'unmatchedPacket':
      return [text, other];
  }
}
