import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { SAMPLE } from './program.ts';

/** The sample's inventory without what the account remembers: how old rules are, is unknown. */
const SAMPLE_INVENTORY = mkdtempSync(join(tmpdir(), 'stale-sg-sample-'));
cpSync(join(SAMPLE, 'inventory'), SAMPLE_INVENTORY, { recursive: true });
rmSync(join(SAMPLE_INVENTORY, 'cloudtrail-events.json'));
afterAll(() => {
  rmSync(SAMPLE_INVENTORY, { recursive: true });
});

export const SAMPLE_LOGS = join(SAMPLE, 'logs');

/** The arguments that analyze three days of the shipped sample. */
export function analyzeSample(
  out: string,
  more: readonly string[] = [],
  logs: readonly string[] = [SAMPLE_LOGS],
): string[] {
  return ['analyze', '--inventory', SAMPLE_INVENTORY, '--logs', ...logs, '--out', out, ...more];
}

/** Its log files by path. */
export const sampleLogs = readdirSync(SAMPLE_LOGS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.log'))
  .map((name) => join(SAMPLE_LOGS, name))
  .sort()
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
