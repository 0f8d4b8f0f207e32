import type { FlowRecord } from '../../../shared/flowlogs/record.ts';
import type { Rule } from '../../../shared/inventory/inventory.ts';
import type { Random } from '../../oracle/random.ts';

/** Both sides of each bound that is drawn between ports, and some of each kind. */
const PORTS = [
  ...[0, 19, 20, 21, 22, 52, 53, 54, 88, 123, 389, 443, 511, 512, 700, 988, 989, 990, 1023, 1024],
  ...[2049, 8080, 32_767, 32_768, 50_000, 65_535],
];
const FLAGS = [-1, 0, 2, 18, 16, 3];

/** What the records of one world have in common, so that many of them are of one kind. */
export interface Palette {
  readonly ports: readonly number[];
  readonly flags: readonly number[];
}

const some = <T>(random: Random, count: number, of: readonly T[]): T[] =>
  Array.from({ length: count }, () => random.pick(of));

/** The same record with other ports and flags, and with what the night may know of it. */
export function varied(record: FlowRecord, { ports, flags }: Palette, random: Random): FlowRecord {
  const night = <T>(...values: readonly T[]): T | undefined => (random.chance(0.2) ? random.pick(values) : undefined);
  const opener = night('request', 'reply');
  return {
    ...record,
    // Of a connection whose opener is known the night leaves the client's port out.
    sourcePort: opener === 'request' ? -1 : random.pick([record.sourcePort, ...ports]),
    destinationPort: opener === 'reply' ? -1 : random.pick([record.destinationPort, ...ports]),
    tcpFlags: opener ? -1 : random.pick(flags),
    opener,
    synSeen: random.chance(0.1),
    service: night('source', 'destination'),
    paired: night('asks', 'answers'),
  };
}

/** Ports that the rules name are among them. */
export function paletteOf(rules: readonly Rule[], random: Random): Palette {
  const named = rules.flatMap(({ ports }) => (ports ? [ports.from, ports.to, ports.to + 1] : []));
  const ports = [...some(random, 3, PORTS), ...some(random, 3, [0, ...named])].filter((port) => port < 65_536);
  return { ports, flags: some(random, 3, FLAGS) };
}
