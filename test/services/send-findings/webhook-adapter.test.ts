import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { inspect } from 'node:util';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { webhook } from '../../../services/send-findings/webhook-adapter.ts';
import { Refused } from '../../../shared/aws/send-once.ts';

const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:channel-AbCdEf';
const TOKEN = 'T00000000-B00000000-XXXX';

/** What is posted through a secret that holds this text. */
async function posted(secretText: string | undefined, body = '{"a":1}') {
  const client = new SecretsManagerClient({ region: 'eu-central-1' });
  const secrets = mockClient(client);
  secrets
    .on(GetSecretValueCommand, { SecretId: SECRET })
    .resolves(secretText === undefined ? {} : { SecretString: secretText });
  return webhook(
    client,
    SECRET,
  )(Buffer.from(body)).then(
    (status) => ({ status, error: undefined }),
    (error: unknown) => ({ status: undefined, error }),
  );
}

describe('a webhook', () => {
  const folder = mkdtempSync(join(tmpdir(), 'webhook-'));
  const trusted = getCACertificates();
  const asked: { request: IncomingMessage; body: string }[] = [];
  let answer: { status: number; headers?: Record<string, string> } = { status: 200 };
  let server: Server;
  let url: string;

  beforeAll(async () => {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
    execFileSync(
      'openssl',
      [
        ...made,
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        key,
        '-out',
        certificate,
      ],
      {
        stdio: 'ignore',
      },
    );
    server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
      text(request).then(
        (body) => {
          asked.push({ request, body });
          response.writeHead(answer.status, answer.headers).end('no');
        },
        (error: unknown) => response.destroy(error as Error),
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    url = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}/services/${TOKEN}`;
    setDefaultCACertificates([readFileSync(certificate)]);
  });
  afterAll(async () => {
    setDefaultCACertificates(trusted);
    server.closeAllConnections();
    await once(server.close(), 'close');
    rmSync(folder, { recursive: true });
  });

  test.each([200, 202])('has the message, as JSON, and answers %i', async (status) => {
    asked.length = 0;
    answer = { status };
    expect(await posted(`${url}\n`, '{"text":"ü"}')).toEqual({ status: String(status), error: undefined });
    const [{ request, body }] = asked as [(typeof asked)[0]];
    expect([request.method, request.url, request.headers['content-type'], body]).toEqual([
      'POST',
      `/services/${TOKEN}`,
      'application/json; charset=utf-8',
      '{"text":"ü"}',
    ]);
  });

  test.each([301, 307, 400, 403, 404, 410, 429])('that answers %i has certainly not delivered it', async (status) => {
    asked.length = 0;
    answer = { status, headers: { location: `${url}/elsewhere` } };
    const { error } = await posted(url);
    expect(error).toEqual(new Refused(`the webhook answered ${String(status)}`));
    // Nobody is followed.
    expect(asked).toHaveLength(1);
  });

  test('that answers 503 may have', async () => {
    answer = { status: 503 };
    const { error } = await posted(url);
    expect(error).toEqual(new Error('the webhook answered 503'));
    expect(error).not.toBeInstanceOf(Refused);
  });

  test('is in no error by its address', async () => {
    const nobody = createTcpServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const closed = url.replace(/:\d+/, `:${String((nobody.address() as AddressInfo).port)}`);
    await once(nobody.close(), 'close');
    answer = { status: 404 };
    for (const address of [url, closed, `${url} and more`, url.replace('https', 'http')]) {
      const { error } = await posted(address);
      expect(error).toBeInstanceOf(Error);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(TOKEN);
    }
    expect((await posted(closed)).error).toEqual(new Error('the webhook did not answer: ECONNREFUSED'));
  });
});

test.each([
  ['nothing', undefined],
  ['an address that is not encrypted', 'http://hooks.slack.com/services/T/B/X'],
  ['a name and a word', 'https://me:secret@hooks.slack.com/services/T/B/X'],
  ['keys and values', '{"url":"https://hooks.slack.com/services/T/B/X"}'],
  ['a file', 'file:///etc/passwd'],
  ['far too much', `https://hooks.slack.com/${'x'.repeat(5000)}`],
])('a secret that holds %s is refused, by its own name', async (_what, secretText) => {
  expect((await posted(secretText)).error).toEqual(
    new Refused(`the secret ${SECRET} holds no https address alone, as plain text`),
  );
});
