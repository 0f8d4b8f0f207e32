import { describe, expect, test } from '@jest/globals';
import { readEnvironment } from '../../../services/send-report/environment.ts';

const VARIABLES = {
  STALE_SG_TABLE_PREFIX: 'sg-analysis',
  STALE_SG_DATA_BUCKET: 'sg-analysis-data-111122223333-eu-central-1',
  STALE_SG_ACCOUNT_ID: '111122223333',
  STALE_SG_MAIL_FROM: 'stale-sg <reports@example.com>',
  STALE_SG_MAIL_TO: 'a@example.com, b+sg@mail.example.org',
  AWS_REGION: 'eu-central-1',
};

test('recipients are told apart; what need not be set is not', () => {
  expect(readEnvironment(VARIABLES)).toMatchObject({
    mailFrom: 'stale-sg <reports@example.com>',
    mailTo: ['a@example.com', 'b+sg@mail.example.org'],
    mailReplyTo: undefined,
    mailConfigurationSet: undefined,
    mailMaxBytes: undefined,
  });
});

test('all that may be set', () => {
  const more = {
    STALE_SG_MAIL_REPLY_TO: 'cloud@example.com',
    STALE_SG_MAIL_CONFIGURATION_SET: 'stale-sg_set',
    STALE_SG_MAIL_MAX_BYTES: '9000000',
    STALE_SG_OWNER_DOMAINS: 'example.com,mail.example.org',
    STALE_SG_OWNER_ADDRESSES: 'owners/mail.json',
    STALE_SG_OWNER_MAIL_EVERY: 'day',
  };
  expect(readEnvironment({ ...VARIABLES, ...more })).toMatchObject({
    mailReplyTo: 'cloud@example.com',
    mailConfigurationSet: 'stale-sg_set',
    mailMaxBytes: 9_000_000,
    ownerDomains: ['example.com', 'mail.example.org'],
    ownerAddresses: 'owners/mail.json',
    ownerMailEvery: 'day',
  });
});

describe('no address becomes two, or a header', () => {
  test.each<[change: Record<string, string | undefined>, message: RegExp]>([
    [{ STALE_SG_MAIL_FROM: undefined }, /: STALE_SG_MAIL_FROM is not set$/],
    [{ STALE_SG_MAIL_FROM: 'a@example.com\r\nBcc: b@example.com' }, /STALE_SG_MAIL_FROM is .*: no address of a mail$/],
    [{ STALE_SG_MAIL_FROM: 'a@example.com, b@example.com' }, /no address of a mail$/],
    [{ STALE_SG_MAIL_FROM: 'a, b <a@example.com>' }, /no address of a mail$/],
    [{ STALE_SG_MAIL_FROM: '"x" <a@example.com>' }, /no address of a mail$/],
    [{ STALE_SG_MAIL_TO: '' }, /STALE_SG_MAIL_TO is "": "" is not a mail address$/],
    [{ STALE_SG_MAIL_TO: 'a@example.com,' }, /"" is not a mail address$/],
    [{ STALE_SG_MAIL_TO: 'a@example.com,b' }, /"b" is not a mail address$/],
    [{ STALE_SG_MAIL_TO: 'a@example.com\nb@example.com' }, /is not a mail address$/],
    [{ STALE_SG_MAIL_REPLY_TO: '' }, /STALE_SG_MAIL_REPLY_TO is "": no address of a mail$/],
    [{ STALE_SG_MAIL_CONFIGURATION_SET: 'a b' }, /no name of a configuration set$/],
    [{ STALE_SG_OWNER_DOMAINS: 'example.com,' }, /"" is not a domain$/],
    [{ STALE_SG_OWNER_DOMAINS: 'a@example.com' }, /"a@example\.com" is not a domain$/],
    [{ STALE_SG_OWNER_ADDRESSES: 'mail.json' }, /no key of addresses of owners$/],
    [{ STALE_SG_MAIL_MAX_BYTES: '7MB' }, /no number of bytes$/],
  ])('%j', (change, message) => {
    expect(() => readEnvironment({ ...VARIABLES, ...change })).toThrow(message);
  });
});
