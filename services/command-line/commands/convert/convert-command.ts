import { Command, Option } from 'commander';
import { FileSet } from '../../../../shared/disk/file-set.ts';
import type { SecurityFindingKind } from '../../../../shared/security-findings/security-finding.ts';
import { FAIL_ON_HELP, failOn, parseKinds } from '../../terminal/fail-on.ts';
import { parseDecimal } from '../../terminal/options.ts';
import { convert, FORMATS, type ConvertOptions } from './convert.ts';

interface Options extends ConvertOptions {
  readonly out?: string;
  readonly failOn: readonly SecurityFindingKind[];
}

export function convertCommand(): Command {
  return new Command('convert')
    .description(
      'What a report says to act on, in the form that another tool reads: CSV, Markdown, JUnit, OCSF, the AWS Security Finding ' +
        'Format, SARIF.',
    )
    .requiredOption('--report <file>', 'usage.json of `stale-sg analyze`')
    .addOption(new Option('--to <format>', 'the form').choices(FORMATS).makeOptionMandatory())
    .option('--out <file>', 'file to write (default: standard output)')
    .option('--terraform <file>', 'terraform.json of a plan: SARIF has the file and line of each rule from it')
    .option('--account <id>', 'for asff, where the report does not say it')
    .option('--region <region>', 'for asff, where the report does not say it')
    .option('--min-priority <n>', 'leave out what has less, 0 to 100', parseDecimal, 0)
    .option('--fail-on <kinds>', FAIL_ON_HELP, parseKinds, [])
    .action(async ({ out, ...options }: Options) => {
      const { text, findings } = await convert(options);
      if (out === undefined) process.stdout.write(text);
      else {
        const file = new FileSet();
        file.add(out, text);
        file.commit();
      }
      failOn(options.failOn, findings);
    });
}
