import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { inParallel } from '../../../shared/in-parallel.ts';
import { isoDay, type Day } from '../../../shared/time.ts';
import { daysOfDelivery, type AskedDays } from './asked-days.ts';

/** Calls at the same time. */
const AT_ONCE = 16;
/** Days of one account and region that are listed by one of several that share its days. */
const LEAST_DAYS = 4;

export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string | undefined;
}

export interface S3Listing {
  readonly objects: readonly ListedObject[];
  /** Folders of other logs of AWS that were not looked into. */
  readonly otherFolders: readonly string[];
  /** What it took: calls, and keys that they brought. */
  readonly calls: number;
  readonly keys: number;
}

/**
 * The folder of one account and region, in which AWS makes one for each day: by `/` or, Hive-compatible, by names.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html
 */
const ROOT =
  /^(?:.*\/)?(?:\d{12}\/vpcflowlogs\/|aws-account-id=\d{12}\/(aws-service=vpcflowlogs\/)aws-region=)[a-z0-9-]+\//s;
const YEAR = /^(?:year=)?\d{4}\/$/;
/** Of another service, of an organization's trail as well, or of flow logs of no VPC. */
const OTHER_SERVICE =
  /(?:^|\/)AWSLogs\/(?:(?:o-[a-z0-9]{10,32}\/)?\d{12}\/(?!vpcflowlogs\/)|aws-account-id=\d{12}\/aws-service=(?!vpcflowlogs\/))[^/]+\/$/;

/**
 * The objects below a prefix: all of them, or those in folders of the days by which files with records of some days are named.
 * Folders of other days are neither listed nor passed: S3 lists keys in order, from any key on.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export async function listObjects(
  client: S3Client,
  bucket: string,
  prefix: string,
  asked: AskedDays | undefined,
): Promise<S3Listing> {
  const objects: ListedObject[] = [];
  const otherFolders: string[] = [];
  let [calls, keys] = [0, 0];

  /** Adds the objects from a key on, up to another one; returns the folders, where a delimiter makes them. */
  const list = async (Prefix: string, { Delimiter, StartAfter, end }: Range = {}): Promise<string[]> => {
    const folders: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const input = { Bucket: bucket, Prefix, Delimiter, StartAfter, ContinuationToken };
      const page = await client.send(new ListObjectsV2Command(input));
      calls++;
      for (const { Prefix: folder } of page.CommonPrefixes ?? []) if (folder !== undefined) folders.push(folder);
      ContinuationToken = page.NextContinuationToken;
      keys += page.Contents?.length ?? 0;
      for (const { Key, Size, ETag } of page.Contents ?? []) {
        if (Key === undefined || Key.endsWith('/')) continue;
        if (end !== undefined && Key >= end) ContinuationToken = undefined;
        else objects.push({ key: Key, size: Size ?? 0, etag: ETag });
      }
    } while (ContinuationToken !== undefined);
    return folders;
  };

  if (!asked) {
    await list(prefix);
    return { objects, otherFolders, calls, keys };
  }
  const roots: string[] = [];
  const rootOf = (path: string): string | undefined => ROOT.exec(path)?.[0];
  let folders = [prefix];
  while (folders.length > 0) {
    const below = await inParallel(folders, AT_ONCE, async (folder) => {
      const root = rootOf(folder);
      if (root === undefined) return list(folder, { Delimiter: '/' });
      roots.push(folder);
      // What somebody has put beside the days.
      if (folder === root) {
        const beside = await list(folder, { Delimiter: '/' });
        for (const other of beside) if (!YEAR.test(other.slice(root.length))) await list(other);
      }
      return [];
    });
    folders = below.flat().filter((folder) => {
      const isOther = OTHER_SERVICE.test(folder);
      if (isOther) otherFolders.push(folder);
      return !isOther;
    });
  }
  const ranges = roots.flatMap((path) => rangesOf(path, rootOf(path)!, asked, Math.floor(AT_ONCE / roots.length)));
  await inParallel(ranges, AT_ONCE, ({ path, ...range }) => list(path, range));
  return { objects, otherFolders: otherFolders.sort(), calls, keys };
}

interface Range {
  readonly Delimiter?: string;
  /** Keys that come after this one. */
  readonly StartAfter?: string | undefined;
  /** And before this one. */
  readonly end?: string | undefined;
}

/** @param parts in which they are shared out, at most, where there are many days */
function rangesOf(path: string, root: string, asked: AskedDays, parts: number): (Range & { path: string })[] {
  const { firstDay, lastDay } = daysOfDelivery(asked);
  const keyOf = (day: Day): string | undefined => (Number.isFinite(day) ? `${root}${folderOf(root, day)}` : undefined);
  const days = lastDay - firstDay + 1;
  const size = Math.max(LEAST_DAYS, Math.ceil(days / Math.max(1, parts)));
  const count = Number.isFinite(days) ? Math.ceil(days / size) : 1;
  return Array.from({ length: count }, (_, i) => ({
    path,
    StartAfter: keyOf(count === 1 ? firstDay : firstDay + i * size),
    end: keyOf(i === count - 1 ? lastDay + 1 : firstDay + (i + 1) * size),
  }));
}

function folderOf(root: string, day: Day): string {
  const [year, month, date] = isoDay(day).split('-');
  return ROOT.exec(root)?.[1] !== undefined
    ? `year=${year!}/month=${month!}/day=${date!}`
    : `${year!}/${month!}/${date!}`;
}
