import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, Socket, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  paginateListTables,
  type CreateTableCommandInput,
  type DynamoDBClientConfig,
} from '@aws-sdk/client-dynamodb';
import { TABLE_KEYS, tableNames, type TableNames } from '../../shared/names.ts';
import { onceARun } from '../once-a-run.ts';
import { BED_CREDENTIALS, BED_REGION } from './bed-environment.ts';

export interface DynamoDbLocal {
  readonly endpoint: string;
  /** Process id of the Java process. */
  readonly pid: number;
  /** A new client of this server, destroyed with it at the latest. */
  client(config?: DynamoDBClientConfig): DynamoDBClient;
  /** The tables as they are deployed, empty. Tests that share a server take different prefixes. */
  createTables(prefix: string): Promise<void>;
  deleteTables(prefix: string): Promise<void>;
  /** Ends everything in it, and the server where it is of one's own. */
  stop(): Promise<void>;
}

/** Seen: 2.2 s alone, 10 s beside two other starts on two cores. */
const START_SECONDS = 60;
const JAVA = 'java';
const PORT_ATTEMPTS = 5;

/**
 * Becomes Java (the same process id), watched by a subshell: its `cat` ends when the last writer of our standard input
 * is gone, be it by SIGKILL, and Java is killed.
 */
const DIES_WITH_PARENT = 'exec 3<&0; { cat <&3; kill -9 $$; } >/dev/null 2>&1 & exec "$0" "$@" 3<&- </dev/null';

/** Why there is no DynamoDB Local here. Where it must not be missing, this stays undefined and the start fails. */
export const javaMissing: string | undefined = mustHaveJava() ? undefined : whyNoJava();

function mustHaveJava(): boolean {
  return Boolean(process.env.CI) || Boolean(process.env.STALE_SG_REQUIRE_JAVA);
}

function whyNoJava(): string | undefined {
  const { error, status } = spawnSync(JAVA, ['-version'], { stdio: 'ignore' });
  if (!error && status === 0) return undefined;
  return 'DynamoDB Local needs Java: see test/beds/README.md';
}

/** An empty in-memory server on a free port. It ends with this process, however that ends. */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  const server = await started();
  return bed(server, () => server.stop());
}

/**
 * The one server of this worker of Jest, whose test files run one after the other: started by the first that asks, and
 * emptied by `stop`. A start costs three seconds of one processor.
 */
export async function dynamoDbLocalOfWorker(): Promise<DynamoDbLocal> {
  const server = await onceARun(`DynamoDB Local of ${process.pid}`, async () => {
    const own = await started();
    own.unref();
    return { endpoint: own.endpoint, pid: own.pid };
  });
  return bed(server, () => deleteAllTables(server.endpoint));
}

async function started(): Promise<Server> {
  const missing = whyNoJava();
  if (missing !== undefined) throw new Error(missing);
  for (let attempt = 1; ; attempt++) {
    const server = new Server(await freePort());
    const failure = await server.start();
    if (failure === undefined) return server;
    await server.stop();
    const isPortTaken = failure.includes('Failed to bind');
    if (!isPortTaken || attempt === PORT_ATTEMPTS) throw new Error(`DynamoDB Local did not start: ${failure}`);
  }
}

async function deleteAllTables(endpoint: string): Promise<void> {
  const client = new DynamoDBClient({ endpoint, region: BED_REGION, credentials: BED_CREDENTIALS });
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
    for (const TableName of TableNames) await client.send(new DeleteTableCommand({ TableName }));
  }
  client.destroy();
}

function bed(server: Pick<Server, 'endpoint' | 'pid'>, end: () => Promise<void>): DynamoDbLocal {
  const clients: DynamoDBClient[] = [];
  const client = (config?: DynamoDBClientConfig): DynamoDBClient => {
    const { endpoint } = server;
    const made = new DynamoDBClient({ endpoint, region: BED_REGION, credentials: BED_CREDENTIALS, ...config });
    clients.push(made);
    return made;
  };
  const own = client();
  return {
    endpoint: server.endpoint,
    pid: server.pid,
    client,
    createTables: async (prefix) => {
      for (const table of createTableInputs(prefix)) await own.send(new CreateTableCommand(table));
    },
    deleteTables: async (prefix) => {
      for (const TableName of Object.values<string>({ ...tableNames(prefix) })) {
        await own.send(new DeleteTableCommand({ TableName }));
      }
    },
    stop: async () => {
      for (const each of clients) each.destroy();
      await end();
    },
  };
}

/** What the deployed tables have in common with these: keys, index, on-demand. */
function createTableInputs(prefix: string): CreateTableCommandInput[] {
  const names = tableNames(prefix);
  return (Object.keys(TABLE_KEYS) as (keyof TableNames)[]).map((table) => {
    const { partition, sort, index } = TABLE_KEYS[table];
    const attributes = new Set([partition, sort, index?.partition, index?.sort].filter((name) => name !== undefined));
    return {
      TableName: names[table],
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [...attributes].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: keySchema(partition, sort),
      GlobalSecondaryIndexes: index && [
        {
          IndexName: index.name,
          KeySchema: keySchema(index.partition, index.sort),
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    };
  });
}

function keySchema(partition: string, sort: string | undefined): CreateTableCommandInput['KeySchema'] {
  return [
    { AttributeName: partition, KeyType: 'HASH' },
    ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' } as const]),
  ];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** One Java process. */
class Server {
  readonly endpoint: string;
  private readonly java: ChildProcess;
  /** Sent back by the server as the origin it allows: no other server on this port can know it. */
  private readonly token = `bed-${randomUUID()}`;
  private output = '';

  constructor(port: number) {
    this.endpoint = `http://127.0.0.1:${port}`;
    const home = join(
      dirname(createRequire(import.meta.url).resolve('amplify-dynamodb-simulator/package.json')),
      'emulator',
    );
    const options = ['-XX:TieredStopAtLevel=1', '-Xmx512m', `-Djava.library.path=${join(home, 'DynamoDBLocal_lib')}`];
    const program = ['-jar', join(home, 'DynamoDBLocal.jar'), '-inMemory', '-sharedDb', '-disableTelemetry'];
    this.java = spawn(
      'sh',
      ['-c', DIES_WITH_PARENT, JAVA, ...options, ...program, '-cors', this.token, '-port', String(port)],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    for (const stream of [this.java.stdout, this.java.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output = (this.output + text).slice(-10_000)));
    }
  }

  get pid(): number {
    return this.java.pid ?? -1;
  }

  /** Why it did not start; undefined once it answers. A Java that cannot bind its port hangs on, so its words count. */
  async start(): Promise<string | undefined> {
    const end = Date.now() + START_SECONDS * 1000;
    while (Date.now() < end) {
      if (this.hasEnded() || this.output.includes('Exception in thread "main"')) return this.output;
      if (await this.answers()) return undefined;
      await wait(50);
    }
    return `no answer within ${START_SECONDS} s. ${this.output}`;
  }

  /** Lets this process end before the server does. */
  unref(): void {
    this.java.unref();
    for (const stream of this.java.stdio) if (stream instanceof Socket) stream.unref();
  }

  async stop(): Promise<void> {
    if (this.hasEnded()) return;
    this.java.kill('SIGKILL');
    await once(this.java, 'exit');
  }

  private hasEnded(): boolean {
    return this.java.exitCode !== null || this.java.signalCode !== null;
  }

  private async answers(): Promise<boolean> {
    const { accessKeyId } = BED_CREDENTIALS;
    try {
      const response = await fetch(this.endpoint, {
        method: 'POST',
        headers: {
          Origin: this.token,
          Authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/${BED_REGION}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
          'Content-Type': 'application/x-amz-json-1.0',
          'X-Amz-Target': 'DynamoDB_20120810.ListTables',
        },
        body: '{}',
        signal: AbortSignal.timeout(5000),
      });
      await response.arrayBuffer();
      return response.ok && response.headers.get('access-control-allow-origin') === this.token;
    } catch {
      return false;
    }
  }
}
