/** Deterministic small worlds: an inventory, as objects and as the files of the AWS CLI, and records to match it. */
import { randomInventory, ACCOUNT } from './random-inventory.ts';
import { randomRecord } from './random-records.ts';
import { Random } from './random.ts';
import type { OracleInventory, OracleRecord } from './types.ts';

export interface WorldOptions {
  /** 80 unless told. */
  recordCount?: number;
  /** 40 unless told. */
  maxRules?: number;
}

export interface World {
  seed: number;
  inventory: OracleInventory;
  /** What `aws ec2 …` prints, by file name inside the inventory folder. */
  files: Record<string, unknown>;
  /** Of the world's flow log; `records` hold these fields and no others. */
  columns: string[];
  records: OracleRecord[];
}

/** The columns of a flow log whose format was not chosen, in this order. */
export const DEFAULT_COLUMNS: readonly string[] =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status'.split(
    ' ',
  );

export const ALL_COLUMNS: readonly string[] = [
  ...DEFAULT_COLUMNS,
  ...'vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr flow-direction traffic-path reject-reason resource-id'.split(
    ' ',
  ),
];

const OPTIONAL_COLUMNS = ALL_COLUMNS.filter((name) => !DEFAULT_COLUMNS.includes(name));

export function randomWorld(seed: number, options: WorldOptions = {}): World {
  const random = new Random(seed);
  const inventory = randomInventory(random, options.maxRules ?? 40);
  const columns = randomColumns(random);
  const records = Array.from({ length: options.recordCount ?? 80 }, () => randomRecord(random, inventory));
  return { seed, inventory, files: toFiles(inventory), columns, records: onlyColumns(records, columns) };
}

/** Real "all fields" logs are alphabetical. */
function randomColumns(random: Random): string[] {
  switch (random.weighted({ alphabetical: 4, shuffled: 3, someMore: 2, defaults: 1 })) {
    case 'alphabetical':
      return [...ALL_COLUMNS].sort();
    case 'shuffled':
      return random.shuffled(ALL_COLUMNS);
    case 'someMore':
      return [...DEFAULT_COLUMNS, ...random.some(OPTIONAL_COLUMNS, random.between(1, OPTIONAL_COLUMNS.length))];
    case 'defaults':
      return [...DEFAULT_COLUMNS];
  }
}

/** The same records as a log of these columns would show them. */
export const onlyColumns = (records: OracleRecord[], columns: readonly string[]): OracleRecord[] =>
  records.map((record) => Object.fromEntries(columns.map((name) => [name, record[name] ?? '-'])));

/** Flow log text with its header, separated by single spaces, `-` where a record has no such field. */
export const toText = (records: OracleRecord[], columns: readonly string[]): string =>
  [columns, ...records.map((record) => columns.map((name) => record[name] ?? '-'))]
    .map((fields) => `${fields.join(' ')}\n`)
    .join('');

export function toFiles(inventory: OracleInventory): Record<string, unknown> {
  const files: Record<string, unknown> = {
    'security-groups.json': { SecurityGroups: inventory.securityGroups.map((item) => ({ ...item, Tags: [] })) },
    'security-group-rules.json': {
      SecurityGroupRules: inventory.securityGroupRules.map((item) => ({ ...item, Tags: [] })),
    },
    'network-interfaces.json': {
      NetworkInterfaces: inventory.networkInterfaces.map((item) => ({ ...item, OwnerId: ACCOUNT, Status: 'in-use' })),
    },
  };
  const lists = Object.entries(inventory.prefixLists);
  const described = lists.filter(([, list]) => list.family !== undefined);
  if (described.length > 0) {
    files['managed-prefix-lists.json'] = {
      PrefixLists: described.map(([PrefixListId, list]) => ({ PrefixListId, AddressFamily: list.family })),
    };
  }
  for (const [id, { entries }] of lists) {
    if (entries !== undefined) files[`prefix-list-entries/${id}.json`] = { Entries: entries.map((Cidr) => ({ Cidr })) };
  }
  if (inventory.vpcs !== undefined) files['vpcs.json'] = { Vpcs: inventory.vpcs };
  return files;
}
