import { Narrowing, type NarrowingParts } from '../../../../shared/advice/narrowing/narrowing.ts';
import type { Day } from '../../../../shared/time.ts';
import { sourceText, type Source } from '../../../../shared/usage/source.ts';
import { EvidenceWriter, type EvidenceNames } from '../../evidence/evidence-writer.ts';
import type { FlowRange, SharedFlows } from '../../evidence/shared-flows.ts';
import { countInTurn, matchedAgainst, type FileCounts } from '../../files/count-files.ts';
import { dealt, type Deal } from '../../files/deal-files.ts';
import { fetchedAhead } from '../../files/fetch-ahead.ts';
import { isGroup, localLogFile, type LogFile, type LogFileRef } from '../../files/log-files.ts';
import type { S3Access } from '../../files/asked-days.ts';
import type { GivenInventories } from '../../files/read-inventories.ts';
import { boundYoungObjects, collectGarbage } from './memory.ts';

/** What the threads of a run are given. */
export interface AnalyzeTask {
  /** Folders. */
  readonly inventory: readonly string[];
  /** In the order in which they are best read. */
  readonly files: readonly LogFileRef[];
  readonly access: S3Access;
  readonly deal: Deal;
  /** Of each thread, bytes and records read so far. */
  readonly read: Float64Array<SharedArrayBuffer>;
  readonly evidenceFolder: string;
  readonly run: string;
  /** One for each thread. */
  readonly scratch: readonly string[];
}

/** What was decided once all files were counted: by day, the sources that count of those that may not. */
export type DecidedSources = ReadonlyMap<Day, ReadonlySet<string>>;

export interface SettledPart {
  /** By day, the files that were written. */
  readonly parts: ReadonlyMap<Day, readonly string[]>;
  readonly narrowing: NarrowingParts;
}

export function isCountedBy(decided: DecidedSources): (day: Day, source: Source) => boolean {
  return (day, source) => source.kind === 'stream' || decided.get(day)?.has(sourceText(source)) !== false;
}

/** What one thread does: it counts some of the files, and then settles the flows of a range, whoever heard of them. */
export class AnalyzePart {
  readonly narrowing: Narrowing;
  readonly evidence: EvidenceWriter;
  readonly #task: AnalyzeTask;
  readonly #thread: number;
  readonly #given: GivenInventories;
  /** Bytes of the process before anything was counted. */
  readonly #began = process.memoryUsage.rss();
  /** The name of the file that was taken last. */
  #file = '';

  constructor(task: AnalyzeTask, thread: number, given: GivenInventories) {
    this.#task = task;
    this.#thread = thread;
    this.#given = given;
    this.narrowing = new Narrowing(given.newest);
    const names: EvidenceNames = { run: task.run, thread, scratch: task.scratch[thread]! };
    this.evidence = new EvidenceWriter(
      task.evidenceFolder,
      given.history ? [] : given.newest.rules,
      (day, flow) => {
        this.narrowing.add(day, flow);
      },
      undefined,
      names,
    );
  }

  get file(): string {
    return this.#file;
  }

  /** @throws Error whose message names file and cause; {@link file} is the file then */
  async count(onRead?: () => void): Promise<FileCounts> {
    const { files, access, read } = this.#task;
    const { history, newest } = this.#given;
    const update = (bytes: number, records: number): void => {
      read[2 * this.#thread] = bytes;
      read[2 * this.#thread + 1] = records;
      boundYoungObjects();
      onRead?.();
    };
    // What reads from S3 is loaded only when needed.
    const s3 = files.some(({ name }) => isS3(name))
      ? new (await import('../../files/s3-log-files.ts')).S3Logs(access)
      : undefined;
    const groups = files.some(({ name }) => isGroup(name))
      ? new (await import('../../files/cloudwatch-logs.ts')).LogGroups(access)
      : undefined;
    const again = (ref: LogFileRef): LogFile => {
      if (isGroup(ref.name)) return groups!.file(ref);
      if (isS3(ref.name)) return s3!.file(ref);
      return { ...localLogFile(ref.name, { size: ref.size, stamp: ref.stamp ?? '' }), ...ref };
    };
    const counts = await countInTurn(
      this.#files(again),
      matchedAgainst(history ?? newest, files),
      { update },
      (source) => this.evidence.hear(source),
    );
    // What counting took is needed no more; evidence and the report take as much.
    collectGarbage(this.#began);
    return counts;
  }

  settle(shared: readonly SharedFlows[], range: FlowRange, decided: DecidedSources): SettledPart {
    const parts = this.evidence.settleRange(shared, range, isCountedBy(decided));
    return { parts, narrowing: this.narrowing.parts() };
  }

  *#files(again: (ref: LogFileRef) => LogFile): Generator<LogFile> {
    const { files, deal, scratch } = this.#task;
    const refs = dealt(files, deal, this.#thread, scratch.length);
    for (const file of fetchedAhead(refs.map(again))) {
      this.#file = file.name;
      yield file;
    }
  }
}

function isS3(name: string): boolean {
  return name.startsWith('s3://');
}
