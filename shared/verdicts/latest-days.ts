import type { Day, Window } from '../time.ts';

/**
 * What was seen with what, and on which day last, up to the day that all windows end with: that tells for a window of any
 * length whether it was seen inside.
 */
export class LatestDays {
  readonly #lastDay: Day;
  readonly #days = new Map<string, Map<string, Day>>();

  constructor(lastDay: Day) {
    this.#lastDay = lastDay;
  }

  note(thing: string, seenWith: string, day: Day): void {
    if (day > this.#lastDay) return;
    let days = this.#days.get(thing);
    if (!days) this.#days.set(thing, (days = new Map<string, Day>()));
    if ((days.get(seenWith) ?? -Infinity) < day) days.set(seenWith, day);
  }

  within(thing: string, { firstDay }: Pick<Window, 'firstDay'>): string[] {
    const days = this.#days.get(thing) ?? new Map<string, Day>();
    return [...days].filter(([, day]) => day >= firstDay).map(([seenWith]) => seenWith);
  }

  has(thing: string, seenWith: string, { firstDay }: Pick<Window, 'firstDay'>): boolean {
    return (this.#days.get(thing)?.get(seenWith) ?? -Infinity) >= firstDay;
  }
}
