import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { evidenceFlows } from '../evidence/evidence-file.ts';
import type { EvidenceSource } from '../evidence/evidence-source.ts';
import type { ServiceFlow } from '../evidence/service-flow.ts';
import { s3LogObject } from './s3-log-object.ts';
import { settledNights } from './settled-days.ts';
import { type Day, dayFromIso } from '../time.ts';

/** Service flows of settled days: of each day the files of the run that speaks for it, and no others. */
export class SettledEvidence implements EvidenceSource {
  readonly name: string;
  readonly #client: DynamoDBClient;
  readonly #s3: S3Client;
  readonly #state: string;
  readonly #bucket: string;
  /** Read once: what is told of days and of their flows belongs together. */
  #settled: Promise<ReadonlyMap<Day, readonly string[]>> | undefined;

  constructor(client: DynamoDBClient, s3: S3Client, place: { state: string; bucket: string; name: string }) {
    this.name = place.name;
    this.#client = client;
    this.#s3 = s3;
    this.#state = place.state;
    this.#bucket = place.bucket;
  }

  async days(): Promise<readonly Day[]> {
    return [...(await this.#keys()).keys()];
  }

  /** @throws Error that names the object which cannot be read */
  async *flows(day: Day): AsyncIterable<ServiceFlow> {
    for (const key of (await this.#keys()).get(day) ?? []) {
      const object = { Bucket: this.#bucket, Key: key };
      try {
        const { ETag, ContentLength = 0 } = await this.#s3.send(new HeadObjectCommand(object));
        const content = { bucket: this.#bucket, key, etag: ETag, size: ContentLength };
        yield* evidenceFlows(s3LogObject(this.#s3, content).buffer);
      } catch (error) {
        throw new Error(`s3://${this.#bucket}/${key}: cannot be read`, { cause: error });
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
