import { setTimeout as sleep } from 'node:timers/promises';

export interface Patience {
  /** The first one included. */
  readonly attempts: number;
  /** Milliseconds after attempt n: at random, up to base x 2^n and no more than longest. */
  readonly baseMs: number;
  readonly longestMs: number;
}

export interface BackOffPorts {
  /** At least 0, less than 1. */
  readonly random: () => number;
  readonly wait: (milliseconds: number) => Promise<unknown>;
}

/**
 * Exponential back-off with full jitter: so that those who were refused together do not come back together.
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 *
 * @returns to be called after each attempt that failed: pauses and says true, or says false once patience is at its end
 */
export function backOff(
  { attempts, baseMs, longestMs }: Patience,
  { random, wait }: BackOffPorts = { random: Math.random, wait: sleep },
): () => Promise<boolean> {
  let attempt = 0;
  return async () => {
    attempt++;
    if (attempt >= attempts) return false;
    await wait(random() * Math.min(longestMs, baseMs * 2 ** attempt));
    return true;
  };
}
