import type { PortRange, Rule } from '../inventory/inventory.ts';

/** Ports below are counted one by one. */
const EXACT_BELOW = 1024;
const BUCKET = 1024;
const PORTS = 65_536;

/**
 * The buckets in which service ports are counted: single ports below 1,024 and for every port that a rule names alone,
 * 1,024-wide ranges above. A bucket depends on the rules only, never on the records that came before.
 */
export class PortBuckets {
  readonly #alone = new Set<number>();

  constructor(rules: Iterable<Rule>) {
    for (const { ports } of rules) if (ports?.from === ports?.to && ports) this.#alone.add(ports.from);
  }

  /** A number for the port's bucket, to be told by {@link rangeOfBucket}. */
  bucketOf(port: number): number {
    return port < EXACT_BELOW || this.#alone.has(port) ? port : PORTS + Math.floor(port / BUCKET);
  }
}

/** Both ends inclusive. A wide bucket does not count the ports inside it that are counted alone. */
export function rangeOfBucket(bucket: number): PortRange {
  if (bucket < PORTS) return { from: bucket, to: bucket };
  const from = (bucket - PORTS) * BUCKET;
  return { from, to: from + BUCKET - 1 };
}
