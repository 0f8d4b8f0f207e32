import { formatAddress, parseAddress, type Address } from '../addresses/address.ts';
import type { ServiceFlow } from './service-flow.ts';
import { hasPorts, type Direction, protocolName, protocolNumber } from '../protocols.ts';
import { shown } from '../text/plain.ts';

/** Which service flow is meant. */
export interface FlowName {
  readonly interfaceId: string;
  /** Of the connection's first packet, seen from the interface. */
  readonly direction: Direction;
  readonly protocol: number;
  readonly peer: Readonly<Address>;
  /** 0 for protocols without ports. */
  readonly port: number;
}

export const FLOW_FORM = '"<eni> <in|out> <protocol> <peer> <port>"';

const DIRECTIONS: ReadonlyMap<string, Direction> = new Map([
  ['in', 'ingress'],
  ['ingress', 'ingress'],
  ['out', 'egress'],
  ['egress', 'egress'],
]);
/**
 * Reads a flow such as `eni-0abc in tcp 203.0.113.9 443`; protocols without ports have none, or `-`.
 *
 * @throws Error that names the part that is wrong
 */
export function parseFlow(text: string): FlowName {
  const [interfaceId = '', direction = '', protocol = '', peer = '', port = '-', ...more] = text.trim().split(/\s+/);
  const wrong = (what: string, value: string, instead: string): Error =>
    new Error(`--flow: ${what} ${shown(value)} cannot be read: ${instead}, as in ${FLOW_FORM}`);
  if (!/^eni-\w{1,40}$/.test(interfaceId)) throw wrong('interface', interfaceId, 'give an id such as eni-0abc');
  const toward = DIRECTIONS.get(direction);
  if (!toward) throw wrong('direction', direction, 'give in or out, of the first packet of the connection');
  const number = protocolNumber(protocol);
  if (number === undefined) throw wrong('protocol', protocol, 'give tcp, udp, icmp, icmpv6 or a number up to 255');
  const address = parseAddress(peer);
  if (!address) throw wrong('peer', peer, 'give an IPv4 or IPv6 address');
  if (more.length > 0) throw wrong('what follows the port', more.join(' '), 'give five parts');
  const flow = { interfaceId, direction: toward, protocol: number, peer: address };
  if (!hasPorts(number)) {
    if (port === '-' || port === '0') return { ...flow, port: 0 };
    throw wrong('port', port, `${protocolName(number)} has no ports: leave it out`);
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw wrong('port', port, 'give the service port, 0 to 65535');
  return { ...flow, port: Number(port) };
}

/** `in tcp 203.0.113.9 443`: a flow without its interface. */
export function flowText(
  flow: Pick<ServiceFlow, 'direction' | 'protocol' | 'port'> & { readonly peer: string },
): string {
  const { direction, protocol, peer, port } = flow;
  return `${direction === 'ingress' ? 'in' : 'out'} ${protocolName(protocol)} ${peer}${hasPorts(protocol) ? ` ${port}` : ''}`;
}

/** Whether evidence speaks of this flow. */
export function isFlow({ interfaceId, direction, protocol, peer, port }: FlowName): (flow: ServiceFlow) => boolean {
  const text = formatAddress(peer);
  return (flow) =>
    flow.interfaceId === interfaceId &&
    flow.direction === direction &&
    flow.protocol === protocol &&
    flow.port === port &&
    flow.peer === text;
}
