import { parentPort, workerData } from 'node:worker_threads';
import { pack, type Packed } from '../../../../shared/usage/packed.ts';
import type { Day } from '../../../../shared/time.ts';
import type { Source } from '../../../../shared/usage/source.ts';
import type { Usage } from '../../../../shared/usage/usage.ts';
import type { FlowRange, SharedFlows } from '../../evidence/shared-flows.ts';
import type { FileFindings } from '../../files/count-files.ts';
import { endDeal } from '../../files/deal-files.ts';
import { readHistory } from '../../files/read-inventories.ts';
import { AnalyzePart, type AnalyzeTask, type DecidedSources, type SettledPart } from './analyze-part.ts';

/*
 * A thread beside the main one. It counts files as long as there are some and says what it has counted; is told which sources
 * count, and what all threads heard of; settles its range and says so. The main thread ends it.
 */

export interface ThreadData extends AnalyzeTask {
  readonly thread: number;
}

/** What a thread says first. */
export interface ThreadCounts {
  readonly usage: Usage;
  readonly sources: ReadonlyMap<Day, readonly (readonly [Source, Usage])[]>;
  readonly findings: FileFindings;
  readonly flows: SharedFlows;
}

/** What it is told then. */
export interface ThreadRange {
  readonly shared: readonly SharedFlows[];
  readonly range: FlowRange;
  readonly decided: DecidedSources;
}

/** Instead of anything else. */
export interface ThreadFailure {
  readonly message: string;
  /** The name of the file that was read; empty where none was. */
  readonly file: string;
}

export type ThreadSays =
  | { readonly counted: Packed<ThreadCounts> }
  | { readonly settled: Packed<SettledPart> }
  | { readonly failed: ThreadFailure };

const port = parentPort!;
const { thread, ...task } = workerData as ThreadData;
let file = '';

function say<T>(packed: Packed<T>, what: (packed: Packed<T>) => ThreadSays): void {
  port.postMessage(what(packed), [packed.bytes.buffer]);
}

async function counted(): Promise<AnalyzePart> {
  const part = new AnalyzePart(task, thread, await readHistory(task.inventory));
  const { days, findings } = await part.count().finally(() => (file = part.file));
  const sources = new Map(
    [...days.sources].map(([day, ofDay]) => [day, [...ofDay].filter(([{ kind }]) => kind !== 'stream')] as const),
  );
  const flows = part.evidence.share();
  say(pack<ThreadCounts>({ usage: days.usage, sources, findings, flows }), (counted) => ({ counted }));
  return part;
}

function fail(error: unknown): void {
  endDeal(task.deal);
  const failed: ThreadFailure = { message: error instanceof Error ? error.message : String(error), file };
  port.postMessage({ failed } satisfies ThreadSays);
}

try {
  const part = await counted();
  file = '';
  port.once('message', ({ shared, range, decided }: ThreadRange) => {
    try {
      say(pack(part.settle(shared, range, decided)), (settled) => ({ settled }));
    } catch (error) {
      fail(error);
    }
  });
} catch (error) {
  fail(error);
}
