import { flowLogFileName } from '../../shared/flowlogs/file-name.ts';
import type { Day } from '../../shared/time.ts';
import type { LogFormat } from './sql/log-format.ts';
import { foldersRead } from './sql/partitions.ts';

/** Text lies where a flow log has written Parquet: no query can read the day, now or later. */
export class MixedFolder extends Error {
  override name = 'MixedFolder';
}

export interface ReadOptions {
  readonly day: Day;
  /** As the query has them. */
  readonly lateHours: number;
  readonly ports: {
    /** Objects whose key begins so. */
    list(bucket: string, prefix: string): AsyncIterable<{ readonly key: string }>;
  };
}

/**
 * The formats that Athena can be asked for, which reads all files of a folder in the one format of a table. A query of Parquet
 * ends at the first file of text: it is asked only where there is Parquet of its flow logs, and no text. No
 * condition on `"$path"` is promised to keep such a file closed, and in Trino most do not. The other way round nothing is
 * lost: whatever a table of text makes of Parquet, the query drops by the names of files. `test/trino` holds both.
 * https://docs.aws.amazon.com/athena/latest/ug/tables-location-format.html
 *
 * @throws MixedFolder that names flow logs, a folder and the way out, where files of both lie there
 */
export async function readableFormats(formats: readonly LogFormat[], options: ReadOptions): Promise<LogFormat[]> {
  const readable: LogFormat[] = [];
  for (const format of formats) {
    if (format.fileFormat === 'parquet') {
      const { hasOwn, writers } = await filesAround(format, options);
      if (!hasOwn) continue;
      if (writers.size > 0) throw new MixedFolder(whyMixed(writers, format));
    }
    readable.push(format);
  }
  return readable;
}

/** Files without AWS's names are left to Athena, whose words then tell of them. */
async function filesAround(format: LogFormat, { day, lateHours, ports }: ReadOptions) {
  /** The flow logs that have written text there, and the first folder of each. */
  const writers = new Map<string, string>();
  let hasOwn = false;
  for (const folder of foldersRead(day, format, lateHours)) {
    for await (const { key } of ports.list(format.bucket, folder)) {
      const flowLogId = flowLogFileName(key)?.flowLogId;
      if (flowLogId === undefined) continue;
      if (format.flowLogIds.includes(flowLogId)) hasOwn = true;
      else if (!key.endsWith('.parquet') && !writers.has(flowLogId)) writers.set(flowLogId, folder);
    }
  }
  return { hasOwn, writers };
}

/** Enough to find the others by. */
const NAMED = 3;

function some(ids: readonly string[]): string {
  const more = ids.length - NAMED;
  return ids.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function whyMixed(writers: ReadonlyMap<string, string>, { bucket, flowLogIds }: LogFormat): string {
  const [folder] = writers.values();
  return (
    `text of flow log ${some([...writers.keys()].sort())} lies in s3://${bucket}/${folder!} beside Parquet of ${some(flowLogIds)}, ` +
    "and Athena reads all files of a folder as one format. Make one of the two anew in the other's file format, or with " +
    'Hive-compatible prefixes, which are folders of their own, and delete the old one. No night can read a day that has both: ' +
    'it counts as it was streamed, and is not watched'
  );
}
