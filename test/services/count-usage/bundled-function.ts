import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Answer, Invocation } from './invokes-bundle.ts';

/** A bundle in a process of its own: what Lambda calls an execution environment. */
export class BundledFunction {
  readonly #process: ChildProcess;
  #output = '';

  private constructor(child: ChildProcess) {
    this.#process = child;
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
  }

  /** @throws Error with what the bundle fails with when it is loaded */
  static async start(file: string, environment: NodeJS.ProcessEnv): Promise<BundledFunction> {
    const script = join(import.meta.dirname, 'invokes-bundle.ts');
    const env = { PATH: process.env.PATH, ...environment };
    const started = new BundledFunction(fork(script, [file], { env, execArgv: [], silent: true }));
    await started.#answer();
    return started;
  }

  /** `laterMs` is what is left of the time once it has begun, where the clock is not to tell. */
  async invoke(event: SQSEvent, remainingMs = 300_000, laterMs?: number): Promise<SQSBatchResponse> {
    const invocation: Invocation = { event, remainingMs, laterMs };
    this.#process.send(invocation);
    const { response } = await this.#answer();
    if (!response || !('batchItemFailures' in response)) throw new Error('no answer to messages');
    return response;
  }

  async #answer(): Promise<Answer> {
    const ended = new AbortController();
    const death = once(this.#process, 'close', { signal: ended.signal }).then(() => {
      throw new Error(`it died: ${this.#output.slice(-2000)}`);
    });
    const [answer] = (await Promise.race([once(this.#process, 'message'), death])) as [Answer];
    death.catch(() => undefined);
    ended.abort();
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  /** What it printed, line by line, since it was asked last. */
  printed(): Record<string, unknown>[] {
    const lines = this.#output.split('\n').filter((line) => line.startsWith('{'));
    this.#output = '';
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }
}
