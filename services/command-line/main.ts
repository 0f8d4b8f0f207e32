import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { plainText } from '../../shared/text/plain.ts';
import { analyzeCommand } from './commands/analyze/analyze-command.ts';
import { backfillCommand } from './commands/backfill/backfill-command.ts';
import { explainCommand } from './commands/explain/explain-command.ts';
import { generateCommand } from './commands/generate/generate-command.ts';
import { planCheckCommand } from './commands/check-plan/check-plan-command.ts';
import { planCommand } from './commands/plan/plan-command.ts';
import { reconcileCommand } from './commands/reconcile/reconcile-command.ts';
import { reportCommand } from './commands/report/report-command.ts';
import { simulateCommand } from './commands/simulate/simulate-command.ts';
import { snapshotCommand } from './commands/snapshot/snapshot-command.ts';
import { usageCommand } from './commands/usage/usage-command.ts';
import { watchCommand } from './commands/watch/watch-command.ts';
import { EXIT, NotShown } from './terminal/exit-status.ts';

/** Runs one call of the command line; returns its exit status: 0 done, 1 failed, 2 wrong usage, 3 not shown. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('stale-sg')
    .description('Tells which AWS security group rules carry traffic, which carry none, and how sure that is.')
    .version(manifest.version)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/.+/g, plainText)) })
    .showHelpAfterError('(stale-sg --help tells how to call it)')
    .addCommand(analyzeCommand())
    .addCommand(watchCommand())
    .addCommand(reconcileCommand())
    .addCommand(simulateCommand())
    .addCommand(explainCommand())
    .addCommand(usageCommand())
    .addCommand(planCommand())
    .addCommand(planCheckCommand())
    .addCommand(reportCommand())
    .addCommand(snapshotCommand())
    .addCommand(backfillCommand())
    .addCommand(generateCommand());
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
    process.stderr.write(`stale-sg: ${plainText(error instanceof Error ? error.message : String(error))}\n`);
    return error instanceof NotShown ? EXIT.notShown : EXIT.failed;
  }
}
