import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { main } from '../../../services/command-line/main.ts';

const COMMAND_LINE = join(import.meta.dirname, '../../../services/command-line');
export const SAMPLE = join(COMMAND_LINE, 'sample');

/** What came of one call of the program. */
export interface Run {
  /** Exit status, or the signal that ended it. */
  readonly status: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  /** Told of the process at once. */
  readonly started?: (child: ChildProcess) => void;
  /** Nobody reads its standard output, as after `| head -0`. */
  readonly closedOutput?: boolean;
  /** Set besides those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Calls the program as it is installed: a process of its own. */
export async function runBin(
  args: readonly string[],
  { started, closedOutput, environment }: Options = {},
): Promise<Run> {
  const child = spawn(process.execPath, [join(COMMAND_LINE, 'bin/stale-sg.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (texts[name] += text));
  }
  if (closedOutput === true) child.stdout.destroy();
  const ended = new Promise<Run['status']>((resolve, reject) => {
    child.once('error', reject).once('close', (code, signal) => {
      resolve(code ?? signal!);
    });
  });
  started?.(child);
  return { status: await ended, ...texts };
}

/** Calls the program within this process: the same but for the shim, and much faster. One call at a time. */
export async function runMain(args: readonly string[]): Promise<Run> {
  const texts = { stdout: '', stderr: '' };
  const restores = (['stdout', 'stderr'] as const).map((name) => {
    const write = jest.spyOn(process[name], 'write').mockImplementation((text) => {
      texts[name] += String(text);
      return true;
    });
    const { isTTY } = process[name];
    process[name].isTTY = false;
    return () => {
      write.mockRestore();
      process[name].isTTY = isTTY;
    };
  });
  try {
    const status = await main(args);
    return { status, ...texts };
  } finally {
    for (const restore of restores) restore();
  }
}
