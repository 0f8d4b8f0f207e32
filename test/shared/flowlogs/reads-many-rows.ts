/** `node reads-many-rows.ts FILE`: reads a Parquet flow log and tells what that took, as JSON. */
import { existsSync, readFileSync } from 'node:fs';
import { localLogFile, stateOf } from '../../../services/command-line/files/log-files.ts';
import { readLog } from '../../../shared/flowlogs/read-log.ts';
import { FlowLogError } from '../../../shared/flowlogs/record.ts';

export interface Took {
  /** Of a file that was read. */
  readonly lines?: number;
  /** Why it was not. */
  readonly refused?: string;
  readonly seconds: number;
  readonly rssMegabytes: number;
}

const [path] = process.argv.slice(2) as [string];
const started = performance.now();
const sink = { record: () => undefined, malformed: () => undefined };
const outcome = await readLog(localLogFile(path, await stateOf(path)), sink).then(
  ({ lines }) => ({ lines }),
  (error: unknown) => {
    if (error instanceof FlowLogError) return { refused: error.message };
    throw error;
  },
);
const took: Took = {
  ...outcome,
  seconds: (performance.now() - started) / 1000,
  rssMegabytes: peakKibibytes() / 1024,
};
process.stdout.write(JSON.stringify(took));

/** On Linux, `maxRSS` of a process begins with that of the one it was forked from: here all of a jest worker. */
function peakKibibytes(): number {
  const status = '/proc/self/status';
  const own = existsSync(status) ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1] : undefined;
  return own === undefined ? process.resourceUsage().maxRSS : Number(own);
}
