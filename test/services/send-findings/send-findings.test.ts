import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  sendFindings,
  type SendFindingsPorts,
  type ToldFigures,
} from '../../../services/send-findings/send-findings.ts';
import { HubMissing, type FindingsHub } from '../../../services/send-findings/sync-findings.ts';
import { Refused } from '../../../shared/aws/send-once.ts';
import { DynamoSentNotes } from '../../../shared/aws/sent-notes.ts';
import { tableNames } from '../../../shared/names.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { PLACE, reportOfPorts } from './reports-of-findings.ts';

const KEY = 'reports/2026-01-31/run1/report.json.gz';
const OTHER = 'reports/2026-02-01/run2/report.json.gz';

describeWithDynamoDb('a report', (bed) => {
  let prefix = 'told';
  let imported: number;
  let posts: string[];
  let told: ToldFigures[];
  let warned: string[];
  let hub: FindingsHub;
  let post: (body: Buffer) => Promise<string>;
  let time: number;
  beforeEach(async () => {
    prefix += '-';
    await bed().createTables(prefix);
    [imported, posts, told, warned, time] = [0, [], [], [], Date.parse('2026-02-01T04:00:00Z')];
    hub = {
      active: () => Promise.resolve([]),
      importBatch: (findings) => {
        imported += findings.length;
        return Promise.resolve([]);
      },
    };
    post = (body) => {
      posts.push(body.toString());
      return Promise.resolve('200');
    };
  });

  const ports = (): SendFindingsPorts => ({
    settings: { place: PLACE, bucket: 'data-bucket' },
    readReport: () => Promise.resolve(reportOfPorts(22)),
    hub: { hub, minPriority: 0 },
    webhook: {
      kind: 'slack',
      notes: new DynamoSentNotes(bed().client(), tableNames(prefix).state),
      post: (body) => post(body),
    },
    now: () => new Date(time),
    wait: (milliseconds) => Promise.resolve((time += milliseconds)),
    warn: (what, why) => warned.push(`${what}: ${(why as Error).message}`),
    report: (figures) => told.push(figures),
  });

  test('is told of to both, posted once however often it is sent, and another one by itself', async () => {
    expect(await sendFindings({ report: KEY }, ports())).toEqual({ problems: [] });
    await sendFindings({ report: KEY }, ports());
    expect(told.map(({ posted }) => posted)).toEqual(['sent', 'already']);
    expect(posts).toHaveLength(1);
    expect(posts[0]).toContain('prefix=reports%2F2026-01-31%2Frun1%2F');
    await sendFindings({ report: OTHER }, ports());
    expect(posts).toHaveLength(2);
  });

  test('is told of to the one that is configured', async () => {
    await sendFindings({ report: KEY }, { ...ports(), hub: undefined });
    await sendFindings({ report: OTHER }, { ...ports(), webhook: undefined });
    expect([imported, posts.length]).toEqual([1, 1]);
    expect(told.map(({ hub, posted }) => [hub?.sent, posted])).toEqual([
      [undefined, 'sent'],
      [1, undefined],
    ]);
  });

  test('that Security Hub is not there for is posted, and nobody tries again', async () => {
    hub = { ...hub, active: () => Promise.reject(new HubMissing('Security Hub is not enabled here: no')) };
    const problems = ['Security Hub is not enabled here: no'];
    expect(await sendFindings({ report: KEY }, ports())).toEqual({ problems });
    expect([told, posts.length]).toEqual([[{ hub: undefined, posted: 'sent', problems }], 1]);
    expect(warned).toEqual([`Security Hub: failed: ${problems[0]!}`]);
  });

  test('that Security Hub does not answer for is posted, and the step fails; it is not posted again', async () => {
    hub = { ...hub, importBatch: () => Promise.reject(new Error('no connection')) };
    for (let i = 0; i < 2; i++) await expect(sendFindings({ report: KEY }, ports())).rejects.toThrow('no connection');
    expect(posts).toHaveLength(1);
  });

  test('that the webhook refuses is with Security Hub, fails nothing, and may be posted as if for the first time', async () => {
    const posting = post;
    post = () => Promise.reject(new Refused('the webhook answered 404'));
    expect(await sendFindings({ report: KEY }, ports())).toEqual({ problems: ['the webhook answered 404'] });
    expect(imported).toBe(1);
    post = posting;
    await sendFindings({ report: KEY }, ports());
    expect([told.at(-1)!.posted, posts[0]!.includes('twice')]).toEqual(['sent', false]);
  });

  test('that the webhook did not answer for may come twice, and says so', async () => {
    const posting = post;
    post = () => Promise.reject(new Error('the webhook did not answer: TimeoutError'));
    await expect(sendFindings({ report: KEY }, ports())).rejects.toThrow('did not answer');
    post = posting;
    await sendFindings({ report: KEY }, ports());
    expect([told.at(-1)!.posted, posts[0]!.includes('You may have this twice')]).toEqual(['again', true]);
  });
});

describe('what is no report', () => {
  test.each([[{}], [{ report: 'reports/../secrets/report.json.gz' }], [{ report: KEY, more: 1 }], ['report']])(
    '%j is refused',
    async (event) => {
      await expect(sendFindings(event, {} as SendFindingsPorts)).rejects.toThrow(/^no report to tell of: /);
    },
  );
});
