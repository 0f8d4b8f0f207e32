import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import * as z from 'zod';
import { unitedAccounts } from '../../../shared/inventory/accounts.ts';
import type { KnownAccount } from '../../../shared/inventory/inventory.ts';
import { InventoryError } from '../../../shared/inventory/inventory-error.ts';
import { compareText } from '../../../shared/text/compare.ts';
import { shown } from '../../../shared/text/plain.ts';
import { secondsFromIso } from '../../../shared/time.ts';
import { readAccountNames } from './read-inventory.ts';

/** Beside the folders of several accounts and regions: what was read of them, and what was not. */
export const RUN_FILE = 'snapshot.json';
/** Names of accounts, as `aws organizations list-accounts` prints them. */
export const ACCOUNTS_FILE = 'accounts.json';
const INVENTORY_FILE = 'security-groups.json';

const PLACE = /^(\d{12})-([a-z]{2,4}(?:-[a-z]+)+-\d{1,2})$/;
const ACCOUNT = z.string().regex(/^\d{12}$/);
const time = z.iso.datetime();

/** An account and region that was read, or that was not; of an account without a region nothing was. */
const part = z.union([
  z.object({ AccountId: ACCOUNT, Region: z.string().max(64), TakenAt: time }),
  z.object({ AccountId: ACCOUNT, Region: z.string().max(64).optional(), NotRead: z.string().max(1000) }),
]);
export type SnapshotPart = z.output<typeof part>;

/** Without `FinishedAt` it was stopped before all was asked for. */
const run = z.object({ StartedAt: time, FinishedAt: time.optional(), Parts: z.array(part).max(100_000) });
export type SnapshotRun = z.output<typeof run>;

export function folderName(accountId: string, region: string): string {
  return `${accountId}-${region}`;
}

/** The account that a folder is of by its name; undefined where that tells none. */
export function accountOfFolder(folder: string): string | undefined {
  return PLACE.exec(basename(resolve(folder)))?.[1];
}

/**
 * What a run says of itself; undefined where the folder holds none.
 *
 * @throws InventoryError of one line, which names the file
 */
export async function readRun(folder: string): Promise<SnapshotRun | undefined> {
  const path = join(folder, RUN_FILE);
  try {
    return run.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new InventoryError(`${shown(path)}: not what \`stale-sg snapshot\` writes there`, { cause: error });
  }
}

/** Folders of one account and region each, for those that were given. */
export interface AccountFolders {
  readonly folders: readonly string[];
  /** Those that the folders are of, and names of them and of others. */
  readonly accounts: readonly KnownAccount[];
  /** What is missing, or was left aside. */
  readonly problems: readonly string[];
}

/**
 * Takes a folder that holds no inventory, but a folder for each account and region (`111122223333-eu-central-1`), for these. Where
 * a run of `stale-sg snapshot` says which of them it read, what it could not read is a problem, and so is what an earlier one left.
 *
 * @throws InventoryError of one line
 */
export async function accountFolders(given: readonly string[]): Promise<AccountFolders> {
  const all = await Promise.all(given.map(foldersIn));
  return {
    folders: all.flatMap(({ folders }) => folders),
    accounts: all.map(({ accounts }) => accounts).reduce((some, more) => unitedAccounts(some, more)!, []),
    problems: all.flatMap(({ problems }) => problems),
  };
}

async function foldersIn(folder: string): Promise<AccountFolders> {
  const names: string[] = await readdir(folder).catch(() => []);
  const isFolder = async (name: string): Promise<boolean> => (await stat(join(folder, name))).isDirectory();
  const places: string[] = [];
  for (const name of names.filter((one) => PLACE.test(one)).sort(compareText)) {
    if (await isFolder(name)) places.push(name);
  }
  for (const name of names.filter((one) => /^\d{4}-\d\d-\d\dT/.test(one))) {
    if (!(await readdir(join(folder, name)).catch((): string[] => [])).includes(RUN_FILE)) continue;
    throw new InventoryError(
      `${shown(folder)}: snapshots of several accounts, of several times; give one of them, such as ${shown(join(folder, name))}`,
    );
  }
  const ran = names.includes(RUN_FILE) ? await readRun(folder) : undefined;
  if (names.includes(INVENTORY_FILE) || (places.length === 0 && !ran))
    return { folders: [folder], accounts: [], problems: [] };
  const read =
    ran && new Set(ran.Parts.flatMap((one) => ('TakenAt' in one ? [folderName(one.AccountId, one.Region)] : [])));
  const folders = places.filter((name) => read?.has(name) ?? true);
  if (folders.length === 0)
    throw new InventoryError(`${shown(folder)}: nothing could be read of any account: see ${RUN_FILE}`);
  const gone = [...(read ?? [])].find((name) => !places.includes(name));
  if (gone !== undefined) {
    throw new InventoryError(`${shown(join(folder, gone))}: not there, although ${RUN_FILE} says that it was read`);
  }
  const named = names.includes(ACCOUNTS_FILE) ? await readAccountNames(join(folder, ACCOUNTS_FILE)) : [];
  const older = places.filter((name) => read?.has(name) === false);
  return {
    folders: folders.map((name) => join(folder, name)),
    accounts: unitedAccounts(named, describedBy(folders, ran))!,
    problems: [
      ...(ran && ran.FinishedAt === undefined
        ? [
            `not observed: what the snapshot in ${shown(folder)} did not come to, for it was stopped: ` +
              '`stale-sg snapshot --resume` goes on with it',
          ]
        : []),
      ...unreadTexts(ran?.Parts ?? []).map((text) => `not observed: ${text}`),
      ...older.map((name) => `${shown(join(folder, name))} was not read: it is left of an earlier snapshot`),
    ],
  };
}

/** One that has nothing anywhere is described as well. Of its regions the time of the oldest. */
function describedBy(folders: readonly string[], ran: SnapshotRun | undefined): KnownAccount[] {
  const times = new Map<string, number>();
  for (const one of ran?.Parts ?? []) {
    if (!('TakenAt' in one)) continue;
    times.set(one.AccountId, Math.min(secondsFromIso(one.TakenAt), times.get(one.AccountId) ?? Infinity));
  }
  return [...new Set(folders.map((name) => name.slice(0, 12)))].map((accountId) => {
    const takenAt = times.get(accountId);
    return { accountId, name: '', isDescribed: true, ...(takenAt !== undefined && { takenAt }) };
  });
}

/** What was not read, a line for each account and reason. */
export function unreadTexts(parts: readonly SnapshotPart[]): string[] {
  const unread = parts.flatMap((one) => ('NotRead' in one ? [one] : []));
  const alike = Map.groupBy(unread, ({ AccountId, NotRead }) => `${AccountId} ${NotRead}`);
  return [...alike.values()].map((some) => {
    const regions = some.flatMap(({ Region }) => Region ?? []).sort(compareText);
    return `${some[0]!.AccountId}${regions.length > 0 ? ` in ${regions.join(', ')}` : ''}: ${some[0]!.NotRead}`;
  });
}
