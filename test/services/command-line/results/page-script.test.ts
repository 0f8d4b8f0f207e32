import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { bundlePage } from '../../../../services/command-line/results/page-script.ts';
import { scratch } from '../scratch.ts';

const folder = scratch();

test('the script of the page is kept where that is asked for, and taken from there', async () => {
  const kept = folder.path('page.js');
  const made = await bundlePage(kept);
  expect(made).toBe(await bundlePage());
  expect(readdirSync(folder.path(''))).toEqual(['page.js']);
  expect(readFileSync(kept, 'utf8')).toBe(made);
  writeFileSync(kept, 'another');
  expect(await bundlePage(kept)).toBe('another');
});
