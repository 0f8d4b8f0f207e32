import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { plainText } from '../../shared/text/plain.ts';
import { EXIT, NotShown } from './terminal/exit-status.ts';
import { failureText } from './terminal/failure.ts';
import { beQuiet, isQuiet } from './terminal/print.ts';
import { OPTION_FILE_HELP, withOptionFile } from './terminal/option-file.ts';

/** By name, in the order of the help. Each is loaded only where it is called: all of them take longer than many a call. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./commands/demo/demo-command.ts')).demoCommand(),
  analyze: async () => (await import('./commands/analyze/analyze-command.ts')).analyzeCommand(),
  doctor: async () => (await import('./commands/doctor/doctor-command.ts')).doctorCommand(),
  watch: async () => (await import('./commands/watch/watch-command.ts')).watchCommand(),
  reconcile: async () => (await import('./commands/reconcile/reconcile-command.ts')).reconcileCommand(),
  simulate: async () => (await import('./commands/simulate/simulate-command.ts')).simulateCommand(),
  explain: async () => (await import('./commands/explain/explain-command.ts')).explainCommand(),
  usage: async () => (await import('./commands/usage/usage-command.ts')).usageCommand(),
  plan: async () => (await import('./commands/plan/plan-command.ts')).planCommand(),
  'check-plan': async () => (await import('./commands/check-plan/check-plan-command.ts')).planCheckCommand(),
  convert: async () => (await import('./commands/convert/convert-command.ts')).convertCommand(),
  diff: async () => (await import('./commands/diff/diff-command.ts')).diffCommand(),
  exempt: async () => (await import('./commands/exempt/exempt-command.ts')).exemptCommand(),
  recertify: async () => (await import('./commands/recertify/recertify-command.ts')).recertifyCommand(),
  'check-tf': async () => (await import('./commands/check-code/check-code-command.ts')).checkTerraformCommand(),
  'check-cfn': async () => (await import('./commands/check-code/check-code-command.ts')).checkCloudFormationCommand(),
  merge: async () => (await import('./commands/merge/merge-command.ts')).mergeCommand(),
  report: async () => (await import('./commands/report/report-command.ts')).reportCommand(),
  snapshot: async () => (await import('./commands/snapshot/snapshot-command.ts')).snapshotCommand(),
  backfill: async () => (await import('./commands/backfill/backfill-command.ts')).backfillCommand(),
  completion: async () =>
    (await import('./commands/completion/completion-command.ts')).completionCommand(() => allCommands()),
  generate: async () => (await import('./commands/generate/generate-command.ts')).generateCommand(),
};

/** Of the bundle, for who describes all of them. */
export function allCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(COMMANDS).map((load) => load()));
}

/** Runs one call of the command line; returns its exit status: 0 done, 1 failed, 2 wrong usage, 3 not shown. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('stale-sg')
    .description('Tells which AWS security group rules carry traffic, which carry none, and how sure that is.')
    .version(manifest.version)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/.+/g, plainText)) })
    .addHelpText('after', `\n${OPTION_FILE_HELP}`)
    .showHelpAfterError('(stale-sg --help tells how to call it)');
  const [called = '', ...rest] = args;
  beQuiet(false);
  const isVersion = called === '--version' || called === '-V';
  for (const name of Object.hasOwn(COMMANDS, called) ? [called] : isVersion ? [] : Object.keys(COMMANDS)) {
    const command = await COMMANDS[name]!();
    program.addCommand(command.exitOverride().copyInheritedSettings(program));
    command.showHelpAfterError(`(stale-sg ${name} --help tells how to call it)`);
    command.hook('preAction', () => beQuiet(command.opts<{ quiet?: boolean }>().quiet === true));
  }
  try {
    const [command] = program.commands;
    let given = args;
    if (Object.hasOwn(COMMANDS, called)) {
      const { args: completed, told } = await withOptionFile(rest, command!, allCommands);
      given = [called, ...completed];
      if (told !== undefined) command!.hook('preAction', () => void (isQuiet() || process.stderr.write(`${told}\n`)));
    }
    await program.parseAsync(given, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander tells of an option that is missing first, though it may be there, misspelt.
      if (error.code === 'commander.missingMandatoryOptionValue') tellUnknownOptions(rest, program.commands);
      return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
    }
    process.stderr.write(`stale-sg: ${plainText(failureText(error))}\n`);
    return error instanceof NotShown ? EXIT.notShown : EXIT.failed;
  }
}

function tellUnknownOptions(args: readonly string[], commands: readonly Command[]): void {
  const known = commands.flatMap(({ options }) => options.map(({ long }) => long));
  const names = args.filter((arg) => arg.startsWith('--')).map((arg) => arg.replace(/=.*/s, ''));
  for (const name of names.filter((name) => !known.includes(name))) {
    process.stderr.write(`There is no option '${plainText(name)}'.\n`);
  }
}
