import { flowLogFileName } from '../../shared/flowlogs/file-name.ts';
import { NOTE_DAYS } from '../../shared/names.ts';
import type { CreatedObject } from './object-events.ts';
import type { ObjectName } from './ports/usage-store.ts';
import { type Day, DAY_SECONDS, startOfDay } from '../../shared/time.ts';
import type { AccountRegion } from '../../shared/inventory/snapshot-file.ts';

/** A content that is a flow log of the deployment. */
export interface FlowLogObject extends CreatedObject {
  readonly name: ObjectName;
  /** Of delivery: that of its records, or the day after. */
  readonly day: Day;
  readonly flowLogId: string;
}

/** What a created object is to the deployment. */
export type Classified =
  | { readonly kind: 'flowLog'; readonly object: FlowLogObject }
  /** Its note may have expired: nobody knows whether it was counted. */
  | { readonly kind: 'tooOld'; readonly object: FlowLogObject }
  | { readonly kind: 'notAFlowLog' | 'otherAccount' | 'otherRegion' };

/**
 * The folders that AWS delivers flow logs to, plain or Hive-compatible, below whatever prefix. A copy under the same
 * file name elsewhere in the bucket would be counted as if it were more traffic.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html
 */
const FLOW_LOG_FOLDER = /(?:^|\/)AWSLogs\/(?:\d{12}\/|aws-account-id=\d{12}\/aws-service=)vpcflowlogs\//;

/**
 * Days after which an object is no longer counted. A note lives {@link NOTE_DAYS} from when the object was counted, which
 * is after it was written; a day less allows for clocks that differ and for the time that counting takes.
 */
const COUNTED_DAYS = NOTE_DAYS - 1;

/**
 * Tells what an object is by its key. Too old is one that was written, or whose name says that it was delivered, so
 * long ago that its note may have expired: an event may be redriven from a dead-letter queue, and an old object may be
 * written anew. Nobody knows then whether it was counted, so it is left to the night.
 *
 * @param nowSeconds UNIX seconds
 */
export function classify(created: CreatedObject, deployment: AccountRegion, nowSeconds: number): Classified {
  const { bucket, key, eventTime } = created;
  const file = FLOW_LOG_FOLDER.test(key) ? flowLogFileName(key) : undefined;
  if (!file) return { kind: 'notAFlowLog' };
  if (file.accountId !== deployment.accountId) return { kind: 'otherAccount' };
  if (file.region !== deployment.region) return { kind: 'otherRegion' };
  const { day, flowLogId } = file;
  const object = { ...created, name: `s3://${bucket}/${key}`, day, flowLogId };
  const oldest = Math.min(eventTime, startOfDay(day));
  return { kind: nowSeconds - oldest > COUNTED_DAYS * DAY_SECONDS ? 'tooOld' : 'flowLog', object };
}

/** The content that an event told of cannot be read any more, however often it is tried. */
export class ContentLost extends Error {
  override name = 'ContentLost';
  readonly how: 'gone' | 'overwritten';

  constructor(how: 'gone' | 'overwritten', name: ObjectName, cause: unknown) {
    super(`${name} is ${how}`, { cause });
    this.how = how;
  }
}
