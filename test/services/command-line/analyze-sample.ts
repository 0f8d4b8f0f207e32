import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SAMPLE } from './program.ts';

export const SAMPLE_LOGS = join(SAMPLE, 'logs');

/** The arguments that analyze the shipped sample. */
export function analyzeSample(
  out: string,
  more: readonly string[] = [],
  logs: readonly string[] = [SAMPLE_LOGS],
): string[] {
  return ['analyze', '--inventory', join(SAMPLE, 'inventory'), '--logs', ...logs, '--out', out, ...more];
}

/** Its log files by path. */
export const sampleLogs = readdirSync(SAMPLE_LOGS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.log'))
  .map((name) => join(SAMPLE_LOGS, name))
  .sort()
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
