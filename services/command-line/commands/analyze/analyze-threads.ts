import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker, type ResourceLimits } from 'node:worker_threads';
import { unpack, type Packed } from '../../../../shared/usage/packed.ts';
import { endDeal } from '../../files/deal-files.ts';
import { ANALYZE_THREAD } from '../../files/shipped.ts';
import type { AnalyzeTask, SettledPart } from './analyze-part.ts';
import type { ThreadCounts, ThreadData, ThreadFailure, ThreadRange, ThreadSays } from './analyze-thread.ts';

/** As Node names it: https://nodejs.org/api/errors.html#err_worker_out_of_memory */
const OUT_OF_MEMORY = 'ERR_WORKER_OUT_OF_MEMORY';

/** What went wrong in one of the threads. */
export class ThreadError extends Error {
  override name = 'ThreadError';
  readonly file: string;

  constructor({ message, file }: ThreadFailure) {
    super(message);
    this.file = file;
  }
}

/** A thread beside the main one, seen from there. */
export class AnalyzeThread {
  readonly counted: Promise<ThreadCounts>;
  readonly #worker: Worker;
  readonly #ended: Promise<never>;

  /** @param resourceLimits by default those of the process */
  constructor(task: AnalyzeTask, thread: number, resourceLimits?: ResourceLimits) {
    const workerData: ThreadData = { ...task, thread };
    this.#worker = new Worker(ANALYZE_THREAD, { workerData, ...(resourceLimits && { resourceLimits }) });
    this.#ended = new Promise((_, reject) => {
      const end = (message: string): void => {
        endDeal(task.deal);
        reject(new ThreadError({ message, file: '' }));
      };
      this.#worker.once('error', (error) => {
        const { code, message } = error as NodeJS.ErrnoException;
        end(
          code === OUT_OF_MEMORY
            ? 'a thread ran out of memory: give fewer by --threads, or more memory by NODE_OPTIONS=--max-old-space-size=MEGABYTES'
            : `a thread failed: ${message}`,
        );
      });
      this.#worker.once('exit', (code) => {
        end(`a thread ended unexpectedly, with status ${String(code)}`);
      });
    });
    // Whoever waits for an answer hears of it.
    this.#ended.catch(() => undefined);
    this.counted = this.#answer((said) => ('counted' in said ? said.counted : undefined));
    this.counted.catch(() => undefined);
  }

  settle(range: ThreadRange): Promise<SettledPart> {
    const settled = this.#answer((said) => ('settled' in said ? said.settled : undefined));
    this.#worker.postMessage(range);
    return settled;
  }

  /** Ends it, whatever it does. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  async #answer<T>(of: (said: ThreadSays) => Packed<T> | undefined): Promise<T> {
    const message = new Promise<ThreadSays>((resolve) => this.#worker.once('message', resolve));
    const said = await Promise.race([message, this.#ended]);
    if ('failed' in said) throw new ThreadError(said.failed);
    return unpack(of(said)!);
  }
}

/** Ends threads and takes away what they wrote for themselves. */
export async function endThreads(threads: readonly AnalyzeThread[], task: AnalyzeTask): Promise<void> {
  for (const thread of threads) await thread.end();
  for (const name of task.scratch) rmSync(join(task.evidenceFolder, `.${name}`), { force: true });
}
