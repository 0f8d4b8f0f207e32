import { findColumns, USED_FIELDS, type UsedField } from '../../../shared/flowlogs/fields.ts';
import { fieldsOfLogFormat } from '../../../shared/flowlogs/line-format.ts';
import { quoted } from '../../../shared/text/plain.ts';

/**
 * How the files of some flow logs look, and where they lie: what tables, queries and readers are made from. Every value
 * has been checked, so that it can stand in a statement.
 */
export interface LogFormat {
  /** Names with hyphens, in the order of the file; all that attribution needs are among them. */
  readonly fields: readonly string[];
  readonly fileFormat: 'plain-text' | 'parquet';
  /** Folders named `year=2026` and so on. */
  readonly hiveCompatible: boolean;
  readonly perHour: boolean;
  readonly bucket: string;
  /** Before `AWSLogs`, without a slash at either end; `''` for none. */
  readonly prefix: string;
  readonly accountId: string;
  readonly region: string;
  /** The flow logs that write so, sorted; others may write otherwise into the same folders. */
  readonly flowLogIds: readonly string[];
}

/** An item of `FlowLogs` of DescribeFlowLogs, as far as it says how and where the log is written. */
export interface FlowLogFormat {
  readonly FlowLogId?: string | undefined;
  readonly LogDestinationType?: string | undefined;
  readonly LogDestination?: string | undefined;
  readonly LogGroupName?: string | undefined;
  readonly LogFormat?: string | undefined;
  readonly DestinationOptions?:
    | {
        readonly FileFormat?: string | undefined;
        readonly HiveCompatiblePartitions?: boolean | undefined;
        readonly PerHourPartition?: boolean | undefined;
      }
    | undefined;
}

/** The flow logs of one account and region. */
interface LogOwner {
  readonly accountId: string;
  readonly region: string;
}

/** Log groups whose flow logs a deployment writes to a bucket, as text in AWS's layout: `services/archive-flow-logs`. */
export interface ArchivedGroups {
  readonly names: readonly string[];
  readonly bucket: string;
  /** Before `AWSLogs`: empty, or ending in a slash. */
  readonly keyPrefix: string;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** The characters that S3 calls safe: none of them means anything in SQL or in a template of partitions. */
const PREFIX = /^(?:[0-9A-Za-z!_.*()-]+(?:\/[0-9A-Za-z!_.*()-]+)*)?$/;
const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/;
const FLOW_LOG = /^fl-[0-9a-f]{1,32}$/;
/** Fields that are not known yet are left out, but they take a place. */
const FIELD = /^[a-z][a-z0-9-]{0,63}$/;
const MAX_FIELDS = 256;

/**
 * The same format, once everything in it has been checked.
 *
 * @throws RangeError that names the malformed value
 */
export function checkedFormat(format: LogFormat): LogFormat {
  const check = (what: string, value: string, shape: RegExp): void => {
    if (!shape.test(value)) throw new RangeError(`not a ${what}: ${quoted(value)}`);
  };
  check('bucket', format.bucket, BUCKET);
  check('prefix', format.prefix, PREFIX);
  check('account', format.accountId, ACCOUNT);
  check('region', format.region, REGION);
  check('file format', format.fileFormat, /^(?:plain-text|parquet)$/);
  for (const id of format.flowLogIds) check('flow log', id, FLOW_LOG);
  for (const field of format.fields) check('field', field, FIELD);
  if (format.flowLogIds.length === 0) throw new RangeError('no flow log has this format');
  if (format.fields.length > MAX_FIELDS) throw new RangeError(`more than ${MAX_FIELDS} fields`);
  const columns = findColumns(format.fields);
  if (typeof columns === 'string') throw new RangeError(columns);
  return format;
}

/** Of the fields that attribution uses, those that this format has. */
export function usedFields({ fields }: LogFormat): UsedField[] {
  return USED_FIELDS.filter((field) => fields.includes(field));
}

/**
 * One format for each way in which flow logs are written to S3, by AWS or from an archived log group, and a line for each
 * flow log that cannot be read that way. Other destinations, and logs of transit gateways, are left out without a word.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html
 */
export function logFormatsOf(
  flowLogs: readonly FlowLogFormat[],
  owner: LogOwner,
  archived?: ArchivedGroups,
): { formats: LogFormat[]; problems: string[] } {
  const found = new Map<string, LogFormat>();
  const problems: string[] = [];
  for (const flowLog of flowLogs.map((one) => asWritten(one, archived))) {
    const fields = fieldsOfLogFormat(flowLog.LogFormat ?? '');
    if (flowLog.LogDestinationType !== 's3' || fields.includes('tgw-id')) continue;
    try {
      const format = formatOf(flowLog, fields, owner);
      const { flowLogIds, ...way } = format;
      const key = JSON.stringify(way);
      const ids = [...(found.get(key)?.flowLogIds ?? []), ...flowLogIds].sort();
      found.set(key, { ...format, flowLogIds: ids });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.push(`flow log ${quoted(flowLog.FlowLogId ?? '')} is not reconciled: ${error.message}`);
    }
  }
  return { formats: [...found.values()], problems };
}

function formatOf(flowLog: FlowLogFormat, fields: string[], { accountId, region }: LogOwner): LogFormat {
  const { FileFormat, HiveCompatiblePartitions, PerHourPartition } = flowLog.DestinationOptions ?? {};
  const [, bucket = '', folders = ''] =
    /^arn:aws[a-z-]*:s3:::([^/]+)(?:\/(.*))?$/.exec(flowLog.LogDestination ?? '') ?? [];
  return checkedFormat({
    fields,
    fileFormat: (FileFormat ?? 'plain-text') as LogFormat['fileFormat'],
    hiveCompatible: HiveCompatiblePartitions ?? false,
    perHour: PerHourPartition ?? false,
    bucket,
    prefix: folders.replace(/\/+$/, ''),
    accountId,
    region,
    flowLogIds: [flowLog.FlowLogId ?? ''],
  });
}

/** Of an archived log group, the flow log as if it went to the bucket itself; any other as it is. */
function asWritten(flowLog: FlowLogFormat, archived: ArchivedGroups | undefined): FlowLogFormat {
  const { LogDestinationType, LogGroupName = '' } = flowLog;
  if (LogDestinationType !== 'cloud-watch-logs' || !archived?.names.includes(LogGroupName)) return flowLog;
  const { bucket, keyPrefix } = archived;
  const LogDestination = `arn:aws:s3:::${bucket}/${keyPrefix}`;
  return { ...flowLog, LogDestinationType: 's3', LogDestination, DestinationOptions: undefined };
}
