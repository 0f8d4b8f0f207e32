import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Fauxqs, Queue } from '../../beds/fauxqs.ts';
import type { Random } from '../../oracle/random.ts';
import { fixture, notification, objectCreated, type Written } from './events.ts';
import { PLACE } from './killed-account.ts';

export const BUCKET = 'flow-logs';

/** Shorter than many an invocation: what one worker is at is given to others meanwhile. */
const VISIBILITY_SECONDS = 2;
/** Those of workers that are killed and those that found an object in another's hands; nothing here is to give up. */
const RECEIVES = 1000;
const MOST_IN_ONE = 4;

/** Puts objects into the bucket and their events into the queue: several times, in both shapes, in any order. */
export class Deliveries {
  readonly queue: Queue;
  /** Names of the objects of each message body; none for what is not a flow log of this account. */
  readonly objectsOf = new Map<string, readonly string[]>();
  readonly tally = { messages: 0, events: 0, duplicates: 0, others: 0 };
  readonly #fauxqs: Fauxqs;
  readonly #sqs: SQSClient;
  readonly #random: Random;
  readonly #delivered: Written[] = [];

  private constructor(fauxqs: Fauxqs, queue: Queue, random: Random) {
    this.#fauxqs = fauxqs;
    this.#sqs = fauxqs.sqs();
    this.#random = random;
    this.queue = queue;
  }

  static async open(fauxqs: Fauxqs, random: Random): Promise<Deliveries> {
    const options = { visibilitySeconds: VISIBILITY_SECONDS, maxReceives: RECEIVES };
    return new Deliveries(fauxqs, await fauxqs.createQueue('objects', options), random);
  }

  /** New objects: each is in at least one message, and every other in several. */
  async deliver(logs: string, keys: readonly string[]): Promise<void> {
    const random = this.#random;
    const written = await Promise.all(
      keys.map(async (key): Promise<Written> => {
        const bytes = readFileSync(join(logs, key));
        const etag = (await this.#fauxqs.putObject(BUCKET, key, bytes)).replaceAll('"', '');
        return { bucket: BUCKET, key, etag, size: bytes.length, time: new Date().toISOString() };
      }),
    );
    this.#delivered.push(...written);
    const again = written.filter(() => random.chance(0.5));
    this.tally.duplicates += again.length;
    const events = random.shuffled([...written, ...again]);
    while (events.length > 0) await this.#send(events.splice(0, random.pick([1, 1, 2, MOST_IN_ONE])));
  }

  /** Some objects that were delivered before, and events that need nothing done. */
  async deliverAgain(): Promise<void> {
    const random = this.#random;
    const objects = random.some(this.#delivered, random.between(1, MOST_IN_ONE));
    this.tally.duplicates += objects.length;
    await this.#send(objects);
    this.tally.others++;
    await this.#put(random.pick([JSON.stringify(fixture('s3-test-event.json')), this.#foreign()]), []);
  }

  /** Nothing to receive, now or later. */
  async isEmpty(): Promise<boolean> {
    const { ready, inFlight, delayed } = await this.#fauxqs.depth(this.queue.url);
    return ready + inFlight + delayed === 0;
  }

  /** Several objects in one message are one notification of S3; EventBridge has one event in each. */
  async #send(objects: readonly Written[]): Promise<void> {
    const isNotification = objects.length > 1 || this.#random.chance(0.5);
    this.tally.events += objects.length;
    await this.#put(
      isNotification ? notification(...objects) : objectCreated(objects[0]!),
      objects.map(({ key }) => `s3://${BUCKET}/${key}`),
    );
  }

  async #put(body: string, objects: readonly string[]): Promise<void> {
    this.tally.messages++;
    this.objectsOf.set(body, objects);
    const DelaySeconds = this.#random.pick([0, 0, 1, 2]);
    await this.#sqs.send(new SendMessageCommand({ QueueUrl: this.queue.url, MessageBody: body, DelaySeconds }));
  }

  /** Of another account or region, or no flow log at all. */
  #foreign(): string {
    const { key, ...rest } = this.#random.pick(this.#delivered);
    const foreign = this.#random.pick([
      key.replaceAll(PLACE.accountId, '999988887777'),
      key.replaceAll(PLACE.region, 'ap-south-2'),
      `athena/${key.split('/').at(-1)!}`,
    ]);
    return objectCreated({ ...rest, key: foreign });
  }
}
