import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { runMain } from '../../program.ts';

const script = async (shell: string): Promise<string> => {
  const { status, stdout, stderr } = await runMain(['completion', shell]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
};
/** What bash offers for the last word. */
const offered = async (...words: readonly string[]): Promise<string[]> => {
  const ask = `${await script('bash')}\nCOMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _stale_sg; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', ask, 'bash', ...words], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout
    .trim()
    .split('\n')
    .filter((word) => word !== '');
};

test.each([
  [
    ['stale-sg', 'che'],
    ['check-plan', 'check-tf', 'check-cfn'],
  ],
  [['stale-sg', 'analyze', '--inv'], ['--inventory']],
  [['stale-sg', 'convert', '--to', 's'], ['sarif']],
  [['stale-sg', 'demo', '--no'], ['--no-open']],
  [['stale-sg', 'analyze', '--inventory', 'a'], []],
  [['stale-sg', 'nothing', '--a'], []],
])('bash completes %j to %j', async (words, expected) => {
  expect(await offered(...words)).toEqual(expected);
});

test('zsh reads the same behind what lets it', async () => {
  expect(await script('zsh')).toMatch(/^autoload -U \+X compinit[^]*complete -o default -F _stale_sg stale-sg\n$/);
});

test('fish has a line for each command and option, and no quote in one ends it', async () => {
  const lines = (await script('fish')).trimEnd().split('\n');
  expect(
    lines.filter(
      (line) => !/^complete -c stale-sg -n (?:__fish_use_subcommand|'[^']+') .* -d '(?:[^'\\]|\\.)*'$/.test(line),
    ),
  ).toEqual([]);
  expect(lines).toContainEqual(
    expect.stringContaining("__fish_seen_subcommand_from convert' -l to -x -a 'csv markdown junit ocsf asff sarif'"),
  );
});

test('a shell that is none of these is refused', async () => {
  expect(await runMain(['completion', 'tcsh'])).toMatchObject({ status: 2 });
});
