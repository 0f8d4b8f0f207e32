/** `node reads-many-rows.ts FILE`: reads a Parquet flow log and tells what that took, as JSON. */
import { localLogFile, stateOf } from '../../../services/command-line/files/log-files.ts';
import { readLog } from '../../../shared/flowlogs/read-log.ts';
import { peakMegabytes } from '../../peak-memory.ts';
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
const outcome = await readLog(localLogFile(path, stateOf(path)), sink).then(
  ({ lines }) => ({ lines }),
  (error: unknown) => {
    if (error instanceof FlowLogError) return { refused: error.message };
    throw error;
  },
);
const took: Took = {
  ...outcome,
  seconds: (performance.now() - started) / 1000,
  rssMegabytes: peakMegabytes(),
};
process.stdout.write(JSON.stringify(took));
