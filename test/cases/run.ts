/**
 * `node test/cases/run.ts [IDS…] [--kind KIND] [--show] [--write DIR]`: runs cases over the program in processes of its
 * own, a line each; status 1 if any fails. `--show` prints the situation, what was run and what came out; `--write` writes
 * what the cases are made of, and runs nothing.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Run } from '../services/command-line/program.ts';
import { CASES } from './all-cases.ts';
import { writeWorld } from './case-files.ts';
import { worldOf, type Case } from './case.ts';
import type { Expectation } from './expectation.ts';
import { verdictText } from './judge-rules.ts';
import { reasonsOf } from './judge.ts';
import { runSteps, type Results, type StepResult } from './run-steps.ts';

const BIN = join(import.meta.dirname, '../../services/command-line/bin/stale-sg.js');
const TIMEOUT = 300_000;

const { values: options, positionals: ids } = parseArgs({
  allowPositionals: true,
  options: { kind: { type: 'string' }, show: { type: 'boolean' }, write: { type: 'string' } },
});

function callBin(words: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    const limits = { timeout: TIMEOUT, maxBuffer: Infinity };
    const child = execFile(process.execPath, [BIN, ...words], limits, (_, stdout, stderr) => {
      resolve({ status: child.exitCode ?? child.signalCode ?? 'SIGKILL', stdout, stderr });
    });
  });
}

async function runCase(one: Case): Promise<'ok' | 'FAIL'> {
  const root = await mkdtemp(join(tmpdir(), 'case-'));
  try {
    const world = worldOf(one);
    writeWorld(world, root);
    const results = await runSteps(world, root, callBin);
    const reasons = reasonsOf(world.expectations, results);
    if (options.show) show(one, world.expectations, results);
    const outcome = reasons.length === 0 ? 'ok' : 'FAIL';
    console.log(`${outcome} ${one.id}${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}`);
    return outcome;
  } finally {
    await rm(root, { recursive: true });
  }
}

function show(one: Case, expectations: readonly Expectation[], results: Results): void {
  const { id, title, kind, truth = 'documented', situation, sources } = one;
  console.log(`${id}  ${title}\nkind: ${kind}; truth: ${truth}\n\n${situation.replace(/\s+/g, ' ').trim()}\n`);
  for (const source of sources) console.log(`  - ${source}`);
  for (const { kind: expected, ...what } of expectations) {
    console.log(`expected: ${expected} ${Object.values(what).map(String).join(' ')}`);
  }
  for (const result of results.values()) showStep(result);
}

function showStep({ words, stdout, stderr, status, usage }: StepResult): void {
  console.log(`\n$ stale-sg ${words.join(' ')}\n${stdout}${stderr}status ${status}`);
  for (const rule of usage?.rules ?? []) {
    const { ruleId, usedTimes, replyTimes, possibleTimes, narrower } = rule;
    const counts = `used ${usedTimes}, replies ${replyTimes}, possible ${possibleTimes}`;
    const proposed = narrower ? `, narrower ${JSON.stringify(narrower)}` : '';
    console.log(`  ${ruleId.padEnd(14)} ${verdictText(rule).padEnd(30)} ${counts}${proposed}`);
  }
}

async function runAll(chosen: readonly Case[]): Promise<void> {
  const counts = { ok: 0, FAIL: 0 };
  for (const one of chosen) counts[await runCase(one)]++;
  console.log(`${counts.ok} ok, ${counts.FAIL} failed`);
  process.exitCode = counts.FAIL > 0 ? 1 : 0;
}

const unknown = ids.filter((id) => CASES.every((one) => one.id !== id));
const chosen = CASES.filter(
  ({ id, kind }) => (ids.length === 0 || ids.includes(id)) && (options.kind === undefined || options.kind === kind),
);
if (unknown.length > 0 || chosen.length === 0) {
  console.error(unknown.length > 0 ? `no such case: ${unknown.join(', ')}` : 'no case is of that kind');
  process.exitCode = 2;
} else if (options.write !== undefined) {
  for (const one of chosen) writeWorld(worldOf(one), join(options.write, one.id));
} else {
  await runAll(chosen);
}
