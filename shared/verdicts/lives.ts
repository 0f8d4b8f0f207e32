import type { Day } from '../time.ts';

/** Days of one interface on which it carried one group. */
interface Life {
  first: Day;
  last: Day;
  /** Of these, the ones on which it was not observed. */
  readonly unobserved: Day[];
}

/** Both inclusive. */
export interface Span {
  readonly firstDay: Day;
  readonly lastDay: Day;
}

/** Which interfaces carried each group, from when to when, and on which of these days nothing would have been seen of them. */
export class Lives {
  /** By index of the group, then by interface id. */
  readonly #lives = new Map<number, Map<string, Life>>();

  note(group: number, interfaceId: string, day: Day, isObserved: boolean): void {
    let lives = this.#lives.get(group);
    if (!lives) this.#lives.set(group, (lives = new Map<string, Life>()));
    let life = lives.get(interfaceId);
    if (!life) lives.set(interfaceId, (life = { first: day, last: day, unobserved: [] }));
    life.first = Math.min(life.first, day);
    life.last = Math.max(life.last, day);
    if (!isObserved) life.unobserved.push(day);
  }

  /**
   * An interface that was observed on a smaller share of its own days in the span than the one given; of several, the one
   * with the most days lost.
   *
   * @param missing days of which nothing came, ascending: on them no interface was observed
   * @param standing whether the interface still carries the group: then it has done so up to the end
   */
  leastObserved(
    group: number,
    { firstDay, lastDay }: Span,
    share: number,
    missing: readonly Day[],
    standing: (interfaceId: string) => boolean,
  ): string | undefined {
    let worst: { readonly interfaceId: string; readonly lost: number } | undefined;
    for (const [interfaceId, { first, last, unobserved }] of this.#lives.get(group) ?? []) {
      const [from, to] = [Math.max(first, firstDay), standing(interfaceId) ? lastDay : Math.min(last, lastDay)];
      const within = (day: Day): boolean => day >= from && day <= to;
      const lost = unobserved.filter(within).length + missing.filter(within).length;
      const days = to - from + 1;
      if (lost === 0 || days - lost >= share * days) continue;
      if (!worst || lost > worst.lost) worst = { interfaceId, lost };
    }
    return worst?.interfaceId;
  }
}
