/** Commands that take turns, and what each takes: for benches that compare. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export interface Taken {
  /** Seconds of processors, those of the system and of children with them. */
  readonly cpu: number;
  /** Seconds by the clock. */
  readonly wall: number;
  /** MB that it held at its peak; of several processes of one command, the largest. */
  readonly peak: number;
}

export interface Contestant {
  readonly command: string;
  /** Not pinned to one processor: it has several threads. */
  readonly isFree?: boolean;
}

/** Of one run, as GNU time tells it (Debian: `time`); undefined where the command failed. */
function takenBy({ command, isFree = false }: Contestant): Taken | undefined {
  const canPin = !isFree && spawnSync('taskset', ['-c', '1', 'true']).status === 0;
  const timed = `/usr/bin/time -f '%U %S %e %M' ${canPin ? `taskset -c 1 ${command}` : command} > /dev/null`;
  const { status, stderr } = spawnSync('bash', ['-c', timed], { encoding: 'utf8', cwd: ROOT });
  const [user = 0, system = 0, wall = 0, kilobytes = 0] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  return status === 0 ? { cpu: user + system, wall, peak: kilobytes / 1024 } : undefined;
}

/** The median of each figure over all rounds; NaN of a contestant that is not here. */
export function race<Name extends string>(
  contestants: Readonly<Record<Name, Contestant>>,
  rounds: number,
  before: () => void = () => undefined,
): Record<Name, Taken> {
  const names = Object.keys(contestants) as Name[];
  const taken = new Map<Name, Taken[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      before();
      const one = takenBy(contestants[name]);
      if (one) taken.get(name)!.push(one);
    }
  }
  const median = (name: Name, of: keyof Taken): number => {
    const all = taken.get(name)!.map((one) => one[of]);
    return all.sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN;
  };
  return Object.fromEntries(
    names.map((name) => [name, { cpu: median(name, 'cpu'), wall: median(name, 'wall'), peak: median(name, 'peak') }]),
  ) as Record<Name, Taken>;
}

/** A line for each. */
export function printTaken(results: Readonly<Record<string, Taken>>, records: number): void {
  for (const [name, { cpu, wall, peak }] of Object.entries(results)) {
    const each = ((cpu / records) * 1e6).toFixed(2);
    const told = `${cpu.toFixed(2)} CPU s, ${each} µs a record, ${wall.toFixed(2)} s by the clock, ${peak.toFixed(0)} MB`;
    console.log(`${name.padEnd(22)} ${Number.isNaN(cpu) ? 'not here' : told}`);
  }
}
