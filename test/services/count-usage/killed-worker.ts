import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { bedEnvironment } from '../../beds/bed-environment.ts';
import type { Random } from '../../oracle/random.ts';
import type { Answer as Invoked, Invocation } from './invokes-bundle.ts';
import { callOf, isIn, type Call, type Request } from './killed-calls.ts';
import type { Plan, Service } from './killed-plan.ts';
import { refusal, troubleOf, type Trouble } from './killed-weather.ts';
import { Wire, type Beds, type Forward, type Reply } from './killed-wire.ts';
import type { Witness } from './killed-witness.ts';

/** What all processes have in common. */
export interface Surroundings {
  readonly bundles: Readonly<Record<Service, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly beds: Beds;
  readonly witness: Witness;
  readonly injected: Record<Trouble, number>;
  /** Calls that came after others had gone further: of processes that were dead by then, and of some that lived on. */
  readonly late: { ofDead: number; ofLiving: number };
}

/** How far an invocation was, by the last of its calls that was carried out and that leaves something behind. */
const STAGES = {
  writeBatch: 'written',
  commit: 'committed',
  writeSums: 'written',
  advance: 'advanced',
  putRule: 'advanced',
  moveLastUse: 'advanced',
  noteShown: 'shown',
  removeSums: 'shown',
} as const satisfies Partial<Record<Call['kind'], string>>;

export interface End {
  readonly service: Service;
  /** `call` with its kind and when. */
  readonly cause: string;
  /** What it was at. */
  readonly stage: 'idle' | 'reading' | (typeof STAGES)[keyof typeof STAGES];
}

/** What an invocation rejects with that ends with its worker. */
export class Killed extends Error {
  override name = 'Killed';
}

/** Longer than the time in which messages come again. */
const OVERTAKEN_WITHIN_MS = 15_000;
const AFTER_DELAY_MS = 3000;

/** The bundle in a process of its own, which lives and dies as planned; without a plan it meets no trouble at all. */
export class Worker {
  end: End | undefined;
  readonly #child: ChildProcess;
  readonly #wire: Wire;
  readonly #around: Surroundings;
  readonly #service: Service;
  readonly #plan: Plan | undefined;
  readonly #random: Random;
  readonly #calls = new Map<Call['kind'], number>();
  readonly #unanswered = new Set<Promise<unknown>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #output = '';
  #stage: End['stage'] = 'idle';
  #isHeldUp = false;
  /** How long it has been at messages. */
  #busyMs = 0;

  private constructor(
    service: Service,
    child: ChildProcess,
    wire: Wire,
    around: Surroundings,
    random: Random,
    plan?: Plan,
  ) {
    this.#service = service;
    this.#child = child;
    this.#wire = wire;
    this.#around = around;
    this.#random = random;
    this.#plan = plan;
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output = (this.#output + text).slice(-10_000)));
    }
  }

  static async start(service: Service, around: Surroundings, random: Random, plan?: Plan): Promise<Worker> {
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
    const child = fork(script, [around.bundles[service]], { env, execArgv: [], silent: true });
    const worker = (holder.worker = new Worker(service, child, wire, around, random, plan));
    await worker.#answer();
    return worker;
  }

  /** @throws Killed if the worker dies of it */
  async count(event: SQSEvent, remainingMs: number): Promise<SQSBatchResponse> {
    const { response, error } = await this.#invoke({ event, remainingMs });
    if (!response || !('batchItemFailures' in response)) throw new Error(`an invocation failed: ${error}`);
    return response;
  }

  /**
   * Returns why it failed, where it did: the next one does its work.
   *
   * @throws Killed if the compactor dies of it
   */
  async compact(remainingMs: number): Promise<string | undefined> {
    return (await this.#invoke({ remainingMs })).error;
  }

  async #invoke(invocation: Invocation): Promise<Invoked> {
    const { remainingMs } = invocation;
    const begun = Date.now();
    const killAt = (ms: number, cause: string) =>
      this.#later(ms, () => {
        if (!this.#isHeldUp) this.kill(cause);
      });
    const moment = this.#plan && killAt(Math.max(0, this.#plan.latestMs - this.#busyMs), 'moment');
    this.#stage = 'reading';
    this.#child.send(invocation);
    // As Lambda does it.
    const deadline = killAt(remainingMs, 'deadline');
    const answer = await this.#answer();
    clearTimeout(deadline);
    clearTimeout(moment);
    this.#busyMs += Date.now() - begun;
    this.#stage = 'idle';
    return answer;
  }

  kill(cause: string): void {
    if (this.end) return;
    this.end = { service: this.#service, cause, stage: this.#stage };
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
      const reply = await witness.carriedOut(call, forward);
      this.#keepTrack(call, reply);
      return reply;
    };
    if (!this.#plan) return carryOut();
    const nth = (this.#calls.get(call.kind) ?? 0) + 1;
    this.#calls.set(call.kind, nth);
    const { death, heldUp } = this.#plan;
    if (death?.kind === call.kind && death.nth === nth) {
      if (death.when === 'after') await carryOut();
      this.kill(`${call.kind} ${death.when}`);
      if (death.when !== 'stuck') return undefined;
      if (await witness.overtaken(call, OVERTAKEN_WITHIN_MS)) late.ofDead++;
      await carryOut();
      return undefined;
    }
    if (heldUp?.kind === call.kind && heldUp.nth === nth) {
      this.#isHeldUp = true;
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

  #keepTrack({ kind }: Call, { status }: Reply): void {
    if (status === 200 && !this.end && isIn(kind, STAGES)) this.#stage = STAGES[kind];
  }
}
