import type { CompiledRule } from './group-side.ts';
import { KeyNumbers } from './key-numbers.ts';

/** Separates two lists: no rule's index. */
const END = -1;

/**
 * Numbers lists of rules: equal lists get the same number. A list is the number of what comes before its last rule, and that
 * rule, so that lists that begin alike share their beginnings.
 */
export class RuleLists {
  readonly #numbers: KeyNumbers;

  constructor(seed: number) {
    this.#numbers = new KeyNumbers(2, seed);
  }

  /** Of what is asked of a group set, and two lists of rules, by order. */
  numberOf(groupSet: number, asked: number, first: readonly CompiledRule[], second: readonly CompiledRule[]): number {
    let list = this.#next(-1 - groupSet, asked);
    for (const { index } of first) list = this.#next(list, index);
    list = this.#next(list, END);
    for (const { index } of second) list = this.#next(list, index);
    return list;
  }

  clear(): void {
    this.#numbers.clear();
  }

  #next(before: number, last: number): number {
    const { key } = this.#numbers;
    key[0] = before;
    key[1] = last;
    return this.#numbers.number();
  }
}
