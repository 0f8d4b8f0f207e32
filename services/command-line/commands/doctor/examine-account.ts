import { readFile } from 'node:fs/promises';
import { configOf } from '../../../../shared/configuration/config.ts';
import { count, figure } from '../../../../shared/text/numbers.ts';
import { ACCOUNT_CHECKS, readFlowLogs } from './account-checks.ts';
import type { AccountFacts } from './account-facts.ts';
import { ACCOUNT_AILMENTS, ailmentsOf, type Checkup } from './ailment.ts';
import { foundOf } from './looked.ts';

/** Each would need rights or clients of their own; the deployment says it where one is wrong. */
const NOT_LOOKED_AT =
  "policies of keys, topics and a log account's bucket; QuickSight; what functions reach from a VPC";

/**
 * Holds a configuration against the account that it is to be deployed to.
 *
 * @throws Error of one line that names the file, or what is wrong in it
 */
export async function examineAccount(file: string): Promise<Checkup> {
  const config = configOf(await readFile(file, 'utf8'), file);
  // The SDK is loaded only when the configuration is one.
  const { accountFacts } = await import('./account-adapter.ts');
  return accountCheckup(await accountFacts(config, file));
}

/** What the facts come to. */
export function accountCheckup(facts: AccountFacts): Checkup {
  const { config, account, region, vpcs, flowLogs, mail } = facts;
  const { kind, bucket, keyPrefix, enableOn } = config.flowLogs;
  const ses = mail && foundOf(mail);
  const found = (list: readonly unknown[] | undefined): string => (list ? figure(list.length) : 'not known');
  return {
    schemaVersion: 1,
    of: 'account',
    facts: [
      {
        name: 'Deployment',
        value: `${config.prefix} into ${account}, ${region}`,
      },
      {
        name: 'VPCs',
        value: `${found(foundOf(vpcs))}; ${found(foundOf(flowLogs) && readFlowLogs(facts))} flow logs that it reads, ${figure(enableOn.length)} to be made`,
      },
      { name: 'Bucket', value: kind === 'new' ? 'a new one' : `s3://${bucket ?? ''}/${keyPrefix} (${kind})` },
      {
        name: 'Mail',
        value: config.report
          ? `${count(config.report.recipients.length, 'recipient')}; SES ${ses ? (ses.isProduction ? 'out of its sandbox' : 'in its sandbox') : 'not known'}`
          : 'none',
      },
      { name: 'Not looked at', value: NOT_LOOKED_AT },
    ],
    ailments: ailmentsOf(ACCOUNT_AILMENTS, ACCOUNT_CHECKS, facts),
    next: null,
  };
}
