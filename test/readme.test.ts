// Costs about 40 seconds.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { blocks, calls, expectedOf, furnish, needsAccount, shellLines } from './readme-commands.ts';
import { brokenLinks, markdownFiles } from './links.ts';

const ROOT = resolve(import.meta.dirname, '..');
const BIN = join(ROOT, 'services/command-line/bin/stale-sg.js');
/** A call as a person writes it, quotes and all. */
function shell(call: string, cwd: string) {
  const command = `'${process.execPath}' '${BIN}' ${call}`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}

function run(args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the console block', () => {
  const [block] = blocks('README.md', 'console');
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

  test.each(calls.filter((call) => !needsAccount(call)))('%s', (call) => {
    const { status, stderr } = shell(call, folder);
    expect({ status, stderr }).toEqual(expectedOf(call));
  });

  test.each(calls.filter(needsAccount))('has only options that there are: %s', (call) => {
    const [command = '', ...words] = call.split(' ');
    const { stdout } = run([command, '--help'], folder);
    for (const option of words.filter((word) => word.startsWith('--')))
      expect(stdout).toMatch(new RegExp(`${option}[ ,]`));
  });

  test('every file that an aws command writes is one that the inventory reader knows', () => {
    const written = shellLines.flatMap((line) => /^aws ec2 .* > inv\/(\S+)$/.exec(line)?.[1] ?? []);
    expect(written.length).toBeGreaterThanOrEqual(8);
    const known = readFileSync(join(ROOT, 'services/command-line/files/read-inventory.ts'), 'utf8');
    for (const name of written) expect(known).toContain(name.replace(/\/.*/, '').replace('.json', ''));
  });

  test('the other lines of the README are the command that it promises', () => {
    const others = blocks('README.md', 'sh')
      .flatMap((block) => block.trimEnd().split('\n'))
      .filter((line) => !line.startsWith('npx stale-sg '));
    expect(others).toEqual(['npm ci && npm test']);
  });
});

test('all links of documents lead to files, and to headings that there are', () => {
  expect(markdownFiles().length).toBeGreaterThan(20);
  expect(brokenLinks(markdownFiles())).toEqual([]);
});

test('a link that leads nowhere is noticed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stale-sg-links-'));
  writeFileSync(join(folder, 'b.md'), '# One thing, and `another`\n');
  const text =
    '[a](b.md) [b](b.md#one-thing-and-another) [c](gone.md) [d](b.md#two) [e](https://example.com/x) [f](#own)\n\n## Own\n';
  writeFileSync(join(folder, 'a.md'), text);
  const found = brokenLinks([join(folder, 'a.md')]).map((link) => link.replace(`${folder}/`, ''));
  rmSync(folder, { recursive: true });
  expect(found).toEqual(['a.md: gone.md', 'a.md: b.md#two']);
});
