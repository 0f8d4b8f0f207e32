/** Fields of flow log records: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html */
export const V2 =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status'.split(
    ' ',
  );
export const V5 = [
  ...V2,
  ...'vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type'.split(' '),
  ...'sublocation-id pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path'.split(' '),
];
/** What is a dash in a NODATA or SKIPDATA record. */
const ABSENT_WITHOUT_DATA = [
  ...'srcaddr dstaddr srcport dstport protocol packets bytes action'.split(' '),
  ...'tcp-flags type pkt-srcaddr pkt-dstaddr flow-direction'.split(' '),
];

/** Values by field, as far as there are any. Every record has its times, UNIX seconds. */
export type Row = Readonly<Record<string, string | number>> & { readonly start: number; readonly end: number };

const NUMBER_OF = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

/** A protocol by its name in security group rules, or by its number. */
export type Protocol = keyof typeof NUMBER_OF | number;

export function protocolNumber(protocol: Protocol): number {
  return typeof protocol === 'number' ? protocol : NUMBER_OF[protocol];
}

/** The number of a protocol as a rule writes it; undefined for `-1`, which is any. */
export function numberInRule(protocol: string): number | undefined {
  if (protocol === '-1') return undefined;
  return protocol in NUMBER_OF ? NUMBER_OF[protocol as keyof typeof NUMBER_OF] : Number(protocol);
}

/** Sums of TCP flags as records show them. */
export const FLAGS = { none: 0, syn: 2, synFin: 3, synAckFin: 19 } as const;

export function hasPorts(protocol: number): boolean {
  return protocol === NUMBER_OF.tcp || protocol === NUMBER_OF.udp;
}

/** A record that tells of a minute only that there was no data, or that its data was skipped. */
export function rowWithoutData(status: 'NODATA' | 'SKIPDATA', start: number): Row {
  const dashes = Object.fromEntries(ABSENT_WITHOUT_DATA.map((field) => [field, '-']));
  return { ...dashes, start, end: start + 59, 'log-status': status };
}

/** Lines of a text file, the header first unless it was lost. */
export function logText(rows: readonly Row[], fields: readonly string[], { header = true } = {}): string {
  const isV2 = !fields.includes('vpc-id');
  const lines = rows.map((row) =>
    fields.map((field) => (isV2 && field === 'version' ? 2 : (row[field] ?? '-'))).join(' '),
  );
  return [...(header ? [fields.join(' ')] : []), ...lines, ''].join('\n');
}
