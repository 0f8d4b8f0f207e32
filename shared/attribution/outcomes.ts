import { KeyNumbers } from '../matching/key-numbers.ts';
import type { Day } from '../time.ts';
import type { Fate } from '../usage/usage.ts';
import type { FlowFold } from './flow-fold.ts';
import type { FoldMemory } from './fold-memory.ts';
import * as fold from './fold/layout.ts';
import type { PossibleUse } from './possible-use.ts';
import type { Reading } from './readings.ts';

/** Fates of records that are read, by their numbers. */
export const READ_FATES = ['attributed', 'possible', 'unexplained'] as const satisfies Fate[];

/** How a record is read, and all that are alike. */
export interface AlikeReading {
  readonly reading: Reading;
  readonly possible: PossibleUse | undefined;
  /** Whether they are some of {@link AdmittingSet.provenTimes}. */
  readonly isProven: boolean;
  /** UNIX seconds: records that started before are not read so. Infinity where each is to be read by itself. */
  readonly since: number;
}

/** What records of one day add up to that are read in one way. */
export interface ReadOutcome extends Omit<AlikeReading, 'since'> {
  readonly day: Day;
  readonly times: number;
  /** UNIX seconds: the largest `end`. */
  readonly last: number;
}

interface Kept extends Omit<ReadOutcome, 'times' | 'last'> {
  /** As the fold has it. */
  readonly from: number;
}

/** All ways in which records are read, numbered from 0; what they add up to lies in the fold. */
export class Outcomes {
  readonly #memory: FoldMemory;
  readonly #flows: FlowFold;
  readonly #numbers: KeyNumbers;
  readonly #kept: Kept[] = [];
  /** By reading: what came last comes mostly again. */
  readonly #latest: number[] = [];

  /** @param seed of hashes */
  constructor(memory: FoldMemory, flows: FlowFold, seed: number) {
    this.#memory = memory;
    this.#flows = flows;
    this.#numbers = new KeyNumbers(5, seed);
  }

  numberOf({ reading, possible, isProven, since }: AlikeReading, day: Day): number {
    const from = Math.min(Math.max(0, Math.ceil(since)), fold.NEVER);
    const latest = this.#latest[reading.number];
    if (latest !== undefined) {
      const kept = this.#kept[latest]!;
      if (kept.possible === possible && kept.isProven === isProven && kept.day === day && kept.from === from)
        return latest;
    }
    const { key, size } = this.#numbers;
    key[0] = reading.number;
    key[1] = possible ? possible.slot : -1;
    key[2] = isProven ? 1 : 0;
    key[3] = day;
    key[4] = from;
    const number = this.#numbers.number();
    if (number === size) {
      this.#kept.push({ reading, possible, isProven, day, from });
      this.#memory.exports.addOutcome(
        bitsOf(reading, possible),
        reading.slot,
        this.#flows.requestRowOf(reading, day),
        from,
      );
    }
    return (this.#latest[reading.number] = number);
  }

  /**
   * Takes note of what two records of a conversation come to, one each way, for all of which the first comes to the same: where
   * nothing but the two hypotheses was asked, and of one peer, the other way the same is asked: the two change places, as the ports
   * do, and what flags show is the other way round. What the night knows of both is a feature of their conversation.
   *
   * @param number of the one that was read first
   */
  noteReverse(number: number, reverse: number): void {
    const [one, other] = [this.#kept[number]!, this.#kept[reverse]!];
    if (!one.reading.isPlainlyAsked || !other.reading.isPlainlyAsked || other.reading.provesIfLocal) return;
    // What holds for a while only may hold from another time on elsewhere.
    if (one.from !== other.from) return;
    const at = this.#memory.exports.outcomes.value + number * fold.OUTCOME_BYTES;
    this.#memory.words[(at + fold.OUTCOME_REVERSE) >> 2] = reverse + 1;
  }

  at(number: number): Omit<ReadOutcome, 'times' | 'last'> {
    return this.#kept[number]!;
  }

  *told(): Generator<ReadOutcome> {
    for (const [number, kept] of this.#kept.entries()) {
      const at = this.#memory.exports.outcomes.value + number * fold.OUTCOME_BYTES;
      const times = this.#memory.numbers[(at + fold.OUTCOME_TIMES) >> 3]!;
      if (times > 0) yield { ...kept, times, last: this.#memory.words[(at + fold.OUTCOME_LAST) >> 2]! >>> 0 };
    }
  }

  /** To be called when the fold forgets them. */
  forget(): void {
    this.#numbers.clear();
    this.#kept.length = 0;
    this.#latest.length = 0;
  }
}

function bitsOf(
  { isRequest, isInferred, isPlain, isCredited, direction, fate }: Reading,
  possible: PossibleUse | undefined,
): number {
  return (
    (isRequest ? fold.IS_REQUEST : 0) |
    (isInferred ? fold.IS_INFERRED : 0) |
    (isPlain ? fold.IS_PLAIN : 0) |
    (isCredited ? fold.IS_CREDITED : 0) |
    (direction === 'ingress' ? fold.IS_INGRESS : 0) |
    (possible ? fold.IS_POSSIBLE : 0) |
    (READ_FATES.indexOf(fate as (typeof READ_FATES)[number]) << fold.FATE_SHIFT)
  );
}
