import { figure } from '../../../../shared/text/numbers.ts';
import { Command } from 'commander';
import { INVENTORY_HELP } from '../../files/read-inventories.ts';
import { logFormatOption } from '../../files/log-options.ts';
import { parseDay } from '../../terminal/options.ts';
import { reconcile, type Reconciled, type ReconcileOptions } from './reconcile.ts';
import { summary } from '../../results/summary.ts';
import { isoDay } from '../../../../shared/time.ts';
import { print, quietOption } from '../../terminal/print.ts';

export function reconcileCommand(): Command {
  return new Command('reconcile')
    .description(
      'Count one UTC day as a whole, as the nightly run does: both halves of a connection and its SYN are seen, ' +
        'whichever file they are in. Needs no AWS account.',
    )
    .requiredOption('--logs <path...>', 'flow log files, or folders of them')
    .requiredOption('--inventory <dir...>', INVENTORY_HELP)
    .requiredOption('--day <date>', 'the UTC day, such as 2026-01-31', parseDay)
    .option('--store <file>', 'store of `stale-sg watch`, in which the day is to count from now on')
    .option('--out <dir>', "folder to write the day's usage.json, usage.csv and report.html into")
    .addOption(quietOption())
    .addOption(logFormatOption())
    .action(async (options: ReconcileOptions) => {
      print(reconciledText(await reconcile(options)));
    });
}

function reconciledText({ day, records, rows, files, serviceFlows, settled, analyzed }: Reconciled): string {
  const lines = [
    `${isoDay(day)}: ${figure(records)} records in ${figure(files)} files, ` +
      `folded into ${figure(rows)} rows, ${figure(serviceFlows)} service flows`,
  ];
  if (settled) {
    const { streamedRecords, driftShare, driftingRules } = settled;
    const drift = `${(100 * driftShare).toFixed(2)} % of what was credited, in ${figure(driftingRules)} rules`;
    lines.push(
      `Streamed   ${figure(streamedRecords)} records`,
      `Reconciled ${figure(settled.records)} records; the day counts so from now on`,
      streamedRecords === 0 ? 'Drift      not known: nothing was streamed' : `Drift      ${drift}`,
      `Evidence   ${settled.evidence.join(', ')}`,
    );
  }
  return `${lines.join('\n')}\n${analyzed ? `\n${summary(analyzed)}` : ''}`;
}
