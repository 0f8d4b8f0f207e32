import { afterEach, describe, expect, test } from '@jest/globals';
import type { BatchFigures } from '../../../services/count-usage/batch-figures.ts';
import { countMessages, type Ports } from '../../../services/count-usage/count-messages.ts';
import { ContentLost } from '../../../services/count-usage/flow-log-object.ts';
import { SqliteStore } from '../../../services/count-usage/sqlite/sqlite-store.ts';
import type { UsageStore } from '../../../services/count-usage/ports/usage-store.ts';
import { TextReader } from '../../../shared/flowlogs/text-reader.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { randomWorld, toText } from '../../oracle/random-world.ts';
import { emptyLogDay, noteFile } from '../../../shared/usage/log-days.ts';
import { within } from '../../../shared/usage/usage.ts';
import { countableWorld, plainUsage } from '../../shared/usage/plain-usage.ts';
import { fixture, notification, objectCreated, type Written } from './events.ts';

const RECORDS = 120;
const WORLD = randomWorld(7, { recordCount: RECORDS });
const compiled = new CompiledInventory(inventoryOfFiles(WORLD.files));
const { fold } = countableWorld(7, { recordCount: RECORDS });
const NOW = Date.UTC(2026, 0, 14, 9) / 1000;
const DAY = Date.UTC(2026, 0, 13) / 86_400_000;
const FOLDER = 'AWSLogs/111122223333/vpcflowlogs/eu-central-1/2026/01/13';

/** Every `of`-th record from the `i`-th on. */
const share = (i: number, of = 3) => WORLD.records.filter((_, at) => at % of === i);
const keyOf = (i: number, flowLogId = 'fl-0a') =>
  `${FOLDER}/111122223333_vpcflowlogs_eu-central-1_${flowLogId}_20260113T1205Z_${i}.log.gz`;
const nameOf = (i: number) => `s3://logs/${keyOf(i)}`;

/** The event of the write of an object: version 2 was written a second after version 1. */
function written(i: number, version = 1, changes: Partial<Written> = {}): Written {
  const time = new Date((NOW - 60 + version) * 1000).toISOString();
  return {
    bucket: 'logs',
    key: keyOf(i),
    etag: `etag-${version}`,
    size: 100,
    time,
    sequencer: `0${version}`,
    ...changes,
  };
}
const event = (...of: Parameters<typeof written>) => notification(written(...of));

/** What lies under a name now. */
interface Content {
  readonly records: typeof WORLD.records;
  readonly version?: number;
  readonly isBroken?: boolean;
}

const stores: SqliteStore[] = [];
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
});

/** A deployment with these objects in its bucket. */
function deployment(contents: Readonly<Record<number, Content>>, changes: Partial<Ports> = {}) {
  const store = new SqliteStore(':memory:', { create: true });
  stores.push(store);
  const bucket = new Map(Object.entries(contents).map(([i, content]) => [nameOf(Number(i)), content]));
  const marks: string[] = [];
  const reports: BatchFigures[] = [];
  const tried: string[] = [];
  let refreshed = 0;
  const ports: Ports = {
    deployment: { accountId: '111122223333', region: 'eu-central-1' },
    open: ({ name, etag, day, flowLogId }) => ({
      note: { name, version: etag, flowLogId },
      day,
      read: async (sink) => {
        tried.push(name);
        const content = bucket.get(name);
        if (!content) throw new ContentLost('gone', name, undefined);
        if (`etag-${content.version ?? 1}` !== etag) throw new ContentLost('overwritten', name, undefined);
        const reader = new TextReader(sink);
        reader.push(new TextEncoder().encode(toText(content.records, WORLD.columns)));
        reader.end();
        if (content.isBroken) throw new Error('corrupt gzip data');
      },
    }),
    store: {
      addOnce: (objects, addition) => store.addOnce(objects, addition),
      counted: (name) => store.counted(name),
      markDay: async (day, reason) => {
        marks.push(`${day - DAY} ${reason}`);
      },
    },
    inventories: {
      mostDays: Infinity,
      of: () => compiled,
      load: async () => {},
      takenFor: () => [],
      lookUpMissing: async () => false,
      refresh: async () => {
        refreshed++;
      },
    },
    hasTime: () => true,
    now: () => NOW,
    report: (figures) => reports.push(figures),
    ...changes,
  };
  return {
    bucket,
    marks,
    tried,
    ports,
    refreshed: () => refreshed,
    deliver: async (...bodies: readonly string[]) => {
      const settled = await countMessages(
        bodies.map((body) => ({ body })),
        ports,
      );
      return settled.map((one) => (one.status === 'fulfilled' ? 'done' : (one.reason as Error).message));
    },
    figures: () => reports.at(-1)!,
    sums: async () => plainUsage((await store.read()).usage),
  };
}

const thirds: Record<number, Content> = {
  0: { records: share(0) },
  1: { records: share(1) },
  2: { records: share(2) },
};
/** What the names of the objects tell. */
const FILE = { flowLogId: 'fl-0a', accountId: '111122223333' };
const only = (...parts: (typeof WORLD.records)[]) => {
  const usage = fold(parts.flat(), FILE);
  if (parts.length > 0) noteFile(within(usage.logs, FILE.flowLogId, DAY, emptyLogDay), { hour: 12, minute: 5 });
  return plainUsage(usage);
};
const whole = only(WORLD.records);

describe('a batch of messages', () => {
  test('counts the objects that its messages name, one each or several', async () => {
    const { deliver, sums, figures, marks } = deployment(thirds);
    const bodies = [notification(written(0), written(2)), objectCreated(written(1))];
    expect([await deliver(...bodies), await sums(), marks]).toEqual([['done', 'done'], whole, []]);
    expect(figures()).toEqual({
      endings: { counted: 3, duplicate: 0, skipped: 0, left: 0, failed: 0 },
      skipped: expect.objectContaining({ testEvent: 0, overwritten: 0 }),
      unreadable: 0,
      records: RECORDS,
      unknownInterfaceRecords: fold(WORLD.records, FILE).fates.unknownInterface,
      bytes: 300,
      conflicts: 0,
      secondsBehind: 59,
      leftToTheNight: [],
    });
    expect(figures().unknownInterfaceRecords).toBeGreaterThan(0);
  });

  test('counts an object once, however many messages name it and however often they come', async () => {
    const { deliver, sums, figures, tried } = deployment(thirds);
    const bodies = [event(0), objectCreated(written(0)), notification(written(0), written(0))];
    expect(await deliver(...bodies)).toEqual(['done', 'done', 'done']);
    expect(figures().endings).toMatchObject({ counted: 1, duplicate: 3 });
    expect(await deliver(event(0), event(1))).toEqual(['done', 'done']);
    expect(figures()).toMatchObject({ endings: { counted: 1, duplicate: 1 }, bytes: 100 });
    expect([await sums(), tried]).toEqual([only(share(0), share(1)), [nameOf(0), nameOf(1)]]);
  });

  test('is settled message by message: one that is no event of S3 comes again, alone', async () => {
    const { deliver, sums, figures } = deployment(thirds);
    const isNotEncoded = event(9, 1, { key: 'AZZ' }).replace('AZZ', 'a%ZZ');
    const [bad, unreadable, ...good] = await deliver('Test message.', isNotEncoded, event(0), event(1), event(2));
    expect([bad, unreadable]).toEqual([expect.stringMatching(/not JSON/), expect.stringMatching(/not URL-encoded/)]);
    expect([good, await sums()]).toEqual([['done', 'done', 'done'], whole]);
    expect(figures()).toMatchObject({ unreadable: 2, endings: { counted: 3, failed: 0 } });
  });

  test('is settled message by message: an object that cannot be read fails all messages that name it, and no other', async () => {
    const { deliver, sums, figures } = deployment({ ...thirds, 1: { records: share(1), isBroken: true } });
    const settled = await deliver(event(0), notification(written(2), written(1)), event(1));
    expect(settled).toEqual(['done', `${nameOf(1)}: corrupt gzip data`, `${nameOf(1)}: corrupt gzip data`]);
    expect([await sums(), figures().endings]).toEqual([
      only(share(0), share(2)),
      expect.objectContaining({ counted: 2, failed: 2 }),
    ]);
  });

  test('larger than one addition is counted in several', async () => {
    const contents = Array.from({ length: 200 }, (_, i): Content => ({ records: share(i, 200) }));
    const sizes: number[] = [];
    const { deliver, sums, ports } = deployment(contents);
    const addOnce: UsageStore['addOnce'] = (objects, addition) => {
      sizes.push(objects.length);
      return store.addOnce(objects, addition);
    };
    const { store } = ports;
    Object.assign(ports, { store: { ...store, addOnce } });
    const settled = await deliver(...contents.map((_, i) => event(i)));
    expect([new Set(settled), sizes, await sums()]).toEqual([new Set(['done']), [90, 90, 20], whole]);
  });

  test('without a flow log of ours needs no inventory, and counts why', async () => {
    const { deliver, figures, refreshed, marks } = deployment({});
    const key = keyOf(0);
    const settled = await deliver(
      JSON.stringify(fixture('s3-test-event.json')),
      JSON.stringify(fixture('s3-put.json')),
      JSON.stringify(fixture('eventbridge-object-deleted.json')),
      event(0, 1, { key: key.replaceAll('111122223333', '444455556666') }),
      event(0, 1, { key: key.replaceAll('eu-central-1', 'eu-west-1') }),
    );
    const one = { testEvent: 1, otherEvent: 1, notAFlowLog: 1, otherLog: 0, otherAccount: 1, otherRegion: 1 };
    expect([settled, figures().skipped, refreshed(), marks]).toEqual([
      Array(5).fill('done'),
      { ...one, tooOld: 0, gone: 0, overwritten: 0 },
      0,
      [],
    ]);
    expect(figures().secondsBehind).toBeUndefined();
  });

  test('says how far behind the newest of its objects is', async () => {
    const { deliver, figures } = deployment(thirds);
    await deliver(event(0, 1, { time: '2026-01-14T08:00:00Z' }), event(1, 1, { time: '2026-01-14T08:59:30.250Z' }));
    expect(figures().secondsBehind).toBe(29.75);
    await deliver(event(2, 1, { time: '2026-01-14T09:00:07Z' }));
    expect(figures().secondsBehind).toBe(0);
  });
});

describe('a message comes again', () => {
  test('if there was no time for its object', async () => {
    let reads = 0;
    const { deliver, sums, figures } = deployment(thirds, { hasTime: () => ++reads < 3 });
    expect(await deliver(event(0), event(1), event(2))).toEqual([
      'done',
      'done',
      `${nameOf(2)}: no time was left to read it`,
    ]);
    expect([await sums(), figures().endings.left]).toEqual([only(share(0), share(1)), 1]);
  });

  test('if nobody knows whether the store has taken it', async () => {
    const { deliver, ports, sums, figures } = deployment(thirds);
    const { store } = ports;
    const lost: UsageStore['addOnce'] = async (objects, addition) => {
      await store.addOnce(objects, addition);
      throw new Error('socket hang up');
    };
    Object.assign(ports, { store: { ...store, addOnce: lost } });
    const settled = await deliver(event(0), event(1), JSON.stringify(fixture('s3-test-event.json')));
    expect(settled).toEqual([`${nameOf(0)}: socket hang up`, `${nameOf(1)}: socket hang up`, 'done']);
    Object.assign(ports, { store });
    expect(await deliver(event(0), event(1))).toEqual(['done', 'done']);
    expect([await sums(), figures().endings]).toEqual([
      only(share(0), share(1)),
      expect.objectContaining({ counted: 0, duplicate: 2 }),
    ]);
  });

  test('if the inventory cannot be refreshed', async () => {
    const { deliver, ports, tried } = deployment(thirds);
    const refresh = () => Promise.reject(new Error('no snapshot'));
    Object.assign(ports, { inventories: { ...ports.inventories, refresh } });
    expect([await deliver(event(0)), tried]).toEqual([[`${nameOf(0)}: no snapshot`], []]);
  });
});

describe('a key that was written twice', () => {
  const second: Content = { records: share(1), version: 2 };

  test('after it was counted is overwritten: left to the night, and said so', async () => {
    const { deliver, bucket, sums, marks, figures } = deployment(thirds);
    await deliver(event(0));
    bucket.set(nameOf(0), second);
    expect([await deliver(event(0, 2)), await sums(), marks]).toEqual([
      ['done'],
      only(share(0)),
      ['-1 overwritten', '0 overwritten'],
    ]);
    expect(figures()).toMatchObject({
      endings: { counted: 0, duplicate: 0, skipped: 1 },
      skipped: { overwritten: 1 },
      leftToTheNight: [{ name: nameOf(0), reason: 'overwritten' }],
    });
  });

  test('with the same content is a duplicate', async () => {
    const { deliver, marks, figures } = deployment(thirds);
    await deliver(event(0));
    expect(await deliver(event(0, 2, { etag: 'etag-1' }))).toEqual(['done']);
    expect([figures().endings.duplicate, marks]).toEqual([1, []]);
  });

  test('before it was counted is counted by the event of the second content, whichever comes first', async () => {
    for (const order of [
      [1, 2],
      [2, 1],
    ]) {
      const { deliver, sums, marks } = deployment({ 0: second });
      const settled = await deliver(event(0, order[0]));
      settled.push(...(await deliver(event(0, order[1]))));
      expect([settled, await sums(), new Set(marks)]).toEqual([
        ['done', 'done'],
        only(share(1)),
        new Set(['-1 overwritten', '0 overwritten']),
      ]);
    }
  });

  test('is counted with its last content if one batch tells of both', async () => {
    const { deliver, sums, marks, tried, figures } = deployment({ 0: second });
    const settled = await deliver(event(0), event(0, 2), notification(written(0), written(0, 2)));
    expect([settled, await sums(), tried]).toEqual([['done', 'done', 'done'], only(share(1)), [nameOf(0)]]);
    expect(figures()).toMatchObject({ endings: { counted: 1, duplicate: 1, skipped: 2 }, skipped: { overwritten: 2 } });
    expect(marks).toEqual(['-1 overwritten', '0 overwritten']);
  });

  test('is counted in the end if its events are in no clear order', async () => {
    const { deliver, sums } = deployment({ 0: second });
    const misleading = { sequencer: '', time: '2026-01-14T08:00:00Z' };
    const [first, last] = await deliver(event(0), event(0, 2, misleading));
    expect([first, last]).toEqual(['done', `${nameOf(0)}: another content of it was tried first`]);
    expect([await deliver(event(0, 2, misleading)), await sums()]).toEqual([['done'], only(share(1))]);
  });

  test('by another worker, faster with the other content, is overwritten', async () => {
    const { deliver, ports, sums, marks, figures } = deployment({ 0: { records: WORLD.records, version: 2 } });
    const { store } = ports;
    const faster: UsageStore['addOnce'] = async (objects, addition) => {
      await store.addOnce([{ name: nameOf(0), version: 'etag-1', flowLogId: 'fl-0a' }], addition);
      return store.addOnce(objects, addition);
    };
    Object.assign(ports, { store: { ...store, addOnce: faster } });
    expect([await deliver(event(0, 2)), await sums(), marks.length]).toEqual([['done'], whole, 2]);
    expect(figures()).toMatchObject({ conflicts: 1, records: 0, unknownInterfaceRecords: 0, bytes: 0 });
  });
});

/** A record that ends so many days after the day of the files. */
function onDay(later: number): (typeof WORLD.records)[number] {
  const end = (DAY + later) * 86_400 + 600;
  return { ...WORLD.records[0]!, start: String(end - 60), end: String(end) };
}

test('what is counted for a day that a night may have read marks that day first', async () => {
  const order: string[] = [];
  const lateIn = (hours: number) => {
    const { ports, deliver } = deployment(
      { 0: { records: [onDay(0), onDay(-1)] } },
      { now: () => (DAY + 1) * 86_400 + hours * 3600 },
    );
    Object.assign(ports, {
      store: {
        ...ports.store,
        addOnce: (...args: Parameters<UsageStore['addOnce']>) => {
          order.push('added');
          return store.addOnce(...args);
        },
        markDay: async (day: number, reason: string) => {
          order.push(`${reason} ${day === DAY ? 'of the last day' : 'before'}`);
        },
      },
    });
    const store = ports.store;
    return deliver;
  };
  await lateIn(1)(event(0));
  expect(order.filter((line) => line.endsWith('of the last day'))).toEqual([]);
  order.length = 0;
  await lateIn(3)(event(0));
  expect(order.at(-1)).toBe('added');
  expect(order).toContain('late of the last day');
});

test('a day that no night finds the file of is not marked, whatever its records say', async () => {
  const records = [3, 1, 0, -1, -2, -3, -40].map(onDay);
  const { deliver, marks } = deployment({ 0: { records } }, { now: () => (DAY + 9) * 86_400 });
  expect(await deliver(event(0))).toEqual(['done']);
  expect(marks.toSorted()).toEqual(['-1 late', '-2 late', '0 late', '1 late']);
});

describe('what cannot be counted any more marks its day, and the day before, for the night', () => {
  test('an object that is gone', async () => {
    const { deliver, marks, figures } = deployment({});
    expect([await deliver(event(0), event(1)), marks]).toEqual([
      ['done', 'done'],
      ['-1 gone', '0 gone'],
    ]);
    expect(figures()).toMatchObject({ skipped: { gone: 2 }, endings: { failed: 0 } });
  });

  test('but not one that is gone since it was counted', async () => {
    const { deliver, bucket, marks, figures } = deployment(thirds);
    await deliver(event(0));
    bucket.clear();
    expect([await deliver(event(0)), marks, figures().endings.duplicate]).toEqual([['done'], [], 1]);
  });

  test('one whose note may have expired: it is not read', async () => {
    const { deliver, marks, tried, figures } = deployment(thirds);
    const body = event(0, 1, { time: '2025-11-01T00:00:00Z' });
    expect([await deliver(body), marks, tried]).toEqual([['done'], ['-1 tooOld', '0 tooOld'], []]);
    expect(figures().skipped.tooOld).toBe(1);
  });

  test('and comes again if it cannot be marked', async () => {
    const { deliver, ports, sums } = deployment(thirds);
    const markDay = () => Promise.reject(new Error('throttled'));
    Object.assign(ports, { store: { ...ports.store, markDay } });
    expect(await deliver(event(9), event(0))).toEqual(['throttled', 'done']);
    expect(await sums()).toEqual(only(share(0)));
  });
});
