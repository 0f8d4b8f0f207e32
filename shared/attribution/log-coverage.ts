import type { FlowRecord } from '../flowlogs/record.ts';
import type { CompiledInterface } from '../matching/compiled-inventory.ts';
import type { Day } from '../time.ts';
import { emptyLogDay, noteRecord, type LogDay } from '../usage/log-days.ts';
import { emptyInterfaceDay, within, type InterfaceDay, type Usage } from '../usage/usage.ts';

/** Notes which flow logs were heard, and what they told of each interface: most records are of the day and log before. */
export class LogCoverage {
  readonly #usage: Usage;
  /** The flow log that was heard last, and on which day. */
  #heard: LogDay | undefined;
  #heardLog = '';
  #heardDay: Day = -1;
  /** What was seen on the day that was added to last, and which flow log told of it last, by the number of the interface. */
  #seen: InterfaceDay[] = [];
  #toldBy: string[] = [];
  #day: Day = -1;

  constructor(usage: Usage) {
    this.#usage = usage;
  }

  /** @param day undefined where nothing tells: then that of the flow log's last record, if that was the last of all */
  malformed(flowLogId: string, day: Day | undefined, times: number): void {
    const on = day ?? (this.#heard && this.#heardLog === flowLogId ? this.#heardDay : undefined);
    if (on === undefined) return;
    const log = this.logOn(flowLogId, on);
    log.lines += times;
    log.malformed += times;
  }

  hear(record: FlowRecord, flowLogId: string, day: Day): void {
    noteRecord(this.logOn(flowLogId, day), record);
  }

  /** @param isDuplicate whether another flow log counts in place of this one: then it is only noted that this one told of it */
  cover(owner: CompiledInterface, record: FlowRecord, day: Day, flowLogId: string, isDuplicate: boolean): void {
    const seen = this.seenOf(owner, day, flowLogId);
    if (isDuplicate) return;
    const { times } = record;
    seen.records += times;
    if (record.status === 'NODATA') seen.noData += times;
    else if (record.status === 'SKIPDATA') seen.skipData += times;
    else if (record.accepted) seen.accepted += times;
  }

  /** What was seen of an interface, of which the flow log tells, on a day. */
  seenOf({ index, source }: CompiledInterface, day: Day, flowLogId: string): InterfaceDay {
    if (day !== this.#day) {
      this.#seen = [];
      this.#toldBy = [];
      this.#day = day;
    }
    const seen = (this.#seen[index] ??= within(this.#usage.interfaces, source.interfaceId, day, emptyInterfaceDay));
    if (this.#toldBy[index] !== flowLogId) {
      this.#toldBy[index] = flowLogId;
      seen.logs.add(flowLogId);
    }
    return seen;
  }

  logOn(flowLogId: string, day: Day): LogDay {
    if (!this.#heard || flowLogId !== this.#heardLog || day !== this.#heardDay) {
      this.#heardLog = flowLogId;
      this.#heardDay = day;
      this.#heard = within(this.#usage.logs, flowLogId, day, emptyLogDay);
    }
    return this.#heard;
  }
}
