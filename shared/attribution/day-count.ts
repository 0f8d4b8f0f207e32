import type { FlowRecord, RecordSink } from '../flowlogs/record.ts';
import type { CompiledInventory } from '../matching/compiled-inventory.ts';
import type { Day } from '../time.ts';
import type { UsageBySource } from '../usage/by-source.ts';
import { STREAM, type Source } from '../usage/source.ts';
import { Attribution, type FlowListener, type RecordOrigin } from './attribution.ts';
import { RowRoutes } from './row-routes.ts';
import { NO_RIVALS, noDuplicates, rivalsOf, type RivalsOf } from './duplicate-log.ts';

/** Where the records of a file came from. */
export type FileOrigin = Omit<RecordOrigin, 'isDuplicate'>;

/** Counts what one file tells of a day. */
export interface FileCount extends Required<Pick<RecordSink, 'rows'>> {
  add(record: FlowRecord): void;
  /** @param day of the file's name or, where it tells none, of the record before */
  malformed(day: Day): void;
}

/**
 * Counts the records of one day, of any number of files, by source: those that another flow log tells of too are counted
 * under two conditions, of which one will hold once all files are read. Each record is attributed once.
 */
export class DayCount {
  readonly #sources: UsageBySource;
  readonly #compiled: CompiledInventory;
  readonly #main: Attribution | undefined;
  readonly #onFlow: ((source: Source) => FlowListener) | undefined;
  /** By the list of rivals, of which there is one for a flow log and the same ids; {@link NO_RIVALS} of all flow logs. */
  readonly #attributions = new Map<readonly string[], Attribution>();
  readonly #rivals = new Map<string | undefined, RivalsOf>();
  readonly #routes = new Map<string, RowRoutes>();

  /**
   * @param sources what is added to
   * @param onFlow makes what hears of the flows that were counted under a source
   * @param main counts what no other flow log tells of; days of one inventory may share it, and whoever gives it finishes it
   */
  constructor(
    compiled: CompiledInventory,
    sources: UsageBySource,
    onFlow?: (source: Source) => FlowListener,
    main?: Attribution,
  ) {
    this.#compiled = compiled;
    this.#sources = sources;
    this.#onFlow = onFlow;
    this.#main = main;
  }

  file(file: FileOrigin): FileCount {
    const { flowLogId } = file;
    const origin: RecordOrigin = { ...file, isDuplicate: noDuplicates };
    const rivals = this.#rivalsOf(flowLogId);
    const routes = this.#routesOf(file, rivals);
    return {
      rows: (rows, from) => routes.add(rows, from),
      add: (record) => {
        const owner = this.#compiled.interfaceOf(record.interfaceId);
        const others = owner && record.status === 'OK' ? rivals(record, owner).ids : NO_RIVALS;
        this.#attributionOf(flowLogId, others).add(record, origin, owner);
      },
      malformed: (day) => {
        this.#attributionOf(flowLogId, NO_RIVALS).malformed(origin, day);
      },
    };
  }

  /** Service flows held until {@link finish}. */
  get held(): number {
    return this.#attributions.values().reduce((sum, { held }) => sum + held, 0);
  }

  /** Writes the sums. Call it once all records are in; more may follow. */
  finish(): void {
    for (const attribution of this.#attributions.values()) attribution.finish(this.#attributions.size);
  }

  #rivalsOf(flowLogId: string | undefined): RivalsOf {
    let rivals = this.#rivals.get(flowLogId);
    if (!rivals) this.#rivals.set(flowLogId, (rivals = rivalsOf(flowLogId)));
    return rivals;
  }

  /** Files of one origin share them. */
  #routesOf(file: FileOrigin, rivals: RivalsOf): RowRoutes {
    const { flowLogId = '', accountId = '', region = '' } = file;
    const origin = `${flowLogId} ${accountId} ${region}`;
    let routes = this.#routes.get(origin);
    if (!routes) {
      routes = new RowRoutes(this.#compiled, file, rivals, (ids) => this.#attributionOf(flowLogId, ids).rows);
      this.#routes.set(origin, routes);
    }
    return routes;
  }

  /** @param rivals one list for the same ids */
  #attributionOf(flowLogId: string | undefined, rivals: readonly string[]): Attribution {
    if (this.#main && rivals.length === 0) return this.#main;
    let attribution = this.#attributions.get(rivals);
    if (!attribution) this.#attributions.set(rivals, (attribution = this.#attribute(flowLogId, rivals)));
    return attribution;
  }

  #attribute(flowLogId: string | undefined, rivals: readonly string[]): Attribution {
    if (flowLogId === undefined || rivals.length === 0) {
      return new Attribution(this.#compiled, this.#sources.of(STREAM), { onFlow: this.#onFlow?.(STREAM) });
    }
    const source: Source = { kind: 'streamUnless', flowLogId, rivals };
    const aside = this.#sources.of({ kind: 'streamIf', flowLogId, rivals });
    return new Attribution(this.#compiled, this.#sources.of(source), { onFlow: this.#onFlow?.(source), aside });
  }
}
