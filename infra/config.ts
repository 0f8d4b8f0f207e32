import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { DEFAULT_PREFIX } from '../shared/names.ts';

const schema = z.strictObject({
  /** Where to deploy to. Without both, the template fits any account and region: those of the credentials. */
  account: z
    .string()
    .regex(/^\d{12}$/, 'twelve digits')
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-central-1')
    .optional(),
  /** Begins every name; two deployments in one account and region need two. */
  prefix: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/, '3 to 30 small letters, digits and hyphens')
    .default(DEFAULT_PREFIX),
  flowLogs: z.strictObject({
    /** An existing bucket in the account and region of the deployment, with its events sent to EventBridge. */
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'a bucket name'),
    /** What stands before `AWSLogs/` in the keys, as given to the flow log: empty, or ending in a slash. */
    keyPrefix: z
      .string()
      .regex(/^([^/*?]+\/)*$/, 'empty, or folders that each end in a slash')
      .default(''),
  }),
  countUsage: z
    .strictObject({
      /** Batches of objects counted at once; Lambda takes 2 to 1000. See count-usage.ts for what it bounds. */
      maximumConcurrency: z.int().min(2).max(1000).default(4),
    })
    .prefault({}),
  night: z
    .strictObject({
      /** When it begins, UTC. Flow logs of the day before have come by then, but for what AWS delivers late. */
      at: z
        .string()
        .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 03:30')
        .default('03:30'),
      /** Gibibytes that one query may read: twice a day's compressed flow logs, and room to grow. */
      scanLimitGiB: z.int().min(1).default(1000),
    })
    .prefault({}),
  /** Days that counters are kept. The default window of a verdict is 90 days; longer windows need longer retention. */
  retentionDays: z.int().min(90).default(400),
  /** One of the figures CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, … */
  logRetentionDays: z.enum(RetentionDays).default(RetentionDays.THREE_MONTHS),
  /** Who hears of alarms. Each confirms the subscription that AWS mails. */
  operators: z.array(z.email()).default([]),
});

/** One deployment: everything that differs from one account and region to the next. */
export type Config = z.output<typeof schema>;

/** @throws an error that names each wrong field and what it should be */
export function parseConfig(value: unknown): Config {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Error(`not a configuration:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** @throws if the file cannot be read, is not JSON, or is no configuration; the error names the file */
export function readConfig(file: string): Config {
  try {
    return parseConfig(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
