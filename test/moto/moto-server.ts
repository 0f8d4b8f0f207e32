import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const VERSION = '5.2.5';
const CACHE = process.env.STALE_SG_MOTO_CACHE ?? join(homedir(), '.cache', 'stale-sg', `moto-${VERSION}`);
const START_MS = 30_000;

/** Why there is no moto here. */
export class NoMoto extends Error {
  override name = 'NoMoto';
}

/**
 * The program of moto's server, installed by pip with its own settings into a cache: a minute the first time.
 *
 * @throws NoMoto that says what is missing
 */
export function installMoto(): string {
  const program = join(CACHE, 'bin', 'moto_server');
  if (existsSync(program)) return program;
  const run = (command: string, ...args: readonly string[]): void => {
    const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status === 0) return;
    rmSync(CACHE, { recursive: true, force: true });
    const [reason = ''] = (error?.message ?? stderr).trim().split('\n').slice(-1);
    throw new NoMoto(`moto ${VERSION} cannot be installed: ${reason}`);
  };
  mkdirSync(CACHE, { recursive: true });
  run('python3', '-m', 'venv', CACHE);
  run(join(CACHE, 'bin', 'pip'), 'install', '--quiet', `moto[server,ec2]==${VERSION}`);
  return program;
}

/** What moto's EC2 does not know; the account of the tests has none of either. */
const UNKNOWN_TO_MOTO: Readonly<Record<string, string>> = {
  DescribeSecurityGroupVpcAssociations: 'securityGroupVpcAssociationSet',
  DescribeStaleSecurityGroups: 'staleSecurityGroupSet',
};

/** moto's EC2, on a loopback port. */
export class Moto {
  readonly endpoint: string;
  readonly #child: ChildProcess;
  readonly #front: Server;

  private constructor(child: ChildProcess, front: Server) {
    this.#child = child;
    this.#front = front;
    this.endpoint = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  }

  static async start(program: string): Promise<Moto> {
    const port = await freePort();
    const child = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
    const moto = `http://127.0.0.1:${port}`;
    const end = Date.now() + START_MS;
    while (
      !(await fetch(`${moto}/moto-api/data.json`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (Date.now() > end || child.exitCode !== null) throw new Error('moto did not start');
      await sleep(100);
    }
    const front = createServer((asked, answer) => {
      buffer(asked).then(
        (body) => {
          const set = UNKNOWN_TO_MOTO[new URLSearchParams(body.toString()).get('Action') ?? ''];
          if (set !== undefined) {
            answer.end(`<Response><requestId>r</requestId><${set}/></Response>`);
            return;
          }
          const passed = request(new URL(asked.url!, moto), { method: asked.method, headers: asked.headers }, (got) => {
            answer.writeHead(got.statusCode!, got.headers);
            got.pipe(answer);
          });
          passed.on('error', (error) => answer.destroy(error));
          passed.end(body);
        },
        (error: unknown) => answer.destroy(error as Error),
      );
    });
    await once(front.listen(0, '127.0.0.1'), 'listening');
    return new Moto(child, front);
  }

  async stop(): Promise<void> {
    this.#front.close();
    this.#front.closeAllConnections();
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}
