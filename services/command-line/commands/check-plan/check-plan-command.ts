import { count, figure } from '../../../../shared/text/numbers.ts';
import { Command } from 'commander';
import { parseTime, parseWhole } from '../../terminal/options.ts';
import { CouldNotLook } from '../../terminal/could-not-look.ts';
import { checkPlan, type PlanChecked, type PlanCheckOptions } from './check-plan.ts';
import { isoTime } from '../../../../shared/time.ts';
import { protocolName } from '../../../../shared/protocols.ts';

const SHOWN = 20;

export function planCheckCommand(): Command {
  return new Command('check-plan')
    .description(
      'After a stage of a plan: list what was rejected since and would have passed by a removed rule. Ends with status 1 ' +
        'if there is any, with 3 if the logs cannot show it. Needs no AWS account.',
    )
    .requiredOption('--plan <file>', 'plan.json')
    .requiredOption('--stage <n>', 'the stage that was carried out', parseWhole)
    .requiredOption('--inventory <dir>', 'the inventory of before the stage')
    .requiredOption('--logs <path...>', 'flow log files, folders of them, or s3://bucket/prefix')
    .requiredOption('--since <time>', 'when the stage was carried out', parseTime)
    .action(async (options: PlanCheckOptions) => {
      const checked = await checkPlan(options);
      process.stdout.write(checkedText(checked));
      const { records } = checked.missed;
      if (records > 0) throw new Error(`rejected records that a removed rule would have let pass: ${figure(records)}`);
      // Nothing found by who could not look is no good news.
      if (checked.blind.length > 0) throw new CouldNotLook(`the logs cannot show it: ${checked.blind.join('; ')}`);
    });
}

function checkedText(checked: PlanChecked): string {
  return [foundText(checked), ...checked.blind.map((why) => `Cannot tell: ${why}.\n`)].join('');
}

function foundText({ missed, removed, malformed }: PlanChecked): string {
  const flows = missed.flows();
  const head = `${count(missed.looked, 'record')} since then, ${figure(malformed)} unreadable; ${count(removed, 'removed rule')}`;
  if (flows.length === 0) return `${head}: nothing was rejected that they would have let pass.\n`;
  const lines = flows.slice(0, SHOWN).map(({ times, last, interfaceId, direction, protocol, port, peer, ruleIds }) => {
    const service = port === undefined ? protocolName(protocol) : `${protocolName(protocol)} ${String(port)}`;
    const way = direction === 'ingress' ? 'from' : 'to';
    return `${count(times, 'time')} until ${isoTime(last)}: ${interfaceId} ${direction} ${service} ${way} ${peer}, by ${ruleIds.join(', ')}`;
  });
  return [
    `${head}. Rejected, and they would have let it pass (network ACLs reject as well, and packets that come too late):`,
    ...lines,
    ...(flows.length > SHOWN ? [`and ${figure(flows.length - SHOWN)} more`] : []),
    '',
  ].join('\n');
}
