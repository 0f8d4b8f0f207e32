import { fork, type ChildProcess } from 'node:child_process';

/** A fault may make a test run for ever. */
const MAX_SECONDS = 300;
/** Jest keeps up to 50 MB of each run. */
const MAX_RUNS = 20;
/** A process that dies shows nothing of the fault: memory may have been short. */
const MAX_DEATHS = 3;

/** Status of a process whose tests failed: nothing else ends with it. */
export const FAILED = 100;

/** Runs jest in one process for many runs: its start takes longer than most suites. */
export class JestProcess {
  readonly #root: string;
  #child: ChildProcess | undefined;
  #runs = 0;

  /** @param root of the program that is tested */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Whether all tests of the suites pass in time.
   *
   * @throws Error if jest dies of them, time and again
   */
  async passes(suites: readonly string[]): Promise<boolean> {
    for (let deaths = 0; deaths < MAX_DEATHS; deaths++) {
      const said = await this.#run(suites);
      if (said !== 'died') return said === 'passed';
    }
    throw new Error(`jest died ${MAX_DEATHS} times of ${suites.join(', ')}`);
  }

  stop(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #run(suites: readonly string[]): Promise<'passed' | 'failed' | 'died'> {
    if (this.#runs++ % MAX_RUNS === 0) this.stop();
    const child = this.#running();
    const { promise, resolve } = Promise.withResolvers<'passed' | 'failed' | 'died'>();
    const answered = (passed: unknown): void => resolve(passed === true ? 'passed' : 'failed');
    const ended = (code: unknown): void => resolve(code === FAILED ? 'failed' : 'died');
    child.on('message', answered).on('exit', ended).on('error', ended);
    const timer = setTimeout(() => {
      resolve('failed');
      this.stop();
    }, MAX_SECONDS * 1000);
    child.send(suites);
    const said = await promise;
    clearTimeout(timer);
    child.off('message', answered).off('exit', ended).off('error', ended);
    // Jest is about to end it.
    if (said === 'failed') this.stop();
    return said;
  }

  #running(): ChildProcess {
    if (this.#child?.connected) return this.#child;
    this.#child = fork(new URL('./run-jest.ts', import.meta.url), {
      cwd: this.#root,
      execArgv: ['--experimental-vm-modules'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    return this.#child;
  }
}
