import { Command } from 'commander';
import { analyze, type AnalyzeOptions } from './analyze.ts';
import { parseDays, parseTime } from './options.ts';
import { summary } from './summary.ts';

export function analyzeCommand(): Command {
  return new Command('analyze')
    .description('Match flow logs against an inventory; write usage.json and usage.csv. Needs no AWS account.')
    .requiredOption('--inventory <dir>', 'folder of what `aws ec2 describe-…` printed, or of `stale-sg snapshot`')
    .requiredOption('--logs <path...>', 'flow log files, folders of them, or s3://bucket/prefix')
    .requiredOption('--out <dir>', 'folder to write into')
    .option('--as-of <time>', 'moment the verdicts speak of (default: the latest end of a record)', parseTime)
    .option('--window-days <n>', 'days before it that count (default: the days the logs span, at most 90)', parseDays)
    .option('--rules-known-since <date>', 'vouch that the rules have stood as they are since then', parseTime)
    .option('--exemptions <file>', 'rules kept on purpose: CSV or JSON with rule_id, reason, owner, expires')
    .action(async (options: AnalyzeOptions) => {
      process.stdout.write(summary(await analyze(options)));
    });
}
