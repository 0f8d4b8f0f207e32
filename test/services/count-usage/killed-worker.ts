import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { bedEnvironment } from '../../beds/bed-environment.ts';
import type { Random } from '../../oracle/random.ts';
import type { Answer as Invoked, Invocation } from './invokes-bundle.ts';
import { callOf, type Call, type Request } from './killed-calls.ts';
import type { Plan } from './killed-plan.ts';
import { refusal, troubleOf, type Trouble } from './killed-weather.ts';
import { Wire, type Beds, type Forward, type Reply } from './killed-wire.ts';
import type { Stage, Witness } from './killed-witness.ts';

/** What all workers have in common. */
export interface Surroundings {
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly beds: Beds;
  readonly witness: Witness;
  readonly injected: Record<Trouble, number>;
  /** Calls that came after others had done the same: of workers that were dead by then, and of some that lived on. */
  readonly late: { ofDead: number; ofLiving: number };
}

export interface End {
  readonly cause: 'call' | 'moment' | 'deadline' | 'idle';
  /** What it was at. */
  readonly stage: 'idle' | 'reading' | Stage;
}

/** What an invocation rejects with that ends with its worker. */
export class Killed extends Error {
  override name = 'Killed';
}

/** Longer than any lease of a worker that has a deadline, and the time in which its messages come again. */
const OVERTAKEN_WITHIN_MS = 15_000;
const AFTER_DELAY_MS = 3000;

/** The bundle in a process of its own, which lives and dies as planned; without a plan it meets no trouble at all. */
export class Worker {
  end: End | undefined;
  readonly #child: ChildProcess;
  readonly #wire: Wire;
  readonly #around: Surroundings;
  readonly #plan: Plan | undefined;
  readonly #random: Random;
  readonly #calls = new Map<Call['kind'], number>();
  readonly #unanswered = new Set<Promise<unknown>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #output = '';
  #batch: string | undefined;
  #isInvoked = false;
  #isDelayed = false;
  /** How long it has been at messages. */
  #busyMs = 0;

  private constructor(child: ChildProcess, wire: Wire, around: Surroundings, random: Random, plan?: Plan) {
    this.#child = child;
    this.#wire = wire;
    this.#around = around;
    this.#random = random;
    this.#plan = plan;
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output = (this.#output + text).slice(-10_000)));
    }
  }

  static async start(around: Surroundings, random: Random, plan?: Plan): Promise<Worker> {
    const holder: { worker?: Worker } = {};
    const wire = await Wire.open(around.beds, (...call) => holder.worker!.#tracked(...call));
    const own = { endpoint: wire.endpoint };
    const env = {
      PATH: process.env.PATH,
      ...bedEnvironment({ dynamoDb: own, fauxqs: own }),
      AWS_ENDPOINT_URL_EC2: wire.endpoint,
      ...around.environment,
    };
    const script = join(import.meta.dirname, 'invokes-bundle.ts');
    const child = fork(script, [around.bundle], { env, execArgv: [], silent: true });
    const worker = (holder.worker = new Worker(child, wire, around, random, plan));
    await worker.#answer();
    return worker;
  }

  /** @throws Killed if the worker dies of it */
  async invoke(event: SQSEvent, remainingMs: number): Promise<SQSBatchResponse> {
    const begun = Date.now();
    const moment = this.#plan && this.#later(this.#plan.latestMs - this.#busyMs, () => this.kill('moment'));
    this.#isInvoked = true;
    const invocation: Invocation = { event, remainingMs };
    this.#child.send(invocation);
    // As Lambda does it.
    const deadline = this.#later(remainingMs, () => {
      if (!this.#isDelayed) this.kill('deadline');
    });
    const { response, error } = await this.#answer();
    clearTimeout(deadline);
    clearTimeout(moment);
    this.#busyMs += Date.now() - begun;
    this.#isInvoked = false;
    this.#batch = undefined;
    if (error !== undefined || !response) throw new Error(`an invocation failed: ${error}`);
    return response;
  }

  kill(cause: End['cause']): void {
    if (this.end) return;
    const stage = this.#batch === undefined ? 'reading' : this.#around.witness.stageOf(this.#batch);
    this.end = { cause, stage: this.#isInvoked ? stage : 'idle' };
    this.#child.kill('SIGKILL');
  }

  /** Once it is dead, and all that it ever sent has arrived. */
  async settled(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.allSettled(this.#unanswered);
    this.#wire.close();
  }

  /** Ends it in good order. */
  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
    await this.settled();
  }

  async #answer(): Promise<Invoked> {
    const waiting = new AbortController();
    const { signal } = waiting;
    try {
      return await Promise.race([
        once(this.#child, 'message', { signal }).then(([answer]) => answer as Invoked),
        once(this.#child, 'exit', { signal }).then(([code]) => {
          throw this.end ? new Killed() : new Error(`it ended by itself with ${code}: ${this.#output}`);
        }),
      ]);
    } finally {
      waiting.abort();
    }
  }

  #later(ms: number, then: () => void): NodeJS.Timeout {
    const timer = setTimeout(then, ms);
    this.#timers.add(timer);
    return timer;
  }

  #tracked(request: Request, forward: Forward): Promise<Reply | undefined> {
    const answer = this.#answerTo(request, forward);
    const tracked: Promise<unknown> = answer.catch(() => {}).then(() => this.#unanswered.delete(tracked));
    this.#unanswered.add(tracked);
    return answer;
  }

  async #answerTo(request: Request, forward: Forward): Promise<Reply | undefined> {
    const { witness, injected, late } = this.#around;
    const call = callOf(request);
    const carryOut = async (): Promise<Reply> => {
      const reply = await forward();
      witness.heard(call, reply);
      this.#keepTrack(call, reply);
      return reply;
    };
    if (!this.#plan) return carryOut();
    const nth = (this.#calls.get(call.kind) ?? 0) + 1;
    this.#calls.set(call.kind, nth);
    const { death, delayedChunk } = this.#plan;
    if (death?.kind === call.kind && death.nth === nth) {
      if (death.when === 'after') await carryOut();
      this.kill('call');
      if (death.when !== 'stuck') return undefined;
      if (await witness.overtaken(call, OVERTAKEN_WITHIN_MS)) late.ofDead++;
      await carryOut();
      return undefined;
    }
    if (call.kind === 'chunk' && nth === delayedChunk) {
      this.#isDelayed = true;
      if (await witness.overtaken(call, OVERTAKEN_WITHIN_MS)) late.ofLiving++;
      this.#later(AFTER_DELAY_MS, () => this.kill('deadline'));
      return carryOut();
    }
    const trouble = troubleOf(request, this.#random, injected);
    if (trouble === undefined) return carryOut();
    if (trouble !== 'lostAnswers') return refusal(trouble, request);
    await carryOut();
    return undefined;
  }

  #keepTrack(call: Call, { status }: Reply): void {
    if (status !== 200) return;
    if (call.kind === 'open' || call.kind === 'lease') this.#batch = call.batch;
  }
}
