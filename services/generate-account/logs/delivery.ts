import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashPair } from '../random/random.ts';
import type { FlowLog, SetAside } from '../world/entities.ts';
import { REGION } from '../world/lay-out-network.ts';
import { GzipLines } from './gzip-lines.ts';
import type { RecordFile, RecordFileFormat } from './record-file.ts';
import type { Row } from './row.ts';

/** A file that is full is followed by another; AWS's are full at 75 MB. */
const MAX_LINES = 250_000;
/** Seconds from the end of a window to when it can be published, at least and at most. */
const LEAST_DELAY = 30;
const MOST_DELAY = LEAST_DELAY + 240;
/** One window in so many arrives late, by up to a quarter of an hour. */
const LATE_ONE_IN = 64;
const MOST_LATE = 900;

/** Joining each line anew would take longer than writing its two parts. */
const LINE_ENDS: Readonly<Record<SetAside, string>> = {
  '': '\n',
  noData: 'noData\n',
  skipData: 'skipData\n',
  duplicateLog: 'duplicateLog\n',
  rejected: 'rejected\n',
  unknownInterface: 'unknownInterface\n',
  noGroup: 'noGroup\n',
};

interface OpenFile {
  readonly log: RecordFile;
  readonly truth: GzipLines;
  readonly due: number;
  lines: number;
}

export interface DeliveryOptions {
  /** The account's folder: `logs` and `truth/records` are made in it. */
  readonly out: string;
  readonly format: RecordFileFormat;
  /** First line of each file of truths. */
  readonly truthHeader: string;
  /** Files that one flow log publishes at the same time. */
  readonly filesAtOnce: number;
  /** Time between two deliveries. */
  readonly intervalSeconds: number;
  readonly seed: number;
}

/**
 * Spreads records over files as AWS delivers them: a window's records go, some seconds to minutes after it ended, into
 * one of the files that its flow log publishes at that time. The truth of each file lies beside it, line by line.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #open = new Map<number, OpenFile>();
  /** Flow logs with the times at which they deliver anything, those of times gone by left out. */
  readonly #delivers = new Set<number>();
  #closing: Promise<unknown>[] = [];
  fileCount = 0;
  recordCount = 0;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** `truth`: all but its last field. */
  add(flowLog: FlowLog, row: Row, truth: string, setAside: SetAside): void {
    const due = this.dueAt(row.iface.index, row.end);
    this.#delivers.add(this.#deliveryOf(flowLog, due));
    this.#add(due, flowLog, row, truth, setAside);
  }

  /** A record of no traffic, into a file of its own that is due then. */
  addAlone(due: number, flowLog: FlowLog, row: Row, truth: string): void {
    this.#add(due, flowLog, row, truth, 'noData');
  }

  #add(due: number, flowLog: FlowLog, row: Row, truth: string, setAside: SetAside): void {
    const key = this.#deliveryOf(flowLog, due) * 16 + (row.iface.index % this.#options.filesAtOnce);
    let file = this.#open.get(key);
    if (!file) this.#open.set(key, (file = this.#openFile(flowLog, due)));
    file.log.add(row);
    file.truth.add(truth);
    file.truth.add(LINE_ENDS[setAside]);
    this.recordCount++;
    if (++file.lines === MAX_LINES) {
      this.#open.delete(key);
      this.#close(file);
    }
  }

  /** Waits until the compressors keep up. */
  async drained(): Promise<void> {
    for (const file of this.#open.values()) {
      if (file.log.congested) await file.log.drained();
      if (file.truth.congested) await file.truth.drained();
    }
    if (this.#closing.length > 8) await this.#closed();
  }

  /** Closes the files that no record ending after `time` (UNIX seconds) can belong to. */
  async closeDue(time: number): Promise<void> {
    for (const [key, file] of this.#open) {
      if (file.due >= this.earliestDue(time)) continue;
      this.#open.delete(key);
      this.#close(file);
    }
    await this.#closed();
  }

  /**
   * Times of delivery, UNIX seconds, [from, until), at which a flow log has nothing to deliver yet. Each time is asked for
   * once, in order.
   */
  *emptyHanded(flowLog: FlowLog, from: number, until: number): Generator<number> {
    for (let due = from; due < until; due += this.#options.intervalSeconds) {
      if (!this.#delivers.delete(this.#deliveryOf(flowLog, due))) yield due;
    }
  }

  /** When the records of an interface whose window ends at `end` are published, UNIX seconds. */
  dueAt(interfaceIndex: number, end: number): number {
    const hash = hashPair(interfaceIndex, end);
    const late = hash % LATE_ONE_IN === 0 ? 300 + ((hash >>> 8) % (MOST_LATE - 300)) : 0;
    return this.earliestDue(end + ((hash >>> 18) % (MOST_DELAY - LEAST_DELAY)) + late);
  }

  /** When a window that ends then can be published at the earliest, UNIX seconds. */
  earliestDue(end: number): number {
    const { intervalSeconds } = this.#options;
    return Math.ceil((end + LEAST_DELAY) / intervalSeconds) * intervalSeconds;
  }

  /** Of the windows that are published at `due` the end of the oldest there may be, UNIX seconds. */
  earliestEnd(due: number): number {
    return due - this.#options.intervalSeconds - MOST_DELAY - MOST_LATE;
  }

  #deliveryOf({ index }: FlowLog, due: number): number {
    return (due / this.#options.intervalSeconds) * 64 + index;
  }

  #close(file: OpenFile): void {
    const closing = Promise.all([file.log.close(), file.truth.close()]);
    // Its error is told when all that close are waited for, not before.
    closing.catch(() => undefined);
    this.#closing.push(closing);
  }

  async #closed(): Promise<void> {
    const closing = this.#closing;
    this.#closing = [];
    await Promise.all(closing);
  }

  #openFile(flowLog: FlowLog, due: number): OpenFile {
    const { out, format, truthHeader } = this.#options;
    const iso = new Date(due * 1000).toISOString();
    const [year, month, day] = iso.slice(0, 10).split('-') as [string, string, string];
    const folder = join('AWSLogs', flowLog.accountId, 'vpcflowlogs', REGION, year, month, day);
    const stamp = `${year}${month}${day}T${iso.slice(11, 13)}${iso.slice(14, 16)}Z`;
    const path = join(folder, `${flowLog.accountId}_vpcflowlogs_${REGION}_${flowLog.id}_${stamp}_${this.#hash()}`);
    const logPath = join(out, 'logs', `${path}.${format.extension}`);
    const truthPath = join(out, 'truth', 'records', `${path}.csv.gz`);
    for (const each of [logPath, truthPath]) mkdirSync(dirname(each), { recursive: true });
    const truth = new GzipLines(truthPath);
    truth.add(`${truthHeader}\n`);
    return { log: format.open(logPath), truth, due, lines: 0 };
  }

  /** Differs from file to file: for one seed, the mixing maps no two numbers to one. */
  #hash(): string {
    return hashPair(this.#options.seed % 2 ** 32, this.fileCount++)
      .toString(16)
      .padStart(8, '0');
  }
}
