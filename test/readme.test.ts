// Costs about 40 seconds.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '..');
const BIN = join(ROOT, 'services/command-line/bin/stale-sg.js');
const SAMPLE = join(ROOT, 'services/command-line/sample');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The contents of the README's code blocks of one language. */
function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text]) => text!);
}

function run(args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the console block', () => {
  const [block] = blocks('console');
  const [command, ...shown] = block!.trimEnd().split('\n');

  test('shows what npm start prints, line by line; … stands for lines left out', () => {
    expect(command).toBe('$ npm start');
    const script = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } })
      .scripts.start;
    const out = mkdtempSync(join(tmpdir(), 'stale-sg-readme-'));
    const printed: string[] = [];
    for (const part of script.split(' && ')) {
      const [node, bin, ...args] = part.split(' ').map((word) => word.replace(/^out(?=$|\/)/, out));
      expect([node, bin]).toEqual(['node', 'services/command-line/bin/stale-sg.js']);
      const { status, stdout, stderr } = run(args, ROOT);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      printed.push(...stdout.replaceAll(`${out}/`, 'out/').split('\n'));
    }
    rmSync(out, { recursive: true });
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
  });
});

describe('the shell blocks', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'stale-sg-readme-'));
    cpSync(join(SAMPLE, 'inventory'), join(folder, 'inv'), { recursive: true });
    cpSync(join(SAMPLE, 'logs'), join(folder, 'logs'), { recursive: true });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const lines = blocks('sh').flatMap((block) => block.trimEnd().split('\n'));
  const calls = lines.filter((line) => line.startsWith('npx stale-sg '));

  test.each(calls.filter((line) => !line.includes('s3://')))('%s', (line) => {
    const { status, stderr } = run(line.split(' ').slice(2), folder);
    const cannotShow = {
      status: 0,
      stderr: 'stale-sg: the logs cannot show all of it: lines that could not be read: 1\n',
    };
    expect({ status, stderr }).toEqual(line.includes(' simulate ') ? cannotShow : { status: 0, stderr: '' });
  });

  test.each(calls.filter((line) => line.includes('s3://')))('has only options that there are: %s', (line) => {
    const [, , command, ...args] = line.split(' ');
    const { stdout } = run([command!, '--help'], folder);
    for (const option of args.filter((arg) => arg.startsWith('--'))) expect(stdout).toContain(`${option} <`);
  });

  test('every file that an aws command writes is one that the inventory reader knows', () => {
    const written = lines.flatMap((line) => /^aws ec2 .* > inv\/(\S+)$/.exec(line)?.[1] ?? []);
    expect(written.length).toBeGreaterThanOrEqual(8);
    const known = readFileSync(join(ROOT, 'services/command-line/files/read-inventory.ts'), 'utf8');
    for (const name of written) expect(known).toContain(name.replace(/\/.*/, '').replace('.json', ''));
  });

  test('the other lines are the two commands that the README promises', () => {
    const others = lines.filter((line) => !/^(aws ec2|npx stale-sg|mkdir) /.test(line));
    expect(others).toEqual(['npm ci && npm start', 'npm ci && npm test']);
  });
});
