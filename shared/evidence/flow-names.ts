import type { Admission } from '../matching/answer.ts';
import { compareText } from '../text/compare.ts';

const NONE: readonly string[] = [];
/** More lists than this do not fit into memory. */
const MANY = 2 ** 26;

/** Distinct values, numbered from 0 as they come, by what they say. */
class Numbered<T> {
  readonly values: T[] = [];
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** What came last comes mostly again. */
  #last: string | undefined;
  #lastNumber = 0;
  readonly #order: number[] = [];
  #ranks = new Uint32Array(0);

  /** @param make of the value, where the text is new */
  numberOf(text: string, make: () => T): number {
    if (text === this.#last) return this.#lastNumber;
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.values.push(make()) - 1;
      this.texts.push(text);
      this.#numbers.set(text, number);
    }
    this.#last = text;
    this.#lastNumber = number;
    return number;
  }

  /** Of each, how many others come before it. */
  ranks(): Uint32Array {
    const { texts } = this;
    const order = this.#order;
    if (order.length === texts.length) return this.#ranks;
    // What was in order before mostly is.
    while (order.length < texts.length) order.push(order.length);
    order.sort((a, b) => compareText(texts[a]!, texts[b]!));
    this.#ranks = new Uint32Array(texts.length);
    order.forEach((number, rank) => (this.#ranks[number] = rank));
    return this.#ranks;
  }
}

/** What the rules said of a flow: the rules that admit it, that could where none does, and by which its replies pass untracked. */
type Answer = readonly [ruleIds: readonly string[], possible: readonly string[], untracked: readonly string[]];

/** What the numbers in rows of service flows stand for, in a form that one thread can hand to another. */
export interface NamesOfRows {
  readonly interfaces: readonly string[];
  readonly answers: readonly Answer[];
  readonly lists: readonly (readonly string[])[];
}

/** The texts that rows of service flows stand for by numbers; there are few of them beside the flows. */
export class FlowNames {
  readonly interfaces = new Numbered<string>();
  readonly answers = new Numbered<Answer>();
  /** Lists of ids, by ascending id. The first is empty. */
  readonly lists = new Numbered<readonly string[]>();
  readonly #byAdmission = new WeakMap<Admission, number>();
  readonly #byRules = new WeakMap<Admission['admitting'], number>();
  readonly #unions = new Map<number, number>();

  constructor() {
    this.list(NONE);
  }

  get told(): NamesOfRows {
    return { interfaces: this.interfaces.values, answers: this.answers.values, lists: this.lists.values };
  }

  interface(id: string): number {
    return this.interfaces.numberOf(id, () => id);
  }

  /** @param admission undefined where nobody could ask the rules */
  answerOf(admission: Admission | undefined): number {
    const known = admission && this.#byAdmission.get(admission);
    if (known !== undefined) return known;
    const { admitting = [], could = [], untrackedBy = [] } = admission ?? {};
    const [ruleIds, possible, untracked] = [admitting, admitting.length > 0 ? [] : could, untrackedBy].map(idsOf);
    const number = this.answer([ruleIds!, possible!, untracked!]);
    if (admission) this.#byAdmission.set(admission, number);
    return number;
  }

  answer(answer: Answer): number {
    return this.answers.numberOf(answer.join('/'), () => answer);
  }

  listOf(rules: Admission['admitting']): number {
    let number = this.#byRules.get(rules);
    if (number === undefined) this.#byRules.set(rules, (number = this.list(idsOf(rules))));
    return number;
  }

  list(ids: readonly string[]): number {
    return this.lists.numberOf(ids.join(), () => ids);
  }

  /** The number of the list of all ids of two. */
  union(a: number, b: number): number {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    const key = Math.min(a, b) * MANY + Math.max(a, b);
    let both = this.#unions.get(key);
    if (both === undefined) {
      const ids = new Set([...this.lists.values[a]!, ...this.lists.values[b]!]);
      this.#unions.set(key, (both = this.list([...ids].sort(compareText))));
    }
    return both;
  }

  /**
   * Tells the ids of a flow, under other names.
   *
   * @returns of an answer, and of what else is to be told (a list of others that may have been used, and in the lowest bit whether the
   * lone rule that could admit is credited): what is to be said; the same lists each time
   */
  teller(nameOf: (ruleId: string) => string): (answer: number, more: number) => ToldIds {
    const known = new Map<number, ToldIds>();
    const named = new Map<string, readonly string[]>();
    const name = (ids: readonly string[]): readonly string[] => {
      const text = ids.join();
      let names = named.get(text);
      if (!names) named.set(text, (names = ids.map(nameOf)));
      return names;
    };
    return (answer, more) => {
      const key = answer * 2 * MANY + more;
      let ids = known.get(key);
      if (!ids) {
        const [admitting, could, untracked] = this.answers.values[answer]!;
        const [ruleIds, possible] = (more & 1) === 1 ? [could, NONE] : [admitting, could];
        const others = this.lists.values[more >> 1]!.filter((id) => !ruleIds.includes(id) && !possible.includes(id));
        ids = {
          ruleIds: name(ruleIds),
          possibleRuleIds: name(possible),
          unclearRuleIds: name(others),
          untrackedRuleIds: name(untracked),
        };
        known.set(key, ids);
      }
      return ids;
    };
  }
}

export type ToldIds = Readonly<
  Record<'ruleIds' | 'possibleRuleIds' | 'unclearRuleIds' | 'untrackedRuleIds', readonly string[]>
>;

function idsOf(rules: Admission['admitting']): string[] {
  return rules.map(({ ruleId }) => ruleId);
}
