import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { EQUIVALENT, FAULTS, nameOf } from './faults.ts';
import { suitesOf } from './suites.ts';

const ROOT = resolve(import.meta.dirname, '../..');

test('each fault stands in the source once, so that it can be put in: change or drop it with the code', () => {
  const outdated = FAULTS.filter(({ file, text, fault }) => {
    const source = readFileSync(join(ROOT, file), 'utf8');
    return source.split(text).length !== 2 || text === fault;
  });
  expect(outdated.map(nameOf)).toEqual([]);
});

test('each is there once, and a test of its part is known', () => {
  const names = FAULTS.map(nameOf);
  expect(names.length - new Set(names).size).toBe(0);
  const suites = new Set(FAULTS.flatMap(({ file }) => suitesOf(file)));
  expect([...suites].filter((suite) => !existsSync(join(ROOT, suite)))).toEqual([]);
});

test('reasons are given for faults that are there', () => {
  const names = new Set(FAULTS.map(nameOf));
  expect([...EQUIVALENT.keys()].filter((name) => !names.has(name))).toEqual([]);
});
