/** What the program ends with. */
export const EXIT = { done: 0, failed: 1, wrongUsage: 2, notShown: 3 } as const;

/** All was done, and does not show what was asked: the program says why, and ends with a status of its own. */
export class NotShown extends Error {
  override name = 'NotShown';
}
