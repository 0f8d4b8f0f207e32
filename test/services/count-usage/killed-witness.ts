import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from './killed-calls.ts';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** How far a batch is. */
export type Stage = 'opened' | 'betweenChunks' | 'added' | 'closed';

interface Seen {
  readonly chunks: number;
  next: number;
  isClosed: boolean;
}

/** Knows what all workers together have brought to DynamoDB: it hears every answer, also those that no worker lives to get. */
export class Witness {
  /** Calls whose condition did not hold because another worker was there before. */
  readonly conflicts = { openings: 0, cursors: 0, leases: 0, overtaken: 0 };
  readonly #batches = new Map<string, Seen>();
  /** Objects, and the batch that each is in. */
  readonly #noted = new Map<string, string>();

  heard(call: Call, { status, body }: Answer): void {
    if (status === 200) this.#done(call);
    else if (status === 400) this.#refused(call, body.toString());
  }

  /** The sums of this object are in the tables, all of them. */
  isWhole(object: string): boolean {
    const seen = this.#batches.get(this.#noted.get(object) ?? '');
    return seen !== undefined && seen.next === seen.chunks;
  }

  stageOf(batch: string): Stage {
    const { chunks, next, isClosed } = this.#batches.get(batch)!;
    if (isClosed) return 'closed';
    if (next === chunks) return 'added';
    return next === 0 ? 'opened' : 'betweenChunks';
  }

  /** True once others have done what the call is about; false if they have not by then. */
  async overtaken(call: Call, patienceMs: number): Promise<boolean> {
    for (const end = Date.now() + patienceMs; Date.now() < end;) {
      if (call.kind === 'chunk' && this.#batches.get(call.batch)!.next > call.next) return true;
      if (call.kind === 'open' && call.objects.some((object) => this.#noted.has(object))) return true;
      await sleep(20);
    }
    return false;
  }

  #done(call: Call): void {
    if (call.kind === 'open') {
      this.#batches.set(call.batch, {
        chunks: call.chunks,
        next: 0,
        isClosed: false,
        ...this.#batches.get(call.batch),
      });
      for (const object of call.objects) this.#noted.set(object, call.batch);
    } else if (call.kind === 'chunk') {
      const seen = this.#batches.get(call.batch)!;
      seen.next = Math.max(seen.next, call.next + 1);
    } else if (call.kind === 'close') {
      this.#batches.get(call.batch)!.isClosed = true;
    }
  }

  #refused({ kind }: Call, body: string): void {
    if (!body.includes('ConditionalCheckFailed')) return;
    if (kind === 'open') this.conflicts.openings++;
    else if (kind === 'lease') this.conflicts.leases++;
    else if (kind === 'chunk') this.conflicts[isOfCursor(body) ? 'cursors' : 'overtaken']++;
  }
}

/** The cursor is the first item of its transaction. */
function isOfCursor(body: string): boolean {
  const { CancellationReasons = [] } = JSON.parse(body) as { CancellationReasons?: { Code?: string }[] };
  return CancellationReasons[0]?.Code === 'ConditionalCheckFailed';
}
