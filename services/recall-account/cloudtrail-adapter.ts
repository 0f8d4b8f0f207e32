import { CloudTrailClient, LookupEventsCommand, type CloudTrailClientConfig } from '@aws-sdk/client-cloudtrail';
import { CLOCK_SECONDS } from '../../shared/inventory/past/event-names.ts';
import { CallDenied } from './pace.ts';
import type { EventHistory } from './recall-events.ts';

/** The largest there may be: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
const PAGE_SIZE = 50;
const DENIED: ReadonlySet<string> = new Set(['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation']);

/** Where region or profile is not given, the SDK looks for it. */
export interface RecallClient {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** In place of those that the SDK finds. */
  readonly credentials?: CloudTrailClientConfig['credentials'];
}

export function createCloudTrailClient({ region, profile, credentials }: RecallClient = {}): CloudTrailClient {
  const place = { ...(region && { region }), ...(profile && { profile }), ...(credentials && { credentials }) };
  return new CloudTrailClient({ ...place, retryMode: 'adaptive', maxAttempts: 10 });
}

export function cloudTrailHistory(client: CloudTrailClient): EventHistory {
  return {
    async page({ key, value, from, until }, token, abortSignal) {
      const command = new LookupEventsCommand({
        LookupAttributes: [{ AttributeKey: key, AttributeValue: value }],
        StartTime: new Date(from * 1000),
        EndTime: new Date(until * 1000),
        MaxResults: PAGE_SIZE,
        NextToken: token,
      });
      const { Events = [], NextToken } = await client.send(command, { abortSignal }).catch(deniedOr);
      checkClock(client.config.systemClockOffset);
      return { events: Events, nextToken: NextToken };
    },
  };
}

/**
 * A snapshot that is dated too early leaves out what was made between that time and the snapshot: rules would look older
 * than they are.
 *
 * @param offset milliseconds by which AWS's clock is ahead of this machine's, as the SDK saw it in the answer
 * @throws Error
 */
function checkClock(offset: number): void {
  const seconds = Math.round(Math.abs(offset) / 1000);
  if (seconds < CLOCK_SECONDS) return;
  const way = offset > 0 ? 'slow' : 'fast';
  throw new Error(
    `the clock of this machine is ${String(seconds)} seconds ${way}: set it right, and take the snapshot again`,
  );
}

/** @throws CallDenied in the place of what services say where somebody lacks the right, any other error as it is */
export function deniedOr(error: unknown): never {
  if (error instanceof Error && DENIED.has(error.name)) throw new CallDenied(error.name, { cause: error });
  throw error;
}
