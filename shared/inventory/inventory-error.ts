/**
 * An inventory that cannot be used. The message is one line for a person: which file or object, and why.
 * Thrown instead of guessing wherever a guess could make a used rule look unused.
 */
export class InventoryError extends Error {
  override name = 'InventoryError';
}
