import type { Stage } from './stage.ts';

/** Opens one connection of a kind in the present slot. Returns the records written; 0 where the slot allows none. */
export type Recipe = (stage: Stage) => number;
