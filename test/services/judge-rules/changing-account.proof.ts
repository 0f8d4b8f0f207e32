// Costs about half a minute.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { gzipSync } from 'node:zlib';
import { contentHash } from '../../../shared/inventory/versioned-rules.ts';
import { ruleContent } from '../../../shared/inventory/content.ts';
import { ENVIRONMENT, historyKey } from '../../../shared/names.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { inventoryOf, type AwsLists } from '../../shared/inventory/aws-shorthand.ts';
import { shortly } from '../../shared/verdicts/world.ts';
import { DATA } from '../reconcile-usage/deployed-account.ts';
import { account, dayOfLogs, lateLogs } from './changing-account.ts';
import { JudgedAccount } from './judged-account.ts';

jest.setTimeout(240_000);

const ALWAYS = [
  ...['beat sg-e 5000', 'unused sg-a 5001', 'used sg-a 5002', 'today sg-a 5003', 'late sg-a 5004'],
  ...['streamed sg-a 5005 window=5', 'unused5 sg-a 5006 window=5', 'unused6 sg-a 5007 window=6'],
  ...['backfilled sg-a 5008 window=8', 'unused8 sg-a 5009 window=8', 'unused3650 sg-a 5010 window=3650'],
  ...['remembered sg-a 5011', 'perhaps sg-a 5012', 'waiting sg-c 5013', 'never sg-d 5014'],
  ...['gone-used sg-b 5015', 'gone-unused sg-b 5016', 'exempt sg-a 5020'],
  ...['narrow sg-a 5030', 'wide sg-a 5030-5031'],
];
const BEFORE = account(
  [...ALWAYS, 'edited sg-a 5017', 'old sg-a 5018', 'idle-old sg-a 5019'],
  ['e sg-e', 'a sg-a', 'b sg-b'],
);
const AFTER = [...ALWAYS, 'edited sg-a 5021', 'new sg-a 5018', 'idle-new sg-a 5019'];

/** The night of the 11th. Windows are of 4 days unless a rule says otherwise: the 8th is their first. */
const STARTED = '2026-01-12T03:30:00Z';
const FOUR_DAYS = { [ENVIRONMENT.windowDays]: '4' };
/** More than a rule's window reaches back, but for that of ten years; each day that is kept costs a question. */
const FEW = { ...FOUR_DAYS, [ENVIRONMENT.retentionDays]: '20' };

const EXPECTED: Readonly<Record<string, readonly [verdict: string, why: string]>> = {
  beat: ['active', 'its traffic shows that the log is delivered, every day'],
  unused: ['stale', 'seen in every snapshot, observed every day, and never used'],
  used: ['active', 'on a day that was settled'],
  today: ['active', 'today, which no night has read'],
  late: ['stale', 'but for records that will come behind the night of their day'],
  streamed: ['active', 'on the 7th, which was streamed and never settled'],
  unused5: ['notObserved notWatched 4/5 missing', 'its window begins before anybody saw it'],
  unused6: ['notObserved notWatched 4/6 missing', 'and before there is anything'],
  backfilled: ['active', 'on the 5th, matched against a snapshot of the 7th'],
  unused8: ['notObserved notWatched 4/8 missing', 'though a day of it was backfilled'],
  unused3650: [
    'notObserved notWatched 4/3650 missing',
    'of a window longer than anything is kept, hardly a day is known',
  ],
  remembered: ['active', 'nothing but the row of its last use tells of it'],
  perhaps: ['notObserved onlyPossibleUse 1', 'the row of its last use says: perhaps'],
  waiting: ['notObserved notWatched 0/4 notCarried', 'its first interface came this morning'],
  never: ['unattached', 'on no interface, ever'],
  'gone-used': ['active', 'on an interface that is gone'],
  'gone-unused': ['notObserved notWatched 2/4 notCarried', 'on an interface that was observed until it went'],
  exempt: ['stale', 'no list is deployed'],
  narrow: ['redundant by sgr-wide', 'both let the same in'],
  wide: ['redundant by sgr-narrow', 'until something passes by it alone'],
  edited: ['tooYoung rule since 2026-01-09T12:00:00Z', 'what it let in on the 8th it lets in no more'],
  new: ['active', 'what it says was used on the 8th, under its former id'],
  'idle-new': ['stale', 'its former id does not make it younger'],
  born: ['tooYoung rule since 2026-01-12T01:00:00Z', 'made this morning'],
};

describeWithDynamoDb('an account that changes', (dynamo) => {
  let deployed: JudgedAccount;
  const runs = new Map<string, string>();

  /** @param flows on top of what shows that the log is delivered */
  async function day(date: string, flows: readonly string[], { night = true } = {}): Promise<void> {
    const texts = dayOfLogs(date, ['e 5000 06:00', ...flows]);
    await deployed.account.deliverTexts(texts);
    await deployed.account.countTexts(texts);
    if (night) runs.set(date, await deployed.night(date));
  }

  beforeAll(async () => {
    deployed = await JudgedAccount.start('changes', dynamo());
    await deployed.account.publish(BEFORE, '2026-01-07T12:00:00Z');
    // Before anything was known: backfilled.
    await day('2026-01-05', ['a 5008 09:00']);
    await day('2026-01-07', ['a 5005 13:00'], { night: false });
    await day('2026-01-08', ['a 5017 10:00', 'a 5018 10:00', 'b 5015 10:00']);
    await deployed.account.publish(account(AFTER, ['e sg-e', 'a sg-a']), '2026-01-09T12:00:00Z');
    await day('2026-01-09', []);
    await day('2026-01-10', ['a 5002 23:59', 'a 5030 12:00']);
    await day('2026-01-11', []);
    await deployed.account.publish(
      account([...AFTER, 'born sg-a 5022'], ['e sg-e', 'a sg-a', 'c sg-c']),
      '2026-01-12T01:00:00Z',
    );
    await day('2026-01-12', ['a 5003 00:30'], { night: false });
    const times = { remembered: 'sg_rule_last_used', perhaps: 'last_possible' };
    for (const [name, attribute] of Object.entries(times)) {
      const Item = {
        rule_id: { S: `sgr-${name}` },
        day_source: { S: `last#${contentOf(`sgr-${name}`)}` },
        [attribute]: { N: String(Date.parse('2026-01-10T12:00:00Z') / 1000) },
      };
      await deployed.account.dynamo.send(new PutItemCommand({ TableName: deployed.account.tables.rulesUsage, Item }));
    }
  });
  afterAll(async () => deployed.stop());

  const judged = (more: Readonly<Record<string, string>> = {}, startedAt = STARTED): Promise<UsageReport> =>
    deployed.judged(startedAt, { ...FEW, ...more });

  test('every rule gets the verdict that its history gives', async () => {
    const report = await deployed.judged(STARTED, FOUR_DAYS);
    expect(await judged()).toEqual(report);
    const expected = Object.entries(EXPECTED).map(([name, [verdict]]) => [name, verdict]);
    expect(verdictsOf(report)).toEqual(Object.fromEntries(expected));
    expect(report.days.map(({ day, source, incomplete }) => [day, source, incomplete])).toEqual([
      ['2026-01-08', 'reconciled', null],
      ['2026-01-09', 'reconciled', null],
      ['2026-01-10', 'reconciled', null],
      ['2026-01-11', 'reconciled', null],
    ]);
    expect(report.rules.find(({ ruleId }) => ruleId === 'sgr-new')).toMatchObject({ usedTimes: 1, replyTimes: 1 });
  });

  test('who vouches for rules vouches for those of the first snapshot', async () => {
    const [vouched, report] = [await judged({ [ENVIRONMENT.rulesKnownSince]: '2025-01-01' }), await judged()];
    expect(verdictsOf(vouched)).toEqual(verdictsOf(report));
    const since = (from: UsageReport) =>
      Object.fromEntries(from.rules.map(({ ruleId, evidence }) => [ruleId.replace('sgr-', ''), evidence.knownSince]));
    const later = { edited: '2026-01-09T12:00:00Z', born: '2026-01-12T01:00:00Z' };
    const all = Object.keys(EXPECTED);
    const from = (time: string) => ({ ...Object.fromEntries(all.map((name) => [name, time])), ...later });
    expect(since(report)).toEqual(from('2026-01-07T12:00:00Z'));
    expect(since(vouched)).toEqual(from('2025-01-01T00:00:00Z'));
  });

  test.each([
    ['2026-01-12T00:10:00Z', '2026-01-12T00:00:00Z', '2026-01-11'],
    ['2026-01-12T23:50:00Z', '2026-01-12T00:00:00Z', '2026-01-11'],
    ['2026-01-11T23:50:00Z', '2026-01-11T00:00:00Z', '2026-01-10'],
  ])('a night that starts at %s judges as of %s, up to the end of %s', async (startedAt, asOf, to) => {
    const report = await judged({}, startedAt);
    expect([report.asOf, report.window.to]).toEqual([asOf, to]);
    const key = await deployed.judge(startedAt, FEW);
    expect(key).toMatch(new RegExp(`^reports/${to}/[0-9TZa-f]+/report\\.json\\.gz$`));
  });

  test('done again by one execution it says the same in the same place; by another, in another', async () => {
    const first = await deployed.judge(STARTED, FEW);
    const before = await deployed.object(first);
    expect(await deployed.judge(STARTED, FEW)).toBe(first);
    expect((await deployed.object(first)).equals(before)).toBe(true);
    const other = await deployed.judge(STARTED, FEW, 'another');
    expect(other).not.toBe(first);
    expect((await deployed.object(other)).equals(before)).toBe(true);
  });

  test('a list of exemptions that cannot be read fails; one that can exempts', async () => {
    const Key = 'exemptions/list.csv';
    const listed = { [ENVIRONMENT.exemptions]: Key };
    await expect(judged(listed)).rejects.toThrow(`${Key}: cannot be read`);
    const Body = 'rule_id,reason,owner,expires\nsgr-exempt,for the yearly audit,finance,2026-01-12\n';
    await deployed.account.s3.send(new PutObjectCommand({ Bucket: DATA, Key, Body }));
    expect(verdictsOf(await judged(listed)).exempt).toBe('exempt "for the yearly audit" until 2026-01-12 by finance');
    await deployed.account.s3.send(new PutObjectCommand({ Bucket: DATA, Key, Body: Body.replace('12\n', '11\n') }));
    const after = await judged(listed);
    expect(verdictsOf(after).exempt).toBe('stale');
    expect(after.inventoryProblems).toContain(`${Key}:2: exemption of sgr-exempt expired on 2026-01-11: ask finance`);
    await deployed.account.s3.send(new PutObjectCommand({ Bucket: DATA, Key, Body: 'rule_id,reason\n' }));
    await expect(judged(listed)).rejects.toThrow(`${Key}:1: no column "owner"`);
  });

  test('what comes behind the night of its day is use, and until another night has read it the day is not watched', async () => {
    const before = verdictsOf(await judged());
    // Nobody has marked the day: the night that would read it once more may never come.
    await deployed.account.countTexts(lateLogs('2026-01-09', ['a 5004 08:00', 'a 5031 08:00']));
    const report = await judged();
    const become = new Map([
      ['stale', 'notObserved notWatched 3/4 incomplete'],
      ['redundant by sgr-wide', 'active'],
    ]);
    const lessOne = (verdict: string): string =>
      verdict.replace(/notWatched ([1-9])\//, (_, days: string) => `notWatched ${Number(days) - 1}/`);
    const after = Object.entries(before).map(([name, verdict]) => [name, become.get(verdict) ?? lessOne(verdict)]);
    expect(verdictsOf(report)).toEqual({ ...Object.fromEntries(after), late: 'active', wide: 'active' });
    expect(report.days.find(({ day: date }) => date === '2026-01-09')).toMatchObject({
      source: 'reconciled',
      incomplete: '4 records were streamed since its night, and no night has read them yet',
    });
  });

  test('without the evidence of a day there are verdicts, no narrower rules, and the reason', async () => {
    const whole = await judged();
    const [key] = await deployed.account.keysBelow(`evidence/day=2026-01-10/run=${runs.get('2026-01-10')!}/`);
    const bytes = await deployed.account.bytes(key!);
    await deployed.account.s3.send(new DeleteObjectCommand({ Bucket: DATA, Key: key! }));
    const problem = `no narrower rules are proposed: s3://${DATA}/${key!}: cannot be read`;
    const report = await judged();
    expect(report.inventoryProblems).toContain(problem);
    expect(verdictsOf(report)).toEqual(verdictsOf(whole));
    await deployed.account.s3.send(new PutObjectCommand({ Bucket: DATA, Key: key!, Body: bytes }));
    expect((await judged()).inventoryProblems).toEqual(whole.inventoryProblems);
  });

  test('without the file of a settled day nothing is judged; nor with half of it', async () => {
    const Key = historyKey('2026-01-10', runs.get('2026-01-10')!);
    const [text, bytes] = [(await deployed.object(Key)).toString('utf8'), await deployed.account.bytes(Key)];
    const put = (Body: Uint8Array) => deployed.account.s3.send(new PutObjectCommand({ Bucket: DATA, Key, Body }));
    const refused = `${Key}: cannot be read, and without it nothing is known of the day: run the night of 2026-01-10 again`;
    await deployed.account.s3.send(new DeleteObjectCommand({ Bucket: DATA, Key }));
    await expect(judged({}, '2026-01-12T03:31:00Z')).rejects.toThrow(refused);
    await put(bytes.slice(0, bytes.length / 2));
    await expect(judged({}, '2026-01-12T03:31:00Z')).rejects.toThrow(refused);
    await put(gzipSync(text.split('\n').slice(0, 2).join('\n')));
    await expect(judged({}, '2026-01-12T03:31:00Z')).rejects.toThrow(`${Key}: cut: 1 usages`);
    expect((await deployed.account.keysBelow('reports/')).filter((key) => key.includes('0331Z'))).toEqual([]);
    // Of a day before all windows it does not matter.
    await put(bytes);
    const old = historyKey('2026-01-05', runs.get('2026-01-05')!);
    await deployed.account.s3.send(new DeleteObjectCommand({ Bucket: DATA, Key: old }));
    await expect(judged()).rejects.toThrow(old);
    expect((await judged({ [ENVIRONMENT.retentionDays]: '6' })).windowDays).toBe(4);
  });
});

function verdictsOf({ rules }: UsageReport): Record<string, string> {
  return Object.fromEntries(rules.map(({ ruleId, verdict }) => [ruleId.replace('sgr-', ''), shortly(verdict)]));
}

function contentOf(ruleId: string): string {
  const { rules } = inventoryOf(BEFORE as unknown as AwsLists);
  return contentHash(ruleContent(rules.find((rule) => rule.ruleId === ruleId)!));
}
