import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { namedError } from '../../../../shared/text/named-error.ts';
import { shown } from '../../../../shared/text/plain.ts';

/** As Organizations has them; what else it says of one is kept. `State` takes the place of `Status`. */
const account = z.looseObject({
  Id: z.string().regex(/^\d{12}$/),
  State: z.string().max(64).optional(),
  Status: z.string().max(64).optional(),
});
const listed = z.object({ Accounts: z.array(account).min(1).max(100_000) });

export type ListedAccount = z.output<typeof account>;

export const ACTIVE = 'ACTIVE';

/** https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html */
export function stateOfAccount({ State, Status }: ListedAccount): string {
  return State ?? Status ?? ACTIVE;
}

/** @throws Error where Organizations answers with something else */
export function listedAccounts(accounts: readonly unknown[]): ListedAccount[] {
  // Times become texts, as the CLI prints them.
  return listed.parse(JSON.parse(JSON.stringify({ Accounts: accounts }))).Accounts;
}

/**
 * The accounts in a file: an id on each line, `#` before what is none; or what `aws organizations list-accounts` prints.
 *
 * @returns `names` where the file tells more than ids
 * @throws Error that names file, line and cause
 */
export async function accountsInFile(path: string): Promise<{ accounts: ListedAccount[]; names: boolean }> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw namedError(path, error);
  });
  if (text.trimStart().startsWith('{')) {
    try {
      return { accounts: listed.parse(JSON.parse(text)).Accounts, names: true };
    } catch (error) {
      throw new Error(`${path}: not what \`aws organizations list-accounts\` prints`, { cause: error });
    }
  }
  const accounts = text.split(/\r?\n/).flatMap((line, i) => {
    const id = line.replace(/#.*/s, '').trim();
    if (id === '') return [];
    if (!/^\d{12}$/.test(id))
      throw new Error(`${path}:${String(i + 1)}: not the id of an account, 12 digits: ${shown(id)}`);
    return [{ Id: id }];
  });
  if (accounts.length === 0) throw new Error(`${path}: no account there`);
  return { accounts, names: false };
}
