import { gzipSync } from 'node:zlib';

/** As CloudWatch Logs calls a function: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html */
export function subscriptionEvent(message: unknown): { readonly awslogs: { readonly data: string } } {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  return { awslogs: { data: gzipSync(text).toString('base64') } };
}

export interface BatchOptions {
  readonly owner?: string;
  readonly logGroup?: string;
  /** Milliseconds since 1970. */
  readonly timestamp?: number;
}

export const LOG_GROUP_NAME = '/aws/vpc/vpc-0123456789abcdef0';

/** A batch of lines of one interface, as the page has it. */
export function dataMessage(lines: readonly string[], options: BatchOptions = {}): object {
  const { owner = '111122223333', logGroup = LOG_GROUP_NAME, timestamp = Date.UTC(2026, 0, 5, 12) } = options;
  return {
    messageType: 'DATA_MESSAGE',
    owner,
    logGroup,
    logStream: 'eni-0123456789abcdef0-all',
    subscriptionFilters: ['sg-analysis-archive-flow-logs'],
    policyLevel: 'LOG_GROUP_LEVEL_POLICY',
    logEvents: lines.map((message, i) => ({
      id: `3195310660696698337880902507980421114328961542429${i}`,
      timestamp,
      message,
    })),
  };
}
