import * as z from 'zod';
import { LOG_GROUP } from '../names.ts';

export const KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/;
export const TOPIC_ARN = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/;

const vpc = z.strictObject({
  vpcId: z.string().regex(/^vpc-[0-9a-f]{8,17}$/, 'a VPC id such as vpc-0123456789abcdef0'),
  /** Most that one record sums up. One minute tells more of who opened a connection, and makes more records. */
  aggregationMinutes: z.literal([1, 10]).default(10),
  fileFormat: z.enum(['text', 'parquet']).default('parquet'),
  /**
   * How keys go on behind `AWSLogs/`: `hive` names its folders `year=2026` and so on, `hourly` has one for each hour, so
   * that the night reads less.
   */
  layout: z.enum(['default', 'hourly', 'hive', 'hive-hourly']).default('hourly'),
});

/** A flow log to be made of one VPC. */
export type EnabledVpc = z.output<typeof vpc>;
/** How a flow log writes its files. */
export type FileLayout = Pick<EnabledVpc, 'fileFormat' | 'layout'>;

/**
 * Whether the one flow log writes text into folders that a table of the other one's Parquet reads, if both write to one place:
 * Athena reads all files of a folder, those of hours with those of the day, in one format.
 * https://docs.aws.amazon.com/athena/latest/ug/tables-location-format.html
 */
export function isTextAmidParquet(text: FileLayout, parquet: FileLayout): boolean {
  if (text.fileFormat !== 'text' || parquet.fileFormat !== 'parquet') return false;
  const isHive = ({ layout }: FileLayout): boolean => layout.startsWith('hive');
  const isHourly = ({ layout }: FileLayout): boolean => layout.endsWith('hourly');
  return isHive(text) === isHive(parquet) && (isHourly(text) || !isHourly(parquet));
}

const shape = z.strictObject({
  /**
   * Whose bucket it is: `existing` in the account and region of the deployment; `new`, made by it; `central`, of a log
   * account, in the region of the deployment.
   */
  kind: z.enum(['existing', 'new', 'central']).default('existing'),
  /** Its name; a new one is named by the deployment. */
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'a bucket name')
    .optional(),
  /** Of a central bucket. */
  ownerAccount: z
    .string()
    .regex(/^\d{12}$/, 'twelve digits')
    .optional(),
  /** Of a central bucket that tells a topic of its objects (SNS fan-out), in place of a rule of EventBridge. */
  topicArn: z.string().regex(TOPIC_ARN, 'the ARN of a topic').optional(),
  /** What stands before `AWSLogs/` in the keys, as given to the flow log: empty, or ending in a slash. */
  keyPrefix: z
    .string()
    .regex(/^([0-9A-Za-z!_.()-]+\/)*$/, 'empty, or folders that each end in a slash')
    .default(''),
  /** Keys of AWS KMS that a bucket which is not ours is encrypted with: by their ids, since policies know no alias. */
  kmsKeyArns: z.array(z.string().regex(KEY_ARN, 'the ARN of a key, not of an alias')).default([]),
  /** Days that a new bucket keeps flow logs; default 90. The night needs them for some days, `analyze` for its window. */
  keepDays: z.int().min(7).optional(),
  /**
   * Log groups of CloudWatch Logs that flow logs publish to, one each: a function archives what comes to them in the bucket, under
   * AWS's names. They must be there, with one of their two subscription filters free.
   */
  logGroups: z
    .array(
      z
        .string()
        .regex(new RegExp(`^${LOG_GROUP}$`), 'the name of a log group')
        // A function that reads what it logs itself would never end.
        .regex(/^(?!\/aws\/lambda\/)/, 'not that of a function'),
    )
    .max(40)
    .default([]),
  /** VPCs that get a flow log. One that has a flow log to S3 already would be paid twice. */
  enableOn: z.array(vpc).default([]),
});

type Shape = z.output<typeof shape>;

/** Per kind, which fields it needs and which it cannot have. */
const FIELDS: Readonly<Record<Shape['kind'], { needs: readonly (keyof Shape)[]; never: readonly (keyof Shape)[] }>> = {
  existing: { needs: ['bucket'], never: ['ownerAccount', 'topicArn', 'keepDays'] },
  new: { needs: [], never: ['bucket', 'ownerAccount', 'topicArn', 'kmsKeyArns'] },
  central: { needs: ['bucket', 'ownerAccount'], never: ['keepDays', 'logGroups'] },
};

const MAX_GROUP_NAMES = 3000;

const isGiven = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0);

/** Where flow logs are, and which are to be made. */
export const flowLogSchema = shape.superRefine((flowLogs, context) => {
  const { kind, enableOn, logGroups } = flowLogs;
  const { needs, never } = FIELDS[kind];
  const complain = (path: (string | number)[], message: string) => {
    context.addIssue({ code: 'custom', path, message });
  };
  for (const field of needs) if (!isGiven(flowLogs[field])) complain([field], `needed where kind is "${kind}"`);
  for (const field of never) if (isGiven(flowLogs[field])) complain([field], `not where kind is "${kind}"`);
  const ids = enableOn.map(({ vpcId }) => vpcId);
  ids.forEach((id, i) => {
    if (ids.indexOf(id) < i) complain(['enableOn', i, 'vpcId'], `${id} is there twice`);
  });
  enableOn.forEach((one, i) => {
    const other = enableOn.find((parquet) => isTextAmidParquet(one, parquet));
    if (!other) return;
    const why = 'and the night cannot read a folder that has both: take one format, or a hive layout for one of them';
    complain(['enableOn', i, 'fileFormat'], `text goes where ${other.vpcId} has Parquet, ${why}`);
  });
  logGroups.forEach((name, i) => {
    if (logGroups.indexOf(name) < i) complain(['logGroups', i], `${name} is there twice`);
  });
  // Of the 4 KB that the variables of a function may have: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  if (logGroups.join().length > MAX_GROUP_NAMES)
    complain(['logGroups'], `more than ${MAX_GROUP_NAMES} characters in all`);
});
