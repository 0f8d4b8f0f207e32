import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { describe, expect, test } from '@jest/globals';
import { allCommands } from '../../../../services/command-line/main.ts';
import { manPage } from '../../../../services/command-line/package/man-page.ts';

describe('the manual', () => {
  test('has each command and option', async () => {
    const commands = await allCommands();
    const page = manPage(commands);
    for (const command of commands) {
      expect(page).toContain(`.SS "stale\\-sg ${command.name().replaceAll('-', '\\-')} `);
      for (const { long } of command.options) expect(page).toContain(long!.replaceAll('-', '\\-'));
    }
  });

  test('text of the help is text: no line of it is a macro, no backslash an escape', () => {
    const page = manPage([new Command('x').description('.so /etc/passwd').option('-a', '\'quoted \\f "here"')]);
    expect(page).toContain('\n\\&.so /etc/passwd\n');
    expect(page).toContain("\n\\&'quoted \\ef \\(dqhere\\(dq\n");
  });

  const groff = spawnSync('groff', ['--version']).status === 0;
  (groff ? test : test.skip)(`groff has nothing to say of it${groff ? '' : ' [no groff here]'}`, async () => {
    const { stdout, stderr } = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-rLL=100n'], {
      input: manPage(await allCommands()),
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout).toContain('STALE_SG_OPTIONS');
  });
});
