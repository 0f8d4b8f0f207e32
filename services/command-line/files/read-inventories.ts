import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { StaleReference } from '../../../shared/inventory/stale-references.ts';
import type { GivenFormats } from '../../../shared/flowlogs/line-format.ts';
import type { Moment } from '../../../shared/history/day-facts.ts';
import { InventoryHistory } from '../../../shared/history/inventory-history.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { InventoryError } from '../../../shared/inventory/inventory-error.ts';
import { inParallel } from '../../../shared/in-parallel.ts';
import { shown } from '../../../shared/text/plain.ts';
import { ruleContent } from '../../../shared/inventory/content.ts';
import { combine } from '../../../shared/inventory/union.ts';
import {
  ownAccounts,
  unitedAccounts,
  withOwnAccounts,
  withoutOthersViews,
} from '../../../shared/inventory/accounts.ts';
import { pastOf, togetherTold, wholeSince } from '../../../shared/inventory/past/past-of.ts';
import { combinePasts, inventoryDigest, mergePasts, type Past } from '../../../shared/inventory/past/past.ts';
import { accountFolders, accountOfFolder, type AccountFolders } from './account-folders.ts';
import {
  inventoryFiles,
  readGroupFormats,
  readInventory,
  readStaleReferences,
  readTold,
  type InventoryFile,
} from './read-inventory.ts';

/** For the help of every command that takes such folders. */
export const INVENTORY_HELP =
  'folder of what `aws ec2 describe-…` printed, or of `stale-sg snapshot`, or of dated snapshots of it (sub-folders such ' +
  'as 2026-01-12T03-45-00Z), or of one such folder for each account and region (111122223333-eu-central-1); or several';

/** What was given as inventory. */
export interface GivenInventories {
  /** As it is now, or as near to that as is known. */
  readonly newest: Inventory;
  /** Where there are dated snapshots, or the account was asked what it remembers: what stood when. */
  readonly history: InventoryHistory | undefined;
  readonly staleReferences: readonly StaleReference[];
}

/** Sub-folder with the time when the inventory in it was taken, UTC. */
const DATED = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z$/;

/**
 * The inventory of now in these folders, as one.
 *
 * @throws InventoryError of one line, which names folder and cause
 */
export async function readInventories(given: readonly string[]): Promise<Inventory> {
  const found = await accountFolders(given);
  const { folders } = found;
  const newest = await Promise.all(
    folders.map(async (given) => ({ given, ...((await snapshotsIn(given)).at(-1) ?? { folder: given }) })),
  );
  return withFound(combined(await inTurn(newest, readOwn), folders), found);
}

interface Place {
  readonly folder: string;
  /** The same, or the one that it is a dated snapshot in: its name may tell the account. */
  readonly given: string;
  /** UNIX seconds; absent where nothing tells. */
  readonly takenAt?: number;
}

async function readOwn({ folder, given, takenAt }: Place): Promise<Inventory> {
  return withOwnAccounts(await readInventory(folder), takenAt, accountOfFolder(given));
}

/** The files of what {@link readInventories} reads: of several folders, each below the name that tells its account, or its number. */
export async function newestFiles(given: readonly string[]): Promise<InventoryFile[]> {
  const { folders } = await accountFolders(given);
  const files = await inTurn(await newestIn(folders), (folder) => inventoryFiles(folder));
  if (files.length === 1) return files[0]!;
  const names = folders.map((folder) => (accountOfFolder(folder) === undefined ? '' : basename(resolve(folder))));
  return files.flatMap((some, i) => {
    const isTold = names[i] !== '' && names.indexOf(names[i]!) === names.lastIndexOf(names[i]!);
    return some.map(({ path, text }) => ({ path: `${isTold ? names[i]! : String(i + 1)}/${path}`, text }));
  });
}

/** What the newest inventories tell of lines without a header. */
export async function readGivenFormats(given: readonly string[]): Promise<GivenFormats> {
  const { folders } = await accountFolders(given);
  const formats = (await inTurn(await newestIn(folders), (folder) => readGroupFormats(folder))).flat();
  const byGroup = Map.groupBy(formats, ([group]) => group);
  const alike = [...byGroup].filter(([, some]) => new Set(some.map(([, fields]) => fields.join(' '))).size === 1);
  return { ofGroups: Object.fromEntries(alike.map(([group, some]) => [group, some[0]![1]])) };
}

function newestIn(folders: readonly string[]): Promise<string[]> {
  return Promise.all(folders.map(async (folder) => (await snapshotsIn(folder)).at(-1)?.folder ?? folder));
}

/**
 * All that is in these folders: dated snapshots where there are some.
 *
 * @throws InventoryError of one line, which names folder and cause
 */
export async function readHistory(given: readonly string[]): Promise<GivenInventories> {
  const found = await accountFolders(given);
  const { folders } = found;
  const accounts = await Promise.all(folders.map(async (folder) => ({ folder, snapshots: await snapshotsIn(folder) })));
  const undated = accounts.filter(({ snapshots }) => snapshots.length === 0);
  const newestFolders = accounts.map(({ folder, snapshots }) => snapshots.at(-1)?.folder ?? folder);
  const staleReferences = (await inTurn(newestFolders, readStaleReferences)).flat();
  if (undated.length === accounts.length) {
    const inventories = await inTurn(folders, (folder) => readOwn({ folder, given: folder }));
    const newest = combined(inventories, folders);
    const { past } = await pastIn(
      folders.map((folder, i) => ({ folders: [folder], newest: { takenAt: Infinity, inventory: inventories[i]! } })),
    );
    const history = past && new InventoryHistory([{ takenAt: Infinity, inventory: newest }], past);
    return { newest: withFound(newest, found, past), history, staleReferences };
  }
  if (undated[0]) {
    throw new InventoryError(
      `${shown(undated[0].folder)}: no dated snapshots, as there are in other folders; put it into a folder named by ` +
        'its time, such as 2026-01-12T03-45-00Z',
    );
  }
  const read = await inTurn(accounts, ({ folder: given, snapshots }) =>
    inTurn(snapshots, async (one): Promise<Moment> => {
      return { takenAt: one.takenAt, inventory: await readOwn({ ...one, given }) };
    }),
  );
  mustDiffer(
    read.map((moments) => moments.at(-1)!.inventory),
    folders,
  );
  const { past, toldSince } = await pastIn(
    accounts.map(({ snapshots }, i) => ({ folders: snapshots.map(({ folder }) => folder), newest: read[i]!.at(-1)! })),
  );
  const history = new InventoryHistory(togetherInTime(read), past, toldSince);
  return { newest: withFound(history.newest.inventory, found, past), history, staleReferences };
}

/** What accounts remember. */
interface Remembered {
  /** Undefined where none was asked. */
  readonly past: Past | undefined;
  /** Since when, up to its newest snapshot, all that happened in each is told, UNIX seconds; undefined where some is missing. */
  readonly toldSince: number | undefined;
}

/** Each is held against its own newest snapshot. */
async function pastIn(
  accounts: readonly { readonly folders: readonly string[]; readonly newest: Moment }[],
): Promise<Remembered> {
  let toldSince: number | undefined = -Infinity;
  const pasts = await inTurn(accounts, async ({ folders, newest: { takenAt, inventory } }) => {
    const told = (await inTurn(folders, (folder) => readTold(folder))).flat();
    const digests = told.flatMap((one) => one.digests);
    const isOfThese = digests.length === 0 || digests.includes(inventoryDigest(inventory));
    const since = isOfThese ? wholeSince(told, takenAt) : undefined;
    toldSince = toldSince === undefined || since === undefined ? undefined : Math.max(toldSince, since);
    const [one, other] = [...Map.groupBy(told, ({ source }) => source).values()]
      .sort(([a]) => (a!.source === 'cloudtrail' ? -1 : 1))
      .map((some) => pastOf(togetherTold(some), inventory, takenAt === Infinity ? undefined : takenAt));
    return one ? [other ? mergePasts(one, other) : one] : [];
  });
  const [first, ...others] = pasts.flat();
  return { past: first && others.reduce(combinePasts, first), toldSince };
}

function withFound(inventory: Inventory, { problems, accounts }: AccountFolders, past?: Past): Inventory {
  return {
    ...inventory,
    ...(accounts.length > 0 && { accounts: unitedAccounts(accounts, inventory.accounts)! }),
    problems: [...inventory.problems, ...(past?.problems ?? []), ...problems],
  };
}

/** Moments of all accounts together: from when on each has been described. What is older is left out. */
function togetherInTime(accounts: readonly (readonly Moment[])[]): Moment[] {
  if (accounts.length === 1) return [...accounts[0]!];
  const begin = Math.max(...accounts.map(([first]) => first!.takenAt));
  const times = new Set(accounts.flatMap((moments) => moments.map(({ takenAt }) => takenAt)));
  const later = [...times].filter((time) => time >= begin).sort((a, b) => a - b);
  return later.map((time) => ({
    takenAt: time,
    ...described(accounts.map((moments) => moments.findLast(({ takenAt }) => takenAt <= time)!)),
  }));
}

function described(latest: readonly Moment[]): Pick<Moment, 'inventory' | 'oldestAt'> {
  const oldestFirst = latest.toSorted((a, b) => a.takenAt - b.takenAt);
  return { inventory: together(oldestFirst.map(({ inventory }) => inventory)), oldestAt: oldestFirst[0]!.takenAt };
}

/** @param folders that they were read from: for messages */
function combined(inventories: readonly Inventory[], folders: readonly string[]): Inventory {
  mustDiffer(inventories, folders);
  const contents = new Map<string, { readonly content: string; readonly at: number }>();
  for (const [at, { rules }] of withoutOthersViews(inventories).entries()) {
    for (const rule of rules) {
      const content = ruleContent(rule);
      const other = contents.get(rule.ruleId);
      contents.set(rule.ruleId, { content, at });
      if (!other || other.content === content || other.at === at) continue;
      throw new InventoryError(
        `${shown(folders[other.at]!)} and ${shown(folders[at]!)}: the rule ${shown(rule.ruleId)} of a shared group reads otherwise ` +
          'in the one than in the other, so one of them is old; take both anew',
      );
    }
  }
  return together(inventories);
}

/** @param inventories the newest last */
function together(inventories: readonly Inventory[]): Inventory {
  return byHalves(withoutOthersViews(inventories));
}

/** Of hundreds of accounts and regions each is gone through a few times, not hundreds of times. */
function byHalves(inventories: readonly Inventory[]): Inventory {
  const [first, second] = inventories;
  if (!first) throw new InventoryError('no inventory was given');
  if (!second) return first;
  const half = inventories.length >>> 1;
  return combine(byHalves(inventories.slice(0, half)), byHalves(inventories.slice(half)));
}

/**
 * Two moments of one account and region as one would show what is gone as if it stood.
 *
 * @throws InventoryError that names both folders, and the way out
 */
function mustDiffer(inventories: readonly Inventory[], folders: readonly string[]): void {
  const folderOf = new Map<string, string>();
  for (const [i, { groups, ...inventory }] of inventories.entries()) {
    const own = ownAccounts({ groups, ...inventory });
    for (const { groupId, ownerId } of groups.values()) {
      if (ownerId !== '' && own?.has(ownerId) !== true) continue;
      const other = folderOf.get(groupId);
      folderOf.set(groupId, folders[i]!);
      if (other === undefined) continue;
      throw new InventoryError(
        `${shown(other)} and ${shown(folders[i]!)} are of one account and region (both have ${shown(groupId)}): give the newer ` +
          'one, or put both below one folder, each named by its time, such as 2026-01-12T03-45-00Z',
      );
    }
  }
}

/** The oldest first. */
async function snapshotsIn(folder: string): Promise<{ folder: string; takenAt: number }[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .flatMap((name) => {
      const [, date, hour, minute, second] = DATED.exec(name) ?? [];
      const takenAt = date === undefined ? Number.NaN : Date.parse(`${date}T${hour}:${minute}:${second}Z`) / 1000;
      return Number.isNaN(takenAt) ? [] : [{ folder: join(folder, name), takenAt }];
    })
    .sort((a, b) => a.takenAt - b.takenAt);
}

/** One after the other: each may be as large as memory allows. */
function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  return inParallel(items, 1, work);
}
