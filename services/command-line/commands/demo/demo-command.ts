import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { SAMPLE } from '../../files/shipped.ts';
import { openPage } from '../../results/open-page.ts';
import { summary } from '../../results/summary.ts';
import { analyze } from '../analyze/analyze.ts';
import { print, quietOption } from '../../terminal/print.ts';

interface DemoOptions {
  readonly out: string;
  readonly open: boolean;
}

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'Judge the rules of a small shop by a month of flow logs that come with the program, and open the report. ' +
        'Needs no AWS account.',
    )
    .option('--out <dir>', 'folder to write into', 'stale-sg-demo')
    .option('--no-open', 'open nothing')
    .addOption(quietOption())
    .action(demo);
}

async function demo({ out, open }: DemoOptions): Promise<void> {
  // Copied, so that the other commands can be tried on it.
  const sample = join(out, 'sample');
  await cp(SAMPLE, sample, { recursive: true });
  const inventory = join(sample, 'inventory');
  const logs = ['logs', 'weeks-before'].map((name) => join(sample, name));
  const analyzed = await analyze({ inventory: [inventory], logs, out });
  const page = join(out, 'report.html');
  print(summary(analyzed));
  const closed = open && process.stdout.isTTY ? await openPage(page) : 'not asked for';
  print(
    `\n${closed === undefined ? 'The report is open in a browser.' : `Open ${page} in a browser.`}\n` +
      `What may be removed together, with scripts:\n  stale-sg plan --report ${join(out, 'usage.json')} --evidence ${out} --inventory ${inventory} --out ${join(out, 'plan')}\n`,
  );
}
