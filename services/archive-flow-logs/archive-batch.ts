import { FlowLogError } from '../../shared/flowlogs/record.ts';
import type { AccountRegion } from '../../shared/inventory/snapshot-file.ts';
import { isoTime } from '../../shared/time.ts';
import { logObjects, type PublishingFlowLog } from './log-objects.ts';
import { readSubscriptionBatch, type SubscriptionBatch } from './subscription-batch.ts';

export interface ArchivePorts {
  readonly place: AccountRegion & {
    /** Before `AWSLogs/`: empty, or ending in a slash. */
    readonly keyPrefix: string;
  };
  /** Those of the account that publish to the log group, asked for later than `since`, in milliseconds since 1970. */
  flowLogsOf(logGroup: string, since: number): Promise<readonly PublishingFlowLog[]>;
  /** False where an object of that key was there already. */
  putOnce(key: string, bytes: Uint8Array): Promise<boolean>;
  /** Keeps a batch as it came, for whoever is to look into it; the days that it may be of are not watched while it lies there. */
  keepBack(event: unknown): Promise<void>;
}

/** What became of a batch. */
export interface Archived {
  /** Objects that were not there before, and their lines. */
  readonly objects: number;
  readonly lines: number;
  /** Objects that had been written by an earlier delivery of the same lines. */
  readonly repeated: number;
  /** Why it was kept back, if it was. */
  readonly refused: string | undefined;
}

/**
 * Writes a batch of events as AWS delivers flow logs to S3. May be done any number of times, by several at once: what dies
 * between two objects is done by the next try, which finds the first one there. A batch that nobody can read, or that could not be
 * written, is kept back: of one interface alone, its records would be missed by nobody.
 *
 * @throws what keeping back throws: then Lambda tries again, and in the end it is for `keep-dead-letters`
 */
export async function archiveBatch(event: unknown, ports: ArchivePorts): Promise<Archived> {
  const done = { objects: 0, lines: 0, repeated: 0, refused: undefined };
  try {
    for (const { key, bytes, lines } of await objectsOf(event, ports)) {
      if (await ports.putOnce(key, bytes)) {
        done.objects++;
        done.lines += lines;
      } else done.repeated++;
    }
    return done;
  } catch (error) {
    await ports.keepBack(event);
    return { ...done, refused: (error as Error).message };
  }
}

async function objectsOf(event: unknown, ports: ArchivePorts) {
  const batch = await readSubscriptionBatch(event);
  if (!batch || batch.events.length === 0) return [];
  const { owner, logGroup } = batch;
  if (owner !== ports.place.accountId) throw new FlowLogError(`log group ${logGroup} is of account ${owner}`);
  const [oldest, newest] = beginnings(batch);
  // A flow log that was made after the answer has no line that began before it.
  const flowLogs = await ports.flowLogsOf(logGroup, newest);
  const [flowLog] = flowLogs;
  if (!flowLog || flowLogs.length > 1) {
    // Of several nobody could tell which a line is of: an interface has one stream, whoever publishes to it.
    throw new FlowLogError(`${String(flowLogs.length)} flow logs publish to ${logGroup}, in place of one`);
  }
  if (oldest < flowLog.createdAt) {
    const [began, made] = [oldest, flowLog.createdAt].map((at) => isoTime(Math.floor(at / 1000)));
    throw new FlowLogError(
      `an event of ${began!} is of an earlier flow log than ${flowLog.flowLogId}, made at ${made!}`,
    );
  }
  return logObjects(batch, flowLog, ports.place);
}

/**
 * When its first and its last line began, in milliseconds since 1970: the time of an event is the `start` in its line.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-cwl.html
 */
function beginnings({ events }: SubscriptionBatch): readonly [oldest: number, newest: number] {
  return events.reduce<[number, number]>(
    ([oldest, newest], { timestamp }) => [Math.min(oldest, timestamp), Math.max(newest, timestamp)],
    [Infinity, 0],
  );
}
