/** Against a server of its own: the fakes answer in the SDK's place, which compares the clocks. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { expect, test } from '@jest/globals';
import { cloudTrailHistory } from '../../../services/recall-account/cloudtrail-adapter.ts';

const QUERY = { key: 'EventName', value: 'CreateSecurityGroup', from: 0, until: 1 } as const;

test.each([
  ['as AWS’s', 0, undefined],
  ['a few seconds slow', 20, undefined],
  [
    'minutes slow',
    150,
    /^the clock of this machine is 1[45]\d seconds slow: set it right, and take the snapshot again$/,
  ],
  ['minutes fast', -150, /^the clock of this machine is 15\d seconds fast: set it right/],
])('a clock that is %s', async (_what, ahead, refusal) => {
  const server = createServer((_request, response) => {
    response.setHeader('Date', new Date(Date.now() + 1000 * ahead).toUTCString());
    response.setHeader('Content-Type', 'application/x-amz-json-1.1');
    response.end('{"Events": []}');
  }).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const client = new CloudTrailClient({
      region: 'eu-central-1',
      endpoint: `http://127.0.0.1:${String(port)}`,
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    });
    const page = cloudTrailHistory(client).page(QUERY, undefined, new AbortController().signal);
    if (refusal) await expect(page).rejects.toThrow(refusal);
    else expect(await page).toEqual({ events: [], nextToken: undefined });
    client.destroy();
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
