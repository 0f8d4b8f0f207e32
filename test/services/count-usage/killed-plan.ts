import type { Random } from '../../oracle/random.ts';
import type { Call } from './killed-calls.ts';

/** How the life of one worker goes; it always ends by SIGKILL. */
export interface Plan {
  /** Dies at the nth of its calls of this kind. Undefined: at a random moment. */
  readonly death?: {
    readonly kind: Call['kind'];
    readonly nth: number;
    /** `stuck`: it dies, and its call arrives when others have done the same meanwhile. */
    readonly when: 'before' | 'after' | 'stuck';
  };
  /** Milliseconds of work: the random moment, or the end of waiting for a call. */
  readonly latestMs: number;
  /** Milliseconds that each of its invocations may take. */
  readonly remainingMs: number;
  /** This one of its chunks is held up until others have added it, and the worker lives on beyond its lease. */
  readonly delayedChunk?: number;
}

/** Most die at what the protocol is about; `ask` stands for all reads of tables. */
const KINDS = { chunk: 52, open: 16, ask: 8, closeNote: 7, close: 7, lease: 5, readBack: 3, writeDown: 4 } as const;
const NTHS = { chunk: [1, 1, 2, 2, 3, 4, 6], ask: [1, 5, 15, 30], closeNote: [1, 2, 4] } as const;

/** An invocation takes some 300 ms, the first one of a worker some seconds where the machine is busy. */
export function planOf(random: Random): Plan {
  const delayed = random.chance(0.15) ? { delayedChunk: random.between(1, 3) } : {};
  switch (random.weighted({ call: 70, moment: 20, deadline: 10 })) {
    case 'moment':
      return { latestMs: random.between(5, 900), remainingMs: 5000, ...delayed };
    case 'deadline':
      return { latestMs: 2500, remainingMs: random.between(200, 1500) };
    case 'call': {
      const kind = random.weighted(KINDS);
      const nth = random.pick(kind in NTHS ? NTHS[kind as keyof typeof NTHS] : [1, 1, 2]);
      const isRepeatable = kind === 'chunk' || kind === 'open';
      const when = random.pick([
        ...(['before', 'after', 'after'] as const),
        ...(isRepeatable ? ['stuck' as const] : []),
      ]);
      return { death: { kind, nth, when }, latestMs: 2500, remainingMs: random.between(3500, 5500), ...delayed };
    }
  }
}
