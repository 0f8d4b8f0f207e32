import * as z from 'zod';
import { MAIL_ADDRESS, MAIL_DOMAIN, OWNER_MAIL_EVERY } from '../mail-address.ts';
import { ENVIRONMENT, LOG_GROUP } from '../names.ts';
import { secondsFromIso } from '../time.ts';
import { SECRET_ARN, WEBHOOK_KINDS } from '../webhook.ts';

/** An address, or `Name <address>`. */
const MAILBOX = new RegExp(
  `^(?:[\\w .-]{1,64} <${MAIL_ADDRESS.source.slice(1, -1)}>|${MAIL_ADDRESS.source.slice(1, -1)})$`,
);

const text = (pattern: RegExp, otherwise: string) => z.string().regex(pattern, otherwise);
/** A whole number above zero of at most so many digits. */
const number = (digits: number, of: string) =>
  text(new RegExp(`^[1-9]\\d{0,${String(digits - 1)}}$`), `no number of ${of}`).transform(Number);
const bucket = text(/^[a-z0-9.-]{3,63}$/, 'no name of a bucket');
const mailbox = text(MAILBOX, 'no address of a mail');
const addresses = z.string().transform((list, context): readonly string[] => {
  const found = list.split(',').map((address) => address.trim());
  const wrong = found.find((address) => !MAIL_ADDRESS.test(address));
  if (wrong === undefined) return found;
  context.addIssue({ code: 'custom', message: `${JSON.stringify(wrong)} is not a mail address` });
  return z.NEVER;
});

const domains = z.string().transform((list, context): readonly string[] => {
  const found = list.split(',');
  const wrong = found.find((domain) => !MAIL_DOMAIN.test(domain));
  if (wrong === undefined) return found;
  context.addIssue({ code: 'custom', message: `${JSON.stringify(wrong)} is not a domain` });
  return z.NEVER;
});

const logGroups = text(new RegExp(`^${LOG_GROUP}(?:,${LOG_GROUP})*$`), 'no list of names of log groups').transform(
  (list): readonly string[] => list.split(','),
);

/** What a deployment may tell its functions, by the name that the code has for it. */
const VARIABLES = {
  tablePrefix: [ENVIRONMENT.tablePrefix, text(/^[\w.-]+$/, 'no prefix of table names')],
  dataBucket: [ENVIRONMENT.dataBucket, bucket],
  logBucket: [ENVIRONMENT.logBucket, bucket],
  logKeyPrefix: [
    ENVIRONMENT.logKeyPrefix,
    text(/^([0-9A-Za-z!_.()-]+\/)+$/, 'no folders that each end in a slash').optional(),
  ],
  logGroups: [ENVIRONMENT.logGroups, logGroups.optional()],
  accountId: [ENVIRONMENT.accountId, text(/^\d{12}$/, 'no account id of 12 digits')],
  queueUrl: [ENVIRONMENT.queueUrl, z.url('no URL of a queue')],
  region: ['AWS_REGION', text(/^[a-z0-9-]+$/, 'no region')],
  retentionDays: [ENVIRONMENT.retentionDays, number(5, 'days')],
  database: [ENVIRONMENT.database, text(/^[a-z][a-z0-9_]*$/, 'no name of a database')],
  windowDays: [ENVIRONMENT.windowDays, number(4, 'days')],
  rulesKnownSince: [
    ENVIRONMENT.rulesKnownSince,
    z.iso.date('no date such as 2026-01-31').transform(secondsFromIso).optional(),
  ],
  exemptions: [
    ENVIRONMENT.exemptions,
    text(/^exemptions\/[\w/.-]+\.(csv|json)$/, 'no key of a list of exemptions').optional(),
  ],
  mailFrom: [ENVIRONMENT.mailFrom, mailbox],
  mailTo: [ENVIRONMENT.mailTo, addresses],
  mailReplyTo: [ENVIRONMENT.mailReplyTo, mailbox.optional()],
  mailConfigurationSet: [
    ENVIRONMENT.mailConfigurationSet,
    text(/^[\w-]{1,64}$/, 'no name of a configuration set').optional(),
  ],
  mailMaxBytes: [ENVIRONMENT.mailMaxBytes, number(9, 'bytes').optional()],
  ownerDomains: [ENVIRONMENT.ownerDomains, domains.optional()],
  ownerAddresses: [
    ENVIRONMENT.ownerAddresses,
    text(/^owners\/[\w/.-]+\.json$/, 'no key of addresses of owners').optional(),
  ],
  ownerMailEvery: [ENVIRONMENT.ownerMailEvery, z.enum(OWNER_MAIL_EVERY).optional()],
  hubMinPriority: [
    ENVIRONMENT.hubMinPriority,
    text(/^(?:100|\d{1,2})$/, 'no priority from 0 to 100')
      .transform(Number)
      .optional(),
  ],
  webhookKind: [ENVIRONMENT.webhookKind, z.enum(WEBHOOK_KINDS).optional()],
  webhookSecret: [ENVIRONMENT.webhookSecret, text(SECRET_ARN, 'no ARN of a secret').optional()],
  ownerTag: [ENVIRONMENT.ownerTag, z.string().min(1).max(128).optional()],
} as const;

type Variables = typeof VARIABLES;
type Environment<K extends keyof Variables> = { readonly [N in K]: z.output<Variables[N][1]> };

/**
 * A function that reads those of the variables that a service needs.
 *
 * @throws Error that names every variable that is missing or wrong
 */
export function environmentReader<K extends keyof Variables>(service: string, names: readonly K[]) {
  return (variables: Readonly<Record<string, string | undefined>>): Environment<K> => {
    const problems: string[] = [];
    const values = names.map((name) => {
      const [variable, shape] = VARIABLES[name];
      const value = variables[variable];
      const { success, data, error } = shape.safeParse(value);
      if (!success) {
        const why = `is ${JSON.stringify(value)}: ${error.issues[0]?.message ?? ''}`;
        problems.push(`${variable} ${value === undefined ? 'is not set' : why}`);
      }
      return [name, data] as const;
    });
    if (problems.length > 0) throw new Error(`the environment of ${service} is wrong: ${problems.join('; ')}`);
    return Object.fromEntries(values) as Environment<K>;
  };
}
