import { Command, InvalidArgumentError, Option } from 'commander';
import { PLAN_BY } from '../../../../shared/advice/removal/plan.ts';
import { partyTitle } from '../../../../shared/advice/removal/staging.ts';
import { PLAN_DAYS } from '../../../../shared/verdicts/growing-window.ts';
import { plainText, shorten } from '../../../../shared/text/plain.ts';
import type { DeploymentOptions } from '../../deployment/evidence-adapter.ts';
import { parseDecimal, parseTime, parseWhole } from '../../terminal/options.ts';
import { writePlan, type Planned, type PlanCommandOptions } from './plan.ts';
import type { PlanFiles } from './plan-input.ts';
import { print, quietOption } from '../../terminal/print.ts';
import { wrapped } from '../../terminal/wrapped.ts';

/** Of the name of an owner, beside figures. */
const OWNER_SHOWN = 40;

type Options = Omit<PlanCommandOptions, 'place'> & Partial<PlanFiles & DeploymentOptions>;

export function planCommand(): Command {
  return new Command('plan')
    .description(
      'Work out which rules may be removed together without cutting off anything that was seen; write plan.json, plan.md, ' +
        'and for each stage a script of AWS CLI commands with its undo. Runs none of them. Needs no AWS account, but for --tables.',
    )
    .option('--report <file>', 'usage.json of `stale-sg analyze`')
    .option('--evidence <dir>', 'what the same run wrote: its --out folder, or `evidence` in it')
    .option('--inventory <dir...>', 'the inventory of that run; of dated snapshots the newest counts')
    .addOption(
      new Option(
        '--tables <prefix>',
        'instead of these three: a deployment, by what its names begin with; its newest report, evidence and snapshot',
      ).conflicts(['report', 'evidence', 'inventory']),
    )
    .option('--data-bucket <name>', 'of the deployment (default: as infra/ names it)')
    .requiredOption('--out <dir>', 'folder to write into')
    .option(
      '--exclude <name...>',
      'rules that stay whatever the verdict, by rule id, group id or group name; * stands for any text',
    )
    .option('--group <name...>', 'only rules of these groups, by id or name; * stands for any text')
    .option('--vpc <id...>', 'only rules of groups of these VPCs')
    .option(
      '--tag <key[=value]...>',
      'only rules that have one of these tags, or whose group has; * stands for any text',
    )
    .option('--ingress-only', 'no egress rules')
    .option('--min-priority <n>', 'only rules of this priority or more, 0 to 100', parseDecimal)
    .option(
      '--include-managed',
      'also rules that Terraform, CloudFormation, Kubernetes or an AWS service writes, as tags tell',
    )
    .option(
      '--managed-tags <file>',
      'more keys of tags that mark such rules, one a line; * at the end for all that begin so',
    )
    .option(
      '--terraform <file...>',
      'states as `terraform show -json` prints them: what they declare is to be changed in code, as terraform.md says',
    )
    .option('--terraform-dir <dir>', 'the code of these states, to name file and line')
    .option('--stack-resources <file...>', 'what `aws cloudformation describe-stack-resources` printed')
    .option('--cdk-out <dir>', '`cdk.out` of the CDK, to name constructs')
    .option(
      '--max-per-stage <n>',
      'at most so many rules of a VPC at one time (default: 5, then four times as many in each stage)',
      parseStageSize,
    )
    .addOption(
      new Option(
        '--by <whom>',
        'whose stages wait for each other; owners and accounts have scripts of their own, or share some by their names',
      )
        .choices(PLAN_BY)
        .default('vpc'),
    )
    .option('--owner-tag <key>', 'the tag that names who answers for a rule or its group, before the usual ones')
    .option('--min-days <n>', 'days on which a rule must have been watched to be removed', parseWhole, PLAN_DAYS)
    .option('--exemptions <file>', 'rules kept on purpose, also since the report: a list as `analyze` takes it')
    .option('--rules-known-since <date>', 'vouch that the rules have stood as they are since then', parseTime)
    .option(
      '--region <region>',
      'of the deployment, and for the commands where the inventory does not tell it (default: of a deployment its own)',
      parseName,
    )
    .option('--profile <name>', 'of the AWS CLI, for the commands (default: left to it)', parseName)
    .addOption(quietOption())
    .action(async (options: Options, self: Command) => {
      print(plannedText(await writePlan({ ...options, place: placeOf(options, self) })));
    });
}

function placeOf({ report, evidence, inventory, ...options }: Options, self: Command): PlanCommandOptions['place'] {
  const { tables, region, dataBucket } = options;
  if (tables !== undefined) return { tables, ...(region && { region }), ...(dataBucket && { dataBucket }) };
  if (report !== undefined && evidence !== undefined && inventory !== undefined) return { report, evidence, inventory };
  return self.error(
    'error: say what to plan from: --report FILE, --evidence DIR and --inventory DIR, or --tables PREFIX',
  );
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

function plannedText({
  plan: { by = 'vpc', stages, inCode, skipped, caveats },
  report,
  leftOut,
  written,
}: Planned): string {
  const lines = stages.map(({ number, of, removals }) => {
    const [first] = removals;
    const whose = of === undefined ? `several ${by}s` : shorten(plainText(partyTitle(of, by)), OWNER_SHOWN);
    return `Stage ${String(number)}${by === 'vpc' ? '' : ` (${whose})`}: ${String(removals.length)} ${first!.verdict}`;
  });
  return [
    ...(lines.length > 0 ? lines : ['Nothing may be removed.']),
    ...(inCode.length > 0 ? [`To be changed in code, and in no script: ${String(inCode.length)}`] : []),
    `Unused or redundant, and kept for reasons that plan.md gives: ${String(skipped.length - leftOut)}`,
    ...(leftOut > 0 ? [`Changed or used since ${plainText(report)}, and left out: ${String(leftOut)}`] : []),
    ...caveats.flatMap((caveat) => wrapped(plainText(caveat), 'Mind: ')),
    ...written.map((path) => `Wrote ${plainText(path)}`),
    '',
  ].join('\n');
}
