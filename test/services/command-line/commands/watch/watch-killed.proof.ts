// Costs about 40 seconds.
import { spawn } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, jest, test } from '@jest/globals';
import { identityOf } from '../../../../../services/command-line/files/log-files.ts';
import { SqliteStore } from '../../../../../services/count-usage/sqlite/sqlite-store.ts';
import { Random } from '../../../../oracle/random.ts';
import { removeScratchFolders } from '../../../generate-account/generated.ts';
import { runMain } from '../../program.ts';
import { analyzedAccount, drop, shownUsage } from '../../watched.ts';

const writtenAt = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs;

const isCounted = async (store: SqliteStore, name: string): Promise<boolean> =>
  (await store.counted(identityOf(name, name))) !== undefined;

/** More for a long run: `STALE_SG_KILLS=1000 npm run test:proofs -- watch-killed`. */
const KILLS = Number(process.env.STALE_SG_KILLS ?? 40);
const SEED = Number(process.env.STALE_SG_SEED ?? 1);
const WORKERS = 2;
const BIN = join(import.meta.dirname, '../../../../../services/command-line/bin/stale-sg.js');

jest.setTimeout(60_000 + 5000 * KILLS);
afterAll(removeScratchFolders);

test(`${KILLS} kills of two workers on one store, while files come, come again and change: each file counts once`, async () => {
  const random = new Random(SEED);
  const { out, inventory, logs, files, expected } = await analyzedAccount(12_000, 120, SEED);
  const [watched, store] = [join(out, 'watched'), join(out, 'store.db')];
  const tally = { kills: 0, batches: 0, conflicts: 0, again: 0, changed: 0 };
  const waiting = random.shuffled(files);
  const dropped: string[] = [];
  drop(join(logs, waiting[0]!), join(watched, waiting[0]!));

  /** One process, from its start to its end by SIGKILL; the moment is chosen beforehand. */
  const live = async (): Promise<void> => {
    const args = ['watch', '--logs', watched, '--inventory', inventory, '--store', store, '--poll', '0.02'];
    const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const ended = new Promise<NodeJS.Signals | null>((resolve) => {
      child.once('close', (_code, signal) => {
        resolve(signal);
      });
    });
    const kill = (): void => {
      child.kill('SIGKILL');
    };
    // Some die at any moment, most of them in or about a commit: it is told by the log that SQLite writes ahead.
    const timers = [setTimeout(kill, random.chance(0.3) ? random.between(300, 1500) : 2500)];
    const [after, delay] = [random.pick([1, 2, 2, 4, 9]), random.between(0, 15)];
    let commits = 0;
    let written = writtenAt(`${store}-wal`);
    timers.push(
      setInterval(() => {
        const now = writtenAt(`${store}-wal`);
        if (now !== written && ++commits === after) timers.push(setTimeout(kill, delay));
        written = now;
      }, 1),
    );
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      tally.batches += text.match(/records counted in/g)?.length ?? 0;
      tally.conflicts += text.match(/left to another worker/g)?.length ?? 0;
    });
    expect([await ended, errors.replace(/^stale-sg: \S+: (overwritten after|it changed while) .*\n/gm, '')]).toEqual([
      'SIGKILL',
      '',
    ]);
    for (const timer of timers) clearTimeout(timer);
    tally.kills++;
  };

  const isOver = (): boolean => tally.kills >= KILLS;
  const work = async (): Promise<void> => {
    while (!isOver()) await live();
  };

  /** New files in step with the kills, so that there is something to count at every one of them. */
  const deliver = async (): Promise<void> => {
    let reader: SqliteStore | undefined;
    while (!isOver() || waiting.length > 0) {
      await sleep(15);
      const due = Math.ceil((files.length * (tally.kills + 1)) / KILLS);
      if (dropped.length < due && waiting.length > 0) {
        const name = waiting.shift()!;
        drop(join(logs, name), join(watched, name));
        dropped.push(name);
      } else if (random.chance(0.05)) {
        // The same file once more: whether it was counted or not, nothing changes.
        const name = random.pick(dropped);
        drop(join(logs, name), join(watched, name));
        tally.again++;
      } else if (random.chance(0.02) && tally.kills > 0 && existsSync(store)) {
        reader ??= new SqliteStore(store, { create: true });
        const name = random.pick(dropped);
        // Only what was counted may change without changing the sums.
        if (!(await isCounted(reader, name))) continue;
        writeFileSync(join(out, 'other'), 'something else');
        drop(join(out, 'other'), join(watched, name));
        tally.changed++;
      }
    }
    reader?.close();
  };

  await Promise.all([deliver(), ...Array.from({ length: WORKERS }, work)]);
  const { kills, batches, conflicts, again, changed } = tally;
  console.log(
    `${kills} kills, ${batches} batches, ${conflicts} conflicts, ${files.length} files; ` +
      `${again} dropped again, ${changed} changed after they were counted`,
  );
  const last = await runMain(['watch', '--once', '--logs', watched, '--inventory', inventory, '--store', store]);
  expect(last.status).toBe(0);
  expect(await shownUsage(store)).toEqual({ files: files.length, usage: expected });
  const reader = new SqliteStore(store, { create: true });
  for (const name of files) expect(await isCounted(reader, name)).toBe(true);
  reader.close();
});
