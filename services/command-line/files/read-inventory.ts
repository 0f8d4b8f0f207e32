import { isUtf8 } from 'node:buffer';
import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { staleReferences, type StaleReference } from '../../../shared/inventory/stale-references.ts';
import { compareText } from '../../../shared/text/compare.ts';
import { accountNames, inventoryFromAws } from '../../../shared/inventory/from-aws.ts';
import type { Inventory, KnownAccount } from '../../../shared/inventory/inventory.ts';
import { InventoryError } from '../../../shared/inventory/inventory-error.ts';
import { itemsOf } from '../../../shared/inventory/page-items.ts';
import { type JsonPage, jsonPages } from '../../../shared/inventory/json-pages.ts';
import { toldByCloudTrail } from '../../../shared/inventory/past/cloudtrail-events.ts';
import { toldByConfig } from '../../../shared/inventory/past/config-items.ts';
import { fieldsOfLogFormat } from '../../../shared/flowlogs/line-format.ts';
import type { Told } from '../../../shared/inventory/past/told.ts';
import { shown } from '../../../shared/text/plain.ts';

/** 500 MiB: Node cannot hold a longer text than 512 Mi characters. Room for about 200,000 interfaces. */
const MAX_FILE_BYTES = 500 * 2 ** 20;

/** File name without `.json` → the `aws ec2` command that prints it. */
const COMMANDS = {
  'security-groups': 'describe-security-groups',
  'security-group-rules': 'describe-security-group-rules',
  'network-interfaces': 'describe-network-interfaces',
  'managed-prefix-lists': 'describe-managed-prefix-lists',
  'flow-logs': 'describe-flow-logs',
  vpcs: 'describe-vpcs',
  'security-group-vpc-associations': 'describe-security-group-vpc-associations',
  'stale-security-groups': 'describe-stale-security-groups',
} as const;
type Name = keyof typeof COMMANDS;
/** What the account remembers: `aws cloudtrail lookup-events`, `aws configservice get-resource-config-history`. */
type MemoryName = 'cloudtrail-events' | 'config-history';
/** Names of accounts: `aws organizations list-accounts`. */
const ACCOUNTS = 'accounts';

const NAMES = [...Object.keys(COMMANDS), ACCOUNTS, 'cloudtrail-events', 'config-history'].join('|');
const LIST_ID = 'pl-[0-9A-Za-z]+';
/** `<name>.json`, and pages of it: `<name>.<anything>.json`, `<name>-<digits>.json`, `<name>/<anything>.json`. */
const AFTER_NAME = '(?:(?:\\..*|-\\d+)?|/.*)\\.json';
const FILE = new RegExp(`^(?:(${NAMES})|prefix-list-entries/(${LIST_ID}))${AFTER_NAME}$`, 's');
const FOLDER = new RegExp(`^(?:${NAMES}|prefix-list-entries(?:/${LIST_ID})?)$`);

/**
 * Reads a folder of what the AWS CLI printed. `security-groups.json`, `security-group-rules.json` and
 * `network-interfaces.json` must be there; the others of {@link COMMANDS} and `prefix-list-entries/<pl-id>.json` may be.
 * Throws an InventoryError of one line, which names file and cause, for whatever cannot be used; other `.json` files
 * are told in `problems`.
 */
export async function readInventory(folder: string, maxFileBytes = MAX_FILE_BYTES): Promise<Inventory> {
  const byName = new Map<string, string[]>();
  const byListId = new Map<string, string[]>();
  const unread: string[] = [];
  for (const path of await jsonFiles(folder, '')) {
    const [, name, listId] = FILE.exec(path) ?? [];
    if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), path]);
    else if (listId !== undefined) byListId.set(listId, [...(byListId.get(listId) ?? []), path]);
    else unread.push(path);
  }

  const pagesOf = async (paths: readonly string[]): Promise<JsonPage[]> => {
    const pages: JsonPage[][] = [];
    for (const path of paths) pages.push(jsonPages(await readText(folder, path, maxFileBytes), shown(path)));
    return pages.flat();
  };
  const optional = async (name: Name | typeof ACCOUNTS): Promise<JsonPage[] | undefined> => {
    const paths = byName.get(name);
    return paths && pagesOf(paths);
  };
  const required = async (name: Name): Promise<JsonPage[]> => {
    const paths = byName.get(name);
    if (paths) return pagesOf(paths);
    throw new InventoryError(
      `${name}.json: not found in ${shown(folder)}; save there what 'aws ec2 ${COMMANDS[name]}' prints`,
    );
  };

  const prefixListEntries = new Map<string, JsonPage[]>();
  for (const [listId, paths] of byListId) prefixListEntries.set(listId, await pagesOf(paths));
  const inventory = inventoryFromAws({
    securityGroups: await required('security-groups'),
    securityGroupRules: await required('security-group-rules'),
    networkInterfaces: await required('network-interfaces'),
    managedPrefixLists: await optional('managed-prefix-lists'),
    prefixListEntries,
    flowLogs: await optional('flow-logs'),
    vpcs: await optional('vpcs'),
    securityGroupVpcAssociations: await optional('security-group-vpc-associations'),
    staleSecurityGroups: await optional('stale-security-groups'),
    accounts: await optional(ACCOUNTS),
  });
  const problems = unread.map((path) => `${shown(path)} was not read: no file of an inventory has this name`);
  return { ...inventory, problems: [...inventory.problems, ...problems] };
}

/** The files of an inventory as they are, what the account remembers left out. Throws as {@link readInventory}. */
export async function inventoryFiles(folder: string, maxFileBytes = MAX_FILE_BYTES): Promise<InventoryFile[]> {
  const files: InventoryFile[] = [];
  for (const path of await jsonFiles(folder, '')) {
    const [, name, listId] = FILE.exec(path) ?? [];
    if (listId === undefined && ![...Object.keys(COMMANDS), ACCOUNTS].includes(name ?? '')) continue;
    files.push({ path, text: await readText(folder, path, maxFileBytes) });
  }
  return files;
}

export interface InventoryFile {
  /** Relative to the folder, with `/` between its parts. */
  readonly path: string;
  readonly text: string;
}

/**
 * Names of accounts in a file that `aws organizations list-accounts` wrote.
 *
 * @throws InventoryError of one line, which names file and cause
 */
export async function readAccountNames(path: string, maxFileBytes = MAX_FILE_BYTES): Promise<KnownAccount[]> {
  const text = await readText(dirname(path), basename(path), maxFileBytes);
  return accountNames(jsonPages(text, shown(path)));
}

/** Which references AWS says lead nowhere; none where the folder does not tell. */
export async function readStaleReferences(folder: string, maxFileBytes = MAX_FILE_BYTES): Promise<StaleReference[]> {
  const pages = await pagesNamed('stale-security-groups', folder, maxFileBytes);
  return staleReferences(itemsOf(pages, 'StaleSecurityGroupSet', z.unknown()));
}

const logFormat = z.object({
  LogDestinationType: z.string(),
  LogDestination: z.string().optional(),
  LogGroupName: z.string().optional(),
  LogFormat: z.string().max(4096),
});

/**
 * The formats of flow logs whose lines have no header: by log group those that publish to CloudWatch Logs, by ARN those that do to
 * Firehose. Two of one place that differ are left out: nobody knows which of them a line is of.
 */
export async function readGroupFormats(folder: string, maxFileBytes = MAX_FILE_BYTES): Promise<[string, string[]][]> {
  const pages = await pagesNamed('flow-logs', folder, maxFileBytes);
  return itemsOf(pages, 'FlowLogs', z.unknown()).flatMap((item): [string, string[]][] => {
    const { success, data } = logFormat.safeParse(item);
    if (!success || data.LogDestinationType === 's3') return [];
    return [[data.LogGroupName ?? data.LogDestination ?? '', fieldsOfLogFormat(data.LogFormat)]];
  });
}

/** What the account remembers: what CloudTrail told, and what AWS Config told, where they were asked. */
export async function readTold(folder: string, maxFileBytes = MAX_FILE_BYTES): Promise<Told[]> {
  const [events, items] = [
    await pagesNamed('cloudtrail-events', folder, maxFileBytes),
    await pagesNamed('config-history', folder, maxFileBytes),
  ];
  return [
    ...(events.length === 0 ? [] : [toldByCloudTrail(events)]),
    ...(items.length === 0 ? [] : [toldByConfig(items)]),
  ];
}

async function pagesNamed(name: Name | MemoryName, folder: string, maxFileBytes: number): Promise<JsonPage[]> {
  const pages: JsonPage[][] = [];
  for (const path of await jsonFiles(folder, '')) {
    if (FILE.exec(path)?.[1] === name) pages.push(jsonPages(await readText(folder, path, maxFileBytes), shown(path)));
  }
  return pages.flat();
}

/** The `.json` files of the folder and of those folders in it that can hold some of the inventory, in a fixed order. */
async function jsonFiles(folder: string, below: string): Promise<string[]> {
  const found: string[] = [];
  const names = await named(below === '' ? folder : below, () => readdir(join(folder, below)));
  for (const name of names.filter((n) => !n.startsWith('.')).sort(compareText)) {
    const path = below === '' ? name : `${below}/${name}`;
    if (name.endsWith('.json')) found.push(path);
    else if (FOLDER.test(path) && (await named(path, () => stat(join(folder, path)))).isDirectory()) {
      found.push(...(await jsonFiles(folder, path)));
    }
  }
  return found;
}

async function readText(folder: string, path: string, maxBytes: number): Promise<string> {
  const bytes = await named(path, async () => {
    // Not `readFile` at once: a pipe or a device of this name would never end.
    const stats = await stat(join(folder, path));
    if (!stats.isFile()) throw new InventoryError(`${shown(path)}: not a file`);
    if (stats.size > maxBytes) {
      throw new InventoryError(
        `${shown(path)}: ${stats.size} bytes are more than the ${maxBytes} that are read; ` +
          'split it into pages, one file each (<name>-1.json, <name>-2.json, …)',
      );
    }
    return readFile(join(folder, path));
  });
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new InventoryError(`${shown(path)}: not UTF-8 text (PowerShell 5 writes UTF-16: use Out-File -Encoding utf8)`);
}

const CAUSES: ReadonlyMap<string | undefined, string> = new Map([
  ['ENOENT', 'not found'],
  ['ENOTDIR', 'not a folder'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
]);

/** Runs an access to the file system; its failure becomes one line with the path. */
async function named<T>(path: string, access: () => Promise<T>): Promise<T> {
  try {
    return await access();
  } catch (error) {
    if (error instanceof InventoryError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InventoryError(`${shown(path)}: ${CAUSES.get(code) ?? `cannot be read (${code ?? shown(message)})`}`, {
      cause: error,
    });
  }
}
