import { DynamoDBClient, ResourceNotFoundException, ScanCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { lastUses } from '../../../shared/aws/last-uses.ts';
import { settledEvidence } from '../../../shared/aws/settled-evidence.ts';
import { SnapshotArchive } from '../../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex, type SnapshotEntry } from '../../../shared/aws/snapshot-index.ts';
import { StreamedDays } from '../../../shared/aws/streamed-days.ts';
import type { EvidenceSource } from '../../../shared/evidence/evidence-source.ts';
import { withOwnAccounts } from '../../../shared/inventory/accounts.ts';
import type { Inventory, Rule } from '../../../shared/inventory/inventory.ts';
import type { DescribedAccount, StoredSnapshot } from '../../../shared/inventory/snapshot-file.ts';
import { dataBucketName, DATA_PREFIXES, tableNames } from '../../../shared/names.ts';
import type { AdmittingSet } from '../../../shared/usage/usage.ts';
import type { LastUse } from '../../../shared/verdicts/rule-sums.ts';
import { findReport, type DeployedReport } from './report-adapter.ts';
import { isoDay, dayOf, type Day, isoTime } from '../../../shared/time.ts';

/** Where a deployment is. */
export interface DeploymentOptions {
  /** What its names begin with. */
  readonly tables: string;
  readonly region?: string;
  readonly dataBucket?: string;
}

/** A deployment, as far as evidence and reports go. Nothing is written. */
export interface Deployment {
  readonly source: EvidenceSource;
  /** The newest. */
  readonly snapshot: () => Promise<StoredSnapshot>;
  /** The items of the newest snapshot as AWS described them. */
  readonly described: () => Promise<DescribedAccount>;
  /** Of the newest snapshot. */
  readonly inventory: () => Promise<Inventory>;
  /** The newest, or the newest whose last day is this one; undefined where there is none. */
  readonly findReport: (day?: Day) => Promise<DeployedReport | undefined>;
  /** @throws Error that says where none is */
  readonly report: (day?: Day) => Promise<DeployedReport>;
  /** What stood while the report was made: one of these is what it was made from. */
  readonly inventoriesOf: (report: DeployedReport) => Promise<Inventory[]>;
  /** By versioned id, of whatever source and day, true to the day. */
  readonly lastUses: (rules: readonly Rule[]) => Promise<Iterable<readonly [id: string, LastUse]>>;
  /** Which rules admitted the same, as it was streamed, under versioned ids. */
  readonly streamedSets: (day: Day) => Promise<AdmittingSet[]>;
  readonly close: () => void;
}

/** By the SDK's default credentials. */
export async function openDeployment(options: DeploymentOptions): Promise<Deployment> {
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
  const name = `tables ${prefix}-*`;
  const data = new DataBucket(s3, bucket);
  const index = new SnapshotIndex(client, tables.state);
  const archive = new SnapshotArchive(index, data);
  const streamed = new StreamedDays({ client, tables, bucket: data });
  const newest = async (): Promise<SnapshotEntry> => {
    const entry = await index.newest();
    if (!entry) throw new Error(`${name}: no snapshot was ever taken; give --inventory DIR`);
    return entry;
  };
  const snapshot = async (): Promise<StoredSnapshot> => {
    const read = await archive.read(await newest());
    return { ...read, inventory: withOwnAccounts(read.inventory, undefined, read.accountId) };
  };
  const findOne = (day?: Day) => findReport(s3, bucket, day === undefined ? undefined : isoDay(day));
  return {
    source: settledEvidence(client, data, { state: tables.state, name }),
    snapshot,
    described: async () => archive.described(await newest()),
    close,
    inventory: async () => (await snapshot()).inventory,
    findReport: findOne,
    report: async (day) => {
      const found = await findOne(day);
      if (!found) throw await noReport(bucket, day, findOne);
      return found;
    },
    inventoriesOf: (report) => inventoriesOf(report, index, archive),
    lastUses: (rules) => lastUses({ client, tables, bucket: data }, rules),
    streamedSets: async (day) => [...(await streamed.usage(day)).admittingSets.values()],
  };
}

async function noReport(bucket: string, day: Day | undefined, find: Deployment['findReport']): Promise<Error> {
  const place = `s3://${bucket}/${DATA_PREFIXES.reports}`;
  if (day === undefined) {
    return new Error(`${place}: no report there: the first night that is through writes one; has one run to its end?`);
  }
  const newest = await find();
  const hint = newest ? `the newest is ${newest.name}` : 'nor of any other day; has a night run to its end?';
  return new Error(`${place}${isoDay(day)}/: no report of that day there; ${hint}`);
}

/** From the last one before its run began, to the last one before it was written. */
async function inventoriesOf(
  { startedAt, writtenAt }: DeployedReport,
  index: SnapshotIndex,
  archive: SnapshotArchive,
): Promise<Inventory[]> {
  const [from, to] = [startedAt, writtenAt].map((seconds) => isoTime(seconds));
  const { references } = await index.inForce(dayOf(startedAt));
  const first = references.findLastIndex(({ takenAt }) => takenAt <= from!);
  const inventories: Inventory[] = [];
  for (const reference of references.slice(Math.max(0, first)).filter(({ takenAt }) => takenAt <= to!)) {
    inventories.push((await archive.read(reference)).inventory);
  }
  return inventories;
}

/** Its name has account and region in it, which every known rule tells. */
export async function findBucket(
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
