import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SendEmailCommand } from '@aws-sdk/client-sesv2';
import { startSesLocal, type SesLocal } from './ses-local.ts';

let ses: SesLocal;
beforeAll(async () => {
  ses = await startSesLocal();
});
afterAll(() => ses.stop());

const RAW = 'From: a@example.com\r\nTo: b@example.com\r\nSubject: =?UTF-8?Q?=C3=A4?=\r\n\r\nbody\r\n';

test('keeps a message byte by byte, and what SES makes of it', async () => {
  const { MessageId } = await ses.client().send(
    new SendEmailCommand({
      FromEmailAddress: 'a@example.com',
      Destination: { ToAddresses: ['b@example.com'] },
      ConfigurationSetName: 'set',
      Content: { Raw: { Data: Buffer.from(RAW) } },
    }),
  );
  expect(ses.received.map(({ raw, ...rest }) => ({ ...rest, raw: raw.toString() }))).toEqual([
    { from: 'a@example.com', to: ['b@example.com'], configurationSet: 'set', raw: RAW },
  ]);
  expect(await ses.stored()).toMatchObject([{ messageId: MessageId, subject: 'ä', attachments: [] }]);
});

test('refuses what is no message, with a 4xx', async () => {
  const send = ses.client().send(
    new SendEmailCommand({
      FromEmailAddress: 'a@example.com',
      Destination: { ToAddresses: ['b@example.com'] },
      Content: { Raw: { Data: Buffer.from('Subject: from nobody\r\n\r\n') } },
    }),
  );
  await expect(send).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
});
