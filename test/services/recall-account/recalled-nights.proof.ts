// Costs about half a minute.
/** A deployment that begins with old logs and an empty account of its own: what the account remembers, through the functions that are deployed. */
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { dayInventories } from '../../../services/count-usage/inventories-adapter.ts';
import { wire as wireRecall } from '../../../services/recall-account/wiring-adapter.ts';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { historyOf } from '../../../shared/aws/settled-days.ts';
import { OTHER_EVENTS, RULE_EVENTS } from '../../../shared/inventory/past/event-names.ts';
import { ENVIRONMENT } from '../../../shared/names.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { dayFromIso } from '../../../shared/time.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { awsRule } from '../../shared/inventory/aws-shorthand.ts';
import { madeEvent } from '../../shared/inventory/past/events.ts';
import { shortly } from '../../shared/verdicts/world.ts';
import { account, dayOfLogs, taskEvents } from '../judge-rules/changing-account.ts';
import { JudgedAccount } from '../judge-rules/judged-account.ts';
import { DATA } from '../reconcile-usage/deployed-account.ts';
import { answerWith } from '../snapshot-groups/stub-account.ts';
import { FakeCloudTrail } from './fake-cloudtrail.ts';
import { FakeConfig } from './fake-config.ts';

jest.setTimeout(240_000);

const RULES = [...['beat sg-e 5000', 'old sg-a 5001', 'young sg-a 5002', 'task sg-c 5003', 'used sg-a 5005']];
const NOW = account(RULES, ['e sg-e', 'a sg-a']);
const at = (time: string): number => Date.parse(`2026-01-${time.replace(' ', 'T')}:00Z`) / 1000;
const [FIRST_NIGHT, SECOND_NIGHT, THIRD_NIGHT] = ['12', '13', '14'].map((day) => `2026-01-${day}T03:30:00Z`) as [
  string,
  string,
  string,
];
const ASKED_FIRST = new Date('2026-01-12T03:15:00Z');
/** All but the last are before the first snapshot, and so is most of that. */
const DAYS: Readonly<Record<string, readonly string[]>> = {
  '2026-01-08': ['a 5005 09:00'],
  // By a rule that is gone.
  '2026-01-09': ['a 5004 08:00'],
  // By interfaces that lived for ten minutes each.
  '2026-01-10': ['c 5003 12:05'],
  '2026-01-11': ['b 5003 11:05'],
};

describeWithDynamoDb('a deployment that begins', (dynamo) => {
  let deployed: JudgedAccount;
  let now = 0;
  const cloudTrail = new FakeCloudTrail(() => now);
  const config = new FakeConfig();
  /** What was asked of CloudTrail since this was asked last, and from when on. */
  const asked = (): Map<string, Date> =>
    new Map(
      cloudTrail.asked
        .splice(0)
        .map(({ LookupAttributes, StartTime }) => [LookupAttributes![0]!.AttributeValue!, StartTime!]),
    );

  beforeAll(async () => {
    answerWith(NOW);
    deployed = await JudgedAccount.start('recalls', dynamo());
    await deployed.account.publish(NOW, '2026-01-11T18:00:00Z');
    for (const [day, flows] of Object.entries(DAYS)) {
      const texts = dayOfLogs(day, ['e 5000 06:00', ...flows]);
      await deployed.account.deliverTexts(texts);
      // The day before the first night has been streamed.
      if (day === '2026-01-11') await deployed.account.countTexts(texts);
    }
    tellOfTask('c', '10 12:00', '10 12:10');
    tellOfTask('b', '11 11:00', '11 11:10');
    tellOfRule('AuthorizeSecurityGroupIngress', 'securityGroupRuleSet', '09 12:00', '5002', 'sgr-young');
    tellOfRule('RevokeSecurityGroupIngress', 'revokedSecurityGroupRuleSet', '10 09:00', '5004', 'sgr-former');
  });
  afterAll(async () => deployed.stop());

  function tellOfTask(name: string, born: string, gone: string): void {
    for (const [event, resource] of taskEvents(name, at(born), at(gone))) cloudTrail.add(event, resource);
  }

  function tellOfRule(name: string, answer: string, time: string, port: string, SecurityGroupRuleId: string): void {
    const items = [awsRule(`in tcp ${port} 10.0.0.0/8`, { SecurityGroupRuleId, GroupId: 'sg-a' })];
    cloudTrail.add(madeEvent(name, at(time), { groupId: 'sg-a' }, { [answer]: { items } }));
  }

  /** All rounds of a night. */
  async function recall(startedAt: string): Promise<number> {
    // Somebody looks every quarter of an hour.
    await deployed.account.lookAgain(new Date(Date.parse(startedAt) - 30 * 60_000).toISOString());
    now = Date.parse(startedAt) + 20_000;
    const sleep = (milliseconds: number): Promise<void> => {
      now += milliseconds;
      return Promise.resolve();
    };
    const { recall: round } = wireRecall(process.env, { now: () => now, sleep });
    for (let next = { round: 1, again: true }; ;) {
      next = await round({ startedAt, round: next.round }, () => 900_000);
      if (!next.again) return next.round - 1;
    }
  }

  const bucket = () => new DataBucket(deployed.account.s3, DATA);
  /** Settles all days. Returns which interfaces each is said to have had. */
  const nights = async (name: string): Promise<string[]> => {
    const found: string[] = [];
    for (const day of Object.keys(DAYS)) {
      const { facts } = await historyOf(bucket(), day, await deployed.night(day, `${name} ${day}`));
      found.push(facts.interfaces.map(({ interfaceId }) => interfaceId.slice(-1)).join(''));
    }
    return found;
  };
  const judged = (startedAt: string): Promise<UsageReport> =>
    deployed.judged(startedAt, { [ENVIRONMENT.windowDays]: '4' });
  const verdicts = ({ rules }: UsageReport) =>
    Object.fromEntries(rules.map(({ ruleId, verdict }) => [ruleId.replace('sgr-', ''), shortly(verdict)]));

  test('knows nothing of the days before it, unless it asks', async () => {
    expect(await nights('before')).toEqual(['ae', 'ae', 'ae', 'ae']);
    const report = await judged(FIRST_NIGHT);
    expect(verdicts(report)).toEqual({
      beat: 'active',
      old: 'notObserved notWatched 0/0 incomplete',
      young: 'notObserved notWatched 0/0 incomplete',
      task: 'notObserved onlyPossibleUse 4',
      used: 'active',
    });
    expect(report.records).toMatchObject({ unknownInterface: 4, unexplained: 2 });
    expect(report.inventoryProblems).toEqual(['nobody asked this account yet what it remembers of its past']);
  });

  test('asks in the first night: the morning after it knows ages, who made rules, and who is gone', async () => {
    expect(await recall(FIRST_NIGHT)).toBe(1);
    const of = asked();
    expect([...RULE_EVENTS, ...OTHER_EVENTS, 'eni-0000000b'].filter((name) => !of.has(name))).toEqual([]);
    expect(of.get('CreateSecurityGroup')!.getTime()).toBeLessThan(now - 89 * 86_400_000);
    expect(await nights('after')).toEqual(['ae', 'ae', 'ace', 'abe']);
    const report = await judged(FIRST_NIGHT);
    expect(verdicts(report)).toEqual({
      beat: 'active',
      old: 'stale',
      young: 'tooYoung rule since 2026-01-09T12:00:00Z',
      task: 'active',
      used: 'active',
    });
    const [old, young, task] = ['old', 'young', 'task'].map((name) =>
      report.rules.find(({ ruleId }) => ruleId === `sgr-${name}`),
    );
    expect(old!.evidence).toMatchObject({ knownBy: 'cloudtrail', watchedDays: 4 });
    expect(Date.parse(old!.evidence.knownSince!)).toBeLessThan(Date.parse('2025-10-15'));
    expect(young!.changes).toMatchObject([{ by: 'arn:aws:iam::111122223333:user/alice', what: 'made' }]);
    expect(task!.lastUsed).toBe('2026-01-11T11:05:00Z');
    expect(report.records).toMatchObject({ unknownInterface: 0, unexplained: 0 });
    expect(report.inventoryProblems).toEqual([]);
    expect(report.remembered).toEqual([{ source: 'cloudtrail', interfaces: 2, rules: 1, ages: RULES.length }]);
    expect(report.days.map(({ incomplete }) => incomplete)).toEqual([null, null, null, null]);
  });

  test('streams old days and new ones against what stood then', async () => {
    const { dynamo: client, tables } = deployed.account;
    const inventories = dayInventories({ client, tables, bucket: bucket() }, () => undefined);
    await inventories.refresh();
    const knownOn = async (date: string): Promise<string[]> => {
      const day = dayFromIso(date)!;
      await inventories.load(day);
      const { interfaces, rules } = inventories.of(day)!.inventory;
      const ports = rules.map(({ ports: range }) => String(range!.from));
      return [...[...interfaces.keys()].map((id) => id.slice(-1)), ...ports].sort();
    };
    const always = ['5000', '5001', '5003', '5005'];
    expect(await knownOn('2026-01-08')).toEqual([...always, '5004', 'a', 'e'].sort());
    expect(await knownOn('2026-01-10')).toEqual([...always, '5002', '5004', 'a', 'c', 'e'].sort());
    expect(await knownOn('2026-01-11')).toEqual([...always, '5002', 'a', 'b', 'e'].sort());
    expect(await knownOn('2026-01-20')).toEqual([...always, '5002', 'a', 'e'].sort());
  });

  test('asks in the second night for what is new alone, and knows what it knew', async () => {
    const before = verdicts(await judged(FIRST_NIGHT));
    await recall(SECOND_NIGHT);
    const of = asked();
    expect([...of.keys()].sort()).toEqual([...RULE_EVENTS, ...OTHER_EVENTS].sort());
    for (const from of of.values()) expect(from.getTime()).toBeGreaterThan(ASKED_FIRST.getTime());
    expect(verdicts(await judged(FIRST_NIGHT))).toEqual(before);
  });

  test('keeps what it was told where it may ask no more, and says since when', async () => {
    const before = await judged(FIRST_NIGHT);
    [cloudTrail.denied, config.denied] = [true, true];
    expect(await recall(THIRD_NIGHT)).toBe(1);
    const report = await judged(FIRST_NIGHT);
    expect(verdicts(report)).toEqual(verdicts(before));
    expect(report.inventoryProblems).toEqual([
      expect.stringMatching(/cloudtrail:LookupEvents is not allowed/),
      expect.stringMatching(/AWS Config may not be asked/),
    ]);
    expect((await judged(THIRD_NIGHT)).inventoryProblems[0]).toMatch(/known up to 2026-01-13T03:15:00Z only/);
  });

  test('goes on where what it was told is gone', async () => {
    for (const key of await deployed.account.keysBelow('past/')) {
      if (!key.includes('/pages/')) await deployed.account.s3.send(new DeleteObjectCommand({ Bucket: DATA, Key: key }));
    }
    await nights('without');
    const report = await judged(FIRST_NIGHT);
    expect(verdicts(report).old).toBe('notObserved notWatched 0/0 incomplete');
    expect(report.inventoryProblems[0]).toMatch(
      /^what the account remembers cannot be used: past\/[0-9a-f]+\.json\.gz/,
    );
    // The pages are there: the next night needs nobody's answer.
    await recall(THIRD_NIGHT);
    await nights('again');
    expect(verdicts(await judged(FIRST_NIGHT)).old).toBe('stale');
  });
});
