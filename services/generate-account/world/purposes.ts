import type { Purpose } from './entities.ts';

export const USED: Purpose = { kind: 'used' };
export const UNATTACHED: Purpose = { kind: 'unattached' };

export function stale(why: string, observed = true): Purpose {
  return { kind: 'stale', why, observed };
}

/** `cover`: `group|rule`, each of which alone admits all that this rule admits here. */
export function redundant(...cover: string[]): Purpose {
  return { kind: 'redundant', cover };
}

export function onlyPossible(why: string): Purpose {
  return { kind: 'onlyPossible', why };
}

export function unseen(why: string): Purpose {
  return { kind: 'unseen', why };
}
