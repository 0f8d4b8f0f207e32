import { gzipSync } from 'node:zlib';
import { expect, jest, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { bedEnvironment } from '../../beds/bed-environment.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { startFauxqs } from '../../beds/fauxqs.ts';
import { startSesLocal } from '../../beds/ses-local.ts';
import { invoked } from '../../infra/bundled.ts';
import { lifelikeReport } from './lifelike-report.ts';

jest.setTimeout(120_000);

const KEY = 'reports/2026-01-31/run1/report.json.gz';

describeWithDynamoDb('what is deployed', (bed) => {
  test('reads a report, draws its page with the script beside it, and mails both, once', async () => {
    const [fauxqs, ses] = await Promise.all([startFauxqs(), startSesLocal()]);
    try {
      await fauxqs.createBucket('data-bucket');
      await fauxqs.putObject('data-bucket', KEY, gzipSync(JSON.stringify(lifelikeReport(40, 10))));
      await bed().createTables('sg-analysis');
      const env = {
        PATH: process.env.PATH,
        ...bedEnvironment({ dynamoDb: bed(), fauxqs, ses }),
        STALE_SG_TABLE_PREFIX: 'sg-analysis',
        STALE_SG_DATA_BUCKET: 'data-bucket',
        STALE_SG_ACCOUNT_ID: '111122223333',
        STALE_SG_MAIL_FROM: 'stale-sg <reports@example.com>',
        STALE_SG_MAIL_TO: 'team@example.com',
        // As it is for a function of Lambda that nobody traces.
        AWS_XRAY_CONTEXT_MISSING: 'IGNORE_ERROR',
      };
      const invoke = () => invoked('send-report', { report: KEY }, env);
      const first = await invoke();
      expect(await invoke()).toEqual(first);
      expect(ses.received).toHaveLength(1);
      const mail = await PostalMime.parse(ses.received[0]!.raw);
      expect(mail.subject).toMatch(/^stale-sg 111122223333 eu-central-1: \d+ rules to remove, .*coverage 98\.7 %$/);
      const page = mail.attachments.find(({ filename }) => filename === 'report.html')!;
      expect(Buffer.from(page.content as ArrayBuffer).toString()).toMatch(/^<!doctype html>.*<script>.*<\/script>/s);
    } finally {
      await Promise.all([fauxqs.stop(), ses.stop()]);
    }
  });
});
