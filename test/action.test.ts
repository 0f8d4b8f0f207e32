/** The GitHub Action, its steps run as a runner would: in their order, with their conditions, by bash. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';
import { DECLARED } from './services/command-line/commands/check-code/declared-world.ts';
import { filesOf } from './services/command-line/evidence-world.ts';
import { runMain } from './services/command-line/program.ts';
import { scratch } from './services/command-line/scratch.ts';
import { FIXTURES } from './terraform/terraform-files.ts';

jest.setTimeout(120_000);

const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'services/command-line/bin/stale-sg.js');
const text = (path: string): string => readFileSync(path, 'utf8');

const ACTION = z
  .object({
    inputs: z.record(z.string(), z.strictObject({ description: z.string(), default: z.string() })),
    outputs: z.record(z.string(), z.strictObject({ description: z.string(), value: z.string() })),
    runs: z.strictObject({
      using: z.literal('composite'),
      steps: z.array(
        z.strictObject({
          name: z.string(),
          id: z.string().optional(),
          if: z.string().optional(),
          shell: z.literal('bash'),
          env: z.record(z.string(), z.string()),
          run: z.string(),
        }),
      ),
    }),
  })
  .parse(parse(text(join(ROOT, 'action.yml'))));

const folder = scratch('block');
const programs = (): string => folder.path('bin');

beforeAll(async () => {
  await folder.write(filesOf(DECLARED));
  const args = ['--inventory', folder.path('inventory'), '--logs', folder.path('logs'), '--out', folder.path('out')];
  expect(await runMain(['analyze', ...args])).toMatchObject({ status: 0, stderr: '' });
  mkdirSync(programs());
  const script = (name: string, body: string): void => {
    writeFileSync(join(programs(), name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(programs(), name), 0o755);
  };
  // What would be installed from the registry is this checkout.
  script('npm', `echo "$@" > '${folder.path('npm.txt')}'`);
  script('stale-sg', `exec '${process.execPath}' '${BIN}' "$@"`);
});

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-output-parameter */
function runAction(given: Readonly<Record<string, string>>): Outcome {
  const inputs = Object.fromEntries(
    Object.entries(ACTION.inputs).map(([name, { default: value }]) => [name, given[name] ?? value]),
  );
  expect(Object.keys(given).filter((name) => !(name in inputs))).toEqual([]);
  const steps: Record<string, Record<string, string>> = {};
  const valueOf = (expression: string): string => {
    const [kind, ...path] = expression.split('.') as [string, ...string[]];
    if (kind === 'inputs') return inputs[path[0]!]!;
    expect([kind, path[1]]).toEqual(['steps', 'outputs']);
    return steps[path[0]!]?.[path[2]!] ?? '';
  };
  const filled = (value: string): string =>
    value.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, expression: string) => valueOf(expression));
  const holds = (condition: string): boolean =>
    condition.split(' || ').some((part) => {
      const [, expression] = /^([\w.-]+) != ''$/.exec(part)!;
      return valueOf(expression!) !== '';
    });
  const summary = folder.path('summary.md');
  writeFileSync(summary, '');
  let status = 0;
  let stdout = '';
  let stderr = '';
  for (const step of ACTION.runs.steps) {
    if (status !== 0 || (step.if !== undefined && !holds(step.if))) continue;
    const output = folder.path('output.txt');
    writeFileSync(output, '');
    const env = Object.fromEntries(Object.entries(step.env).map(([name, value]) => [name, filled(value)]));
    // https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
    const ran = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
      cwd: folder.path(''),
      encoding: 'utf8',
      env: {
        PATH: [programs(), process.env.PATH].join(delimiter),
        RUNNER_TEMP: folder.path(''),
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        ...env,
      },
    });
    status = ran.status!;
    stdout += ran.stdout;
    stderr += ran.stderr;
    if (step.id !== undefined)
      steps[step.id] = Object.fromEntries(
        text(output)
          .trim()
          .split('\n')
          .map((line) => line.split('=') as [string, string]),
      );
  }
  const outputs = Object.fromEntries(Object.entries(ACTION.outputs).map(([name, { value }]) => [name, filled(value)]));
  return { status, stdout, stderr, outputs, summary: text(summary) };
}

const plan = (name: string): string => join(FIXTURES, 'plans', `${name}.json`);
const seen = { evidence: 'out', inventory: 'inventory' };

describe('the action', () => {
  test('puts no input into a script but by the environment', () => {
    expect(ACTION.runs.steps.filter(({ run }) => run.includes('${{'))).toEqual([]);
  });

  test('installs the version that was asked for', () => {
    expect(runAction({ version: '1.2.3' })).toMatchObject({ status: 0, stderr: '' });
    expect(text(folder.path('npm.txt'))).toBe('install --global --no-audit --no-fund stale-sg@1.2.3\n');
  });

  test('fails a plan that cuts what was seen, and has a comment that names it', () => {
    const { status, outputs, summary } = runAction({ ...seen, 'tf-plan': plan('delete-used') });
    expect([status, outputs.status]).toEqual([3, '3']);
    expect(text(outputs.comment!)).toContain('**Refused:**');
    expect(summary).toBe(text(outputs.comment!));
  });

  test('passes a plan that cuts nothing', () => {
    const { status, outputs, stderr } = runAction({ ...seen, 'tf-plan': plan('delete-advised') });
    expect({ status, of: outputs.status, stderr }).toEqual({ status: 0, of: '0', stderr: '' });
  });

  test('takes nothing of what the folder says of options', () => {
    writeFileSync(folder.path('stale-sg.json'), '{');
    try {
      expect(runAction({ ...seen, 'tf-plan': plan('delete-used') }).status).toBe(3);
      expect(runAction({ report: 'out/usage.json', 'fail-on': 'openToWorld' }).status).toBe(3);
    } finally {
      rmSync(folder.path('stale-sg.json'));
    }
  });

  test.each(['delete-used', 'delete-advised'])('prints no command to the runner: %s', (name) => {
    const lines = runAction({ ...seen, 'tf-plan': plan(name) })
      .stdout.trimEnd()
      .split('\n');
    const [, token] = /^::stop-commands::(stale-sg-\d+)$/.exec(lines[0]!)!;
    expect(lines.filter((line) => line === `::${token!}::`)).toEqual([lines.at(-1)]);
  });

  test('of several plans, blank lines between them, the worst counts', () => {
    const { status } = runAction({ ...seen, 'tf-plan': `${plan('delete-used')}\n\n${plan('narrow-unused')}\n` });
    expect(status).toBe(3);
  });

  test('ends as the program does where a file is none, and calls that no verdict', () => {
    const { status, outputs, stderr } = runAction({ ...seen, 'tf-plan': 'gone.json' });
    expect([status, outputs.status]).toEqual([1, '']);
    expect(stderr).toContain('gone.json');
  });

  test('a name of a file is no command', () => {
    const { stderr } = runAction({ ...seen, 'tf-plan': '$(touch hacked); touch hacked' });
    expect(stderr).toContain('$(touch hacked); touch hacked');
    expect(() => text(folder.path('hacked'))).toThrow('ENOENT');
  });

  test('writes what a report finds, and fails where that is not wanted', () => {
    const report = { report: 'out/usage.json', sarif: 'found.sarif' };
    const { status, outputs, summary } = runAction(report);
    expect([status, outputs.sarif]).toEqual([0, 'found.sarif']);
    const { runs } = JSON.parse(text(folder.path('found.sarif'))) as { runs: { results: { ruleId: string }[] }[] };
    expect(runs[0]!.results.map(({ ruleId }) => ruleId)).toContain('openToWorld');
    expect(summary).toContain('# Security group rules');
    expect(runAction({ ...report, 'fail-on': 'openToWorld' })).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('openToWorld'),
    });
    expect(runAction({ ...report, 'fail-on': 'openToWorld', 'min-priority': '100' })).toMatchObject({ status: 0 });
  });
});

test('the workflows of the document use inputs and outputs that there are', () => {
  const document = text(join(ROOT, 'docs/github-actions.md'));
  const uses = [...document.matchAll(/uses: OWNER\/stale-sg@v0\n +with:\n((?: {10}.*\n)+)/g)].map(
    ([, block]) => parse(block!) as object,
  );
  expect(uses).toHaveLength(2);
  for (const given of uses) expect(Object.keys(given).filter((name) => !(name in ACTION.inputs))).toEqual([]);
  const read = [...document.matchAll(/steps\.stale-sg\.outputs\.(\w+)/g)].map(([, name]) => name!);
  expect(read.filter((name) => !(name in ACTION.outputs))).toEqual([]);
});
