import {
  Agent,
  createServer,
  request as send,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { isDynamoDb, isEc2, type Request } from './killed-calls.ts';
import type { Answer } from './killed-witness.ts';

/** What came back, with its headers. */
export interface Reply extends Answer {
  readonly headers?: IncomingHttpHeaders;
}

/** Carries a request out. */
export type Forward = () => Promise<Reply>;

/** Answers a call; `undefined` cuts the line without an answer. */
export type Answers = (request: Request, forward: Forward) => Promise<Reply | undefined>;

export interface Beds {
  readonly dynamoDb: { readonly endpoint: string };
  readonly fauxqs: { readonly endpoint: string };
}

const NO_INTERFACES =
  '<DescribeNetworkInterfacesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>' +
  '<networkInterfaceSet/></DescribeNetworkInterfacesResponse>';

/** Between one worker and the beds: every call of its SDK comes by here. EC2 knows no interface. */
export class Wire {
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #beds: Beds;

  private constructor(beds: Beds, answers: Answers) {
    this.#beds = beds;
    this.#server = createServer((incoming, response) => {
      const { method = '', url = '', headers } = incoming;
      response.on('error', () => {});
      buffer(incoming)
        .then(async (body) => {
          const request = { method, url, headers, body };
          reply(response, await answers(request, () => this.#forward(request)));
        })
        // The worker died while it sent, or the bed is gone.
        .catch(() => response.destroy());
    });
  }

  static async open(beds: Beds, answers: Answers): Promise<Wire> {
    const wire = new Wire(beds, answers);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
  }

  async #forward(request: Request): Promise<Reply> {
    if (isEc2(request))
      return { status: 200, body: Buffer.from(NO_INTERFACES), headers: { 'content-type': 'text/xml' } };
    const { endpoint } = isDynamoDb(request) ? this.#beds.dynamoDb : this.#beds.fauxqs;
    const { method, url, body } = request;
    const headers = { ...request.headers, 'content-length': String(body.length) };
    delete headers['transfer-encoding'];
    return new Promise((resolve, reject) => {
      send(endpoint + url, { method, headers, agent: this.#agent })
        .on('error', reject)
        .on('response', (response) => {
          buffer(response).then(
            (body) => resolve({ status: response.statusCode!, headers: response.headers, body }),
            reject,
          );
        })
        .end(body);
    });
  }
}

function reply(response: ServerResponse, answer: Reply | undefined): void {
  if (!answer) {
    response.destroy();
    return;
  }
  const { status, headers = { 'content-type': 'application/x-amz-json-1.0' }, body } = answer;
  const kept = { ...headers, 'content-length': headers['content-length'] ?? String(body.length) };
  delete kept['transfer-encoding'];
  response.writeHead(status, kept).end(body);
}
