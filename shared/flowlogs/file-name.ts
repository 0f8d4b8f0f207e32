import { dayOf, isoTime, type Day } from '../time.ts';

/** What the name of a flow log file says of its content. */
export interface FlowLogFileName {
  /** Account and region that the flow log belongs to. */
  readonly accountId: string;
  readonly region: string;
  readonly flowLogId: string;
  /** UTC day of delivery: that of its records, or the day after. */
  readonly day: Day;
  /** UTC hour of that day, 0 to 23, and minute of that hour, 0 to 59: AWS delivers every five minutes. */
  readonly hour: number;
  readonly minute: number;
}

/** AWS's ids have 8 or 17 digits. */
const FLOW_LOG = 'fl-[0-9a-f]{1,32}';
const TIME = '(\\d{4})(\\d{2})(\\d{2})T([01]\\d|2[0-3])([0-5]\\d)Z';
const NAME = new RegExp(
  `(?:^|/)(\\d{12})_vpcflowlogs_([a-z0-9-]+)_(${FLOW_LOG})_${TIME}_[0-9A-Za-z]+\\.log(?:\\.gz|\\.parquet)?$`,
);
const ID = new RegExp(`_vpcflowlogs_[a-z0-9-]+_(${FLOW_LOG})_`);

/**
 * Reads a name such as `123456789012_vpcflowlogs_us-east-1_fl-0abc_20260105T0000Z_hash.log.gz`, with or without folders
 * before it; undefined for any other name.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html
 */
export function flowLogFileName(name: string): FlowLogFileName | undefined {
  const [, accountId, region, flowLogId, year, month, date, hour, minute] = NAME.exec(name) ?? [];
  if (accountId === undefined || region === undefined || flowLogId === undefined) return undefined;
  const time = Date.UTC(Number(year), Number(month) - 1, Number(date));
  return { accountId, region, flowLogId, day: dayOf(time / 1000), hour: Number(hour), minute: Number(minute) };
}

/** Of an object, with the folders before it; of its name, {@link FlowLogFileName} is what is read again. */
export interface FlowLogKey extends Pick<FlowLogFileName, 'accountId' | 'region' | 'flowLogId'> {
  /** Before `AWSLogs/`: empty, or ending in a slash. */
  readonly keyPrefix: string;
  /** UNIX seconds; the name tells them to the minute. */
  readonly time: number;
  /** Letters and digits. */
  readonly hash: string;
}

/** The key of a text object as AWS lays it out by default, in folders of days. Same page as {@link flowLogFileName}. */
export function flowLogKey({ keyPrefix, accountId, region, flowLogId, time, hash }: FlowLogKey): string {
  const [day, clock] = isoTime(time).split('T') as [string, string];
  const folder = `${keyPrefix}AWSLogs/${accountId}/vpcflowlogs/${region}/${day.replaceAll('-', '/')}/`;
  const minute = `${day.replaceAll('-', '')}T${clock.slice(0, 5).replace(':', '')}Z`;
  return `${folder}${accountId}_vpcflowlogs_${region}_${flowLogId}_${minute}_${hash}.log.gz`;
}

/** The flow log id in a file name such as `123456789012_vpcflowlogs_us-east-1_fl-0abc_20260105T0000Z_hash.log.gz`. */
export function flowLogIdOf(fileName: string): string | undefined {
  return ID.exec(fileName)?.[1];
}
