import Table from 'cli-table3';
import { plainText } from '../../../../shared/text/plain.ts';
import type { Outcome } from '../../../count-usage/count-objects.ts';
import { NOT_ORDINARY } from '../../files/log-files.ts';
import { figure } from '../../../../shared/text/numbers.ts';

/** Tells what happens: a table that stays in its place on a terminal, a line for each commit elsewhere. */
export interface Screen {
  batch(outcome: Outcome, seconds: number): void;
  /** A file was found that had been counted before. */
  before(): void;
  /** A file was found that had been counted before with another content. */
  overwritten(name: string): void;
  failed(message: string): void;
  /** Something was found that is no ordinary file. */
  notRead(name: string): void;
  /** A file was found that is the flow log of a transit gateway or of Cloud WAN. */
  otherLog(): void;
  stop(): void;
}

export function startScreen({ logs, store }: { readonly logs: string; readonly store: string }): Screen {
  const started = performance.now();
  const sums = { files: 0, records: 0, batches: 0, conflicts: 0, before: 0, overwritten: 0, failed: 0, otherLogs: 0 };
  let last = 'none yet';
  const isTerminal = process.stdout.isTTY;
  let drawn = 0;

  const rows = (): [string, string][] => {
    const seconds = (performance.now() - started) / 1000;
    return [
      ['Files counted', `${figure(sums.files)} (${figure(sums.before)} were counted before)`],
      ['Records', figure(sums.records)],
      ['Rate', `${figure(Math.round(sums.records / seconds))} records/s, ${(sums.files / seconds).toFixed(1)} files/s`],
      ['Commits', `${figure(sums.batches)}, called off for another worker: ${figure(sums.conflicts)}`],
      ['Last commit', last],
      ['Overwritten', figure(sums.overwritten)],
      ['Unreadable', figure(sums.failed)],
      ...(sums.otherLogs > 0 ? [['Other logs', figure(sums.otherLogs)] as [string, string]] : []),
    ];
  };
  const erase = (): void => {
    if (drawn > 0) process.stdout.write(`\x1b[${String(drawn)}A\x1b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    if (!isTerminal) return;
    erase();
    const table = new Table({ head: [], style: { head: [], border: [], compact: true } });
    table.push(...rows());
    const text = `${plainText(`${logs} → ${store}`)}\n${table.toString()}\n`;
    drawn = text.split('\n').length - 1;
    process.stdout.write(text);
  };
  const say = (text: string): void => {
    erase();
    process.stderr.write(`stale-sg: ${plainText(text)}\n`);
    draw();
  };
  // Rates fall while nothing comes.
  const timer = isTerminal ? setInterval(draw, 1000).unref() : undefined;
  draw();

  return {
    batch: ({ counted, before, records, conflicts }, seconds) => {
      sums.files += counted.length;
      sums.records += records;
      sums.conflicts += conflicts;
      if (counted.length > 0) {
        sums.batches++;
        last = `${figure(counted.length)} files, ${figure(records)} records in ${seconds.toFixed(2)} s`;
      }
      if (isTerminal) draw();
      else if (counted.length > 0 || conflicts > 0) {
        const others = conflicts === 0 ? '' : `, ${figure(before.length)} left to another worker`;
        process.stdout.write(
          `${figure(counted.length)} files, ${figure(records)} records counted in ${seconds.toFixed(2)} s${others}; ` +
            `${figure(sums.files)} files, ${figure(sums.records)} records in all\n`,
        );
      }
    },
    before: () => {
      sums.before++;
    },
    overwritten: (name) => {
      sums.overwritten++;
      say(`${name}: overwritten after it was counted; not counted again`);
    },
    failed: (message) => {
      sums.failed++;
      say(message);
    },
    notRead: (name) => say(`${name}: ${NOT_ORDINARY}; not read`),
    otherLog: () => {
      sums.otherLogs++;
    },
    stop: () => {
      clearInterval(timer);
      if (isTerminal) return;
      process.stdout.write(
        `${figure(sums.files)} files counted, ${figure(sums.before)} before, ${figure(sums.overwritten)} overwritten, ` +
          `${figure(sums.failed)} unreadable; ${figure(sums.records)} records\n` +
          (sums.otherLogs > 0 ? `${figure(sums.otherLogs)} files of transit gateways or of Cloud WAN left out\n` : ''),
      );
    },
  };
}
