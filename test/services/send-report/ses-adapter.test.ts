import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { Refused } from '../../../shared/aws/send-once.ts';
import { createSesClient, sesSender } from '../../../services/send-report/ses-adapter.ts';
import { BED_CREDENTIALS, BED_REGION } from '../../beds/bed-environment.ts';

type Answer = (response: ServerResponse) => void;

const says =
  (status: number, type: string, body: object = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'x-amzn-errortype': type, 'content-type': 'application/json' });
    response.end(JSON.stringify({ message: 'as it is', ...body }));
  };
const SENT = says(200, '', { MessageId: 'id-1' });
const THROTTLED = says(429, 'TooManyRequestsException');
const hangsUp: Answer = (response) => response.destroy();

let server: Server | undefined;
afterEach(async () => {
  server?.close();
  server?.closeAllConnections();
});

/** A SES that gives these answers, one after the other, the last for ever. */
async function sesThatSays(...answers: Answer[]) {
  let requests = 0;
  server = createServer((request, response) => {
    request.resume();
    request.on('end', () => (answers[requests++] ?? answers.at(-1)!)(response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createSesClient({ endpoint, region: BED_REGION, credentials: BED_CREDENTIALS });
  const send = sesSender(client, { from: 'a@example.com', configurationSet: undefined, pauseMs: 1 });
  return { send: () => send(['b@example.com'], Buffer.from('mail')), requests: () => requests };
}

test.each<[answer: Answer, refused: boolean, why: string]>([
  [says(400, 'MessageRejected'), true, 'the address is not verified'],
  [says(403, 'AccessDeniedException'), true, 'the role may not'],
  [says(404, 'NotFoundException'), true, 'no such configuration set'],
  [says(500, 'InternalServiceErrorException'), false, 'it may have come after the deed'],
  [says(503, 'ServiceUnavailable'), false, 'the same'],
  [hangsUp, false, 'nobody knows'],
])('%#: an answer is a refusal only if nothing can have gone out', async (answer, refused) => {
  const ses = await sesThatSays(answer);
  const error: unknown = await ses.send().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(error instanceof Refused).toBe(refused);
  // The SDK would try three times by itself: what was not answered must not be sent again in secret.
  expect(ses.requests()).toBe(1);
});

test('waits where it is throttled, and then sends', async () => {
  const ses = await sesThatSays(THROTTLED, THROTTLED, SENT);
  expect([await ses.send(), ses.requests()]).toEqual(['id-1', 3]);
});

test('throttled for ever is refused', async () => {
  const ses = await sesThatSays(THROTTLED);
  await expect(ses.send()).rejects.toThrow(Refused);
  expect(ses.requests()).toBe(8);
});
