import { consoleHost } from '../../console-links.ts';

/** Where the files of a report lie, apart from the mail: in the data bucket. */
export interface Kept {
  readonly bucket: string;
  readonly region: string;
  /** Ends in a slash. */
  readonly prefix: string;
}

/** `s3://…`, for people. */
export function keptName({ bucket, prefix }: Kept, file: string): string {
  return `s3://${bucket}/${prefix}${file}`;
}

/** The folder in the AWS console: for it goes what is said of {@link keptLink}. */
export function keptFolderLink({ bucket, region, prefix }: Kept): string {
  const query = new URLSearchParams({ region, prefix }).toString();
  return `https://${consoleHost(region)}/s3/buckets/${encodeURIComponent(bucket)}?${query}`;
}

/**
 * The object in the AWS console, which asks for a sign-in and the right to read it: never a link that lets in whoever
 * has it.
 */
export function keptLink({ bucket, region, prefix }: Kept, file: string): string {
  const query = new URLSearchParams({ region, prefix: `${prefix}${file}` }).toString();
  return `https://${consoleHost(region)}/s3/object/${encodeURIComponent(bucket)}?${query}`;
}
