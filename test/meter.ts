import { LineReader } from '../shared/flowlogs/line-reader.ts';

/** What something costs this process: time of the processor, which no other program stretches, and memory at its worst. */
export class Meter {
  readonly #cpu = process.cpuUsage();
  readonly #before = process.memoryUsage.rss();
  #most = this.#before;

  /** Call it now and then while the work goes on. */
  look(): void {
    this.#most = Math.max(this.#most, process.memoryUsage.rss());
  }

  get seconds(): number {
    const { user, system } = process.cpuUsage(this.#cpu);
    return (user + system) / 1e6;
  }

  get grownMegabytes(): number {
    this.look();
    return (this.#most - this.#before) / 1e6;
  }
}

const LINES = Buffer.from('2 1 eni-1 10.0.0.1 10.0.0.2 40000 22 6 9 900 100 160 ACCEPT OK\n'.repeat(10_000));

const READ_BYTES = 1e7;
let isWarm = false;

/** Seconds of the processor for forty megabytes of ordinary lines, read one by one, here and now: about half a second on a quiet machine. */
function ordinarySeconds(): number {
  if (!isWarm) readLines();
  isWarm = true;
  const meter = new Meter();
  readLines();
  return (meter.seconds * 4e7) / READ_BYTES;
}

function readLines(): void {
  const reader = new LineReader({ record: () => {}, malformed: () => {} });
  for (let bytes = 0; bytes < READ_BYTES; bytes += LINES.length) reader.push(LINES);
}

/**
 * How many times the processor's time for forty megabytes of ordinary lines this takes. They are read before it and after it and the
 * longer time counts, since other programs on the machine stretch all three; a bound should still be far from what is usual.
 */
export async function timesOrdinary(work: () => unknown): Promise<number> {
  const before = ordinarySeconds();
  const meter = new Meter();
  await work();
  return meter.seconds / Math.max(before, ordinarySeconds());
}
