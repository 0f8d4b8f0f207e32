import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type AttributeValue, type DynamoDBClient, paginateScan, QueryCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import {
  type Published,
  publishSnapshot,
  type SnapshotFigures,
} from '../../../services/snapshot-groups/publish-snapshot.ts';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import type { Account } from '../../../services/snapshot-groups/read-account.ts';
import { rulesDataTable } from '../../../services/snapshot-groups/rules-data-adapter.ts';
import { SnapshotArchive } from '../../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../../shared/aws/snapshot-index.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { type Fauxqs, startFauxqs } from '../../beds/fauxqs.ts';
import { Random } from '../../oracle/random.ts';
import { awsRule } from '../../shared/inventory/aws-shorthand.ts';
import { fakeAccount } from './fake-account.ts';

/** Java beside other tests on a small machine is slow. */
jest.setTimeout(60_000);

const PLACE = { accountId: '111122223333', region: 'eu-central-1' };
const SSH = 'in tcp 22 10.0.0.0/8';
const WEB = 'in tcp 443 0.0.0.0/0';
/** Minutes after 2026-11-23T10:00:00Z. */
const at = (minutes: number): Date => new Date(Date.UTC(2026, 10, 23, 10, minutes));
const seconds = (minutes: number): number => at(minutes).getTime() / 1000;
const NEXT_DAY = 24 * 60;

const accountOf = (
  rules: Record<string, string>,
  interfaces: readonly object[] = [],
  over: Partial<Account> = {},
): Account =>
  fakeAccount(
    {
      groups: [{ GroupId: 'sg-1', GroupName: 'web', VpcId: 'vpc-1' }],
      rules: Object.entries(rules).map(([SecurityGroupRuleId, rule]) =>
        awsRule(rule, { SecurityGroupRuleId, Tags: [{ Key: 'team', Value: 'net' }] }),
      ),
      interfaces,
    },
    over,
  );

let fauxqs: Fauxqs;
beforeAll(async () => {
  fauxqs = await startFauxqs();
});
afterAll(() => fauxqs.stop());

describeWithDynamoDb('a snapshot', (bed) => {
  let count = 0;
  let name: string;
  let dynamo: DynamoDBClient;
  let figures: SnapshotFigures[];
  /** Commands sent to DynamoDB. */
  let sent: string[];
  beforeEach(async () => {
    name = `publish-${count++}`;
    await Promise.all([bed().createTables(name), fauxqs.createBucket(name)]);
    figures = [];
    sent = [];
    dynamo = recording(bed().client());
  });
  const recording = (client: DynamoDBClient): DynamoDBClient => {
    client.middlewareStack.add((next, { commandName }) => (args) => {
      sent.push(String(commandName).replace('Command', ''));
      return next(args);
    });
    return client;
  };

  const run = (account: Account, minute: number, client = dynamo, isUnionLost = false): Promise<Published> => {
    const index = new SnapshotIndex(client, `${name}-state`);
    const archive = new SnapshotArchive(index, new DataBucket(fauxqs.s3(), name));
    return publishSnapshot(PLACE, {
      account,
      publish: (document, takenAt) => archive.publish(document, takenAt, 400),
      writeUnion: async (entry) => {
        if (isUnionLost) throw new Error('too large');
        await archive.writeUnion(entry);
      },
      rules: rulesDataTable(client, `${name}-rules-data`, index),
      now: () => at(minute),
      report: (one) => figures.push(one),
    });
  };
  const items = async (): Promise<Record<string, AttributeValue>[]> => {
    const all: Record<string, AttributeValue>[] = [];
    const pages = paginateScan({ client: bed().client() }, { TableName: `${name}-rules-data` });
    for await (const { Items = [] } of pages) all.push(...Items);
    return all.sort((a, b) => (a.rule_id!.S! < b.rule_id!.S! ? -1 : 1));
  };
  /** `sgr-1 22 (0) +0 ~15 -30`: id, port; minutes of content_since, first_seen, last_seen and removed_at. */
  const shown = async (): Promise<string[]> =>
    (await items()).map((item) => {
      const minute = (attribute: string): string =>
        item[attribute]?.N === undefined ? '' : String((Number(item[attribute].N) - seconds(0)) / 60);
      const removed = item.removed_at ? ` -${minute('removed_at')}` : '';
      return `${item.rule_id?.S} ${item.from_port?.N ?? ''} (${minute('content_since')}) +${minute('first_seen')} ~${minute('last_seen')}${removed}`;
    });

  test('is there, and in the table of rules, though what all snapshots of the day say together cannot be written', async () => {
    await run(accountOf({ 'sgr-1': SSH }), 0);
    const { changed } = await run(accountOf({ 'sgr-2': SSH }), 15, dynamo, true);
    expect([changed, await shown()]).toEqual([true, ['sgr-1 22 (0) +0 ~0 -15', 'sgr-2 22 (0) +15 ~15']]);
    const problems = ['what the snapshots of the day say together was not written: too large'];
    expect(figures.at(-1)).toMatchObject({ outcome: 'new', rulesWritten: 2, problems });
  });

  test('says where it is, and fills the table of rules', async () => {
    const published = await run(accountOf({ 'sgr-1': SSH }), 0);
    expect(published).toEqual({
      takenAt: '2026-11-23T10:00:00Z',
      key: `snapshots/${published.hash}.json.gz`,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      changed: true,
    });
    expect(figures).toEqual([{ outcome: 'new', groups: 1, rules: 1, interfaces: 0, rulesWritten: 1, problems: [] }]);
    expect(await items()).toEqual([
      {
        rule_id: { S: 'sgr-1' },
        sg_id: { S: 'sg-1' },
        sg_name: { S: 'web' },
        protocol: { S: 'tcp' },
        from_port: { N: '22' },
        to_port: { N: '22' },
        flow_direction: { S: 'ingress' },
        peer_type: { S: 'cidrIpv4' },
        peer: { S: '10.0.0.0/8' },
        description: { S: '' },
        tags: { M: { team: { S: 'net' } } },
        account: { S: '111122223333' },
        region: { S: 'eu-central-1' },
        vpc: { S: 'vpc-1' },
        content: { S: '["sg-1","ingress","tcp",[22,22],"cidrIpv4","10.0.0.0/8"]' },
        rule: { S: expect.stringContaining('"ruleId":"sgr-1"') },
        content_since: { N: String(seconds(0)) },
        first_seen: { N: String(seconds(0)) },
        last_seen: { N: String(seconds(0)) },
      },
    ]);
    const byGroup = new QueryCommand({
      TableName: `${name}-rules-data`,
      IndexName: 'by-group',
      KeyConditionExpression: 'sg_id = :sg',
      ExpressionAttributeValues: { ':sg': { S: 'sg-1' } },
    });
    expect((await dynamo.send(byGroup)).Items).toHaveLength(1);
  });

  test('of an unchanged account is one query and one attribute of one item', async () => {
    const first = await run(accountOf({ 'sgr-1': SSH }), 0);
    sent = [];
    expect(await run(accountOf({ 'sgr-1': SSH }), 15)).toEqual({ ...first, changed: false });
    expect(sent).toEqual(['Query', 'UpdateItem']);
    expect(figures[1]).toMatchObject({ outcome: 'same', rulesWritten: undefined });
    expect(await shown()).toEqual(['sgr-1 22 (0) +0 ~0']);
  });

  test('moves last_seen with the first reading of a day, and with no other', async () => {
    for (const minute of [0, NEXT_DAY, NEXT_DAY + 15]) await run(accountOf({ 'sgr-1': SSH }), minute);
    expect(await shown()).toEqual([`sgr-1 22 (0) +0 ~${NEXT_DAY}`]);
    expect(figures.map(({ rulesWritten }) => rulesWritten)).toEqual([1, 1, undefined]);
  });

  test('of an account where only an interface changed writes no rule', async () => {
    await run(accountOf({ 'sgr-1': SSH }), 0);
    expect((await run(accountOf({ 'sgr-1': SSH }, [{ NetworkInterfaceId: 'eni-1' }]), 15)).changed).toBe(true);
    expect(figures[1]?.rulesWritten).toBe(0);
  });

  test('tells what came, what changed, and what is gone', async () => {
    await run(accountOf({ 'sgr-1': SSH, 'sgr-2': WEB }), 0);
    await run(accountOf({ 'sgr-1': WEB, 'sgr-3': SSH }), 15);
    await run(accountOf({ 'sgr-1': WEB }), 30);
    expect(await shown()).toEqual(['sgr-1 443 (0) +0 ~15', 'sgr-2 443 (0) +0 ~0 -15', 'sgr-3 22 (0) +15 ~15 -30']);
  });

  test('of more rules than a transaction holds', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 250 }, (_, n) => [`sgr-${n}`, `in tcp ${n}..${n} 10.0.0.0/8`]),
    );
    await run(accountOf(many), 0);
    expect(await items()).toHaveLength(250);
    expect(sent.filter((command) => command === 'TransactWriteItems')).toHaveLength(1 + 3);
    await run(accountOf({}), 15);
    expect((await items()).filter(({ removed_at }) => removed_at)).toHaveLength(250);
  });

  test('of rules with more tags than a transaction holds', async () => {
    const Tags = Array.from({ length: 50 }, (_, n) => ({ Key: `${n}${'k'.repeat(125)}`, Value: 'ü'.repeat(256) }));
    const rules = Array.from({ length: 99 }, (_, n) => awsRule(SSH, { SecurityGroupRuleId: `sgr-${n}`, Tags }));
    await run(fakeAccount({ rules }), 0);
    expect(await items()).toHaveLength(99);
  });

  describe('is never half an account', () => {
    test('a call that fails: nothing is published, nothing looks deleted', async () => {
      const first = await run(accountOf({ 'sgr-1': SSH }), 0);
      const failing = accountOf({}, [], { interfaces: () => Promise.reject(new Error('throttled to death')) });
      await expect(run(failing, 15)).rejects.toThrow('throttled to death');
      expect(await shown()).toEqual(['sgr-1 22 (0) +0 ~0']);
      expect((await new SnapshotIndex(dynamo, `${name}-state`).newest())?.hash).toBe(first.hash);
    });

    test('what nothing can be read from again: nothing is published', async () => {
      const odd = fakeAccount({ rules: [{ SecurityGroupRuleId: 'sgr-1' }] });
      await expect(run(odd, 0)).rejects.toThrow('what AWS described: SecurityGroupRules[0].GroupId');
      expect((await fauxqs.s3().send(new ListObjectsV2Command({ Bucket: name }))).KeyCount).toBe(0);
    });

    test('what stays unknown is told', async () => {
      const account = accountOf({ 'sgr-1': 'in tcp 22 pl-1' });
      await run(account, 0);
      expect(figures[0]?.problems).toEqual(['prefix list pl-1: entries unknown: no answer']);
    });
  });

  /** A client that dies with its n-th command of this kind. */
  const dying = (command: string, n: number): DynamoDBClient => {
    const client = recording(bed().client());
    let left = n;
    client.middlewareStack.add((next, { commandName }) => (args) => {
      if (commandName === `${command}Command` && --left === 0) throw new Error('dead');
      return next(args);
    });
    return client;
  };
  const many = Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`sgr-${100 + n}`, SSH]));

  test.each([
    ['before it was published', 'TransactWriteItems', 1, 0],
    ['before the first rules', 'TransactWriteItems', 2, 0],
    ['between two lots of rules', 'TransactWriteItems', 3, 99],
    ['before the note that all were written', 'UpdateItem', 1, 150],
  ])('died %s: the next run goes on from there', async (_when, command, n, written) => {
    await expect(run(accountOf(many), 0, dying(command, n))).rejects.toThrow('dead');
    expect(await items()).toHaveLength(written);
    await run(accountOf(many), 15);
    expect(await items()).toHaveLength(150);
    sent = [];
    await run(accountOf(many), 30);
    expect(sent).toEqual(['Query', 'UpdateItem']);
  });

  describe('of an old run that wakes up late', () => {
    /** Starts a run that waits before its n-th transaction, lets `meanwhile` happen, and lets it go on. */
    const frozen = async (account: Account, n: number, meanwhile: () => Promise<unknown>): Promise<Published> => {
      const client = recording(bed().client());
      let left = n;
      let isThere!: () => void;
      let wake!: () => void;
      const reached = new Promise<void>((done) => (isThere = done));
      const woken = new Promise<void>((done) => (wake = done));
      client.middlewareStack.add((next, { commandName }) => async (args) => {
        if (commandName === 'TransactWriteItemsCommand' && --left === 0) {
          isThere();
          await woken;
        }
        return next(args);
      });
      const running = run(account, 15, client);
      await reached;
      await meanwhile();
      wake();
      return running;
    };

    test.each<[when: string, transaction: number, meanwhile: Record<string, string>, expected: string[]]>([
      ['cannot bring back a rule that is gone', 2, {}, ['sgr-1 22 (0) +0 ~0 -30']],
      ['cannot make one that came and went', 2, { 'sgr-1': SSH }, ['sgr-1 22 (0) +0 ~0']],
      [
        'cannot take away one that came later',
        2,
        { 'sgr-1': SSH, 'sgr-3': WEB },
        ['sgr-1 22 (0) +0 ~0', 'sgr-3 443 (30) +30 ~30'],
      ],
      ['cannot undo an edit', 2, { 'sgr-1': WEB }, ['sgr-1 443 (30) +0 ~30']],
      ['cannot publish before a later one', 1, { 'sgr-1': WEB }, ['sgr-1 443 (30) +0 ~30']],
    ])('%s', async (_what, transaction, meanwhile, expected) => {
      await run(accountOf({ 'sgr-1': SSH }), 0);
      let later!: Published;
      const old = accountOf({ 'sgr-1': SSH, 'sgr-2': 'in udp 53 10.0.0.0/8' });
      const woken = await frozen(old, transaction, async () => (later = await run(accountOf(meanwhile), 30)));
      expect(await shown()).toEqual(expected);
      expect((await new SnapshotIndex(dynamo, `${name}-state`).newest())?.hash).toBe(later.hash);
      if (transaction === 1) expect(woken).toEqual({ ...later, changed: false });
    });
  });

  test('of another content at the same second writes no rule under the name of the one published', async () => {
    const first = await run(accountOf({ 'sgr-1': SSH }), 0, dying('UpdateItem', 1)).catch(() => undefined);
    expect(first).toBeUndefined();
    expect((await run(accountOf({ 'sgr-1': WEB }), 0)).changed).toBe(false);
    expect(figures.at(-1)).toMatchObject({ outcome: 'overtaken', rulesWritten: undefined });
    expect(await shown()).toEqual(['sgr-1 22 (0) +0 ~0']);
  });

  test('runs at once, over and over, leave the table as the latest reading says', async () => {
    const outcomes: Record<string, number> = {};
    for (let seed = 1; seed <= 10; seed++) {
      const random = new Random(seed);
      const readings = Array.from({ length: 5 }, (_, n) => ({
        minute: seed * 60 + n,
        rules: Object.fromEntries(
          random.some(['sgr-1', 'sgr-2', 'sgr-3', 'sgr-4'], 2).map((id) => [id, random.pick([SSH, WEB])]),
        ),
      }));
      const runs = random.shuffled(readings).map(async ({ minute, rules }) => {
        const tell = (what: string): number => (outcomes[what] = (outcomes[what] ?? 0) + 1);
        await run(accountOf(rules), minute).then(
          ({ changed }) => tell(changed ? 'published' : 'not changed'),
          () => tell('failed'),
        );
      });
      await Promise.all(runs);
      const last = readings.at(-1)!;
      // Whoever failed or was overtaken left its part to the next run.
      await run(accountOf(last.rules), last.minute + 15);
      const there = (await items()).filter(({ removed_at }) => !removed_at);
      expect(there.map(({ rule_id, from_port }) => [rule_id?.S, from_port?.N])).toEqual(
        Object.entries(last.rules)
          .map(([id, rule]) => [id, rule === SSH ? '22' : '443'])
          .sort(),
      );
    }
    process.stderr.write(`5 runs at once, 10 times: ${JSON.stringify(outcomes)}\n`);
  });
});
