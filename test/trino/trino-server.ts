import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Installed } from './install-trino.ts';

/** Seen: 20 s on a quiet machine. */
const START_SECONDS = 240;

export interface Answer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

/** One Trino on this machine, with the Hive connector over local files. It ends with `stop`. */
export class TrinoServer {
  readonly #url: string;
  readonly #process: ChildProcess;
  readonly #log: string;

  private constructor(url: string, process: ChildProcess, log: string) {
    this.#url = url;
    this.#process = process;
    this.#log = log;
  }

  /** @param folder absolute, for its data, its configuration and its log */
  static async start(installed: Installed, folder: string): Promise<TrinoServer> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    writeConfiguration(folder, url, installed.version);
    const log = join(folder, 'server.log');
    const child = spawn(installed.java, [...javaOptions(installed, folder), 'io.trino.server.TrinoServer'], {
      cwd: folder,
      stdio: ['ignore', openSync(log, 'w'), openSync(log, 'a')],
    });
    const server = new TrinoServer(url, child, log);
    await server.#started();
    return server;
  }

  /** @throws Error with Trino's words */
  async run(sql: string): Promise<Answer> {
    const headers = { 'X-Trino-User': 'test', 'X-Trino-Catalog': 'hive' };
    let page = (await (
      await fetch(`${this.#url}/v1/statement`, { method: 'POST', body: sql, headers })
    ).json()) as Page;
    let columns: Answer['columns'] = [];
    const rows: (readonly unknown[])[] = [];
    for (;;) {
      if (page.error) throw new Error(page.error.message);
      columns = page.columns ?? columns;
      for (const row of page.data ?? []) rows.push(row);
      if (page.nextUri === undefined) return { columns, rows };
      page = (await (await fetch(page.nextUri, { headers })).json()) as Page;
    }
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }

  async #started(): Promise<void> {
    for (let second = 0; second < START_SECONDS && this.#process.exitCode === null; second++) {
      await wait(1000);
      try {
        const info = (await (await fetch(`${this.#url}/v1/info`)).json()) as { starting: boolean };
        // The first query may still find no node.
        if (!info.starting) {
          await this.#answers();
          return;
        }
      } catch {
        continue;
      }
    }
    await this.stop();
    throw new Error(`Trino did not start: ${readFileSync(this.#log, 'utf8').slice(-2000)}`);
  }

  async #answers(): Promise<void> {
    await this.run('SELECT 1');
  }
}

interface Page {
  readonly columns?: Answer['columns'];
  readonly data?: readonly (readonly unknown[])[];
  readonly nextUri?: string;
  readonly error?: { readonly message: string };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function javaOptions({ folder: installed, javaVersion }: Installed, folder: string): string[] {
  const newer = ['--enable-native-access=ALL-UNNAMED', '--sun-misc-unsafe-memory-access=allow'];
  return [
    '-Xmx2G',
    // It lives for a minute: what the second compiler would make of it is not worth its time, nor are threads for garbage.
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-Djdk.attach.allowAttachSelf=true',
    '--add-opens=java.base/java.nio=ALL-UNNAMED',
    '--add-modules=jdk.incubator.vector',
    ...(javaVersion >= 24 ? newer : []),
    '-Dnode.environment=test',
    '-Dnode.id=one',
    '-Dnode.bind-ip=127.0.0.1',
    '-Dnode.internal-address=127.0.0.1',
    `-Dnode.data-dir=${join(folder, 'data')}`,
    `-Dplugin.dir=${join(installed, 'plugin')}`,
    `-Dconfig=${join(folder, 'etc', 'config.properties')}`,
    `-Dcatalog.config-dir=${join(folder, 'etc', 'catalog')}`,
    '-cp',
    join(installed, 'lib', '*'),
  ];
}

function writeConfiguration(folder: string, url: string, version: number): void {
  mkdirSync(join(folder, 'etc', 'catalog'), { recursive: true });
  mkdirSync(join(folder, 'data'), { recursive: true });
  const write = (name: string, properties: Readonly<Record<string, string>>): void => {
    const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`);
    writeFileSync(join(folder, 'etc', name), lines.join(''));
  };
  write('config.properties', {
    coordinator: 'true',
    'node-scheduler.include-coordinator': 'true',
    'task.concurrency': '1',
    'http-server.http.port': new URL(url).port,
    'discovery.uri': url,
  });
  write(join('catalog', 'hive.properties'), {
    'connector.name': 'hive',
    'hive.metastore': 'file',
    'hive.metastore.catalog.dir': `file://${join(folder, 'metastore')}`,
    'hive.security': 'allow-all',
    'hive.allow-register-partition-procedure': 'true',
    'hive.non-managed-table-writes-enabled': 'true',
    ...(version > 435 ? { 'fs.hadoop.enabled': 'true' } : {}),
  });
}
