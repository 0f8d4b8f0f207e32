import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { DataBucket } from '../../../../../shared/aws/data-bucket.ts';
import { DynamoStore } from '../../../../../services/count-usage/dynamo/dynamo-adapter.ts';
import { usage } from '../../../../../services/command-line/commands/usage/usage.ts';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ruleContent } from '../../../../../shared/inventory/content.ts';
import type { Rule } from '../../../../../shared/inventory/inventory.ts';
import { contentHash, versionedId } from '../../../../../shared/inventory/versioned-rules.ts';
import { DEFAULT_PREFIX, tableNames } from '../../../../../shared/names.ts';
import { emptyUsage, ruleDay } from '../../../../../shared/usage/usage.ts';
import { bedEnvironment } from '../../../../beds/bed-environment.ts';
import { describeWithDynamoDb } from '../../../../beds/describe-with-dynamodb.ts';
import { startFauxqs, type Fauxqs } from '../../../../beds/fauxqs.ts';
import { additionOf } from '../../../../contract/usage-store.contract.ts';
import { inventoryOfFiles } from '../../../../oracle/core.ts';
import { randomWorld } from '../../../../oracle/random-world.ts';
import { dayOf } from '../../../../../shared/time.ts';

jest.setTimeout(60_000);

const [kept, edited, recreated, removed] = inventoryOfFiles(randomWorld(3).files).rules as [Rule, Rule, Rule, Rule];
const NOON = Date.UTC(2026, 0, 31, 12) / 1000;

describeWithDynamoDb('the counters of a deployment', (dynamo) => {
  const before = { ...process.env };
  let fauxqs: Fauxqs;
  beforeAll(async () => {
    fauxqs = await startFauxqs();
    await fauxqs.createBucket('data');
    Object.assign(process.env, bedEnvironment({ dynamoDb: dynamo(), fauxqs }));
    await dynamo().createTables(DEFAULT_PREFIX);
    const client = dynamo().client();
    const tables = tableNames(DEFAULT_PREFIX);
    for (const rule of [kept, edited, recreated, removed]) {
      const gone = rule === removed && { removed_at: { N: String(NOON) } };
      const Item = {
        rule_id: { S: rule.ruleId },
        sg_id: { S: rule.groupId },
        rule: { S: JSON.stringify(rule) },
        ...gone,
      };
      await client.send(new PutItemCommand({ TableName: tables.rulesData, Item }));
    }
    const store = new DynamoStore({ client, tables, bucket: new DataBucket(fauxqs.s3(), 'data') });
    const counted = emptyUsage();
    const use = (ruleId: string, content: string, times: number): void => {
      ruleDay(counted, versionedId(ruleId, content), dayOf(NOON)).usedTimes += times;
    };
    use(kept.ruleId, contentHash(ruleContent(kept)), 1);
    use(edited.ruleId, 'its-former-content', 20);
    use('sgr-former-id', contentHash(ruleContent(recreated)), 300);
    use(recreated.ruleId, contentHash(ruleContent(recreated)), 4000);
    use(removed.ruleId, contentHash(ruleContent(removed)), 50_000);
    Object.assign(counted, { firstEnd: NOON, lastEnd: NOON });
    await store.addOnce([{ name: 'a', version: '', flowLogId: undefined }], additionOf(counted));
  });
  afterAll(async () => {
    process.env = before;
    await fauxqs.stop();
  });

  const timesOf = async (options: { ruleId?: string; group?: string }): Promise<Record<string, number>> => {
    const { rules, files } = await usage({ tables: DEFAULT_PREFIX, dataBucket: 'data', ...options });
    expect(files).toBe(1);
    return Object.fromEntries(rules.map(({ ruleId, usedTimes }) => [ruleId, usedTimes]));
  };

  test('follow what a rule says now: under a former id too, and not from before an edit', async () => {
    expect(await timesOf({})).toEqual({ [kept.ruleId]: 1, [edited.ruleId]: 0, [recreated.ruleId]: 4300 });
  });

  test('of a rule that was removed are shown to who asks for it', async () => {
    expect(await timesOf({ ruleId: removed.ruleId })).toEqual({ [removed.ruleId]: 50_000 });
  });

  test('of one group', async () => {
    expect(Object.keys(await timesOf({ group: kept.groupId }))).toContain(kept.ruleId);
    await expect(usage({ tables: DEFAULT_PREFIX, group: 'sg-none' })).rejects.toThrow(
      /^tables sg-analysis-\*: no group/,
    );
  });

  test.each([
    ['one rule', { ruleId: kept.ruleId }],
    ['one group', { group: kept.groupId }],
  ])('of %s are read without a scan, with the names of all groups that are shown', async (_, options) => {
    const sent = jest.spyOn(DynamoDBClient.prototype, 'send');
    const all = await usage({ tables: DEFAULT_PREFIX, dataBucket: 'data' });
    const isScan = (): boolean => sent.mock.calls.some(([command]) => (command as object) instanceof ScanCommand);
    expect(isScan()).toBe(true);
    sent.mockClear();
    const { rules } = await usage({ tables: DEFAULT_PREFIX, dataBucket: 'data', ...options });
    expect(sent.mock.calls.length).toBeGreaterThan(0);
    expect(isScan()).toBe(false);
    sent.mockRestore();
    const ids = new Set(rules.map(({ ruleId }) => ruleId));
    expect(ids.size).toBeGreaterThan(0);
    expect(rules).toEqual(all.rules.filter(({ ruleId }) => ids.has(ruleId)));
  });

  test('are missed by name where nothing is deployed', async () => {
    await expect(usage({ tables: 'other' })).rejects.toThrow('no table other-rules-data; is stale-sg deployed here?');
  });
});
