import { startOfDay, type Day } from './time.ts';

/**
 * Names that the deployed stacks and the running code share. The prefix and the bucket are the deployment's own; the
 * code is told of them by its environment.
 */
export interface TableNames {
  readonly rulesData: string;
  readonly rulesUsage: string;
  readonly state: string;
}

export const DEFAULT_PREFIX = 'sg-analysis';

export function tableNames(prefix: string): TableNames {
  return {
    rulesData: `${prefix}-rules-data`,
    rulesUsage: `${prefix}-rules-usage`,
    state: `${prefix}-state`,
  };
}

interface TableKeys {
  readonly partition: string;
  readonly sort?: string;
  readonly index?: { readonly name: string; readonly partition: string; readonly sort: string };
}

/** All keys are strings. Items of every table but `rulesData` may expire at {@link EXPIRES_AT}. */
export const TABLE_KEYS: Readonly<Record<keyof TableNames, TableKeys>> = {
  rulesData: { partition: 'rule_id', index: { name: 'by-group', partition: 'sg_id', sort: 'rule_id' } },
  rulesUsage: { partition: 'rule_id', sort: 'day_source' },
  state: { partition: 'id', sort: 'at' },
};

/** Time-to-live attribute, UNIX seconds. */
export const EXPIRES_AT = 'expires_at';

/** When what is said of a day expires that is kept for so many days after its own; UNIX seconds. */
export function expiryOf(day: Day, retentionDays: number): number {
  return startOfDay(day + 1 + retentionDays);
}

/**
 * DynamoDB deletes an item some days after it has expired, S3 an object the day after: objects that items name are kept for
 * so many days longer.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
 */
export const FILES_STAY_DAYS = 14;

/** With account and region in it, since bucket names are taken all over the world. At most 63 characters. */
export function dataBucketName(prefix: string, account: string, region: string): string {
  return `${prefix}-data-${account}-${region}`;
}

/** Below these prefixes of the data bucket. */
export const DATA_PREFIXES = {
  /** Immutable, named by the hash of their content. */
  snapshots: 'snapshots/',
  /** Of snapshots of one day, each the union of those before it; named by the hash of their content too. */
  unions: 'unions/',
  /** What a batch of objects adds, named by the hash of its content. */
  additions: 'additions/',
  /** What all batches say of a day together. */
  sums: 'sums/',
  /** What the steps of nightly runs hand to each other, by day and run. */
  night: 'night/',
  /** Service flows of settled days: Parquet, by day and run. */
  evidence: 'evidence/',
  /** What the night says of each day, for verdicts. */
  history: 'history/',
  /** What CloudTrail and AWS Config told: pages as they came, and what follows from all of them. */
  past: 'past/',
  /** Tables for Athena and QuickSight: `shared/export/tables.ts`. */
  exports: 'exports/',
  /** Reports by day and run, each with its page and its CSV files beside it. */
  reports: 'reports/',
  /** Batches of log groups that could not be archived, as they came, by the day they came on (`2026-01-31/`). */
  refused: 'refused/',
  /** Athena's own: manifests, and what statements without a result leave. */
  queryResults: 'query-results/',
} as const;

/** What a run says of its day (`2026-01-31`). */
export function historyKey(day: string, run: string): string {
  return `${DATA_PREFIXES.history}day=${day}/run=${run}.json.gz`;
}

/** Of Athena's work group and of the state machine of the night. */
export function nightName(prefix: string): string {
  return `${prefix}-night`;
}

/** Of the queue of objects that are to be counted, and of those that could not be. */
export function queueNames(prefix: string): { readonly queue: string; readonly deadLetters: string } {
  return { queue: `${prefix}-count-usage`, deadLetters: `${prefix}-count-usage-dead-letters` };
}

/** Of the queue of batches of log groups that died, until they are kept back. */
export function deadBatchesName(prefix: string): string {
  return `${prefix}-archive-flow-logs-dead-letters`;
}

/** Of the state machine that has past days reconciled. */
export function backfillName(prefix: string): string {
  return `${prefix}-backfill`;
}

/** Of the Glue database; Athena wants no hyphens. */
export function databaseName(prefix: string): string {
  return prefix.toLowerCase().replaceAll(/[^a-z0-9]/g, '_');
}

/** Environment of the functions. */
export const ENVIRONMENT = {
  tablePrefix: 'STALE_SG_TABLE_PREFIX',
  dataBucket: 'STALE_SG_DATA_BUCKET',
  /** The account whose flow logs are counted; the region is Lambda's own `AWS_REGION`. */
  accountId: 'STALE_SG_ACCOUNT_ID',
  /** Of the queue that a function is fed from. */
  queueUrl: 'STALE_SG_QUEUE_URL',
  /** Days that counters are kept; never fewer than the longest window. */
  retentionDays: 'STALE_SG_RETENTION_DAYS',
  /** The bucket that flow logs are delivered to. */
  logBucket: 'STALE_SG_LOG_BUCKET',
  /** What keys of flow logs begin with there, before `AWSLogs` or {@link ARCHIVED_FOLDER}, a slash at its end; need not be set. */
  logKeyPrefix: 'STALE_SG_LOG_KEY_PREFIX',
  /** Log groups of CloudWatch Logs that are archived in that bucket, separated by commas; need not be set. */
  logGroups: 'STALE_SG_LOG_GROUPS',
  database: 'STALE_SG_DATABASE',
  /** Days that a verdict looks back on. */
  windowDays: 'STALE_SG_WINDOW_DAYS',
  /** A date since when somebody vouches that the rules stand as they do. */
  rulesKnownSince: 'STALE_SG_RULES_KNOWN_SINCE',
  /** Key of the list of exemptions in the data bucket. */
  exemptions: 'STALE_SG_EXEMPTIONS',
  /** Who the mail is from: an address, or a name and an address, of an identity that SES may send from. */
  mailFrom: 'STALE_SG_MAIL_FROM',
  /** Addresses that get the mail, separated by commas. */
  mailTo: 'STALE_SG_MAIL_TO',
  /** Where answers go; need not be set. */
  mailReplyTo: 'STALE_SG_MAIL_REPLY_TO',
  /** Of SES; need not be set. */
  mailConfigurationSet: 'STALE_SG_MAIL_CONFIGURATION_SET',
  /** Bytes that a mail may have at most; need not be set. */
  mailMaxBytes: 'STALE_SG_MAIL_MAX_BYTES',
  /** Domains of addresses that owners may be mailed at, separated by commas; without, owners get no mail. */
  ownerDomains: 'STALE_SG_OWNER_DOMAINS',
  /** Key of the addresses of owners in the data bucket; need not be set. */
  ownerAddresses: 'STALE_SG_OWNER_ADDRESSES',
  /** How often an owner is mailed at most: `week` or `day`. */
  ownerMailEvery: 'STALE_SG_OWNER_MAIL_EVERY',
  /** Findings of a lower priority are not sent to Security Hub; without, none are. */
  hubMinPriority: 'STALE_SG_HUB_MIN_PRIORITY',
  /** Whose form messages to the webhook have: `slack` or `teams`; need not be set. */
  webhookKind: 'STALE_SG_WEBHOOK_KIND',
  /** ARN of the secret that holds the address of the webhook; need not be set. */
  webhookSecret: 'STALE_SG_WEBHOOK_SECRET',
  /** The key of the tag that names owners, before those that are usual; need not be set. */
  ownerTag: 'STALE_SG_OWNER_TAG',
} as const;

/**
 * Of a regular expression: the name of a log group, which no comma is in.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
 */
export const LOG_GROUP = '[\\w./#-]{1,512}';

/**
 * Before `AWSLogs/` in the keys of archived batches, behind what all keys begin with: Athena reads all files in a folder as what its
 * table says they are, and flow logs to S3 may be Parquet.
 */
export const ARCHIVED_FOLDER = 'log-groups/';

/** How long it is known that an object was counted, in days. Older objects are left to the night. */
export const NOTE_DAYS = 60;

/** How long what batches add is kept, in days: a deployment in which nothing puts sums together is to be mended by then. */
export const ADDITION_DAYS = 30;
