import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { keptOrBundled } from '../../../../services/command-line/results/page-script.ts';
import { scratch } from '../scratch.ts';

const folder = scratch();

interface Kept {
  script: string;
  inputs: Record<string, string>;
}

test('the script of the page is kept, and taken from there until something that it is made of is another', async () => {
  const path = folder.path('page.json');
  const made = await keptOrBundled(path);
  expect(readdirSync(folder.path(''))).toEqual(['page.json']);
  const kept = JSON.parse(readFileSync(path, 'utf8')) as Kept;
  expect(kept.script).toBe(made);
  expect(Object.keys(kept.inputs)).toEqual(
    expect.arrayContaining(['shared/reports/page/main.ts', 'shared/reports/page/esbuild.json']),
  );

  writeFileSync(path, JSON.stringify({ ...kept, script: 'another' }));
  expect(await keptOrBundled(path)).toBe('another');
  const inputs = { ...kept.inputs, 'shared/reports/page/main.ts': '1 1' };
  writeFileSync(path, JSON.stringify({ ...kept, script: 'another', inputs }));
  expect(await keptOrBundled(path)).toBe(made);
  writeFileSync(path, JSON.stringify({ ...kept, script: 'another', root: '/another' }));
  expect(await keptOrBundled(path)).toBe(made);
  writeFileSync(path, '{"script":"cut');
  expect(await keptOrBundled(path)).toBe(made);
  // Where no file can be.
  expect(await keptOrBundled(folder.path('page.json/page.json'))).toBe(made);
});
