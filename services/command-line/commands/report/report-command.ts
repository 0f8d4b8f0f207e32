import { Command } from 'commander';
import { VERDICT_KINDS } from '../../../../shared/verdicts/verdict.ts';
import { plainLines } from '../../evidence/evidence-text.ts';
import { count } from '../../../../shared/text/numbers.ts';
import { parseDay } from '../../terminal/options.ts';
import { fetchReport, type FetchedReport, type ReportCommandOptions } from './report.ts';
import { print, quietOption } from '../../terminal/print.ts';

export function reportCommand(): Command {
  return new Command('report')
    .description(
      'Write the newest report of a deployment into a folder: usage.json, usage.csv, candidates.csv and report.html, as ' +
        '`stale-sg analyze` would. For who has a mail with no more than the place of its files.',
    )
    .requiredOption('--tables <prefix>', 'the deployment, by what its names begin with')
    .requiredOption('--out <dir>', 'folder to write into')
    .option('--day <date>', 'the newest of those whose last day is this one, such as 2026-01-31', parseDay)
    .option('--region <region>', "AWS region of the deployment (default: the SDK's own)")
    .option('--data-bucket <name>', 'its data bucket (default: as infra/ names it)')
    .addOption(quietOption())
    .action(async (options: ReportCommandOptions) => {
      print(fetchedText(await fetchReport(options)));
    });
}

function fetchedText({ name, report: { window, asOf, rules }, written }: FetchedReport): string {
  const counts = Map.groupBy(rules, ({ verdict }) => verdict.kind);
  const verdicts = VERDICT_KINDS.filter((kind) => counts.has(kind)).map(
    (kind) => `${String(counts.get(kind)!.length)} ${kind}`,
  );
  return plainLines([
    `${window.from} to ${window.to}, as of ${asOf} (${name})`,
    `${count(rules.length, 'rule')}${verdicts.length > 0 ? `: ${verdicts.join(', ')}` : ''}`,
    ...written.map((path) => `Wrote ${path}`),
  ]);
}
