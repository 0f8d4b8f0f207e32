import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from './killed-calls.ts';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** Knows what all processes together have brought to DynamoDB: it hears every answer, also those that nobody lives to get. */
export class Witness {
  /** Calls whose condition did not hold because another process was there before. */
  readonly conflicts = { objects: 0, numbers: 0, pointers: 0, rules: 0, lastUses: 0, shown: 0 };
  /** By number, the records of its batch. */
  readonly #records = new Map<number, number>();
  /** By object, the first number of its batch. */
  readonly #committed = new Map<string, number>();
  readonly #rules = new Map<string, number>();
  readonly #tokens = new Set<string>();
  #through = 0;
  #counters = 0;

  /** What took the place of something newer, and was sent when that was known to be there; objects that were counted again. */
  readonly wrongs: string[] = [];

  async carriedOut<T extends Answer>(call: Call, forward: () => Promise<T>): Promise<T> {
    const isOld = this.#isOld(call);
    const answer = await forward();
    const { status, body } = answer;
    if (status === 400) this.#refused(call, body.toString());
    if (status !== 200) return answer;
    if (isOld) this.wrongs.push(JSON.stringify(call));
    this.#done(call);
    return answer;
  }

  /** The object is in a batch of the log. */
  isCommitted(object: string): boolean {
    return this.#committed.has(object);
  }

  /** The last batch whose commit was answered. */
  get seq(): number {
    return Math.max(0, ...this.#records.keys());
  }

  /** Records of the batches 1 … n, by n. Throws if a number is missing. */
  recordsUpTo(): number[] {
    const sums = [0];
    for (let seq = 1; seq <= this.#records.size; seq++) {
      const records = this.#records.get(seq);
      if (records === undefined) throw new Error(`nobody has committed batch ${seq}`);
      sums.push(sums.at(-1)! + records);
    }
    return sums;
  }

  /** True once others have gone further than the call; false if they have not by then. */
  async overtaken(call: Call, patienceMs: number): Promise<boolean> {
    const since = this.#counters;
    for (const end = Date.now() + patienceMs; Date.now() < end;) {
      if (this.#isBehind(call, since)) return true;
      await sleep(20);
    }
    return false;
  }

  #isBehind(call: Call, since: number): boolean {
    if (call.kind === 'commit') return call.objects.some((object) => this.#committed.has(object));
    if (call.kind === 'advance') return this.#through >= call.through;
    return this.#counters > since;
  }

  #isOld(call: Call): boolean {
    // Tried again, it is answered as it was.
    if (call.kind === 'advance') return this.#through >= call.through && !this.#tokens.has(call.token);
    if (call.kind === 'putRule') return (this.#rules.get(call.key) ?? 0) >= call.through;
    if (call.kind === 'noteShown') return this.#counters >= call.counters;
    const [first] = call.kind === 'commit' ? call.batches : [];
    return (
      call.kind === 'commit' &&
      call.objects.some((object) => (this.#committed.get(object) ?? first?.seq) !== first?.seq)
    );
  }

  #done(call: Call): void {
    if (call.kind === 'commit') {
      for (const { seq, records } of call.batches) this.#records.set(seq, records);
      for (const object of call.objects) this.#committed.set(object, call.batches[0]!.seq);
    } else if (call.kind === 'advance') {
      this.#through = Math.max(this.#through, call.through);
      this.#tokens.add(call.token);
    } else if (call.kind === 'putRule') {
      this.#rules.set(call.key, Math.max(this.#rules.get(call.key) ?? 0, call.through));
    } else if (call.kind === 'noteShown') {
      this.#counters = Math.max(this.#counters, call.counters);
    }
  }

  #refused({ kind }: Call, body: string): void {
    if (!body.includes('ConditionalCheckFailed')) return;
    if (kind === 'commit') this.conflicts[isOfNumber(body) ? 'numbers' : 'objects']++;
    else if (kind === 'advance') this.conflicts.pointers++;
    else if (kind === 'putRule') this.conflicts.rules++;
    else if (kind === 'moveLastUse') this.conflicts.lastUses++;
    else if (kind === 'noteShown') this.conflicts.shown++;
  }
}

/** The head is the first item of its transaction; objects that another had are refused beside it. */
function isOfNumber(body: string): boolean {
  const { CancellationReasons = [] } = JSON.parse(body) as { CancellationReasons?: { Code?: string }[] };
  const failed = CancellationReasons.flatMap(({ Code }, i) => (Code === 'ConditionalCheckFailed' ? [i] : []));
  // The first two are the head and the batch of the number.
  return failed.every((i) => i < 2);
}
