import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AthenaClient, type AthenaClientConfig } from '@aws-sdk/client-athena';
import type { ObjectStore } from './athena-store.ts';
import { BED_CREDENTIALS, BED_REGION } from './bed-environment.ts';
import { DuckDbAthena, type Outcome } from './duckdb-athena.ts';

export interface Athena {
  readonly endpoint: string;
  /** A new client of this server, destroyed with it at the latest. */
  client(config?: AthenaClientConfig): AthenaClient;
  stop(): Promise<void>;
}

interface AthenaOptions {
  readonly store: ObjectStore;
  /** The databases there are. */
  readonly databases: readonly string[];
  /** Where results go that name no place, by work group; `primary` has none. */
  readonly workGroups?: Readonly<Record<string, string>>;
}

/** Athena's protocol on a loopback port, with DuckDB behind it. */
export async function startAthena(options: AthenaOptions): Promise<Athena> {
  const service = new AthenaService(options);
  const server = createServer((request, response) => {
    answer(service, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients: AthenaClient[] = [];
  return {
    endpoint,
    client: (config) => {
      const client = new AthenaClient({ endpoint, region: BED_REGION, credentials: BED_CREDENTIALS, ...config });
      clients.push(client);
      return client;
    },
    stop: async () => {
      for (const client of clients) client.destroy();
      await closed(server);
      await service.stop();
    },
  };
}

async function closed(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

async function answer(service: AthenaService, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const action = String(request.headers['x-amz-target']).replace(/^AmazonAthena\./, '');
  const send = (status: number, body: unknown): void => {
    response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1', 'x-amzn-RequestId': randomUUID() });
    response.end(JSON.stringify(body));
  };
  try {
    send(200, service.call(action, JSON.parse(Buffer.concat(chunks).toString()) as Input));
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    send(400, { __type: 'InvalidRequestException', AthenaErrorCode: 'INVALID_INPUT', Message: error.message });
  }
}

class InvalidRequest extends Error {}

interface Input {
  readonly QueryString?: string;
  readonly ClientRequestToken?: string;
  readonly ResultConfiguration?: { readonly OutputLocation?: string };
  readonly WorkGroup?: string;
  readonly QueryExecutionId?: string;
  readonly NextToken?: string;
  readonly MaxResults?: number;
}

interface Execution {
  readonly id: string;
  readonly query: string;
  readonly workGroup: string;
  /** Ends with a slash. */
  readonly results: string;
  readonly submitted: number;
  completed?: number;
  state: 'RUNNING' | 'SUCCEEDED' | 'FAILED';
  reason?: string;
  outcome?: Outcome;
}

/** https://docs.aws.amazon.com/athena/latest/ug/service-limits.html */
const MAX_QUERY_BYTES = 262_144;
const MAX_PAGE = 1000;

class AthenaService {
  readonly #engine: DuckDbAthena;
  readonly #options: AthenaOptions;
  readonly #executions = new Map<string, Execution>();
  readonly #tokens = new Map<string, { id: string; input: string }>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: AthenaOptions) {
    this.#options = options;
    this.#engine = new DuckDbAthena(options.store, options.databases);
  }

  call(action: string, input: Input): unknown {
    switch (action) {
      case 'StartQueryExecution':
        return { QueryExecutionId: this.#start(input) };
      case 'GetQueryExecution':
        return { QueryExecution: shown(this.#find(input)) };
      case 'GetQueryResults':
        return resultsOf(this.#find(input), input);
      default:
        throw new InvalidRequest(`this bed knows no ${action}`);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running);
    await this.#engine.stop();
  }

  #start(input: Input): string {
    const { QueryString: query = '', ClientRequestToken: token, WorkGroup: workGroup = 'primary' } = input;
    if (token === undefined || token.length < 32 || token.length > 128) {
      throw new InvalidRequest('clientRequestToken must have 32 to 128 characters');
    }
    const known = this.#tokens.get(token);
    if (known) {
      if (known.input !== JSON.stringify(input)) throw new InvalidRequest('Idempotent parameters do not match');
      return known.id;
    }
    if (query === '' || Buffer.byteLength(query) > MAX_QUERY_BYTES) {
      throw new InvalidRequest(`queryString must have 1 to ${MAX_QUERY_BYTES} bytes`);
    }
    const results = input.ResultConfiguration?.OutputLocation ?? this.#options.workGroups?.[workGroup];
    if (results === undefined || !/^s3:\/\/[^/]+\//.test(results)) {
      throw new InvalidRequest('No output location provided, neither by the request nor by the work group');
    }
    const id = randomUUID();
    const execution: Execution = {
      id,
      query,
      workGroup,
      results: results.replace(/\/*$/, '/'),
      submitted: Date.now(),
      state: 'RUNNING',
    };
    this.#executions.set(id, execution);
    this.#tokens.set(token, { id, input: JSON.stringify(input) });
    const run = this.#run(execution).finally(() => this.#running.delete(run));
    this.#running.add(run);
    return id;
  }

  async #run(execution: Execution): Promise<void> {
    try {
      const outcome = await this.#engine.execute(execution.query);
      const written = outcome.written;
      if (written) await this.#put(`${execution.results}${execution.id}-manifest.csv`, lines(written));
      else if (outcome.type === 'DML') await this.#put(`${execution.results}${execution.id}.csv`, csvOf(outcome));
      execution.outcome = outcome;
      execution.state = 'SUCCEEDED';
    } catch (error) {
      execution.state = 'FAILED';
      execution.reason = (error as Error).message;
    }
    execution.completed = Date.now();
  }

  async #put(uri: string, text: string): Promise<void> {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(uri)!;
    await this.#options.store.put(bucket!, key!, Buffer.from(text));
  }

  #find({ QueryExecutionId: id = '' }: Input): Execution {
    const execution = this.#executions.get(id);
    if (!execution) throw new InvalidRequest(`QueryExecution ${id} was not found`);
    return execution;
  }
}

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecution.html */
function shown({ id, query, workGroup, results, submitted, completed, state, reason, outcome }: Execution): unknown {
  const isUnload = outcome?.written !== undefined;
  const took = completed === undefined ? undefined : completed - submitted;
  return {
    QueryExecutionId: id,
    Query: query,
    StatementType: outcome?.type ?? (query.startsWith('CREATE') ? 'DDL' : 'DML'),
    WorkGroup: workGroup,
    ResultConfiguration: { OutputLocation: `${results}${id}${isUnload ? '' : '.csv'}` },
    Status: {
      State: state,
      StateChangeReason: reason,
      SubmissionDateTime: submitted / 1000,
      CompletionDateTime: completed === undefined ? undefined : completed / 1000,
      AthenaError:
        reason === undefined
          ? undefined
          : { ErrorCategory: 2, ErrorType: 1006, Retryable: false, ErrorMessage: reason },
    },
    Statistics: {
      DataScannedInBytes: outcome?.scannedBytes,
      EngineExecutionTimeInMillis: took,
      TotalExecutionTimeInMillis: took,
      DataManifestLocation: isUnload ? `${results}${id}-manifest.csv` : undefined,
    },
  };
}

/** The first row of the first page holds the names. */
function resultsOf({ state, outcome }: Execution, { NextToken, MaxResults = MAX_PAGE }: Input): unknown {
  if (state !== 'SUCCEEDED' || !outcome)
    throw new InvalidRequest(`Query has not yet finished. Current state: ${state}`);
  if (MaxResults < 1 || MaxResults > MAX_PAGE) throw new InvalidRequest(`MaxResults must be 1 to ${MAX_PAGE}`);
  const rows = [outcome.columns.map(({ name }) => name), ...outcome.rows];
  const from = Number(NextToken ?? 0);
  const page = rows.slice(from, from + MaxResults);
  return {
    NextToken: from + page.length < rows.length ? String(from + page.length) : undefined,
    ResultSet: {
      Rows: page.map((row) => ({
        Data: row.map((value) => (value === null ? {} : { VarCharValue: shownValue(value) })),
      })),
      ResultSetMetadata: { ColumnInfo: outcome.columns.map(({ name, type }) => ({ Name: name, Type: type })) },
    },
  };
}

/** Numbers, texts and truth values alone are selected. */
function shownValue(value: unknown): string {
  return typeof value === 'string' ? value : `${value as number}`;
}

function lines(uris: readonly string[]): string {
  return uris.map((uri) => `${uri}\n`).join('');
}

function csvOf({ columns, rows }: Outcome): string {
  const cell = (value: unknown): string => (value === null ? '' : `"${shownValue(value).replaceAll('"', '""')}"`);
  return [columns.map(({ name }) => name), ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}
