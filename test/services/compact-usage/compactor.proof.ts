// Costs about half a minute.
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { BATCH, batchAt, batchesAfter, compacted } from '../../../shared/aws/batch-log.ts';
import { stateKey } from '../../../shared/aws/table.ts';
import { rangeOfBucket } from '../../../shared/matching/port-buckets.ts';
import { itemOfRule } from '../../../shared/aws/rule-view.ts';
import { DATA_PREFIXES, expiryOf } from '../../../shared/names.ts';
import { usageRows } from '../../../shared/tables/usage-rows.ts';
import { dayOf, isoDay, type Day } from '../../../shared/time.ts';
import { mergeAdditions, type Addition } from '../../../shared/usage/addition.ts';
import { addResolved, recordsIn } from '../../../shared/usage/by-source.ts';
import { total } from '../../../shared/usage/missing-records.ts';
import { emptyLogDay } from '../../../shared/usage/log-days.ts';
import { emptyUsage, ruleDay, within, type Usage } from '../../../shared/usage/usage.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { startFauxqs, type Fauxqs } from '../../beds/fauxqs.ts';
import { plainUsage } from '../../shared/usage/plain-usage.ts';
import { Died, Mortal, Overtaken } from '../count-usage/dies.ts';
import {
  addition,
  compactedPlace,
  noon,
  RETENTION_DAYS,
  used,
  type CompactedPlace,
  type Contents,
  type Watch,
} from './compacted-place.ts';
import { rulesInTable, rulesOf } from './shown-rules.ts';

jest.setTimeout(300_000);

/** Two days that batches tell of, and a rule for each; a later batch tells of the same. */
const DAY = dayOf(Date.parse('2026-01-30T00:00:00Z') / 1000);
/** No rule of one batch alone, and rules that every other tells of. */
const BATCHES = Array.from({ length: 12 }, (_, i) =>
  addition(
    [DAY, used('sgr-all', noon(DAY) + i)],
    [DAY + 1, used('sgr-all', noon(DAY + 1) - i)],
    [DAY, used(`sgr-${i % 4}@aaaa`, noon(DAY) + i, 1 + i)],
    [DAY + 1 + (i % 2), used(`sgr-${i % 3}@bbbb`, noon(DAY + 1 + (i % 2)), 2 ** i)],
  ),
);

/** What the batches say together, the conditions of their sources decided. */
function whole(batches: readonly Addition[]): Usage {
  const usage = emptyUsage();
  for (const { sources } of mergeAdditions(batches).days.values()) addResolved(usage, sources);
  return usage;
}

const recordsOf = (batches: readonly Addition[]): number =>
  [...mergeAdditions(batches).days.values()].reduce((sum, { sources }) => sum + recordsIn(sources), 0);

async function saidBy(place: CompactedPlace) {
  const [{ usage, objects }, table, said] = [
    await place.reader().read(),
    await rulesInTable(place.client, place.tables.rulesUsage),
    await compacted(place.client, place.tables.state),
  ];
  return { usage: plainUsage(usage), objects, table, ...said };
}

/** All of it, and all of it put together and shown. */
function saying(batches: readonly Addition[]) {
  const usage = whole(batches);
  const seq = batches.length;
  return { usage: plainUsage(usage), objects: seq, table: rulesOf(usage), through: seq, counters: seq };
}

/**
 * Has `slow` done once for each of its calls, on a new place each time, where others commit these batches, and compact after
 * each, before that call is sent. Returns how many calls there are.
 */
async function overtakenAtEachCall<T>(
  begin: () => Promise<CompactedPlace>,
  batches: readonly Addition[],
  {
    slow,
    check,
  }: {
    readonly slow: (place: CompactedPlace, watch: Watch) => Promise<T>;
    readonly check: (one: { place: CompactedPlace; call: number; result: T }) => Promise<void> | void;
  },
): Promise<number> {
  for (let call = 1; ; call++) {
    const place = await begin();
    const overtaken = new Overtaken(call, async () => {
      for (const batch of batches) {
        await place.commit(batch);
        await place.compactor().compact();
      }
    });
    const result = await slow(place, (client) => overtaken.watch(client));
    if (overtaken.calls < call) return call - 1;
    await check({ place, call, result });
  }
}

describeWithDynamoDb('compaction', (dynamo) => {
  let fauxqs: Fauxqs;
  let places = 0;
  const newPlace = (): Promise<CompactedPlace> => compactedPlace(dynamo(), fauxqs, `place-${++places}`);

  beforeAll(async () => {
    fauxqs = await startFauxqs();
  });
  afterAll(() => fauxqs.stop());

  let halfWayDone: Promise<Contents> | undefined;

  /** Two batches are in the sums, and three of the same days are behind them. Done once, then copied. */
  async function halfWay(): Promise<CompactedPlace> {
    const done = async (): Promise<Contents> => {
      const place = await newPlace();
      await place.commit(...BATCHES.slice(0, 2));
      await place.compactor().compact();
      await place.commit(...BATCHES.slice(2, 5));
      return place.contents();
    };
    const contents = await (halfWayDone ??= done());
    return compactedPlace(dynamo(), fauxqs, `place-${++places}`, { contents, batches: 5 });
  }

  test('puts what was committed into sums, shows it, and says how far it is', async () => {
    const place = await newPlace();
    await place.commit(...BATCHES.slice(0, 5));
    expect(await place.compactor().compact()).toEqual({ batches: 5, left: 0, rules: 11 });
    expect(await saidBy(place)).toEqual(saying(BATCHES.slice(0, 5)));
    for (const day of [DAY, DAY + 1]) expect(await place.days().usage(day)).toEqual(expect.anything());
  });

  test('one that dies at any of its calls, before or after it is carried out, leaves nothing that the next one does not put right', async () => {
    const after = async (place: CompactedPlace) => {
      const read = plainUsage((await place.reader().read()).usage);
      const { counters } = await compacted(place.client, place.tables.state);
      const heir = await place.compactor().compact();
      const once = await saidBy(place);
      await place.commit(BATCHES[5]!);
      await place.compactor().compact();
      return { read, wasShown: counters === 5, heir, once, later: await saidBy(place) };
    };
    /** By what they left: what comes after is the same then. */
    const ends = new Map<string, ReturnType<typeof after>>();
    const deathOf = async (call: number, when: 'before' | 'after') => {
      const place = await halfWay();
      const mortal = new Mortal({ call, when });
      await place
        .compactor((client) => mortal.watch(client))
        .compact()
        .catch(() => undefined);
      const left = JSON.stringify(await place.contents());
      const end = ends.get(left) ?? after(place);
      ends.set(left, end);
      return { isAlive: !mortal.dead, ...(await end) };
    };
    const [once, later] = [saying(BATCHES.slice(0, 5)), saying(BATCHES.slice(0, 6))];
    const left = { all: 0, rules: 0, nothing: 0 };
    for (let call = 1; ; call++) {
      const before = await deathOf(call, 'before');
      if (before.isAlive) break;
      for (const end of [before, await deathOf(call, 'after')]) {
        expect({ call, ...end }).toMatchObject({ call, read: once.usage, once, later });
        left[end.heir.batches > 0 ? 'all' : end.wasShown ? 'nothing' : 'rules']++;
      }
    }
    console.log(`deaths that left to the next one: ${JSON.stringify(left)}, in ${ends.size} states`);
    // All that may be left was left.
    expect(Object.values(left).filter((times) => times === 0)).toEqual([]);
  });

  test.each([1, 3])(
    'one that is overtaken at any of its calls by %i others, and goes on, changes nothing that they have done',
    async (others) => {
      const end = BATCHES.slice(0, 5 + others);
      // After three the files that the slow one has heard of are gone.
      const calls = await overtakenAtEachCall(halfWay, end.slice(5), {
        slow: (place, watch) => place.compactor(watch).compact(),
        check: async ({ place, call, result: { batches } }) => {
          expect([0, 3, 3 + others]).toContain(batches);
          expect({ call, ...(await saidBy(place)) }).toEqual({ call, ...saying(end) });
        },
      });
      // All that it writes is among them.
      expect(calls).toBeGreaterThan(20);
    },
  );

  test('four at once, while others commit, put each batch in once', async () => {
    const place = await newPlace();
    const isShown = async (): Promise<boolean> =>
      (await compacted(place.client, place.tables.state)).counters === BATCHES.length;
    const compact = async (): Promise<number> => {
      let batches = 0;
      while (!(await isShown())) batches += (await place.compactor().compact()).batches;
      return batches;
    };
    const committing = place.commit(...BATCHES);
    const compacting = Array.from({ length: 4 }, compact);
    await committing;
    const put = await Promise.all(compacting);
    expect(put.reduce((sum, batches) => sum + batches, 0)).toBe(BATCHES.length);
    expect(await saidBy(place)).toEqual(saying(BATCHES));
  });

  test('who reads while others commit and compact, at any moment, sees whole batches', async () => {
    const end = BATCHES.slice(0, 8);
    const recordsUpTo = end.map((_, i) => recordsOf(end.slice(0, i + 1)));
    const seen = new Set<number>();
    await overtakenAtEachCall(halfWay, end.slice(5), {
      slow: async (place, watch) => (await place.reader(watch).read()).usage,
      check: ({ call, result: usage }) => {
        const records = Object.values(usage.fates).reduce((sum, times) => sum + times, 0);
        const batches = recordsUpTo.indexOf(records) + 1;
        expect({ call, usage: plainUsage(usage) }).toEqual({ call, usage: plainUsage(whole(end.slice(0, batches))) });
        seen.add(batches);
      },
    });
    // Before the others, and after them.
    expect([...seen].sort()).toEqual([5, 8]);
  });

  test.each([DAY, DAY + 1])('and who reads day %i alone sees its records of whole batches', async (day) => {
    const end = BATCHES.slice(0, 8);
    const upTo = (batches: number): unknown => {
      const { sources } = mergeAdditions(end.slice(0, batches)).days.get(day)!;
      return recordsIn(sources);
    };
    const calls = await overtakenAtEachCall(halfWay, end.slice(5), {
      slow: async (place, watch) => {
        const days = place.days(watch);
        return [(await days.recordsByDay()).get(day), total(await days.usage(day))];
      },
      check: ({ result }) => {
        for (const records of result) expect([upTo(5), upTo(8)]).toContain(records);
      },
    });
    expect(calls).toBeGreaterThan(5);
  });

  test('with nothing to do it only reads, and little', async () => {
    const place = await halfWay();
    await place.compactor().compact();
    const sent: unknown[] = [];
    const noted = (client: DynamoDBClient | S3Client): void => {
      // The stacks of the two clients differ only in their inputs and outputs.
      (client as DynamoDBClient).middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            sent.push(commandName);
            return next(args);
          },
        { step: 'initialize', name: 'noted' },
      );
    };
    expect(await place.compactor(noted).compact()).toEqual({ batches: 0, left: 0, rules: 0 });
    const reads = [GetItemCommand, QueryCommand].map(({ name }) => name);
    expect(sent.filter((name) => !reads.includes(String(name)))).toEqual([]);
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.length).toBeLessThanOrEqual(3);
  });

  describe('the file of the sums of a day', () => {
    const sumsKey = async (place: CompactedPlace, day: Day): Promise<string> => (await place.days().sums(day))!.key;

    test.each([
      ['is lost', undefined],
      ['is of something else', 'something else'],
    ])('that %s is made again from the batches', async (_, content) => {
      const place = await halfWay();
      const key = await sumsKey(place, DAY);
      if (content === undefined) await place.bucket.remove(key);
      else await place.bucket.putGz(key, content);
      const end = BATCHES.slice(0, 5);
      expect(plainUsage((await place.reader().read()).usage)).toEqual(plainUsage(whole(end)));
      expect(await place.compactor().compact()).toMatchObject({ batches: 3 });
      expect(await saidBy(place)).toEqual(saying(end));
    });

    test('that is lost, with a batch lost too, is an error that says what to do, and never too little', async () => {
      const place = await halfWay();
      const key = await sumsKey(place, DAY);
      await place.bucket.remove(key);
      const TableName = place.tables.state;
      await place.client.send(new DeleteItemCommand({ TableName, Key: stateKey(BATCH, batchAt(1)) }));
      // So old that the one before may have expired.
      const old = new UpdateItemCommand({
        TableName,
        Key: stateKey(BATCH, batchAt(2)),
        UpdateExpression: 'SET expires_at = :old',
        ExpressionAttributeValues: { ':old': { N: String(Math.floor(Date.now() / 1000) + 86_400) } },
      });
      await place.client.send(old);
      const said =
        `${key}: cannot be read, and the batches of that day are not all kept: run its night again (stale-sg backfill), ` +
        `then delete the item "sums" "${isoDay(DAY)}" of ${place.tables.state}`;
      await expect(place.reader().read()).rejects.toThrow(said);
      await expect(place.compactor().compact()).rejects.toThrow(said);
      expect((await place.days().recordsByDay()).get(DAY)).toBe(
        recordsOf(BATCHES.slice(0, 5).map((one) => only(one, DAY))),
      );
    });

    test('stays while it may be read, and is removed when it was replaced twice', async () => {
      const place = await newPlace();
      const [keys, kept]: [string[], string[][]] = [[], []];
      for (const batch of BATCHES.slice(0, 4)) {
        await place.commit(batch);
        await place.compactor().compact();
        keys.push(await sumsKey(place, DAY));
        const Prefix = `${DATA_PREFIXES.sums}day=${isoDay(DAY)}/`;
        const { Contents = [] } = await place.s3.send(new ListObjectsV2Command({ Bucket: place.bucket.name, Prefix }));
        kept.push(Contents.map(({ Key }) => Key!));
      }
      const [a = '', b = '', c = '', d = ''] = keys;
      expect(kept.map((names) => new Set(names))).toEqual([[a], [a, b], [b, c], [c, d]].map((names) => new Set(names)));
    });

    test('a batch whose file is damaged is named, and nothing is put together without it', async () => {
      const place = await halfWay();
      const Prefix = DATA_PREFIXES.additions;
      const { Contents = [] } = await place.s3.send(new ListObjectsV2Command({ Bucket: place.bucket.name, Prefix }));
      const [one, other] = Contents.map(({ Key }) => Key!);
      const { Body } = await place.s3.send(new GetObjectCommand({ Bucket: place.bucket.name, Key: one }));
      const bytes = await Body!.transformToByteArray();
      for (const Key of Contents.map(({ Key }) => Key!).filter((key) => key !== one)) {
        await place.s3.send(new PutObjectCommand({ Bucket: place.bucket.name, Key, Body: bytes }));
      }
      expect(other).toBeDefined();
      await expect(place.compactor().compact()).rejects.toThrow(
        /^additions\/[0-9a-f]{64}\.gz: is not what was written/,
      );
      expect((await compacted(place.client, place.tables.state)).through).toBe(2);
    });

    test.each([2, 3, 4])(
      'a batch that is taken out as the runbook says is in nothing: the one after %i',
      async (at) => {
        const place = await halfWay();
        const TableName = place.tables.state;
        const Key = stateKey(BATCH, batchAt(at + 1));
        const { Item } = await place.client.send(new GetItemCommand({ TableName, Key }));
        await place.bucket.remove(Item!.key!.S!);
        await expect(place.compactor().compact()).rejects.toThrow(Item!.key!.S);
        await expect(place.reader().read()).rejects.toThrow(Item!.key!.S);
        const out = new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: 'SET #d = :none',
          ExpressionAttributeNames: { '#d': 'days' },
          ExpressionAttributeValues: { ':none': { M: {} } },
        });
        await place.client.send(out);
        const others = BATCHES.slice(0, 5).filter((_, i) => i !== at);
        const end = { ...saying(others), objects: 5, through: 5, counters: 5 };
        expect(plainUsage((await place.reader().read()).usage)).toEqual(end.usage);
        for await (const one of place.days().notShown()) expect(one.days.size).toBeGreaterThan(0);
        expect(await place.compactor().compact()).toMatchObject({ batches: 3, left: 0 });
        expect(await saidBy(place)).toEqual(end);
      },
    );
  });

  describe('days in such numbers that no transaction holds them', () => {
    const DAYS = 100;
    const many = (first: number): Addition =>
      addition(...Array.from({ length: DAYS }, (_, i) => [first + i, used(`sgr-${i % 7}`, noon(first + i))] as const));

    test('are put together in rounds, and nobody who reads between them sees half of them', async () => {
      const place = await newPlace();
      const end = [BATCHES[0]!, many(DAY)];
      await place.commit(...end);
      expect(await place.compactor().compact()).toMatchObject({ batches: 2, left: 6 });
      expect(plainUsage((await place.reader().read()).usage)).toEqual(plainUsage(whole(end)));
      const mortal = new Mortal({ call: 7, when: 'before' });
      const dying = place.compactor((client) => mortal.watch(client)).compact();
      await expect(dying).rejects.toThrow(Died);
      expect(plainUsage((await place.reader().read()).usage)).toEqual(plainUsage(whole(end)));
      for (let left = 5; left >= 0; left--) {
        expect(await place.compactor().compact()).toMatchObject({ batches: 1, left });
      }
      expect(await saidBy(place)).toEqual({ ...saying(end), through: 8, counters: 8 });
    });

    test('have several numbers, of which each says that there are more', async () => {
      const place = await newPlace();
      await place.commit(many(DAY - 98));
      const numbers: unknown[] = [];
      for await (const { seq, last, days } of batchesAfter(place.client, place.tables.state, 0)) {
        numbers.push([seq, last, days.size]);
      }
      expect(numbers).toEqual([...[1, 2, 3, 4, 5, 6].map((seq) => [seq, 7, 16]), [7, 7, 4]]);
    });

    test('that no commit holds with so many objects are an error that names these', async () => {
      const place = await newPlace();
      const objects = Array.from({ length: 90 }, (_, i) => ({ name: `o${i}`, version: '', flowLogId: undefined }));
      const days = Array.from({ length: 145 }, (_, i) => [DAY + i, used('sgr-1', noon(DAY + i))] as const);
      await expect(place.store.addOnce(objects, addition(...days))).rejects.toThrow(/^records of 145 days .* o0, o1, /);
      expect(await place.store.addOnce(objects, addition(...days.slice(0, 144)))).toEqual([]);
    });
  });

  test('takes one batch at least, and no more than it has time for', async () => {
    const place = await halfWay();
    const of100 = (later: number) => {
      let asked = 0;
      return () => (asked++ === 0 ? 100 : later);
    };
    expect(await place.compactor().compact(of100(49))).toMatchObject({ batches: 1, left: 2 });
    expect(await place.compactor().compact(of100(50))).toMatchObject({ batches: 2, left: 0 });
    expect(await saidBy(place)).toEqual(saying(BATCHES.slice(0, 5)));
  });

  describe('a table of rules that takes nothing', () => {
    const refused = (times: number) => {
      let puts = 0;
      return (client: DynamoDBClient | S3Client): void => {
        // The stacks of the two clients differ only in their inputs and outputs.
        (client as DynamoDBClient).middlewareStack.add(
          (next, { commandName }) =>
            async (args) => {
              if (commandName === PutItemCommand.name && ++puts > times) throw new Error('refused');
              return next(args);
            },
          { step: 'initialize', name: 'refused' },
        );
      };
    };

    test('keeps nothing out of the sums, and is told the rest once it takes it', async () => {
      const place = await halfWay();
      for (const end of [5, 6]) {
        await expect(place.compactor(refused(0)).compact()).rejects.toThrow('refused');
        expect(await compacted(place.client, place.tables.state)).toEqual({ through: end, counters: 2 });
        if (end === 5) await place.commit(BATCHES[5]!);
      }
      expect(await place.compactor().compact()).toMatchObject({ batches: 0, left: 0 });
      expect(await saidBy(place)).toEqual(saying(BATCHES.slice(0, 6)));
    });

    test('is told of many days a few at a time, and what it took is not told again', async () => {
      const place = await newPlace();
      const end = Array.from({ length: 40 }, (_, i) => addition([DAY + i, used('sgr-1', noon(DAY + i))]));
      await place.commit(...end);
      const counters = async (): Promise<number> => (await compacted(place.client, place.tables.state)).counters;
      for (const through of [16, 32, 40]) {
        await expect(place.compactor(refused(0)).compact()).rejects.toThrow('refused');
        expect(await compacted(place.client, place.tables.state)).toEqual({ through, counters: 0 });
      }
      await expect(place.compactor(refused(20)).compact()).rejects.toThrow('refused');
      expect(await counters()).toBe(16);
      // Those that were told and not noted, once more; of those that were noted none.
      await place.compactor(refused(24)).compact();
      expect(await saidBy(place)).toEqual(saying(end));
    });
  });

  test('what is past its retention goes into nothing, and days to come are kept no longer than today', async () => {
    const place = await newPlace();
    const today = dayOf(Date.now() / 1000);
    const [old, next] = [today - RETENTION_DAYS - 1, today + 5000];
    await place.commit(addition(...[old, old + 2, next].map((day) => [day, used('sgr-1', noon(day))] as const)));
    await place.compactor().compact();
    const records = await place.days().recordsByDay();
    expect([old, old + 2, next].map((day) => records.get(day) ?? 0)).toEqual([0, 1, 1]);
    const expiryOfSums = async (day: Day): Promise<number | undefined> => {
      const Key = stateKey('sums', isoDay(day));
      const { Item } = await place.client.send(new GetItemCommand({ TableName: place.tables.state, Key }));
      return Item && Number(Item.expires_at!.N);
    };
    expect(await expiryOfSums(old)).toBeUndefined();
    expect(await expiryOfSums(next)).toBe(expiryOf(today, RETENTION_DAYS));
    expect(await compacted(place.client, place.tables.state)).toEqual({ through: 1, counters: 1 });
  });

  test('records that another flow log tells of too change sides once that is heard in as many hours, in the table as well', async () => {
    const place = await newPlace();
    const heard = (usage: Usage, flowLogId: string, hours: number): Usage => {
      within(usage.logs, flowLogId, DAY, emptyLogDay).hours = hours;
      return usage;
    };
    // What the records of fl-2 add as themselves, and as the duplicates they may be.
    const alone = heard(used('sgr-both@aaaa', noon(DAY), 3), 'fl-2', 0b1);
    Object.assign(ruleDay(alone, 'sgr-alone@aaaa', DAY), { usedTimes: 2, lastUsed: noon(DAY) });
    const duplicate = heard({ ...emptyUsage(), firstEnd: noon(DAY), lastEnd: noon(DAY) }, 'fl-2', 0b1);
    duplicate.fates.duplicateLog = 3;
    ruleDay(duplicate, 'sgr-both@aaaa', DAY).setAsideTimes = 3;
    const of = { flowLogId: 'fl-2', rivals: ['fl-1'] };
    const batches = [
      addition([DAY, alone, { kind: 'streamUnless', ...of }], [DAY, duplicate, { kind: 'streamIf', ...of }]),
      addition([DAY, heard(used('sgr-both@aaaa', noon(DAY) + 1), 'fl-1', 0b11)]),
      addition([DAY, heard(emptyUsage(), 'fl-2', 0b1110)]),
    ];
    const counted = (rule: string): unknown => `${rule} ${isoDay(DAY)}#stream#aaaa`;
    const [shown, last]: [unknown[], unknown[]] = [[], []];
    for (const [i, batch] of batches.entries()) {
      await place.commit(batch);
      await place.compactor().compact();
      const { table, usage } = await saidBy(place);
      expect({ i, usage, counters: table.counters }).toEqual({
        i,
        usage: plainUsage(whole(batches.slice(0, i + 1))),
        counters: rulesOf(whole(batches.slice(0, i + 1))).counters,
      });
      last.push(table.lastUses['sgr-alone last#aaaa']);
      shown.push([`sgr-both`, `sgr-alone`].map((rule) => table.counters[String(counted(rule))] ?? {}));
    }
    // As itself, as a duplicate, and as itself again: nothing is left of what counts no more.
    expect(shown).toMatchObject([
      [{ used_times: 3 }, { used_times: 2 }],
      [{ used_times: 1, set_aside_times: 3 }, {}],
      [{ used_times: 4 }, { used_times: 2 }],
    ]);
    expect(shown[1]).toEqual([expect.anything(), {}]);
    // A use that was seen once is not unseen.
    expect(last).toEqual([{ sg_rule_last_used: DAY }, { sg_rule_last_used: DAY }, { sg_rule_last_used: DAY }]);
  });

  test('a use by a record that counts for another log’s is a last use all the same', async () => {
    const place = await newPlace();
    const heard = (usage: Usage, flowLogId: string, hours: number): Usage => {
      within(usage.logs, flowLogId, DAY, emptyLogDay).hours = hours;
      return usage;
    };
    const use = heard(used('sgr-1@aaaa', noon(DAY)), 'fl-2', 0b1);
    await place.commit(
      addition([DAY, heard({ ...emptyUsage(), firstEnd: noon(DAY), lastEnd: noon(DAY) }, 'fl-1', 0b111)]),
      addition([DAY, use, { kind: 'streamUnless', flowLogId: 'fl-2', rivals: ['fl-1'] }]),
    );
    await place.compactor().compact();
    expect((await saidBy(place)).table).toEqual({
      counters: {},
      lastUses: { 'sgr-1 last#aaaa': { sg_rule_last_used: DAY } },
    });
  });

  test('the item of a rule with a thousand ports fills one write unit, and says that something was left out', async () => {
    const place = await newPlace();
    const scanned = (ports: number, ruleId: string): Usage => {
      const usage = used(ruleId, noon(DAY), 1_234_567);
      for (let port = 1; port <= ports; port++) {
        const use = { protocol: 6, bucket: rangeOfBucket(port), usedTimes: port, replyTimes: port % 3 };
        ruleDay(usage, ruleId, DAY).ports.set(`6 ${port}`, use);
      }
      return usage;
    };
    // At every length of a name there is one whose item is as full as it may be.
    const rules = [
      ...Array.from({ length: 8 }, (_, i) => scanned(1000, `sgr-${'x'.repeat(i)}@0123456789abcdef`)),
      scanned(4, 'sgr-few@0123456789abcdef'),
    ];
    const batch = addition(...rules.map((usage) => [DAY, usage] as const));
    await place.commit(batch);
    await place.compactor().compact();
    expect(await saidBy(place)).toEqual(saying([batch]));

    const rows = usageRows(batch, RETENTION_DAYS).filter(({ key }) => key[1].startsWith(isoDay(DAY)));
    const ofRules = rows.filter(({ table }) => table === 'rulesUsage');
    expect(ofRules).toHaveLength(rules.length);
    const units = new Set<number>();
    for (const row of ofRules) {
      const Item = itemOfRule(row, 9_007_199_254_740_991);
      const put = new PutItemCommand({ TableName: place.tables.rulesUsage, Item, ReturnConsumedCapacity: 'TOTAL' });
      units.add((await place.client.send(put)).ConsumedCapacity!.CapacityUnits!);
      const isFew = row.key[0] === 'sgr-few';
      expect([Item.left_out?.N, Item.used_times?.N]).toEqual([isFew ? undefined : '1', '1234567']);
      // The busiest port stays, the quietest goes.
      expect([Item['used 6 1000'] !== undefined, Item['used 6 1'] !== undefined]).toEqual([!isFew, isFew]);
    }
    expect([...units]).toEqual([1]);
  });
});

/** Of one day alone. */
function only({ days, rules }: Addition, day: Day): Addition {
  return { days: new Map([...days].filter(([of]) => of === day)), rules };
}
