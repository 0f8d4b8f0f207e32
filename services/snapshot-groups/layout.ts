import type { DescribedAccount } from '../../shared/inventory/snapshot-file.ts';

/** Where a snapshot keeps the entries of its prefix lists, one file a list. */
const ENTRIES_FOLDER = 'prefix-list-entries';

/** And what AWS Config remembers, one file for each resource. */
const CONFIG_FOLDER = 'config-history';

/** Folders that hold files of snapshots alone. */
export const SNAPSHOT_FOLDERS: readonly string[] = [ENTRIES_FOLDER, CONFIG_FOLDER];

/** The file that makes a folder a snapshot: no inventory is read without it. */
export const MARKER_FILE = 'security-groups.json';

type ListKey = Exclude<keyof DescribedAccount, 'prefixListEntries' | 'problems'>;

/** File name, and the key AWS prints above the list. */
const LISTS: Readonly<Record<ListKey, readonly [file: string, awsKey: string]>> = {
  groups: [MARKER_FILE, 'SecurityGroups'],
  rules: ['security-group-rules.json', 'SecurityGroupRules'],
  interfaces: ['network-interfaces.json', 'NetworkInterfaces'],
  prefixLists: ['managed-prefix-lists.json', 'PrefixLists'],
  flowLogs: ['flow-logs.json', 'FlowLogs'],
  vpcs: ['vpcs.json', 'Vpcs'],
  groupVpcAssociations: ['security-group-vpc-associations.json', 'SecurityGroupVpcAssociations'],
  staleGroups: ['stale-security-groups.json', 'StaleSecurityGroupSet'],
};

const LIST_FILES: ReadonlySet<string> = new Set(Object.values(LISTS).map(([file]) => file));
const LIST_ID = /^pl-[0-9a-f]+$/;
const ENTRIES_FILE = /^prefix-list-entries\/pl-[0-9a-f]+\.json$/;
const MEMORY_FILE = /^(?:cloudtrail-events\.\d+|config-history\/[\w-]+)\.json$/;

export interface SnapshotFile {
  /** Relative to the snapshot's folder or prefix, with `/` between its parts. */
  readonly path: string;
  /** JSON as `aws ec2 describe-…` prints it: indented by 2, times in ISO 8601, a line feed at the end. */
  readonly text: string;
}

/**
 * The snapshot as files, one at a time, always in the same order and with the same bytes.
 *
 * @throws Error where the id of a prefix list is malformed, before it can become a path
 */
export function* snapshotFiles(snapshot: DescribedAccount): Generator<SnapshotFile> {
  for (const [key, [path, awsKey]] of Object.entries(LISTS) as [ListKey, readonly [string, string]][]) {
    yield { path, text: printed({ [awsKey]: snapshot[key] }) };
  }
  for (const [listId, Entries] of snapshot.prefixListEntries) {
    if (!LIST_ID.test(listId)) throw new Error(`not the id of a prefix list: ${JSON.stringify(listId)}`);
    yield { path: `${ENTRIES_FOLDER}/${listId}.json`, text: printed({ Entries }) };
  }
}

/** Whether a snapshot could hold a file at this path; what it could not hold belongs to somebody else. */
export function isSnapshotFile(path: string): boolean {
  return LIST_FILES.has(path) || ENTRIES_FILE.test(path) || MEMORY_FILE.test(path);
}

function printed(content: Readonly<Record<string, readonly object[]>>): string {
  return `${JSON.stringify(content, undefined, 2)}\n`;
}
