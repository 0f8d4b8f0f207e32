import * as z from 'zod';
import { inventoryFromAws } from './from-aws.ts';
import type { Inventory } from './inventory.ts';
import { InventoryError } from './inventory-error.ts';
import { shown } from '../text/plain.ts';

const SCHEMA_VERSION = 1;

/** The account and region that a snapshot is of. */
export interface AccountRegion {
  readonly accountId: string;
  readonly region: string;
}

/** What AWS described of one account at about one moment, items as they came. */
export interface DescribedAccount {
  readonly groups: readonly object[];
  readonly rules: readonly object[];
  readonly interfaces: readonly object[];
  readonly prefixLists: readonly object[];
  /** By list id. A list that is missing has unknown entries, which is not none. */
  readonly prefixListEntries: ReadonlyMap<string, readonly object[]>;
  readonly flowLogs: readonly object[];
  readonly vpcs: readonly object[];
  readonly groupVpcAssociations: readonly object[];
  /** Groups with rules that refer to a group that is gone. */
  readonly staleGroups: readonly object[];
  readonly problems: readonly string[];
}

export interface StoredSnapshot extends AccountRegion {
  readonly inventory: Inventory;
  /** Items of DescribeFlowLogs as they came: how and where each flow log is written. */
  readonly flowLogs: readonly unknown[];
  /** Items of DescribeStaleSecurityGroups as they came. */
  readonly staleGroups: readonly unknown[];
}

const list = z.array(z.looseObject({}));

/** Below the names that AWS gives these lists. */
const snapshotFile = z.object({
  accountId: z.string(),
  region: z.string(),
  SecurityGroups: list,
  SecurityGroupRules: list,
  NetworkInterfaces: list,
  PrefixLists: list,
  prefixListEntries: z.record(z.string(), list),
  FlowLogs: list,
  Vpcs: list,
  SecurityGroupVpcAssociations: list,
  StaleSecurityGroupSet: list,
  problems: z.array(z.string()),
});
type SnapshotFile = z.output<typeof snapshotFile>;

/**
 * A snapshot as one JSON document. The same account gives the same text, in whatever order AWS listed things: keys are
 * sorted, and so is every list, down to the tags, since none of them means anything by its order.
 */
export function snapshotText({ accountId, region }: AccountRegion, described: DescribedAccount): string {
  const file = {
    accountId,
    region,
    SecurityGroups: described.groups,
    SecurityGroupRules: described.rules,
    NetworkInterfaces: described.interfaces,
    PrefixLists: described.prefixLists,
    prefixListEntries: Object.fromEntries(described.prefixListEntries),
    FlowLogs: described.flowLogs,
    Vpcs: described.vpcs,
    SecurityGroupVpcAssociations: described.groupVpcAssociations,
    StaleSecurityGroupSet: described.staleGroups,
    problems: described.problems,
  } satisfies Record<keyof SnapshotFile, unknown>;
  return canonicalText({ schemaVersion: SCHEMA_VERSION, ...file });
}

/**
 * Reads {@link snapshotText} back.
 *
 * @param name for messages: where the text came from
 * @throws InventoryError for another version, and for what no snapshot says
 */
export function readSnapshot(text: string, name: string): StoredSnapshot {
  const { accountId, region, prefixListEntries, problems, ...lists } = snapshotOf(text, name);
  const pages = [{ source: name, value: lists }];
  const entries = Object.entries(prefixListEntries).map(
    ([listId, Entries]) => [listId, [{ source: `${name}, ${shown(listId)}`, value: { Entries } }]] as const,
  );
  const inventory = inventoryFromAws({
    securityGroups: pages,
    securityGroupRules: pages,
    networkInterfaces: pages,
    managedPrefixLists: pages,
    prefixListEntries: new Map(entries),
    flowLogs: pages,
    vpcs: pages,
    securityGroupVpcAssociations: pages,
    staleSecurityGroups: pages,
  });
  return {
    accountId,
    region,
    inventory: { ...inventory, problems: [...inventory.problems, ...problems] },
    flowLogs: lists.FlowLogs,
    staleGroups: lists.StaleSecurityGroupSet,
  };
}

/**
 * The items of {@link snapshotText} as AWS described them.
 *
 * @throws InventoryError as {@link readSnapshot}
 */
export function describedIn(text: string, name: string): DescribedAccount {
  const file = snapshotOf(text, name);
  return {
    groups: file.SecurityGroups,
    rules: file.SecurityGroupRules,
    interfaces: file.NetworkInterfaces,
    prefixLists: file.PrefixLists,
    prefixListEntries: new Map(Object.entries(file.prefixListEntries)),
    flowLogs: file.FlowLogs,
    vpcs: file.Vpcs,
    groupVpcAssociations: file.SecurityGroupVpcAssociations,
    staleGroups: file.StaleSecurityGroupSet,
    problems: file.problems,
  };
}

function snapshotOf(text: string, name: string): SnapshotFile {
  const value = parsed(text, name);
  const version = (value as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (version !== SCHEMA_VERSION) {
    const found = version === undefined ? 'no schemaVersion' : `schemaVersion ${shown(JSON.stringify(version))}`;
    throw new InventoryError(`${name}: ${found}; this program reads version ${SCHEMA_VERSION}`);
  }
  const result = snapshotFile.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new InventoryError(`${name}: ${path.map(String).join('.')}: ${message}`);
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InventoryError(`${name}: not JSON: is it cut or damaged?`, { cause: error });
  }
}

function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).sort().join(',')}]`;
  if (typeof value !== 'object' || value === null || value instanceof Date) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  const texts = entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`);
  return `{${texts.sort().join(',')}}`;
}
