import type { KindOfTraffic } from '../options/mix.ts';
import type { Stage } from './stage.ts';

/** Opens one connection of a kind in the present slot. Returns the records written; 0 where the slot allows none. */
export type Recipe = (stage: Stage) => number;

/** A kind of traffic, and how a connection of it comes about. */
export interface PlayedKind extends KindOfTraffic {
  readonly recipe: Recipe;
  /** `byShare`: whenever the kind lags behind its share. `everySlot`: once at the beginning of each slot; its share is 0. */
  readonly played: 'byShare' | 'everySlot';
}
