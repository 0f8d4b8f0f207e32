import type { Random } from '../random/random.ts';
import type { Endpoint } from '../world/entities.ts';

/** Where clients take their ports from, both ends inclusive. */
export const PORT_RANGES = {
  /** Linux's default. */
  linux: [32_768, 60_999],
  /** Behind carriers' NAT anything above the well-known ports comes. */
  any: [1024, 65_535],
  /** Old systems, and appliances: below the ports of many services. */
  low: [1024, 5000],
} as const;

export type PortRange = keyof typeof PORT_RANGES;

/** Coprime with the sizes of all ranges, so that every port is used once before any is used again. */
const STRIDE = 7919;

/**
 * The next port of a client. An endpoint of the account goes through the whole range, so that two connections of the
 * same minute never share all of addresses and ports; anybody else takes one at random.
 */
export function ephemeralPort(client: Endpoint, range: PortRange, random: Random): number {
  const [low, high] = PORT_RANGES[range];
  const size = high - low + 1;
  if (!client.owner) return low + random.below(size);
  return low + ((client.portsUsed++ * STRIDE) % size);
}
