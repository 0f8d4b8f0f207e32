import { Command, InvalidArgumentError } from 'commander';
import { MAX_PER_STAGE } from '../../shared/advice/plan-removal.ts';
import { plainText } from '../../shared/reports/plain-text.ts';
import { parseTime, parseWhole } from './options.ts';
import { plan, type PlanCommandOptions, type Planned } from './plan.ts';

export function planCommand(): Command {
  return new Command('plan')
    .description(
      'Work out which rules may be removed together without cutting off anything that was seen; write plan.json, plan.md, ' +
        'and for each stage a script of AWS CLI commands with its undo. Runs none of them. Needs no AWS account.',
    )
    .requiredOption('--report <file>', 'usage.json of `stale-sg analyze`')
    .requiredOption('--evidence <dir>', 'what the same run wrote: its --out folder, or `evidence` in it')
    .requiredOption('--inventory <dir>', 'the inventory of that run')
    .requiredOption('--out <dir>', 'folder to write into')
    .option('--exclude <rule-id...>', 'rules that stay whatever the verdict')
    .option('--max-per-stage <n>', 'at most so many rules at one time', parseStageSize, MAX_PER_STAGE)
    .option('--rules-known-since <date>', 'vouch that the rules have stood as they are since then', parseTime)
    .option('--region <region>', 'for the commands (default: left to the AWS CLI)', parseName)
    .option('--profile <name>', 'of the AWS CLI, for the commands (default: left to it)', parseName)
    .action(async (options: PlanCommandOptions) => {
      process.stdout.write(plannedText(await plan(options)));
    });
}

function parseStageSize(text: string): number {
  const size = parseWhole(text);
  if (size < 1 || size > 1000) throw new InvalidArgumentError('Give a whole number from 1 to 1000.');
  return size;
}

function parseName(text: string): string {
  if (text === '' || text.startsWith('-')) throw new InvalidArgumentError('Give a name.');
  return text;
}

function plannedText({ plan: { stages, skipped }, written }: Planned): string {
  const lines = stages.map(({ number, removals }) => {
    const [first] = removals;
    return `Stage ${String(number)}: ${String(removals.length)} ${first!.verdict}`;
  });
  return [
    ...(lines.length > 0 ? lines : ['Nothing may be removed.']),
    `Stay though unused or redundant, with reasons: ${String(skipped.length)}`,
    ...written.map((path) => `Wrote ${plainText(path)}`),
    '',
  ].join('\n');
}
