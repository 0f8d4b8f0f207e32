import type { Fates } from '../usage/usage.ts';

/** The share of accepted records that rules explain; undefined shares (no record at all) are null. */
export function coverageOf(fates: Readonly<Fates>): number | null {
  const { attributed, possible, unexplained, unknownDirection, unknownInterface } = fates;
  const all = attributed + possible + unexplained + unknownDirection + unknownInterface;
  return all === 0 ? null : attributed / all;
}
