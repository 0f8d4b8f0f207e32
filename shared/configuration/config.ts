import * as z from 'zod';
import { MAIL_DOMAIN, OWNER_MAIL_EVERY } from '../mail-address.ts';
import { DEFAULT_PREFIX } from '../names.ts';
import { SECRET_ARN, WEBHOOK_KINDS } from '../webhook.ts';
import { flowLogSchema, KEY_ARN, TOPIC_ARN } from './flow-log-config.ts';

/** Regions of China that have no SES to mail with, and no QuickSight. Elsewhere CloudFormation says so by itself. */
const MISSING = { report: /^cn-/, quicksight: /^cn-northwest-1$/ } as const;

/** Of `Name <address>`, the address. */
export const addressOf = (sender: string): string => /<(.+)>$/.exec(sender)?.[1] ?? sender;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html; 9999 stands for ever. */
export const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, 9999,
] as const;

const share = z.number().min(0).max(1);

const schema = z
  .strictObject({
    /** Where to deploy to. Without both, the template fits any account and region: those of the credentials. */
    account: z
      .string()
      .regex(/^\d{12}$/, 'twelve digits')
      .optional(),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-central-1')
      .optional(),
    /** Templates for a StackSet: any account and region, and the bucket of the bundles is a parameter of theirs. */
    stackSet: z.boolean().default(false),
    /**
     * Once all stands, and not before: termination protection of the data stack and deletion protection of its tables. A
     * first deployment that fails could not be rolled back with them.
     */
    protect: z.boolean().default(false),
    /** Begins every name; two deployments in one account and region need two. */
    prefix: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/, '3 to 30 small letters, digits and hyphens')
      .default(DEFAULT_PREFIX),
    flowLogs: flowLogSchema,
    countUsage: z
      .strictObject({
        /** Batches of objects counted at once; Lambda takes 2 to 1000. See count-usage.ts for what it bounds. */
        maximumConcurrency: z.int().min(2).max(1000).default(4),
        /** How long objects are gathered for one batch. Larger batches write far less: see costs.ts. Lambda takes 300. */
        batchSeconds: z.int().min(1).max(300).default(30),
        /** How often what was counted goes into the counters of rules: each time, one write for each rule that had traffic. */
        compactMinutes: z.int().min(1).max(60).default(1),
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
    /** Days that a verdict looks back on. */
    windowDays: z.int().min(1).default(90),
    /** Days that counters are kept: never fewer than the window. */
    retentionDays: z.int().min(90).default(400),
    /** One of the figures CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, … */
    logRetentionDays: z.literal(LOG_RETENTION_DAYS).default(90),
    /** Of CloudWatch, with the figures that nothing but it shows: some ten USD a month. Alarms ring without it. */
    dashboard: z.boolean().default(true),
    /** Who hears of alarms. Each confirms the subscription that AWS mails. */
    operators: z.array(z.email()).default([]),
    /** A topic of SNS that hears of alarms in place of one of our own. Its policy must let CloudWatch publish. */
    alarmTopicArn: z.string().regex(TOPIC_ARN, 'the ARN of a topic').optional(),
    /** Bounds of a settled day, as shares, beyond which operators hear of it. */
    alarms: z
      .strictObject({
        /** Of what was credited, how much the night credited to other rules than the stream. */
        driftAbove: share.default(0.05),
        /** Of the accepted records, how many are explained by rules. */
        coverageBelow: share.default(0.9),
        /** Of the accepted records, how many are of interfaces that no snapshot has. They give possible use to the rules of their VPC. */
        unknownInterfacesAbove: share.default(0.01),
      })
      .prefault({}),
    /** The mail after the night. Without it there is none; results are in the data bucket all the same. */
    report: z
      .strictObject({
        /** An address, or `Name <address>`, that SES may send from in this region. */
        sender: z.string().regex(/^(?:[\w .-]{1,64} <[^\s<>@,]+@[^\s<>@,]+>|[^\s<>@,]+@[^\s<>@,]+)$/, 'an address'),
        /** SES takes 50 a mail. https://docs.aws.amazon.com/ses/latest/dg/quotas.html */
        recipients: z.array(z.email()).min(1).max(50),
        /** Where answers go; default the sender. */
        replyTo: z.email().optional(),
        /** Of SES, for bounces and complaints. */
        configurationSet: z
          .string()
          .regex(/^[\w-]{1,64}$/, 'a configuration set')
          .optional(),
        /**
         * Whom SES asks to confirm their address: the sender, and recipients as long as SES has the account in its sandbox.
         * None that is verified already; an address may also be verified by its domain.
         */
        createIdentities: z.array(z.email()).default([]),
        /** Besides, a mail for each owner of rules, of these alone. Without it there are none. */
        ownerMail: z
          .strictObject({
            /**
             * Nobody is mailed at an address of another domain, whatever a tag or the list says. Where the name of an owner is an
             * address of one of these, it is mailed there.
             */
            domains: z
              .array(z.string().regex(MAIL_DOMAIN, 'a domain such as example.com, in small letters'))
              .min(1)
              .max(20),
            /** Addresses of other owners: the key of a JSON file in the data bucket, below `owners/`. */
            addresses: z
              .string()
              .regex(/^owners\/[\w/.-]+\.json$/, 'a key such as owners/mail.json')
              .optional(),
            /** How often an owner is mailed at most. */
            every: z.enum(OWNER_MAIL_EVERY).default('week'),
          })
          .optional(),
      })
      .optional(),
    /** Findings in Security Hub of the account and region, which must be enabled there. Without it there are none. */
    securityHub: z
      .strictObject({
        /** 0 to 100, as ranks of rules are: what has less is not sent. */
        minPriority: z.int().min(0).max(100).default(0),
      })
      .optional(),
    /** A short message after the night, in a channel of Slack or Teams. Without it there is none. */
    webhook: z
      .strictObject({
        kind: z.enum(WEBHOOK_KINDS),
        /** Of Secrets Manager, of this region: its plain text is the address, https, and nothing else. Made beforehand. */
        secretArn: z.string().regex(SECRET_ARN, 'the whole ARN of a secret'),
        /** The key of AWS KMS that the secret is encrypted with, where it is not the one of AWS. */
        kmsKeyArn: z.string().regex(KEY_ARN, 'the ARN of a key, not of an alias').optional(),
      })
      .optional(),
    /** The key of the tag that names who answers for a rule or its group, before those that are usual. */
    ownerTag: z.string().min(1).max(128).optional(),
    /** A date since when somebody vouches that the rules stand as they do. */
    rulesKnownSince: z.iso.date().optional(),
    /** Rules that are kept on purpose: the key of a CSV or JSON file in the data bucket, below `exemptions/`. */
    exemptions: z
      .string()
      .regex(/^exemptions\/[\w/.-]+\.(csv|json)$/, 'a key such as exemptions/kept.csv')
      .optional(),
    /** Dashboards for this user or group of QuickSight; without it there are none. */
    quicksight: z
      .strictObject({
        principalArn: z
          .string()
          .regex(
            /^arn:aws[a-z-]*:quicksight:[a-z0-9-]+:\d{12}:(user|group)\/[\w.-]+\/.+$/,
            'the ARN of a user or group of QuickSight',
          ),
      })
      .optional(),
    /** Subnets and security groups of one VPC that the functions run in; from there they must reach what they call. */
    vpc: z
      .strictObject({
        subnetIds: z.array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, 'a subnet id')).min(1),
        securityGroupIds: z.array(z.string().regex(/^sg-[0-9a-f]{8,17}$/, 'a security group id')).min(1),
      })
      .optional(),
    /** A key of AWS KMS for the tables and the data bucket, in place of AWS's own. */
    kmsKeyArn: z.string().regex(KEY_ARN, 'the ARN of a key, not of an alias').optional(),
    /** The managed policy that bounds all roles, by its name (with its path): where nobody may make a role without. */
    permissionsBoundary: z
      .string()
      .regex(/^[\w+=,.@/-]{1,512}$/, 'the name of a managed policy')
      .optional(),
    /** On all that takes tags. */
    tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}),
    /** Where Lake Formation governs new databases: grants the tables to whoever queries them. */
    lakeFormation: z.boolean().default(false),
  })
  .superRefine((config, context) => {
    const { windowDays, retentionDays, stackSet, account, region, flowLogs, report } = config;
    const complain = (path: (string | number)[], message: string) => {
      context.addIssue({ code: 'custom', path, message });
    };
    if (windowDays > retentionDays) complain(['windowDays'], `more than the ${retentionDays} retentionDays`);
    const { topicArn, ownerAccount } = flowLogs;
    if (topicArn !== undefined && ownerAccount !== undefined && topicArn.split(':')[4] !== ownerAccount) {
      complain(['flowLogs', 'topicArn'], 'of another account than the bucket');
    }
    if (config.kmsKeyArn !== undefined && config.kmsKeyArn.split(':')[3] !== region) {
      complain(['kmsKeyArn'], `of another region than the configured one${region === undefined ? ': say region' : ''}`);
    }
    const { webhook } = config;
    if (webhook && webhook.secretArn.split(':')[3] !== region) {
      complain(
        ['webhook', 'secretArn'],
        `of another region than the configured one${region === undefined ? ': say region' : ''}`,
      );
    }
    if (config.alarmTopicArn !== undefined && config.operators.length > 0) {
      complain(['operators'], 'not with alarmTopicArn: they subscribe to that topic themselves');
    }
    const { createIdentities = [] } = report ?? {};
    const addresses = report ? [addressOf(report.sender), ...report.recipients] : [];
    createIdentities.forEach((address, i) => {
      const at = ['report', 'createIdentities', i];
      if (!addresses.includes(address)) complain(at, 'neither the sender nor a recipient');
      if (createIdentities.indexOf(address) < i) complain(at, `${address} is there twice`);
    });
    for (const [field, isMissing] of Object.entries(MISSING)) {
      if (config[field as keyof typeof MISSING] && region !== undefined && isMissing.test(region)) {
        complain([field], `not in ${region}: AWS has no such service there`);
      }
    }
    if (!stackSet) return;
    const oneAccount = {
      account,
      region,
      'flowLogs.enableOn': flowLogs.enableOn.length > 0 || undefined,
      'flowLogs.logGroups': flowLogs.logGroups.length > 0 || undefined,
      'report.createIdentities': createIdentities.length > 0 || undefined,
      vpc: config.vpc,
      kmsKeyArn: config.kmsKeyArn,
      alarmTopicArn: config.alarmTopicArn,
      webhook,
    };
    for (const [field, value] of Object.entries(oneAccount)) {
      if (value !== undefined) complain(field.split('.'), 'not in a StackSet: it is of one account');
    }
  });

/** One deployment: everything that differs from one account and region to the next. */
export type Config = z.output<typeof schema>;

/** @throws an error that names each wrong field and what it should be */
export function parseConfig(value: unknown): Config {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Error(`not a configuration:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** @throws if the text is not JSON, or not a configuration; the error names the file */
export function configOf(text: string, file: string): Config {
  try {
    return parseConfig(JSON.parse(text));
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
