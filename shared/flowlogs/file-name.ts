import { dayOf, type Day } from '../time.ts';

/** What the name of a flow log file says of its content. */
export interface FlowLogFileName {
  /** Account and region that the flow log belongs to. */
  readonly accountId: string;
  readonly region: string;
  readonly flowLogId: string;
  /** UTC day of delivery: that of its records, or the day after. */
  readonly day: Day;
  /** UTC hour of that day, 0 to 23. */
  readonly hour: number;
}

const NAME =
  /(?:^|\/)(\d{12})_vpcflowlogs_([a-z0-9-]+)_(fl-[0-9a-f]+)_(\d{4})(\d{2})(\d{2})T(\d{2})\d{2}Z_[0-9A-Za-z]+\.log(?:\.gz|\.parquet)?$/;

/**
 * Reads a name such as `123456789012_vpcflowlogs_us-east-1_fl-0abc_20260105T0000Z_hash.log.gz`, with or without folders
 * before it; undefined for any other name.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html
 */
export function flowLogFileName(name: string): FlowLogFileName | undefined {
  const [, accountId, region, flowLogId, year, month, date, hour] = NAME.exec(name) ?? [];
  if (accountId === undefined || region === undefined || flowLogId === undefined) return undefined;
  const time = Date.UTC(Number(year), Number(month) - 1, Number(date));
  return { accountId, region, flowLogId, day: dayOf(time / 1000), hour: Number(hour) };
}

/** The flow log id in a file name such as `123456789012_vpcflowlogs_us-east-1_fl-0abc_20260105T0000Z_hash.log.gz`. */
export function flowLogIdOf(fileName: string): string | undefined {
  return /_vpcflowlogs_[a-z0-9-]+_(fl-[0-9a-f]+)_/.exec(fileName)?.[1];
}
