import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { evidenceFlows } from '../evidence/evidence-file.ts';
import type { EvidenceSource } from '../evidence/evidence-source.ts';
import type { ServiceFlow } from '../evidence/service-flow.ts';
import type { DataBucket } from './data-bucket.ts';
import { settledNights } from './settled-days.ts';
import { type Day, dayFromIso } from '../time.ts';

/** Service flows of settled days: of each day the files of the run that counts for it, and no others. */
export class SettledEvidence implements EvidenceSource {
  readonly name: string;
  readonly #client: DynamoDBClient;
  readonly #bucket: DataBucket;
  readonly #state: string;
  /** Read once: what is told of days and of their flows belongs together. */
  #settled: Promise<ReadonlyMap<Day, readonly string[]>> | undefined;

  constructor(client: DynamoDBClient, bucket: DataBucket, place: { state: string; name: string }) {
    this.name = place.name;
    this.#client = client;
    this.#bucket = bucket;
    this.#state = place.state;
  }

  async days(): Promise<readonly Day[]> {
    return [...(await this.#keys()).keys()];
  }

  /** @throws Error that names the object which cannot be read */
  async *flows(day: Day): AsyncIterable<ServiceFlow> {
    for (const key of (await this.#keys()).get(day) ?? []) {
      try {
        yield* evidenceFlows(await this.#bucket.buffer(key));
      } catch (error) {
        throw new Error(`s3://${this.#bucket.name}/${key}: cannot be read`, { cause: error });
      }
    }
  }

  #keys(): Promise<ReadonlyMap<Day, readonly string[]>> {
    return (this.#settled ??= this.#readKeys());
  }

  async #readKeys(): Promise<ReadonlyMap<Day, readonly string[]>> {
    const settled = await settledNights(this.#client, this.#state);
    const days = [...settled].map(([day, { evidence }]): [Day, readonly string[]] => [dayFromIso(day)!, evidence]);
    return new Map(days.sort(([a], [b]) => a - b));
  }
}
