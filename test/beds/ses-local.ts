import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type SESv2Client, type SESv2ClientConfig } from '@aws-sdk/client-sesv2';
import ses from 'aws-ses-v2-local';
import { createSesClient } from '../../services/send-report/ses-adapter.ts';
import { BED_CREDENTIALS, BED_REGION } from './bed-environment.ts';

/** A request to send, as it came over the wire. */
export interface SentMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly configurationSet: string | undefined;
  /** The message, byte by byte. */
  readonly raw: Buffer;
}

/** A mail as SES took it apart: see `GET /store` of aws-ses-v2-local. */
export interface StoredMail {
  readonly messageId: string;
  readonly subject: string;
  readonly attachments: readonly {
    readonly filename?: string;
    readonly contentType: string;
    readonly content: string;
  }[];
}

/** SES v2 in this process, on the loopback interface. Child processes reach it as long as this process answers. */
export interface SesLocal {
  readonly endpoint: string;
  /** The client that is deployed, of this server; destroyed with it at the latest. */
  client(config?: SESv2ClientConfig): SESv2Client;
  /** All requests to send, in their order, with those that it refused. */
  readonly received: readonly SentMail[];
  stored(): Promise<readonly StoredMail[]>;
  stop(): Promise<void>;
}

export async function startSesLocal(): Promise<SesLocal> {
  const server = await ses.default({ host: '127.0.0.1', port: 0 });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients: SESv2Client[] = [];
  const received: SentMail[] = [];
  record(server, received);
  return {
    endpoint,
    received,
    client: (config) => {
      const client = createSesClient({ endpoint, region: BED_REGION, credentials: BED_CREDENTIALS, ...config });
      clients.push(client);
      return client;
    },
    stored: async () => ((await (await fetch(`${endpoint}/store`)).json()) as { emails: StoredMail[] }).emails,
    stop: async () => {
      for (const client of clients) client.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface SendEmailBody {
  readonly FromEmailAddress: string;
  readonly Destination: { readonly ToAddresses: readonly string[] };
  readonly ConfigurationSetName?: string;
  readonly Content: { readonly Raw: { readonly Data: string } };
}

/** Reads along: the server keeps of a message only what it has taken it apart into. */
function record(server: Server, received: SentMail[]): void {
  server.prependListener('request', (request) => {
    if (request.url !== '/v2/email/outbound-emails') return;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as SendEmailBody;
      received.push({
        from: body.FromEmailAddress,
        to: body.Destination.ToAddresses,
        configurationSet: body.ConfigurationSetName,
        raw: Buffer.from(body.Content.Raw.Data, 'base64'),
      });
    });
  });
}
