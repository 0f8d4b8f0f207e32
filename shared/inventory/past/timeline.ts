/** An absence that is shorter is a repair: what was made again at once keeps its age. */
const REPAIR_SECONDS = 86_400;

/** When something stood: UNIX seconds, from inclusive, until exclusive; infinite where nobody knows, or it still stands. */
export interface TimeSpan {
  readonly from: number;
  readonly until: number;
}

/** When one thing stood, put together from what is told of it, the oldest first. */
export class Timeline {
  readonly #spans: { from: number; until: number; readonly anew?: boolean; readonly guessed?: boolean }[] = [];

  /** The first time at which it is known to have stood, where nobody knows since when; UNIX seconds. */
  #seenAt: number | undefined;

  get spans(): readonly TimeSpan[] {
    return this.#spans;
  }

  /** It stands, as far as is told. */
  get isOpen(): boolean {
    return this.#spans.at(-1)?.until === Infinity;
  }

  get seenAt(): number | undefined {
    return this.#seenAt;
  }

  seen(at: number): void {
    if (this.#spans.length > 0) return;
    this.#seenAt = at;
    this.#spans.push({ from: -Infinity, until: Infinity });
  }

  made(at: number): void {
    const last = this.#spans.at(-1);
    // Nobody told that it went in between, nor when: it is no older than this.
    const anew = last?.until === Infinity;
    if (anew) last.until = at;
    this.#spans.push({ from: at, until: Infinity, anew });
  }

  gone(at: number): void {
    const last = this.#spans.at(-1);
    if (last?.until === Infinity) last.until = at;
    // Made before all that is told, or again when nobody told.
    else this.#spans.push({ from: last?.until ?? -Infinity, until: at, guessed: last !== undefined });
  }

  /** Since when what stands now has stood, short absences aside; -Infinity for longer than is told. */
  since(): number {
    let since = Infinity;
    for (const { from, until, anew, guessed } of this.#spans.toReversed()) {
      if (since < Infinity && since - until > REPAIR_SECONDS) break;
      if (guessed) return Math.min(since, until);
      since = from;
      if (anew) break;
    }
    return since;
  }
}

export function intersects({ from, until }: TimeSpan, begin: number, end: number): boolean {
  return from < end && until > begin;
}
