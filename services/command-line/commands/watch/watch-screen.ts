import Table from 'cli-table3';
import { plainText } from '../../../../shared/text/plain.ts';
import type { Outcome } from '../../../count-usage/count-objects.ts';

/** Tells what happens: a table that stays in its place on a terminal, a line for each commit elsewhere. */
export interface Screen {
  batch(outcome: Outcome, seconds: number): void;
  /** A file was found that had been counted before. */
  before(): void;
  /** A file was found that had been counted before with another content. */
  overwritten(name: string): void;
  failed(message: string): void;
  stop(): void;
}

export function startScreen({ logs, store }: { readonly logs: string; readonly store: string }): Screen {
  const started = performance.now();
  const sums = { files: 0, records: 0, batches: 0, conflicts: 0, before: 0, overwritten: 0, failed: 0 };
  let last = 'none yet';
  const isTerminal = process.stdout.isTTY;
  let drawn = 0;

  const rows = (): [string, string][] => {
    const seconds = (performance.now() - started) / 1000;
    return [
      ['Files counted', `${number(sums.files)} (${number(sums.before)} were counted before)`],
      ['Records', number(sums.records)],
      ['Rate', `${number(sums.records / seconds)} records/s, ${(sums.files / seconds).toFixed(1)} files/s`],
      ['Commits', `${number(sums.batches)}, called off for another worker: ${number(sums.conflicts)}`],
      ['Last commit', last],
      ['Overwritten', number(sums.overwritten)],
      ['Unreadable', number(sums.failed)],
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
        last = `${number(counted.length)} files, ${number(records)} records in ${seconds.toFixed(2)} s`;
      }
      if (isTerminal) draw();
      else if (counted.length > 0 || conflicts > 0) {
        const others = conflicts === 0 ? '' : `, ${number(before.length)} left to another worker`;
        process.stdout.write(
          `${number(counted.length)} files, ${number(records)} records counted in ${seconds.toFixed(2)} s${others}; ` +
            `${number(sums.files)} files, ${number(sums.records)} records in all\n`,
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
    stop: () => {
      clearInterval(timer);
      if (isTerminal) return;
      process.stdout.write(
        `${number(sums.files)} files counted, ${number(sums.before)} before, ${number(sums.overwritten)} overwritten, ` +
          `${number(sums.failed)} unreadable; ${number(sums.records)} records\n`,
      );
    },
  };
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}
