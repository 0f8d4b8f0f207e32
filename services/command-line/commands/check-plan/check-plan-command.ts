import { count, figure } from '../../../../shared/text/numbers.ts';
import { Command } from 'commander';
import { dryRunOption, toldDryRun, withLogOptions, type DryRunOptions } from '../../files/log-options.ts';
import { parseTime, parseWhole } from '../../terminal/options.ts';
import { checkPlan, firstDay, type PlanChecked, type PlanCheckOptions } from './check-plan.ts';
import { plainLines } from '../../evidence/evidence-text.ts';
import { NotShown } from '../../terminal/exit-status.ts';
import { isoTime } from '../../../../shared/time.ts';
import { protocolName } from '../../../../shared/protocols.ts';

const SHOWN = 20;

export function planCheckCommand(): Command {
  const command = new Command('check-plan')
    .description(
      'After a stage of a plan: list what was rejected since and would have passed by a removed rule. Ends with status 1 ' +
        'if there is any, and with status 3 if there is none and the logs could not have shown all of it. Needs no AWS ' +
        'account.',
    )
    .requiredOption('--plan <file>', 'plan.json')
    .option('--stage <n>', 'the stage that was carried out', parseWhole)
    .option('--in-code', 'what was to be changed in code, and was')
    .option('--group <id...>', 'groups whose wide rules were made narrower, as plan.md proposes')
    .option('--inventory <dir...>', 'the inventory of before the stage (default: the one that lies beside the plan)')
    .option('--inventory-now <dir...>', 'the inventory of now: interfaces that were made since carry the groups too')
    .requiredOption(
      '--logs <path...>',
      'flow log files, folders of them, s3://bucket/prefix, or cwl:GROUP of CloudWatch Logs',
    )
    .requiredOption('--since <time>', 'when the stage was carried out', parseTime);
  return withLogOptions(command)
    .addOption(dryRunOption())
    .option('--json', 'as JSON, all that was found')
    .action(async (options: PlanCheckOptions & DryRunOptions & { readonly json?: boolean }, self: Command) => {
      if (await toldDryRun({ ...options, from: firstDay(options) })) return;
      if (options.stage === undefined && !options.inCode && !options.group)
        self.error('error: say what was carried out: --stage N, --in-code or --group ID, or several of them');
      const checked = await checkPlan(options);
      process.stdout.write(options.json ? checkedJson(checked) : checkedText(checked));
      const { unchecked, missed } = checked;
      const { records } = missed;
      if (records > 0) throw new Error(`rejected records that a removed rule would have let pass: ${figure(records)}`);
      if (unchecked.length > 0) throw new NotShown(`nothing was found, and not all could be: ${unchecked.join('; ')}`);
    });
}

function checkedJson({ missed, removed, malformed, unchecked, notes }: PlanChecked): string {
  const rejected = missed.flows().map(({ last, protocol, port, ...flow }) => {
    return { ...flow, protocol: protocolName(protocol), port: port ?? null, lastSeen: isoTime(last) };
  });
  const { looked, records } = missed;
  const report = { schemaVersion: 1, records: looked, malformed, removedRules: removed, rejectedRecords: records };
  return `${JSON.stringify({ ...report, rejected, unchecked, notes }, null, 2)}\n`;
}

function checkedText({ missed, removed, malformed, unchecked, notes }: PlanChecked): string {
  const flows = missed.flows();
  const head = `${count(missed.looked, 'record')} since then, ${figure(malformed)} unreadable; ${count(removed, 'removed rule')}`;
  const more = [...unchecked.map((what) => `Cannot be told: ${what}`), ...notes.map((note) => `Note: ${note}`)];
  if (flows.length === 0) {
    return plainLines([`${head}: nothing was rejected that they would have let pass.`, ...more]);
  }
  const lines = flows.slice(0, SHOWN).map(({ times, last, interfaceId, direction, protocol, port, peer, ruleIds }) => {
    const service = port === undefined ? protocolName(protocol) : `${protocolName(protocol)} ${String(port)}`;
    const way = direction === 'ingress' ? 'from' : 'to';
    return `${count(times, 'time')} until ${isoTime(last)}: ${interfaceId} ${direction} ${service} ${way} ${peer}, by ${ruleIds.join(', ')}`;
  });
  return plainLines([
    `${head}. Rejected, and they would have let it pass (network ACLs reject as well, and packets that come too late):`,
    ...lines,
    ...(flows.length > SHOWN ? [`and ${figure(flows.length - SHOWN)} more`] : []),
    ...more,
  ]);
}
