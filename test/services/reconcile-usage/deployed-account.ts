import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { dayInventories } from '../../../services/count-usage/inventories-adapter.ts';
import { countObjects } from '../../../services/count-usage/count-objects.ts';
import { DynamoStore } from '../../../services/count-usage/dynamo/dynamo-adapter.ts';
import { SnapshotArchive } from '../../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../../shared/aws/snapshot-index.ts';
import { flowLogFileName } from '../../../shared/flowlogs/file-name.ts';
import { readText } from '../../../shared/flowlogs/read-text.ts';
import { databaseName, ENVIRONMENT, nightName, tableNames, type TableNames } from '../../../shared/names.ts';
import { startAthena, type Athena } from '../../beds/athena-server.ts';
import { s3Store } from '../../beds/athena-store.ts';
import { bedEnvironment } from '../../beds/bed-environment.ts';
import type { DynamoDbLocal } from '../../beds/dynamodb-local.ts';
import { startFauxqs, type Fauxqs } from '../../beds/fauxqs.ts';
import { publishSnapshot } from '../../../services/snapshot-groups/publish-snapshot.ts';
import { rulesDataTable } from '../../../services/snapshot-groups/rules-data-adapter.ts';
import { fakeAccount, type Listed } from '../snapshot-groups/fake-account.ts';
import { filesUnder, readJson } from '../generate-account/generated.ts';

/** Where the generator says that its flow logs go. */
export const LOGS = 'example-flow-logs';
export const DATA = 'data';
const PLACE = { accountId: '111122223333', region: 'eu-west-1' };

/** A generated account in the beds, with all that a deployment has: a snapshot, objects, tables, Athena. */
export class DeployedAccount {
  readonly environment: Record<string, string>;
  readonly #fauxqs: Fauxqs;
  readonly #athena: Athena;
  readonly #store: DynamoStore;
  readonly #inventories;
  #listed: Listed | undefined;
  readonly athena;
  readonly s3;
  readonly workGroup: string;
  readonly tables: TableNames;
  readonly dynamo;

  private constructor(prefix: string, dynamo: DynamoDbLocal, fauxqs: Fauxqs, athena: Athena) {
    const tables = tableNames(prefix);
    this.tables = tables;
    this.#fauxqs = fauxqs;
    this.#athena = athena;
    this.athena = athena.client();
    this.s3 = fauxqs.s3();
    this.workGroup = nightName(prefix);
    this.environment = {
      ...bedEnvironment({ dynamoDb: dynamo, fauxqs }),
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL_ATHENA: athena.endpoint,
      [ENVIRONMENT.tablePrefix]: prefix,
      [ENVIRONMENT.dataBucket]: DATA,
      [ENVIRONMENT.logBucket]: LOGS,
      [ENVIRONMENT.accountId]: '111122223333',
      [ENVIRONMENT.retentionDays]: '400',
      [ENVIRONMENT.database]: databaseName(prefix),
    };
    const [client, bucket] = [dynamo.client(), new DataBucket(this.s3, DATA)];
    this.dynamo = client;
    this.#store = new DynamoStore({ client, tables, bucket });
    this.#inventories = dayInventories({ client, tables, bucket }, () => undefined);
  }

  /** @param out what the generator wrote */
  static async start(prefix: string, dynamo: DynamoDbLocal, out: string): Promise<DeployedAccount> {
    const account = await DeployedAccount.empty(prefix, dynamo);
    await account.publish(describedIn(out), '2026-01-04T23:45:00Z');
    return account;
  }

  /** Without a snapshot. */
  static async empty(prefix: string, dynamo: DynamoDbLocal): Promise<DeployedAccount> {
    const fauxqs = await startFauxqs();
    for (const bucket of [LOGS, DATA]) await fauxqs.createBucket(bucket);
    await dynamo.createTables(prefix);
    const workGroups = { [nightName(prefix)]: `s3://${DATA}/query-results/` };
    const athena = await startAthena({ store: s3Store(fauxqs), databases: [databaseName(prefix)], workGroups });
    return new DeployedAccount(prefix, dynamo, fauxqs, athena);
  }

  async stop(): Promise<void> {
    await this.#athena.stop();
    await this.#fauxqs.stop();
  }

  /** Takes a snapshot: it must be later than all that were taken before. */
  async publish(listed: Listed, at: string): Promise<void> {
    this.#listed = listed;
    const index = new SnapshotIndex(this.dynamo, this.tables.state);
    const archive = new SnapshotArchive(index, new DataBucket(this.s3, DATA));
    await publishSnapshot(PLACE, {
      account: fakeAccount(listed),
      publish: (document, takenAt) => archive.publish(document, takenAt, 400),
      writeUnion: (entry) => archive.writeUnion(entry),
      rules: rulesDataTable(this.dynamo, this.tables.rulesData, index),
      now: () => new Date(at),
      report: () => undefined,
    });
  }

  /** Takes one that shows what the last one did, if there is one, and it is not later. */
  async lookAgain(at: string): Promise<void> {
    if (this.#listed) await this.publish(this.#listed, at);
  }

  /** Delivers files of the folder `logs`, by their keys, each changed as told. */
  async deliver(logs: string, keys: readonly string[] = filesUnder(logs), change = (text: string) => text) {
    await this.deliverTexts(new Map(keys.map((key) => [key, change(unpacked(logs, key))])));
  }

  /** @param texts by key */
  async deliverTexts(texts: ReadonlyMap<string, string>): Promise<void> {
    for (const [key, text] of texts) await this.#fauxqs.putObject(LOGS, key, gzipSync(Buffer.from(text, 'latin1')));
  }

  /** Counts these as they came. */
  async count(logs: string, keys: readonly string[] = filesUnder(logs), change = (text: string) => text) {
    await this.countTexts(new Map(keys.map((key) => [key, change(unpacked(logs, key))])));
  }

  /** @param texts by key */
  async countTexts(texts: ReadonlyMap<string, string>): Promise<void> {
    const keys = [...texts.keys()];
    for (let at = 0; at < keys.length; at += 90) {
      const objects = keys.slice(at, at + 90).map((key) => {
        const { flowLogId, day } = flowLogFileName(key)!;
        return {
          note: { name: `${LOGS}/${key}`, version: 'v', flowLogId },
          day,
          read: async (sink: Parameters<typeof readText>[1]) => {
            await readText(Readable.from([Buffer.from(texts.get(key)!, 'latin1')]), sink);
          },
        };
      });
      const outcome = await countObjects(objects, { store: this.#store, inventories: this.#inventories });
      if (outcome.failed.length > 0) throw outcome.failed[0]!.error;
    }
  }

  async keysBelow(Prefix: string): Promise<string[]> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: DATA, Prefix }));
    return Contents.map(({ Key }) => Key!);
  }

  /** Of the data bucket, as they lie there. */
  async bytes(Key: string): Promise<Uint8Array> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: DATA, Key }));
    return Body!.transformToByteArray();
  }

  /** What the tables say. */
  async read() {
    return this.#store.read();
  }
}

function unpacked(logs: string, key: string): string {
  return gunzipSync(readFileSync(join(logs, key))).toString('latin1');
}

/** What the generator says that AWS would list. */
export function describedIn(out: string): Listed {
  const list = (name: string, member: string) =>
    (readJson(out, `inventory/${name}.json`) as Record<string, object[]>)[member]!;
  const entries = readdirSync(join(out, 'inventory/prefix-list-entries')).map((file) => {
    const { Entries } = readJson(out, `inventory/prefix-list-entries/${file}`) as { Entries: object[] };
    return [basename(file, '.json'), { readable: true, entries: Entries }] as const;
  });
  return {
    groups: list('security-groups', 'SecurityGroups'),
    rules: list('security-group-rules', 'SecurityGroupRules'),
    interfaces: list('network-interfaces', 'NetworkInterfaces'),
    prefixLists: list('managed-prefix-lists', 'PrefixLists'),
    entries: Object.fromEntries(entries),
    flowLogs: list('flow-logs', 'FlowLogs'),
    vpcs: list('vpcs', 'Vpcs'),
    groupVpcAssociations: list('security-group-vpc-associations', 'SecurityGroupVpcAssociations'),
  };
}
