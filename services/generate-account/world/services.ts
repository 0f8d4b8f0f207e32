import type { ServiceEdge } from './cast.ts';
import type { Interface } from './entities.ts';
import type { Network } from './lay-out-network.ts';
import { type Purpose, redundant, stale, UNATTACHED, USED } from './purposes.ts';
import type { WorldBuilder } from './world-builder.ts';

/** AWS's default quota is 60 rules per group and direction. */
const MAX_RULES_PER_DIRECTION = 58;
/** AWS's default quota is 5 groups per interface; one of them is `base`. */
const MAX_SERVICES_PER_INTERFACE = 4;
const USUAL_RULES_PER_SERVICE = 16;

const SERVICES_BLOCK = '10.20.192.0/18';

interface Service {
  readonly key: string;
  readonly interfaces: Interface[];
  readonly onServicesSubnet: boolean;
  readonly rules: { in: number; out: number };
}

/** Adds services beyond the first two (which live on a web and an application server) until the rules are used up. */
export function addServices(
  b: WorldBuilder,
  network: Network,
  first: readonly [Interface, Interface],
  interfaceCount: number,
  ruleCount: number,
): ServiceEdge[] {
  const budget = ruleCount - b.rules.length;
  const seats = interfaceCount * MAX_SERVICES_PER_INTERFACE;
  const perService = Math.min(100, Math.max(USUAL_RULES_PER_SERVICE, Math.ceil(budget / Math.max(1, seats))));
  const count = 2 + Math.max(interfaceCount > 0 ? 1 : 0, Math.ceil(budget / perService) - 2);
  const services = Array.from({ length: count }, (_, i): Service => {
    const key = `service-${i.toString().padStart(2, '0')}`;
    if (i >= 2) b.group(network.prod, key, `service ${i}`);
    const interfaces = i < 2 ? [first[i]!] : [];
    return { key, interfaces, onServicesSubnet: i >= 2, rules: { in: 0, out: 0 } };
  });
  seatServices(b, network, services.slice(2), interfaceCount);
  return addServiceRules(b, services, ruleCount);
}

function seatServices(
  b: WorldBuilder,
  { subnets }: Network,
  services: readonly Service[],
  interfaceCount: number,
): void {
  for (let j = 0; j < interfaceCount; j++) {
    const seated: Service[] = [];
    for (
      let k = j % services.length;
      k < services.length && seated.length < MAX_SERVICES_PER_INTERFACE;
      k += interfaceCount
    ) {
      seated.push(services[k]!);
    }
    const groups = ['base', ...seated.map((service) => service.key)];
    const made = b.addInterface({ subnet: subnets.services, groups, description: 'Primary network interface' });
    for (const service of seated) service.interfaces.push(made);
  }
}

function addServiceRules(b: WorldBuilder, services: readonly Service[], ruleCount: number): ServiceEdge[] {
  const edges: ServiceEdge[] = [];
  const connect = (from: Service, to: Service) => edges.push(addEdge(b, from, to, servicePort(edges.length)));
  const seated = services.filter((service) => service.interfaces.length > 0);
  for (const [i, service] of seated.entries()) {
    const next = seated[(i + 1) % seated.length]!;
    if (canMeet(next, service)) connect(next, service);
  }
  let full = 0;
  for (let i = 0; b.rules.length < ruleCount && full < services.length; i++) {
    const service = services[i % services.length]!;
    if (service.rules.in >= MAX_RULES_PER_DIRECTION || service.rules.out >= MAX_RULES_PER_DIRECTION) {
      full++;
      continue;
    }
    full = 0;
    const caller = b.random.pick(seated);
    const canCall = canMeet(caller, service) && caller.rules.out < MAX_RULES_PER_DIRECTION;
    if (canCall && b.random.chance(0.3)) connect(caller, service);
    else addUnused(b, service, seated);
  }
  return edges;
}

/** Whether a connection between them would leave a machine, wherever its server is. */
function canMeet(from: Service, to: Service): boolean {
  const others = (iface: Interface): boolean => from.interfaces.some((each) => each !== iface);
  return from !== to && to.interfaces.length > 0 && to.interfaces.every(others);
}

/** Below the ports of unused rules, 7100 to 19,099; every edge has its own as long as there are some. */
function servicePort(edge: number): number {
  const port = 7100 + (edge % 12_000);
  return DEAD_PORTS.includes(port) ? 19_100 : port;
}

/** A port of `to` that `from` calls; one in four has a second rule which admits the same. */
function addEdge(b: WorldBuilder, from: Service, to: Service, port: number): ServiceEdge {
  const byGroup = `in tcp ${port} sg:${from.key}`;
  const byBlock = `in tcp ${port} ${SERVICES_BLOCK}`;
  const isCovered = from.onServicesSubnet && b.random.chance(0.25);
  b.addRule(to.key, [byGroup, isCovered ? redundant(`${to.key}|${byBlock}`) : USED]);
  if (isCovered) b.addRule(to.key, [byBlock, redundant(`${to.key}|${byGroup}`)]);
  b.addRule(from.key, [`out tcp ${port} sg:${to.key}`, USED]);
  to.rules.in += isCovered ? 2 : 1;
  from.rules.out++;
  return { from: from.interfaces, to: to.interfaces, port };
}

/** Ports that no connection of any kind uses inside the VPC; nor does any from 20,000 to 31,000. */
const DEAD_PORTS = [21, 23, 135, 445, 1433, 2049, 5900, 9200, 11211, 27017];

function addUnused(b: WorldBuilder, service: Service, seated: readonly Service[]): void {
  const random = b.random;
  const isIngress = random.chance(0.6);
  const first = random.between(20_000, 29_999);
  const ports = random.pick([
    `${random.pick(DEAD_PORTS)}`,
    `${first}`,
    `${first}`,
    `${first}-${first + random.between(1, 300)}`,
  ]);
  const peer = random.pick([
    '10.0.0.0/8',
    '10.20.64.0/20',
    '198.51.100.64/26',
    '192.168.50.0/24',
    '2001:db8:20:1240::/64',
    'pl:office',
    'pl:dynamodb',
    `sg:${random.pick(seated).key}`,
  ]);
  const purpose: Purpose = service.interfaces.length > 0 ? stale('left over') : UNATTACHED;
  b.addRule(service.key, [
    `${isIngress ? 'in' : 'out'} ${random.chance(0.85) ? 'tcp' : 'udp'} ${ports} ${peer}`,
    purpose,
  ]);
  service.rules[isIngress ? 'in' : 'out']++;
}
