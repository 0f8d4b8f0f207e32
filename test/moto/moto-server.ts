import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { installFromPypi } from '../beds/from-pypi.ts';

const START_MS = 30_000;

/** The program of moto's server. @throws NotInstalled */
export function installMoto(): string {
  return join(installFromPypi('moto[server,all]==5.2.5'), 'moto_server');
}

/** What moto's EC2 does not know; the account of the tests has none of either. */
const UNKNOWN_TO_MOTO: Readonly<Record<string, string>> = {
  DescribeSecurityGroupVpcAssociations: 'securityGroupVpcAssociationSet',
  DescribeStaleSecurityGroups: 'staleSecurityGroupSet',
};

/** moto, on a loopback port. */
export class Moto {
  readonly endpoint: string;
  readonly #child: ChildProcess;
  readonly #front: Server;

  private constructor(child: ChildProcess, front: Server) {
    this.#child = child;
    this.#front = front;
    this.endpoint = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  }

  /** @param before arguments of the program that come before its own: none where it is moto's */
  static async start(program: string, ...before: readonly string[]): Promise<Moto> {
    const port = await freePort();
    const child = spawn(program, [...before, '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
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
