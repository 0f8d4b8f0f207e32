/** CloudTrail answers two lookups a second, per account and Region; Config is asked no faster. */
const MILLISECONDS_PER_CALL = 500;

export interface Clock {
  /** UNIX milliseconds. */
  now(): number;
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** No call is left: what was not asked stays unknown. */
export class BudgetSpent extends Error {
  override name = 'BudgetSpent';
}

/** Nobody may make this call. */
export class CallDenied extends Error {
  override name = 'CallDenied';
}

/** Lets calls through one after the other, two a second, no more than were allowed, and none when the time is over. */
export class Pace {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #left: number;
  #made = 0;
  #last = -Infinity;
  readonly #until: number;
  #isSpent = false;

  /**
   * @param calls how many there may be
   * @param until UNIX milliseconds, when the last one may begin
   */
  constructor(calls: number, clock: Clock, signal: AbortSignal, until = Infinity) {
    this.#left = calls;
    this.#until = until;
    this.#clock = clock;
    this.#signal = signal;
  }

  get made(): number {
    return this.#made;
  }

  /** Something was asked that was not let through any more. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** UNIX seconds. */
  get now(): number {
    return Math.floor(this.#clock.now() / 1000);
  }

  /**
   * @param reserve calls that must be left after it, for what is more urgent and comes later
   * @throws BudgetSpent
   */
  async call<T>(make: (signal: AbortSignal) => Promise<T>, reserve = 0): Promise<T> {
    if (this.#left <= reserve || this.#clock.now() >= this.#until) {
      this.#isSpent = true;
      throw new BudgetSpent('no more calls are allowed');
    }
    const wait = this.#last + MILLISECONDS_PER_CALL - this.#clock.now();
    if (wait > 0) await this.#clock.sleep(wait, this.#signal);
    this.#signal.throwIfAborted();
    this.#left--;
    this.#made++;
    this.#last = this.#clock.now();
    return make(this.#signal);
  }

  /** @param time UNIX seconds */
  async waitUntil(time: number): Promise<void> {
    const wait = 1000 * time - this.#clock.now();
    if (wait > 0) await this.#clock.sleep(wait, this.#signal);
    this.#signal.throwIfAborted();
  }
}
