/**
 * Numbers and names of the protocols that security groups tell apart, and the directions of traffic.
 * https://www.iana.org/assignments/protocol-numbers
 */

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
const ICMPV6 = 58;

/** Bits of a record's `tcp-flags`. https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html */
export const SYN = 2;
export const ACK = 16;

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['icmp', ICMP],
  ['tcp', TCP],
  ['udp', UDP],
  ['icmpv6', ICMPV6],
]);
const NAMES = new Map([...NUMBERS].map(([name, number]) => [number, name]));

/** Direction of packets or rules, seen from the interface. */
export type Direction = 'ingress' | 'egress';

/** Who opened the connection that a record belongs to: its source (`request`) or its destination (`reply`). */
export type Opener = 'request' | 'reply';

/** TCP or UDP: the protocols whose records and rules have ports. */
export function hasPorts(protocol: number): boolean {
  return protocol === TCP || protocol === UDP;
}

/** As AWS writes it in rules: a name for TCP, UDP, ICMP and ICMPv6, the number for all others. */
export function protocolName(protocol: number): string {
  return NAMES.get(protocol) ?? String(protocol);
}

/** The number of a protocol given by its name, in lower case, or as a whole number from 0 to 255; undefined else. */
export function protocolNumber(text: string): number | undefined {
  const number = NUMBERS.get(text) ?? (/^(?:0|[1-9]\d{0,2})$/.test(text) ? Number(text) : undefined);
  return number !== undefined && number <= 255 ? number : undefined;
}
