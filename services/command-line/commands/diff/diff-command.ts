import { Command } from 'commander';
import { diffText, reportDiff, type ReportDiff } from './diff.ts';

interface Options {
  readonly json?: boolean;
  readonly markdown?: boolean;
}

export function diffCommand(): Command {
  return new Command('diff')
    .description(
      'What changed from one report to a later one: rules newly unused, back in use, removed, made again under another id, ' +
        'edited, new, and newly open to the world.',
    )
    .argument('<old>', 'usage.json of then')
    .argument('<new>', 'usage.json of now')
    .option('--json', 'as JSON')
    .option('--markdown', 'as Markdown')
    .action(async (before: string, after: string, { json, markdown }: Options) => {
      const diff: ReportDiff = await reportDiff(before, after);
      process.stdout.write(
        json ? `${JSON.stringify(diff, null, 2)}\n` : diffText(diff, { markdown: markdown === true }),
      );
    });
}
