import { Argument, Command } from 'commander';
import { completionScript, SHELLS, type Shell } from './completion.ts';

/** @param commands all that there are */
export function completionCommand(commands: () => Promise<readonly Command[]>): Command {
  return new Command('completion')
    .description(
      'Print what lets a shell complete commands and options: in bash, `source <(stale-sg completion bash)`, in zsh the same, in ' +
        'fish, `stale-sg completion fish | source`.',
    )
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .action(async (shell: Shell) => {
      process.stdout.write(completionScript(shell, await commands()));
    });
}
