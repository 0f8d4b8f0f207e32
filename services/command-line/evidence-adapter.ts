import { DynamoDBClient, ResourceNotFoundException, ScanCommand } from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { settledNights } from '../../shared/aws/settled-days.ts';
import { s3LogObject } from '../../shared/aws/s3-log-object.ts';
import { SnapshotArchive } from '../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../shared/aws/snapshot-index.ts';
import { evidenceFlows } from '../../shared/evidence/evidence-file.ts';
import type { EvidenceSource } from '../../shared/evidence/evidence-source.ts';
import type { ServiceFlow } from '../../shared/evidence/service-flow.ts';
import type { Inventory } from '../../shared/inventory/inventory.ts';
import { dataBucketName, tableNames } from '../../shared/names.ts';
import type { Day } from '../../shared/usage/usage.ts';
import { namedError } from './named-error.ts';

/** A deployment, as far as evidence goes. Nothing is written. */
export interface Deployment {
  readonly source: EvidenceSource;
  /** Of the newest snapshot. */
  readonly inventory: () => Promise<Inventory>;
  readonly close: () => void;
}

/** By the SDK's default credentials. */
export async function openDeployment(options: {
  readonly tables: string;
  readonly region?: string;
  readonly dataBucket?: string;
}): Promise<Deployment> {
  const { tables: prefix, region } = options;
  const place = region === undefined ? {} : { region };
  const [client, s3] = [new DynamoDBClient(place), new S3Client(place)];
  const tables = tableNames(prefix);
  const close = (): void => {
    client.destroy();
    s3.destroy();
  };
  const finding = findBucket(client, tables.rulesData, prefix, options.dataBucket);
  const bucket = await finding.catch((error: unknown) => {
    close();
    throw error;
  });
  const index = new SnapshotIndex(client, tables.state);
  return {
    source: new DeployedEvidence(client, s3, { state: tables.state, bucket, name: `tables ${prefix}-*` }),
    inventory: async () => {
      const newest = await index.newest();
      if (!newest) throw new Error(`tables ${prefix}-*: no snapshot was ever taken; give --inventory DIR`);
      return (await new SnapshotArchive(index, s3, bucket).read(newest)).inventory;
    },
    close,
  };
}

/** Its name has account and region in it, which every known rule tells. */
async function findBucket(
  client: DynamoDBClient,
  TableName: string,
  prefix: string,
  given: string | undefined,
): Promise<string> {
  if (given !== undefined) return given;
  try {
    const { Items = [] } = await client.send(new ScanCommand({ TableName, Limit: 1 }));
    const { account, region } = Items[0] ?? {};
    if (account?.S !== undefined && region?.S !== undefined) return dataBucketName(prefix, account.S, region.S);
    throw new Error(`table ${TableName} holds no rule yet; give --data-bucket NAME`);
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    throw new Error(`no table ${TableName}; is stale-sg deployed here?`, { cause: error });
  }
}

/** Service flows of settled days: of each day the files of the run that speaks for it, and no others. */
class DeployedEvidence implements EvidenceSource {
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

  async *flows(day: Day): AsyncIterable<ServiceFlow> {
    for (const key of (await this.#keys()).get(day) ?? []) {
      const object = { Bucket: this.#bucket, Key: key };
      try {
        const { ETag, ContentLength = 0 } = await this.#s3.send(new HeadObjectCommand(object));
        const content = { bucket: this.#bucket, key, etag: ETag, size: ContentLength };
        yield* evidenceFlows(s3LogObject(this.#s3, content).buffer);
      } catch (error) {
        throw namedError(`s3://${this.#bucket}/${key}`, error);
      }
    }
  }

  #keys(): Promise<ReadonlyMap<Day, readonly string[]>> {
    return (this.#settled ??= this.#readKeys());
  }

  async #readKeys(): Promise<ReadonlyMap<Day, readonly string[]>> {
    const settled = await settledNights(this.#client, this.#state);
    const days = [...settled].map(([day, { evidence }]): [Day, readonly string[]] => {
      return [Date.parse(day) / 86_400_000, evidence];
    });
    return new Map(days.sort(([a], [b]) => a - b));
  }
}
