import { KeyNumbers } from './key-numbers.ts';

/**
 * Numbers lists of whole numbers, from 0: equal lists get the same number. A list is the number of what comes before its last
 * element, and that element, so that lists that begin alike share their beginnings.
 */
export class ListNumbers {
  readonly #numbers: KeyNumbers;

  /** @param seed of hashes */
  constructor(seed: number) {
    this.#numbers = new KeyNumbers(2, seed);
  }

  /** @param kind 0 or more: lists of two kinds are never equal */
  begin(kind: number): number {
    return this.next(-1 - kind, 0);
  }

  /** The list that is one element longer. */
  next(list: number, element: number): number {
    const { key } = this.#numbers;
    key[0] = list;
    key[1] = element;
    return this.#numbers.number();
  }

  clear(): void {
    this.#numbers.clear();
  }
}
