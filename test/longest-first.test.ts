import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import LongestFirst, { COSTS, isCostly } from './longest-first.ts';

const folder = mkdtempSync(join(tmpdir(), 'longest-first-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A test file as Jest hands it to the sequencer, of which nothing is known but its size. */
function file(name: string, text: string) {
  const path = join(folder, name);
  writeFileSync(path, text);
  const config = { cacheDirectory: folder, id: 'none' };
  return { path, context: { config, hasteFS: { getSize: () => text.length } } } as never;
}

test('files that say what they cost are run first, each kind by size', async () => {
  const files = [
    file('small.test.ts', '//'),
    file('a.proof.ts', `${COSTS}a minute.`),
    file('large.test.ts', `// What it ${COSTS}, in some other line:\n${COSTS}nothing.`),
    file('b.proof.ts', `${COSTS}half a minute.`),
  ];
  const sorted = await new LongestFirst({ contexts: [], globalConfig: {} } as never).sort(files);
  expect(sorted.map(({ path }) => path.slice(folder.length + 1))).toEqual([
    ...['b.proof.ts', 'a.proof.ts'],
    ...['large.test.ts', 'small.test.ts'],
  ]);
});

test('every test but the quick ones says what it costs', () => {
  const tests = globSync('**/*.*.ts', { cwd: import.meta.dirname }).filter((path) =>
    /\.(proof|browser|cfnlint|moto|trino|spin|terraform|package|published)\.ts$/.test(path),
  );
  expect(tests.length).toBeGreaterThan(40);
  expect(tests.filter((path) => !isCostly(join(import.meta.dirname, path)))).toEqual([]);
});
