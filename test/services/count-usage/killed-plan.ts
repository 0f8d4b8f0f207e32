import type { Random } from '../../oracle/random.ts';
import type { Call } from './killed-calls.ts';

/** Which bundle a process runs. */
export type Service = 'count-usage' | 'compact-usage';

interface NthCall {
  readonly kind: Call['kind'];
  readonly nth: number;
}

/** How the life of one process goes; it always ends by SIGKILL. */
export interface Plan {
  /** Dies at the nth of its calls of this kind. Undefined: at a random moment. */
  readonly death?: NthCall & {
    /** `stuck`: it dies, and its call arrives when others have gone further meanwhile. */
    readonly when: 'before' | 'after' | 'stuck';
  };
  /** Milliseconds of work: the random moment, or the end of waiting for a call, however slow the machine. */
  readonly latestMs: number;
  /** Milliseconds that each of its invocations may take. */
  readonly remainingMs: number;
  /** This call is held up until others have gone further, and the process lives on. */
  readonly heldUp?: NthCall | undefined;
}

/** Most die at what the protocol is about. */
const LAST_OF_WORKER = { commit: 50, writeBatch: 20, readHead: 10, ask: 12, readLog: 5, other: 3 } as const;
const LAST_OF_COMPACTOR = {
  advance: 24,
  putRule: 24,
  noteShown: 12,
  moveLastUse: 8,
  writeSums: 7,
  removeSums: 6,
  readSums: 5,
  readFile: 5,
  readBatches: 4,
  readCompacted: 3,
  readHead: 2,
} as const;
const EARLY = [1, 1, 2];
const NTHS: Partial<Record<Call['kind'], readonly number[]>> = {
  ask: [1, 5, 15, 30],
  readLog: [1, 5, 15],
  putRule: [1, 5, 30, 100, 200],
  moveLastUse: [1, 5, 30],
  readFile: [1, 2, 3, 5],
};
/** What may be late: all that changes what others see. */
const LATE: Readonly<Record<Service, readonly Call['kind'][]>> = {
  'count-usage': ['commit'],
  'compact-usage': ['advance', 'putRule', 'moveLastUse', 'noteShown', 'removeSums'],
};

/** An invocation takes some 300 ms, the first one of a process some seconds where the machine is busy. */
export function planOf(service: Service, random: Random): Plan {
  const heldUp = random.chance(0.15) ? nthOf(random.pick(LATE[service]), random) : undefined;
  switch (random.weighted({ call: 70, moment: 20, deadline: 10 })) {
    case 'moment':
      return { latestMs: random.between(5, 1500), remainingMs: 10_000, heldUp };
    case 'deadline':
      return { latestMs: 2500, remainingMs: random.between(200, 1500) };
    case 'call': {
      const isWorker = service === 'count-usage';
      const kind = isWorker ? random.weighted(LAST_OF_WORKER) : random.weighted(LAST_OF_COMPACTOR);
      const mayBeLate = LATE[service].includes(kind);
      const when = random.pick([...(['before', 'after', 'after'] as const), ...(mayBeLate ? ['stuck' as const] : [])]);
      return {
        death: { ...nthOf(kind, random), when },
        latestMs: 20_000,
        remainingMs: 20_000,
        heldUp,
      };
    }
  }
}

function nthOf(kind: Call['kind'], random: Random): NthCall {
  return { kind, nth: random.pick(NTHS[kind] ?? EARLY) };
}
