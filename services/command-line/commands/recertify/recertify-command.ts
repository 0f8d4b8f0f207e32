import { Command } from 'commander';
import { count } from '../../../../shared/text/numbers.ts';
import { dayOf } from '../../../../shared/time.ts';
import { NotShown } from '../../terminal/exit-status.ts';
import { parseDay, parseDays } from '../../terminal/options.ts';
import { recertificationText } from './recertify-text.ts';
import { recertify, type RecertifyOptions } from './recertify.ts';

const DAYS_AHEAD = 30;

interface Options extends Omit<RecertifyOptions, 'asOf'> {
  readonly asOf?: number;
  readonly json?: true;
  readonly markdown?: true;
  readonly failOnExpired?: true;
}

export function recertifyCommand(): Command {
  return new Command('recertify')
    .description(
      'What each owner is to decide: exemptions that have ended or soon will, with what was seen of their rules, and rules that ' +
        'ask for a decision; each with the command that keeps it. Reads only.',
    )
    .requiredOption('--report <file>', 'usage.json of `stale-sg analyze`')
    .option('--exemptions <file>', 'the list of exemptions; without it, those that the report tells of')
    .option('--since <file>', 'an earlier usage.json: only what is new to decide since then')
    .option('--owner <name...>', 'only of these owners; * stands for any text')
    .option('--days <n>', 'so far ahead exemptions are looked for that end', parseDays, DAYS_AHEAD)
    .option('--as-of <day>', 'the day of the question (default: today)', parseDay)
    .option('--json', 'for programs: docs/schema/recertify.schema.json')
    .option('--markdown', 'as Markdown, a section for each owner')
    .option('--fail-on-expired', 'end with status 3 if an exemption has ended')
    .action(async ({ json, markdown, failOnExpired, ...options }: Options) => {
      const told = await recertify({ ...options, asOf: options.asOf ?? dayOf(Date.now() / 1000) });
      process.stdout.write(
        json ? `${JSON.stringify(told, null, 2)}\n` : recertificationText(told, { markdown: markdown === true }),
      );
      const ended = told.owners.reduce((sum, { expired }) => sum + expired.length, 0);
      if (failOnExpired && ended > 0) throw new NotShown(`${count(ended, 'exemption')} ended: keep or let go`);
    });
}
