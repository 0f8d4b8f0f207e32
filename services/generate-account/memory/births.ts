import { hashPair } from '../random/random.ts';
import type { World } from '../world/build-world.ts';
import type { Interface } from '../world/entities.ts';

const DAY = 86_400;
/** One rule of so many is younger than the history. */
const YOUNG_RULES = 5;

/** Since when a rule stands that is younger than 90 days, before the run; undefined for one that is older. */
export function ruleBorn({ start }: World, seed: number, index: number): number | undefined {
  const number = hashPair(seed, index);
  return number % YOUNG_RULES === 0 ? start - DAY * (2 + (number % 80)) : undefined;
}

/** The same of an interface: half of those that are older than the run were launched three weeks before it. */
export function interfaceBorn(start: number, seed: number, { attachedAt, index }: Interface): number | undefined {
  return attachedAt ?? (hashPair(seed, index) % 2 === 0 ? start - 20 * DAY : undefined);
}
