import { basename, dirname, join } from 'node:path';
import { Command } from 'commander';
import { dryRunOption, toldDryRun, withLogOptions, type DryRunOptions } from '../../files/log-options.ts';
import { INVENTORY_HELP } from '../../files/read-inventories.ts';
import { analyze, type AnalyzeOptions } from './analyze.ts';
import { FAIL_ON_HELP, failOn, parseKinds } from '../../terminal/fail-on.ts';
import { parseDays, parseDecimal, parseThreads, parseTime } from '../../terminal/options.ts';
import { openPage } from '../../results/open-page.ts';
import { checkFolder } from '../../results/out-folder.ts';
import { summary } from '../../results/summary.ts';
import { securityFindings, type SecurityFindingKind } from '../../../../shared/security-findings/security-finding.ts';
import { plainText } from '../../../../shared/text/plain.ts';
import { print, quietOption } from '../../terminal/print.ts';

interface AnalyzeCommandOptions extends AnalyzeOptions, DryRunOptions {
  readonly mailToFile?: string;
  /** A folder. */
  readonly ownerMailTo?: string;
  readonly open?: boolean;
  readonly failOn: readonly SecurityFindingKind[];
  readonly minPriority: number;
}

export function analyzeCommand(): Command {
  const command = new Command('analyze')
    .description(
      'Match flow logs against an inventory; write usage.json, usage.csv and report.html. Needs no AWS account.',
    )
    .requiredOption('--inventory <dir...>', INVENTORY_HELP)
    .option('--accounts <file>', 'names of accounts: what `aws organizations list-accounts` prints')
    .requiredOption(
      '--logs <path...>',
      'flow log files, folders of them, s3://bucket/prefix, or cwl:GROUP of CloudWatch Logs',
    )
    .requiredOption('--out <dir>', 'folder to write into')
    .option('--as-of <time>', 'moment the verdicts speak of (default: the latest end of a record)', parseTime)
    .option('--window-days <n>', 'days before it that count (default: the days the logs span, at most 90)', parseDays)
    .option('--rules-known-since <date>', 'vouch that the rules have stood as they are since then', parseTime)
    .option(
      '--exemptions <file>',
      'rules kept on purpose: CSV or JSON with reason, owner, expires and rule_id, group_id, cidr, tag or group_name',
    )
    .option('--owner-tag <key>', 'the tag that names who answers for a rule or its group, before the usual ones')
    .option(
      '--threads <n>',
      'how many threads read at the same time (default: one for each processor, fewer where there is little to read)',
      parseThreads,
    )
    .option('--mail-to-file <file>', 'also write the mail of the report, as mail programs open it (.eml)')
    .option('--owner-mail-to <dir>', 'also write a mail for each owner, of the rules that tags say are theirs (.eml)')
    .option('--fail-on <kinds>', `${FAIL_ON_HELP}, all files written`, parseKinds, [])
    .option('--min-priority <n>', 'with --fail-on: not for what has less, 0 to 100', parseDecimal, 0)
    .option('--open', 'open the report in a browser')
    .addOption(quietOption());
  return withLogOptions(command)
    .addOption(dryRunOption())
    .action(
      async ({ mailToFile, ownerMailTo, open, failOn: kinds, minPriority, ...options }: AnalyzeCommandOptions) => {
        if (await toldDryRun(options)) return;
        if (mailToFile !== undefined) await checkFolder(dirname(mailToFile), [basename(mailToFile)]);
        if (ownerMailTo !== undefined) {
          const { checkOwnerMails } = await import('../../results/mail-file.ts');
          await checkOwnerMails(ownerMailTo);
        }
        const analyzed = await analyze(options);
        const written = [...analyzed.written];
        if (mailToFile !== undefined) {
          // What composes mail and bundles the page is loaded only when needed.
          const { writeMail } = await import('../../results/mail-file.ts');
          written.push(await writeMail(analyzed.report, mailToFile));
        }
        if (ownerMailTo !== undefined) {
          const { writeOwnerMails } = await import('../../results/mail-file.ts');
          written.push(await writeOwnerMails(analyzed.report, ownerMailTo));
        }
        print(summary({ ...analyzed, written }));
        const closed = open === true ? await openPage(join(options.out, 'report.html')) : undefined;
        if (closed !== undefined)
          process.stderr.write(`stale-sg: the report could not be opened: ${plainText(closed)}\n`);
        if (kinds.length === 0) return;
        const found = securityFindings(analyzed.report).filter(({ priority }) => priority >= minPriority);
        failOn(kinds, found);
      },
    );
}
