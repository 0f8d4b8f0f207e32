import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { CallDenied } from './pace.ts';
import type { EventHistory } from './recall-events.ts';

/** The largest there may be: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
const PAGE_SIZE = 50;
const DENIED: ReadonlySet<string> = new Set(['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation']);

/** Where region or profile is not given, the SDK looks for it. */
export interface RecallClient {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

export function createCloudTrailClient({ region, profile }: RecallClient = {}): CloudTrailClient {
  const place = { ...(region && { region }), ...(profile && { profile }) };
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
      return { events: Events, nextToken: NextToken };
    },
  };
}

/** @throws CallDenied in the place of what services say where somebody lacks the right, any other error as it is */
export function deniedOr(error: unknown): never {
  if (error instanceof Error && DENIED.has(error.name)) throw new CallDenied(error.name, { cause: error });
  throw error;
}
