import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';

/** What a client that has died answers. */
export class Died extends Error {
  override name = 'Died';
}

/** How a worker ends: at its call number `call`, before it is sent or after it was carried out, and for good. */
export interface Death {
  readonly call: number;
  readonly when: 'before' | 'after';
}

let watched = 0;

/** A worker's calls, counted. Once it has died, nothing it does reaches anybody any more. */
export class Mortal {
  calls = 0;
  dead = false;
  readonly #death: Death | undefined;

  constructor(death?: Death) {
    this.#death = death;
  }

  /** Puts itself behind every call of the client. */
  watch(client: DynamoDBClient | S3Client): void {
    // The stacks of the two clients differ only in their inputs and outputs.
    const { middlewareStack } = client as DynamoDBClient;
    middlewareStack.add(
      (next) => async (args) => {
        if (this.dead) throw new Died();
        this.calls++;
        const isLast = this.calls === this.#death?.call;
        if (isLast && this.#death.when === 'before') this.#die();
        const answer = await next(args);
        if (isLast) this.#die();
        this.#mustLive();
        return answer;
      },
      { step: 'initialize', name: `mortal ${++watched}`, priority: 'high' },
    );
  }

  /** Whoever died while the call was under way learns nothing of it. */
  #mustLive(): void {
    if (this.dead) throw new Died();
  }

  #die(): never {
    this.dead = true;
    throw new Died();
  }
}

/** Puts something else in between: before call number `call` of the clients that it watches is sent, all of `meanwhile`. */
export class Overtaken {
  calls = 0;
  readonly #call: number;
  readonly #meanwhile: () => Promise<void>;

  constructor(call: number, meanwhile: () => Promise<void>) {
    this.#call = call;
    this.#meanwhile = meanwhile;
  }

  watch(client: DynamoDBClient | S3Client): void {
    const { middlewareStack } = client as DynamoDBClient;
    middlewareStack.add(
      (next) => async (args) => {
        if (++this.calls === this.#call) await this.#meanwhile();
        return next(args);
      },
      { step: 'initialize', name: `overtaken ${++watched}`, priority: 'high' },
    );
  }
}
