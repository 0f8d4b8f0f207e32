import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import { SqliteStore } from '../../../../services/count-usage/sqlite/sqlite-store.ts';
import { describeUsageStore } from '../../../contract/usage-store.contract.ts';
import { inventoryOfFiles } from '../../../oracle/core.ts';
import { randomWorld } from '../../../oracle/random-world.ts';
import {
  emptyUsage,
  PEERS_KEPT,
  REJECTED_KEPT,
  UNKNOWN_INTERFACES_KEPT,
  within,
} from '../../../../shared/usage/usage.ts';
import { emptyLogDay, noteSlot, slotsHeard } from '../../../../shared/usage/log-days.ts';
import { crowd } from '../../../shared/usage/plain-usage.ts';
import { scratch } from '../../command-line/scratch.ts';
import { UsageBySource } from '../../../../shared/usage/by-source.ts';
import { STREAM } from '../../../../shared/usage/source.ts';

describeUsageStore('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'count-usage-'));
  const open: SqliteStore[] = [];
  return {
    connect: async () => {
      const store = new SqliteStore(join(folder, 'store.db'), { create: true });
      open.push(store);
      return store;
    },
    remove: async () => {
      for (const store of open) store.close();
      await rm(folder, { recursive: true });
    },
  };
});

const folder = scratch();
const path = (): string => folder.path('store.db');
const open = (create = true): SqliteStore => new SqliteStore(path(), { create });

describe('the file', () => {
  const says = (create: boolean): string => {
    try {
      open(create).close();
      return 'opened';
    } catch (error) {
      return (error as Error).message.replace(path(), 'FILE');
    }
  };

  test('is made only by who may make it', () => {
    expect(says(false)).toBe('FILE: no such store; `stale-sg watch` makes one');
    expect(existsSync(path())).toBe(false);
    expect([says(true), says(false)]).toEqual(['opened', 'opened']);
  });

  test.each<[what: string, make: () => void, create: boolean]>([
    ['text', () => writeFileSync(path(), 'rule_id,used_times\n'.repeat(100)), true],
    ["somebody else's database", () => foreign('CREATE TABLE mine (a)'), true],
    ['a database with a version of somebody else', () => foreign('PRAGMA user_version = 1'), true],
    ['empty, for who only reads', () => writeFileSync(path(), ''), false],
  ])('that is none is refused and left as it is: %s', (_, make, create) => {
    make();
    const before = readFileSync(path());
    expect(says(create)).toBe('FILE: not a store of stale-sg');
    expect(readFileSync(path()).equals(before)).toBe(true);
  });

  test('an empty file becomes a store', () => {
    writeFileSync(path(), '');
    expect(says(true)).toBe('opened');
  });

  test('of another version is refused by both numbers', () => {
    open().close();
    foreign('PRAGMA user_version = 6');
    expect(says(true)).toBe('FILE: a store of version 6; this program knows version 5');
  });

  test('of the version before becomes one of this: what it counted stays, and when files came it does not know', async () => {
    const usage = emptyUsage();
    const log = within(usage.logs, 'fl-1', 1, emptyLogDay);
    log.hours = 0b11;
    const add = async (name: string): Promise<void> => {
      const store = open();
      const sources = new UsageBySource([[STREAM, usage]]);
      const days = new Map([[1, { sources, malformedSamples: [] }]]);
      await store.addOnce([{ name, version: '1', flowLogId: 'fl-1' }], { days, rules: new Map() });
      store.close();
    };
    const heard = async (): Promise<unknown> => {
      const store = open(false);
      const { usage: read } = await store.read();
      store.close();
      const { hours, slots } = read.logs.get('fl-1')!.get(1)!;
      return [hours, slotsHeard({ slots })];
    };
    await add('a');
    foreign('DROP TABLE "log-slots"; PRAGMA user_version = 4');
    expect(await heard()).toEqual([0b11, []]);
    noteSlot(log, 17);
    await add('b');
    expect(await heard()).toEqual([0b11, [17]]);
  });

  test('a damaged one is no store, or says what SQLite found', () => {
    open().close();
    const bytes = readFileSync(path());
    bytes.fill(7, 0, 50);
    writeFileSync(path(), bytes);
    expect(says(true)).toBe('FILE: not a store of stale-sg');
  });

  test('is kept so that a commit survives a power failure', () => {
    const store = open();
    const db = new DatabaseSync(path());
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    db.close();
    store.close();
  });

  test('a copy taken between two commits is a store of its own', async () => {
    const store = open();
    await store.addOnce([{ name: 'a', version: '', flowLogId: undefined }], { days: new Map(), rules: new Map() });
    store.close();
    copyFileSync(path(), folder.path('copy.db'));
    const copy = new SqliteStore(folder.path('copy.db'), { create: false });
    expect((await copy.read()).objects).toBe(1);
    copy.close();
  });

  test('does not grow with what samples leave out', async () => {
    const store = open();
    for (const [name, from] of [
      ['a', 0],
      ['b', 3000],
    ] as const) {
      const usage = crowd(Array.from({ length: 3000 }, (_, i) => from + i));
      await store.addOnce([{ name, version: '', flowLogId: undefined }], {
        days: new Map([[0, { sources: new UsageBySource([[STREAM, usage]]), malformedSamples: [] }]]),
        rules: new Map(),
      });
    }
    const db = new DatabaseSync(path());
    const rows = (table: string): unknown => db.prepare(`SELECT count(*) AS n FROM "${table}"`).get()!.n;
    const kept = [REJECTED_KEPT, UNKNOWN_INTERFACES_KEPT, 2 * PEERS_KEPT];
    expect([rows('rejected-flows'), rows('unknown-interfaces'), rows('rule-peers')]).toEqual(kept);
    db.close();
    store.close();
  });

  function foreign(sql: string): void {
    const db = new DatabaseSync(path());
    db.exec(sql);
    db.close();
  }
});

describe('the rules of the inventory', () => {
  const inventory = inventoryOfFiles(randomWorld(11).files);

  test('come back as they were given, ordered by group and rule', () => {
    const store = open();
    store.putInventory(inventory, 1000.7);
    expect(store.rules()).toEqual(inventory.rules.map((rule) => ({ rule, removedAt: undefined })));
    expect(inventory.groups.size).toBeGreaterThan(0);
    for (const groupId of inventory.groups.keys()) expect(store.hasGroup(groupId)).toBe(true);
    expect(store.hasGroup('sg-none')).toBe(false);
    store.close();
  });

  test('one that goes is kept as removed, one that changes starts anew, one that comes back is there', () => {
    const store = open();
    const [gone, changed, ...others] = inventory.rules;
    const after = { ...changed!, protocol: '-1', protocolNumber: undefined, ports: undefined };
    store.putInventory(inventory, 1000);
    store.putInventory({ ...inventory, rules: [after, ...others] }, 2000);
    const known = store.rules();
    expect(known.find(({ rule }) => rule.ruleId === gone!.ruleId)!.removedAt).toBe(2000);
    expect(known.filter(({ removedAt }) => removedAt !== undefined)).toHaveLength(1);
    const db = new DatabaseSync(path());
    const since = db.prepare(
      'SELECT first_seen, last_seen, content_since FROM "sg-analysis-rules-data" WHERE rule_id = ?',
    );
    expect(since.get(after.ruleId)).toEqual({ first_seen: 1000, last_seen: 2000, content_since: 2000 });
    expect(since.get(others[0]!.ruleId)).toEqual({ first_seen: 1000, last_seen: 2000, content_since: 1000 });
    db.close();
    store.putInventory(inventory, 3000);
    expect(store.rules().every(({ removedAt }) => removedAt === undefined)).toBe(true);
    store.close();
  });
});
