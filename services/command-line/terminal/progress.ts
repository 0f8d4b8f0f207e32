import { figure } from '../../../shared/text/numbers.ts';
import { isQuiet } from './print.ts';
import { Presets, SingleBar } from 'cli-progress';

/** Shows how far the reading is; silent where standard error is not a terminal. */
export interface Progress {
  /** Bytes read and records seen so far. */
  update(bytes: number, records: number): void;
  stop(): void;
}

const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function startProgress(totalBytes: number): Progress {
  if (!process.stderr.isTTY || isQuiet()) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: 'Reading {bar} {percentage} % · {records} records · {rate}/s · {eta_formatted} left',
      hideCursor: true,
      clearOnComplete: true,
      // Its own way of leaving gracefully swallows the signal.
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  const started = performance.now();
  bar.start(Math.max(1, totalBytes), 0, { records: 0, rate: 0 });
  const stop = (): void => {
    bar.stop();
    for (const signal of STOPPING) process.removeListener(signal, interrupted);
  };
  /** Gives the terminal its cursor back, then lets the signal end the program. */
  const interrupted = (signal: NodeJS.Signals): void => {
    stop();
    process.kill(process.pid, signal);
  };
  for (const signal of STOPPING) process.once(signal, interrupted);
  return {
    update: (bytes, records) => {
      const seconds = (performance.now() - started) / 1000;
      bar.update(bytes, {
        records: figure(records),
        rate: figure(Math.round(records / seconds)),
      });
    },
    stop,
  };
}
