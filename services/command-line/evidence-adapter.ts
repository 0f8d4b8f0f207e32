import { DynamoDBClient, ResourceNotFoundException, ScanCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SettledEvidence } from '../../shared/aws/settled-evidence.ts';
import { SnapshotArchive } from '../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../shared/aws/snapshot-index.ts';
import type { EvidenceSource } from '../../shared/evidence/evidence-source.ts';
import type { Inventory } from '../../shared/inventory/inventory.ts';
import { dataBucketName, tableNames } from '../../shared/names.ts';

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
    source: new SettledEvidence(client, s3, { state: tables.state, bucket, name: `tables ${prefix}-*` }),
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
