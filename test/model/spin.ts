import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, jest } from '@jest/globals';
import { SIZE } from '../size.ts';

/** What SPIN is to check, and how. */
export interface Search {
  /** PROMELA. */
  readonly model: string;
  /** Of the model's preprocessor, by name. */
  readonly defines: Readonly<Record<string, number>>;
  /** True where an error is expected: then what searches is compiled in less time, and is slower. */
  readonly isFaulty?: boolean;
}

/** What SPIN found in all interleavings; or, where it found an error, up to there. */
export interface Found {
  /** The assertion that does not hold, as the model writes it; undefined where all hold. */
  readonly broken: string | undefined;
  readonly states: number;
  /** Of the longest way, in steps. */
  readonly depth: number;
  /** In megabytes. */
  readonly memory: number;
}

const MOST_MEGABYTES = 2000;
const MOST_STEPS = 1_000_000;
const MOST_MILLISECONDS = 600_000;
/** Of the table of states, as a power of two. */
const TABLE_SIZE = 24;

/** A `describe` for tests that run SPIN. Without it, or without gcc, they are skipped under a name that says so. */
export function describeWithSpin(name: string, tests: () => void): void {
  jest.setTimeout(MOST_MILLISECONDS);
  const isMissing = ['spin', 'gcc'].some((program) => spawnSync(program, ['--version']).error !== undefined);
  if (isMissing) describe.skip(`${name} [needs SPIN and gcc: apt-get install spin gcc]`, tests);
  else describe(name, tests);
}

/**
 * Goes through all states, up to the first error.
 *
 * @throws Error with what SPIN says, where the model is none, or is too large for the bounds above
 */
export function search({ model, defines, isFaulty = false }: Search): Found {
  const folder = mkdtempSync(join(tmpdir(), 'spin-'));
  try {
    writeFileSync(join(folder, 'model.pml'), model);
    const defined = Object.entries(defines).map(([name, value]) => `-D${name}=${String(value)}`);
    run(folder, 'spin', ['-a', ...defined, 'model.pml']);
    run(folder, 'gcc', [
      isFaulty ? '-O0' : '-O2',
      '-w',
      '-DSAFETY',
      // Half as much memory for a third more time.
      ...(SIZE > 1 ? ['-DCOLLAPSE'] : []),
      `-DMEMLIM=${String(MOST_MEGABYTES)}`,
      '-o',
      'pan',
      'pan.c',
    ]);
    return foundIn(run(folder, join(folder, 'pan'), [`-m${String(MOST_STEPS)}`, `-w${String(TABLE_SIZE)}`]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(cwd: string, program: string, parameters: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync(program, parameters, { cwd, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ended with ${String(status)}: ${stdout}${stderr}`);
  return stdout;
}

/** https://spinroot.com/spin/Man/Pan.html */
function foundIn(report: string): Found {
  const number = (pattern: RegExp): number => Number(pattern.exec(report)?.[1] ?? NaN);
  const errors = number(/errors: (\d+)/);
  const broken = /assertion violated \(?(\w+)/.exec(report)?.[1];
  const isWhole = !report.includes('Search not completed') && !report.includes('max search depth too small');
  if (errors === 0 ? !isWhole : broken === undefined) throw new Error(report);
  return {
    broken,
    states: number(/(\S+) states, stored/),
    depth: number(/depth reached (\d+)/),
    memory: number(/([\d.]+)\s+total actual memory usage/),
  };
}
