import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../../shared/advice/removal/plan.ts';
import type { UsageReport } from '../../shared/reports/schema.ts';
import type { Run } from '../services/command-line/program.ts';
import { snapshotFolder } from './case-files.ts';
import { at } from './clock.ts';
import type { Expectation, Paths, Step, StepName } from './expectation.ts';
import type { World } from './world.ts';
import { isoTime } from '../../shared/time.ts';

/** For `--rules-known-since`, where there are no snapshots that tell. */
export const KNOWN_SINCE = '2025-06-01';

/** Calls the program; one call at a time. */
export type Call = (words: readonly string[]) => Promise<Run>;

/** What came of one step. */
export interface StepResult extends Run {
  readonly words: readonly string[];
  readonly usage?: UsageReport;
  readonly plan?: Plan;
}

export type Results = ReadonlyMap<StepName, StepResult>;

const ASKS_FOR_A_PLAN: ReadonlySet<Expectation['kind']> = new Set([
  'needed',
  'notPlanned',
  'removable',
  'oneRemovable',
]);

/** A step makes no sense where the one that it rests on failed. */
const RESTS_ON: Readonly<Partial<Record<StepName, StepName>>> = {
  plan: 'analyze',
  simulate: 'analyze',
  'check-plan': 'plan',
};

/** Runs all steps over a world that is written to `root`. */
export async function runSteps(world: World, root: string, call: Call): Promise<Results> {
  const paths = pathsOf(world, root);
  const results = new Map<StepName, StepResult>();
  for (const { name, words, figures } of stepsOf(world)) {
    const before = RESTS_ON[name];
    if (before !== undefined && (results.get(before)?.status ?? 0) !== 0) continue;
    results.set(name, await runStep(call, words(paths), paths, name === 'plan', figures?.(paths)));
  }
  return results;
}

async function runStep(
  call: Call,
  words: readonly string[],
  { root, plan }: Paths,
  plans: boolean,
  figures: string | undefined,
): Promise<StepResult> {
  const { status, stdout, stderr } = await call(words);
  const plain = (text: string): string => text.replaceAll(`${root}/`, '');
  const result = { words: words.map(plain), status, stdout: plain(stdout), stderr: plain(stderr) };
  if (status !== 0) return result;
  try {
    return {
      ...result,
      ...(figures !== undefined && { usage: (await readJson(figures)) as UsageReport }),
      ...(plans && { plan: (await readJson(join(plan, 'plan.json'))) as Plan }),
    };
  } catch (error) {
    return { ...result, status: 1, stderr: `left no figures: ${String(error)}` };
  }
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}

/** The last line of what it says went wrong. */
export function lastError({ stderr }: Run): string {
  const [last = ''] = stderr.trim().split('\n').slice(-1);
  return last === '' ? 'no word of why' : last.slice(0, 200);
}

function stepsOf(world: World): Iterable<Step> {
  const steps = new Map<StepName, Step>([['analyze', analyzeStep(world)]]);
  if (world.expectations.some(({ kind }) => ASKS_FOR_A_PLAN.has(kind))) steps.set('plan', planStep(world));
  for (const step of world.steps) steps.set(step.name, step);
  return steps.values();
}

function analyzeStep(world: World): Step {
  return {
    name: 'analyze',
    words: ({ inventory, logs, out, asOf }) => [
      ...['analyze', '--inventory', inventory, '--logs', logs, '--out', out, '--as-of', asOf],
      ...vouchFor(world),
    ],
    figures: ({ out }) => join(out, 'usage.json'),
  };
}

function planStep(world: World): Step {
  return {
    name: 'plan',
    words: ({ out, plan, inventory }) => [
      ...['plan', '--report', join(out, 'usage.json'), '--evidence', out, '--out', plan],
      ...['--inventory', inventory, '--min-days', '1'],
      ...vouchFor(world),
    ],
  };
}

/** Snapshots tell by themselves how old rules are. */
function vouchFor(world: World): string[] {
  return world.snapshots.length > 0 ? [] : ['--rules-known-since', KNOWN_SINCE];
}

function pathsOf(world: World, root: string): Paths {
  const last = Math.max(...world.snapshots.map(({ takenAt }) => takenAt));
  return {
    root,
    inventory: join(root, 'inventory'),
    newest: join(root, world.snapshots.length > 0 ? snapshotFolder(last) : 'inventory'),
    logs: join(root, 'logs'),
    out: join(root, 'out'),
    plan: join(root, 'plan'),
    asOf: isoTime(at(world.length, 0)),
  };
}
