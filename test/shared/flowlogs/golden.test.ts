import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readRows, readStream, type Outcome } from './outcome.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/flow-logs');
const EXPECTED = '.expected.json';
const files = readdirSync(FOLDER).filter((name) => name !== 'README.md');
const samples = files.filter((name) => !name.endsWith(EXPECTED));
const stem = (sample: string): string => sample.replace(/\.(log|parquet)$/, '');

const read = async (sample: string): Promise<Outcome> =>
  sample.endsWith('.parquet')
    ? readRows(readFileSync(join(FOLDER, sample)))
    : readStream(createReadStream(join(FOLDER, sample)));

describe('a sample reads as the file beside it says', () => {
  test.each(samples)('%s', async (sample) => {
    const expected = JSON.parse(readFileSync(join(FOLDER, stem(sample) + EXPECTED), 'utf8')) as Outcome;
    expect(await read(sample)).toEqual(expected);
  });
});

test('every reading has its sample, and every sample its line in the README', () => {
  const readings = files.filter((name) => name.endsWith(EXPECTED)).map((name) => name.slice(0, -EXPECTED.length));
  expect(samples.map(stem).sort()).toEqual(readings.sort());
  const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8');
  expect(samples.filter((sample) => !readme.includes(`| \`${sample}\` |`))).toEqual([]);
});
