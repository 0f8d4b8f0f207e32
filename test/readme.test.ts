// Costs about 40 seconds.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { blocks, calls, expectedOf, furnish, needsAccount, shellLines } from './readme-commands.ts';

const ROOT = resolve(import.meta.dirname, '..');
const BIN = join(ROOT, 'services/command-line/bin/stale-sg.js');
function run(args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the console block', () => {
  const [block] = blocks('console');
  const [start, plan] = block!
    .trimEnd()
    .split('$ ')
    .slice(1)
    .map((text) => text.trimEnd().split('\n'));
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'stale-sg-readme-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  /** Runs it, but for the folders it writes into, and gives the lines that it printed. */
  const printedBy = ([verb, ...words]: readonly string[]): string[] => {
    const args = words.map((word) => word.replace(/^(?:out|plan)(?=$|\/)/, (name) => join(folder, name)));
    const { status, stdout, stderr } = run([verb!, ...args], ROOT);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.replaceAll(`${folder}/`, '').split('\n');
  };
  const expectShown = (shown: readonly string[], printed: readonly string[]): void => {
    let at = 0;
    let mayJump = false;
    for (const line of shown) {
      if (line === '…') {
        mayJump = true;
        continue;
      }
      const found = printed.indexOf(line, at);
      expect({ line, printed: found >= 0 }).toEqual({ line, printed: true });
      if (!mayJump) expect(found).toBe(at);
      at = found + 1;
      mayJump = false;
    }
  };

  test('shows what npm start prints, line by line; … stands for lines left out', () => {
    const [command, ...shown] = start!;
    expect(command).toBe('npm start');
    const script = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } })
      .scripts.start;
    const printed = script.split(' && ').flatMap((part) => {
      const [node, bin, ...args] = part.split(' ');
      expect([node, bin]).toEqual(['node', 'services/command-line/bin/stale-sg.js']);
      return printedBy(args);
    });
    expectShown(shown, printed);
  });

  test('and goes on with a plan of what npm start has written', () => {
    const [command, ...shown] = plan!;
    const [npx, program, ...args] = command!.split(' ');
    expect([npx, program, args[0]]).toEqual(['npx', 'stale-sg', 'plan']);
    expectShown(shown, printedBy(args));
    expect(readFileSync(join(folder, 'plan/stage-1.sh'), 'utf8')).toContain('sgr-0a1b2c3d4e5f60402');
  });
});

describe('the shell blocks', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'stale-sg-readme-'));
    furnish(folder);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each(calls.filter((call) => !needsAccount(call)).map((call) => [call.join(' '), call] as const))(
    '%s',
    (_, call) => {
      const { status, stderr } = run(call, folder);
      expect({ status, stderr }).toEqual(expectedOf(call));
    },
  );

  test.each(calls.filter(needsAccount).map((call) => [call.join(' '), call] as const))(
    'has only options that there are: %s',
    (_, [command, ...args]) => {
      const { stdout } = run([command!, '--help'], folder);
      for (const option of args.filter((arg) => arg.startsWith('--'))) expect(stdout).toContain(`${option} <`);
    },
  );

  test('every file that an aws command writes is one that the inventory reader knows', () => {
    const written = shellLines.flatMap((line) => /^aws ec2 .* > inv\/(\S+)$/.exec(line)?.[1] ?? []);
    expect(written.length).toBeGreaterThanOrEqual(8);
    const known = readFileSync(join(ROOT, 'services/command-line/files/read-inventory.ts'), 'utf8');
    for (const name of written) expect(known).toContain(name.replace(/\/.*/, '').replace('.json', ''));
  });

  test('the other lines are the two commands that the README promises', () => {
    const others = shellLines.filter((line) => !/^(aws ec2|npx stale-sg|mkdir) /.test(line));
    expect(others).toEqual(['npm ci && npm start', 'npm ci && npm test']);
  });
});
