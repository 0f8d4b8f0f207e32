/** What `analyze` writes does not depend on the number of threads, and whatever goes wrong in one of them ends all. */
import { appendFile, cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { AnalyzeThread } from '../../../../../services/command-line/commands/analyze/analyze-threads.ts';
import { openEvidenceFolder } from '../../../../../services/command-line/evidence/evidence-folder.ts';
import { dealt, endDeal, newDeal, threadsFor } from '../../../../../services/command-line/files/deal-files.ts';
import { generated, removeScratchFolders } from '../../../generate-account/generated.ts';
import { runBin, runMain } from '../../program.ts';
import { scratch } from '../../scratch.ts';

jest.setTimeout(180_000);
const folder = scratch('block');
const WRITTEN = ['usage.json', 'usage.csv', 'report.html'];
let account = '';

beforeAll(async () => {
  // Three days, of which snapshots tell, with rival flow logs, replaced interfaces and whatever else misleads.
  const more = { hard: true, snapshots: true, deliveryMinutes: 60, filesPerInterval: 1 };
  ({ out: account } = await generated({
    seed: 11,
    records: 6000,
    minutes: 3 * 1440,
    interfaces: 80,
    rules: 320,
    ...more,
  }));
});
afterAll(removeScratchFolders);

const analyze = (out: string, threads: number, inventory = 'inventory', logs = join(account, 'logs')): string[] => [
  ...['analyze', '--inventory', join(account, inventory), '--logs', logs],
  ...['--out', folder.path(out), '--threads', String(threads)],
];

async function evidenceOf(out: string): Promise<string[]> {
  const source = await openEvidenceFolder(folder.path(out));
  const rows: string[] = [];
  for (const day of await source.days()) {
    rows.push(`day ${String(day)}`);
    for await (const flow of source.flows(day)) rows.push(JSON.stringify(flow));
  }
  return rows;
}

describe.each([
  ['inventory', [2, 5]],
  ['snapshots', [3]],
])('of %s', (inventory, numbers) => {
  test('any number of threads writes the same bytes, and the same evidence in the same order', async () => {
    const told = async (threads: number) => {
      const out = `${inventory}-${String(threads)}`;
      const { status, stdout, stderr } = await runMain(analyze(out, threads, inventory));
      expect([status, stderr]).toEqual([0, '']);
      const written = await Promise.all(WRITTEN.map((name) => folder.read(`${out}/${name}`)));
      const left = (await readdir(folder.path(`${out}/evidence`))).filter((name) => name.startsWith('.'));
      return { written, left, evidence: await evidenceOf(out), stdout: stdout.replaceAll(folder.path(out), 'out') };
    };
    const one = await told(1);
    expect(one.left).toEqual([]);
    expect(one.evidence.length).toBeGreaterThan(1000);
    const report = JSON.parse(one.written[0]!) as { records: { duplicateLog: number } };
    expect(report.records.duplicateLog).toBeGreaterThan(50);
    for (const threads of numbers) expect(await told(threads)).toEqual(one);
  });
});

describe('what goes wrong', () => {
  test('a file that cannot be read, in whichever thread: it is named, and nothing is left', async () => {
    const logs = folder.path('bad-logs');
    await cp(join(account, 'logs'), logs, { recursive: true });
    const names = (await readdir(logs, { recursive: true })).filter((name) => name.endsWith('.gz')).sort();
    for (const at of [0, Math.floor(names.length / 2), names.length - 1]) {
      const path = join(logs, names[at]!);
      await appendFile(path, 'no gzip');
      const { status, stdout, stderr } = await runMain(analyze('bad', 3, 'inventory', logs));
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toBe(`stale-sg: ${path}: corrupt gzip data (incorrect header check)\n`);
      expect(await folder.filesIn('bad')).toEqual([]);
      await cp(join(account, 'logs', names[at]!), path);
    }
  });

  test('an inventory that cannot be read', async () => {
    const { status, stderr } = await runMain(analyze('none', 2, 'logs'));
    expect([status, stderr]).toEqual([1, expect.stringContaining('security-groups.json: not found')]);
  });

  test('a thread that runs out of memory, and one that fails otherwise', async () => {
    const task = {
      inventory: [join(account, 'inventory')],
      files: [],
      deal: newDeal(0),
      read: new Float64Array(new SharedArrayBuffer(32)),
      evidenceFolder: folder.path('memory'),
      run: 'run1',
      scratch: ['a', 'b'],
      access: {},
    };
    const small = new AnalyzeThread(task, 1, { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 });
    await expect(small.counted).rejects.toThrow('a thread ran out of memory: give fewer by --threads, or more memory');
    const broken = new AnalyzeThread({ ...task, inventory: [folder.path('nowhere')] }, 1);
    await expect(broken.counted).rejects.toThrow('nowhere: not found');
    await broken.end();
    expect(Atomics.load(task.deal, 0)).toBe(1);
  });

  test('the signal of Ctrl-C ends all threads at once, and what counted before still does', async () => {
    await runMain(analyze('interrupted', 1));
    const before = await folder.read('interrupted/usage.json');
    const { status } = await runBin(analyze('interrupted', 3), {
      started: (child) => setTimeout(() => child.kill('SIGINT'), 700),
    });
    expect(status).toBe('SIGINT');
    expect(await folder.read('interrupted/usage.json')).toBe(before);
    expect((await evidenceOf('interrupted')).length).toBeGreaterThan(1000);
    await rm(folder.path('interrupted'), { recursive: true });
  });
});

describe('files are dealt to threads', () => {
  const files = Array.from({ length: 40 }, (_, i) => ({ name: `${String(i)}.log.gz`, size: 1 + ((i * 7) % 13) }));
  const indexOf = (file: (typeof files)[number]): number => files.indexOf(file);

  test('each of them once, in whatever turns, and first those of a run of its own', () => {
    for (const threads of [1, 2, 3, 7, 40, 60]) {
      const deal = newDeal(files.length);
      const all = Array.from({ length: threads }, (_, thread) => dealt(files, deal, thread, threads));
      const taken: number[][] = all.map(() => []);
      for (let left = true, turn = 0; left; turn++) {
        left = false;
        for (const [thread, one] of all.entries()) {
          // The first one is much slower.
          const isSlow = thread === 0 && turn % 5 > 0;
          const next = isSlow ? undefined : one.next();
          if (next && next.done !== true) taken[thread]!.push(indexOf(next.value));
          left ||= next?.done !== true;
        }
      }
      expect(taken.flat().sort((a, b) => a - b)).toEqual(files.map((_, i) => i));
      for (const [first, second] of taken) if (second !== undefined && threads < 4) expect(second).toBe(first! + 1);
    }
  });

  test('none any more once one of them has failed', () => {
    const deal = newDeal(files.length);
    const taking = dealt(files, deal, 1, 2);
    taking.next();
    endDeal(deal);
    expect(taking.next().done).toBe(true);
  });

  test('one thread for little, more for much, never more than files', () => {
    const of = (...megabytes: [name: string, size: number][]) =>
      threadsFor(
        megabytes.map(([name, size]) => ({ name, size: size * 2 ** 20 })),
        16,
      );
    expect(of(['a.log.gz', 47], ['b.log.gz', 48])).toBe(1);
    expect(of(['a.log.gz', 47], ['b.log.gz', 49])).toBe(2);
    expect(of(['a.log', 470], ['b.log', 480])).toBe(1);
    expect(of(['a.parquet', 500])).toBe(1);
    expect(of(...Array.from({ length: 100 }, (_, i): [string, number] => [`${String(i)}.log.gz`, 20]))).toBe(16);
  });
});
