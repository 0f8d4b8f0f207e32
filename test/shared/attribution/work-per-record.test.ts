import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const PROGRAM = join(import.meta.dirname, '../../bench/allocations.ts');
const FLAGS = ['--no-warnings', '--expose-gc', '--max-semi-space-size=1024', '--min-semi-space-size=1024'];

test('a record leaves next to nothing for the garbage collector, whatever the number of rules', () => {
  const { stdout, stderr } = spawnSync(process.execPath, [...FLAGS, PROGRAM], { encoding: 'utf8' });
  const figures = JSON.parse(stdout || `"${stderr}"`) as { name: string; bytes: number }[];
  const bounds = {
    'reading only': 16,
    '100 rules': 64,
    '1,000 rules': 256,
    '10,000 rules': 256,
    '10,000 rules, crowded': 64,
  };
  const within = figures.map(({ name, bytes }) => [name, bytes >= -16 && bytes <= bounds[name as keyof typeof bounds]]);
  expect({ figures, within }).toEqual({ figures, within: Object.keys(bounds).map((name) => [name, true]) });
});
