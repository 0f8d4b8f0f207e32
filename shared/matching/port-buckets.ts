import type { PortRange, Rule } from '../inventory/inventory.ts';

const PORTS = 65_536;
/** Ports below are counted one by one. */
const EXACT_BELOW = 1024;
const BUCKET = 1024;

/**
 * Cuts the port space so that within one element no rule's answer changes and no counting bucket ends. Counting
 * buckets are single ports below 1,024 and for every port that a rule names alone, and 1,024-wide ranges above:
 * a bucket depends on the rules only, never on the records that came before.
 */
export class PortBuckets {
  /** Element of each port. */
  readonly elementOf = new Uint16Array(PORTS);
  /** The first port of each element. */
  readonly firstPort: readonly number[];
  readonly #alone = new Set<number>();

  constructor(rules: Iterable<Rule>) {
    const cuts = new Set<number>([0]);
    for (let port = 1; port < EXACT_BELOW; port++) cuts.add(port);
    for (let port = EXACT_BELOW; port < PORTS; port += BUCKET) cuts.add(port);
    for (const { ports } of rules) {
      if (!ports) continue;
      cuts.add(ports.from);
      cuts.add(ports.to + 1);
      if (ports.from === ports.to) this.#alone.add(ports.from);
    }
    cuts.delete(PORTS);
    this.firstPort = [...cuts].sort((a, b) => a - b);
    this.firstPort.forEach((from, element) => {
      this.elementOf.fill(element, from, this.firstPort[element + 1] ?? PORTS);
    });
  }

  /** Both ends inclusive. A wide bucket does not count the ports inside it that are counted alone. */
  bucketOf(port: number): PortRange {
    if (port < EXACT_BELOW || this.#alone.has(port)) return { from: port, to: port };
    const from = port - (port % BUCKET);
    return { from, to: from + BUCKET - 1 };
  }
}
