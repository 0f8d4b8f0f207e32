import { OrganizationsClient, paginateListAccounts, type Account } from '@aws-sdk/client-organizations';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

/** Where it is not given, the SDK looks for it. */
export interface CallerOptions {
  readonly region?: string;
  readonly profile?: string;
}

/** Whoever takes a snapshot of several accounts. */
export interface Caller {
  readonly accountId: string;
  /** `aws`, `aws-cn`, `aws-us-gov`: of all accounts that a role of may be assumed. */
  readonly partition: string;
  /** That the SDK speaks to. */
  readonly region: string;
}

function placeOf({ region, profile }: CallerOptions): CallerOptions {
  return { ...(region !== undefined && { region }), ...(profile !== undefined && { profile }) };
}

/** @throws Error where there are no credentials */
export async function callerOf(options: CallerOptions): Promise<Caller> {
  const client = new STSClient(placeOf(options));
  try {
    const { Account: accountId = '', Arn = '' } = await client.send(new GetCallerIdentityCommand({}));
    return { accountId, partition: Arn.split(':')[1] ?? 'aws', region: await client.config.region() };
  } finally {
    client.destroy();
  }
}

/**
 * All accounts of the caller's organization. A page may be empty and not the last.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
 *
 * @throws Error that says who may ask
 */
export async function organizationAccounts(options: CallerOptions, abortSignal: AbortSignal): Promise<Account[]> {
  const client = new OrganizationsClient({ ...placeOf(options), retryMode: 'adaptive', maxAttempts: 10 });
  const accounts: Account[] = [];
  try {
    for await (const { Accounts = [] } of paginateListAccounts({ client }, {}, { abortSignal }))
      accounts.push(...Accounts);
  } catch (error) {
    abortSignal.throwIfAborted();
    const cause = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new Error(
      `ListAccounts failed: ${cause}; the management account and delegated administrators may ask, others give --accounts FILE`,
      { cause: error },
    );
  } finally {
    client.destroy();
  }
  return accounts;
}
