import type { AccountRegion } from '../../inventory/snapshot-file.ts';
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

/**
 * The object in the AWS console, which asks for a sign-in and the right to read it: never a link that lets in whoever
 * has it.
 */
export function keptLink({ bucket, region, prefix }: Kept, file: string): string {
  const query = new URLSearchParams({ region, prefix: `${prefix}${file}` }).toString();
  return `https://${consoleHost(region)}/s3/object/${encodeURIComponent(bucket)}?${query}`;
}

/** An execution of a state machine in the AWS console. */
export function executionLink({ region }: AccountRegion, executionArn: string): string {
  return `https://${consoleHost(region)}/states/home?region=${encodeURIComponent(region)}#/v2/executions/details/${encodeURIComponent(executionArn)}`;
}

/** https://docs.aws.amazon.com/amazonaws-china and -govcloud: each partition has a console of its own. */
function consoleHost(region: string): string {
  if (region.startsWith('cn-')) return `${region}.console.amazonaws.cn`;
  if (region.startsWith('us-gov-')) return `${region}.console.amazonaws-us-gov.com`;
  return `${region}.console.aws.amazon.com`;
}
