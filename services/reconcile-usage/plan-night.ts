import type { SnapshotReference } from '../../shared/aws/snapshot-index.ts';
import type { Basis } from '../../shared/history/day-facts.ts';
import { flowLogFileName } from '../../shared/flowlogs/file-name.ts';
import { readableFormats } from './mixed-folder.ts';
import type { LogFormat } from './sql/log-format.ts';
import type { Run } from './settle-day.ts';
import { foldQuery, LATE_HOURS } from './sql/fold.ts';
import { deliveryFolder } from './sql/partitions.ts';
import { createTable, tableNameOf } from './sql/table.ts';
import { unload } from './sql/unload.ts';
import { emptyLogDay, type HeardLog, type LogsOfDay, noteFile, toldByFields } from '../../shared/usage/log-days.ts';

/** Plans that were written by programs of before have no slots. */
type PlannedLog = Omit<HeardLog, 'slots'> & Partial<HeardLog>;

/** What all steps of a run work by; written down once, so that all of them work by the same. */
export interface NightPlan extends Pick<Basis, 'assumed'> {
  readonly version: 1;
  /** Where the queries write: `s3://…/`, new for each plan. */
  readonly folder: string;
  readonly parts: number;
  /** Flow logs of which files were delivered on the day, by id: the times that the files are named by, and what they tell. */
  readonly logs: Readonly<Record<string, PlannedLog>>;
  readonly snapshots: readonly SnapshotReference[];
  /** As in {@link Basis}; plans of before do not say. */
  readonly outdated?: boolean;
  /** What the account remembers, by its key in the data bucket; none where it was never asked. */
  readonly past?: string | undefined;
  /** How often the day had been marked to be run again when the run began. */
  readonly marks: number;
}

export interface PlanPorts {
  /** The snapshots in force on the day, and the formats of the flow logs in them. */
  inForce(
    run: Run,
  ): Promise<
    Basis & { snapshots: readonly SnapshotReference[]; past?: string | undefined; formats: readonly LogFormat[] }
  >;
  /** Objects whose key begins so. */
  list(bucket: string, prefix: string): AsyncIterable<{ readonly key: string; readonly size: number }>;
  marks(run: Run): Promise<number>;
  /** A folder that nothing was ever written to: `s3://…/`. */
  newFolder(run: Run): string;
  write(run: Run, plan: NightPlan): Promise<void>;
  now(): Date;
}

/** The statements of one query, in their order. */
export interface PlannedQuery {
  readonly createTable: string;
  readonly unload: string;
}

export interface PlannedNight {
  readonly queries: readonly PlannedQuery[];
  /** Their numbers. */
  readonly parts: readonly number[];
}

/** No flow log can be read that way. */
class NothingToReconcile extends Error {
  override name = 'NothingToReconcile';
}

/** Nothing is there, on a day of which the deployment has not seen the beginning: nothing went wrong. */
export class NothingYet extends Error {
  override name = 'NothingYet';
}

/** Some 3 million records: their service flows fit the memory of one function. */
const BYTES_PER_PART = 64 * 2 ** 20;
/**
 * What one statement folds at most: some 280 million records at 30 bytes, of which windows hold some 340 bytes each, 95 GB.
 * What Athena holds is not published; a statement that needs more ends with `EXHAUSTED_RESOURCES`.
 * https://docs.aws.amazon.com/athena/latest/ug/performance-tuning-query-optimization-techniques.html
 */
const BYTES_PER_STATEMENT = 8 * 2 ** 30;
/** What UNLOAD writes at most. https://docs.aws.amazon.com/athena/latest/ug/unload.html */
const MAX_PARTS = 100;
/** Folders of delivery that are read for a day that is run again: its own and the two next. */
const MAX_LATE_HOURS = 48;
const HOUR_MS = 3_600_000;
/** A state hands on at most 256 KiB, and the statements are handed on.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MAX_BYTES = 200_000;

/**
 * What is to be done for the day: a query for each format of flow logs, several where they are large, and how many parts
 * their rows are cut into.
 *
 * @throws NothingToReconcile where no flow log was written to the bucket; NothingYet where that, or that no file is there, is
 * no wonder; MixedFolder where Athena could not read a folder; RangeError where the statements are too long
 */
export async function planNight(run: Run, database: string, ports: PlanPorts): Promise<PlannedNight> {
  const { day } = run;
  const { snapshots, assumed, outdated, past, formats } = await ports.inForce(run);
  if (formats.length === 0) {
    const reason = 'no flow log was written to the bucket on that day';
    throw assumed ? new NothingYet(reason) : new NothingToReconcile(reason);
  }
  const marks = await ports.marks(run);
  const bytesOf = new Map(formats.map((format) => [format, 0]));
  const logs: Record<string, HeardLog> = {};
  for (const format of formats) {
    for await (const { key, size } of ports.list(format.bucket, deliveryFolder(day, format))) {
      const name = flowLogFileName(key);
      if (!name || !format.flowLogIds.includes(name.flowLogId)) continue;
      const log = (logs[name.flowLogId] ??= {
        hours: 0,
        slots: emptyLogDay().slots,
        told: toldByFields(format.fields),
      });
      log.hours |= 1 << name.hour;
      noteFile(log, name);
      bytesOf.set(format, bytesOf.get(format)! + size);
    }
  }
  if (assumed && Object.keys(logs).length === 0) {
    throw new NothingYet('the flow logs have no file of that day, and the deployment has not seen it begin');
  }
  const bytes = [...bytesOf.values()].reduce((sum, each) => sum + each, 0);
  const parts = Math.min(MAX_PARTS, Math.max(1, Math.ceil(bytes / BYTES_PER_PART)));
  const sinceMs = ports.now().getTime() - (day + 1) * 24 * HOUR_MS;
  const lateHours = Math.min(MAX_LATE_HOURS, Math.max(LATE_HOURS, Math.ceil(sinceMs / HOUR_MS)));
  const readable = await readableFormats(formats, { day, lateHours, ports });
  const folder = ports.newFolder(run);
  const planned = (most: number): PlannedQuery[] => {
    const shares = readable.flatMap((format) => {
      const of = Math.max(1, Math.min(most, parts, Math.ceil(bytesOf.get(format)! / BYTES_PER_STATEMENT)));
      return Array.from({ length: of }, (_, index) => ({ format, share: { index, of } }));
    });
    return shares.map(({ format, share }, i) => {
      const table = { database, table: tableNameOf(format) };
      const query = foldQuery({ table, format, day, lateHours, parts, share });
      return { createTable: createTable(table, format), unload: unload(query, `${folder}${i}/`) };
    });
  };
  const size = sizeOf(planned(1));
  if (size > MAX_BYTES) throw new RangeError(`the statements have ${size} bytes; a state takes ${MAX_BYTES}`);
  // Where they name very many flow logs, fewer and larger ones.
  const queries = planned(Math.floor(MAX_BYTES / size));
  await ports.write(run, { version: 1, folder, parts, logs, snapshots, assumed, outdated, past, marks });
  return { queries, parts: Array.from({ length: parts }, (_, part) => part) };
}

function sizeOf(queries: readonly PlannedQuery[]): number {
  return Buffer.byteLength(JSON.stringify(queries));
}

/** The flow logs of a plan, whichever program wrote it. */
export function plannedLogs({ logs }: Pick<NightPlan, 'logs'>): LogsOfDay {
  const { slots } = emptyLogDay();
  return new Map(Object.entries(logs).map(([id, log]) => [id, { slots, ...log }]));
}
