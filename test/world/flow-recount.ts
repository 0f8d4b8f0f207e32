/** Service flows counted from raw logs by the oracle: no line of code shared with the program. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { explainRecord } from '../oracle/oracle.ts';
import type { OracleInventory, OraclePrefixList } from '../oracle/types.ts';
import { logFiles, readJson } from '../services/generate-account/generated.ts';

export interface RecountedFlow {
  readonly flow: string;
  /** What one record shows for certain, where no rule is known to admit them, is so of the whole flow. */
  admitting: readonly string[];
  readonly could: readonly string[];
  /** Rules that were possibly used by its records. */
  readonly possible: Set<string>;
  /** Rules by which its replies passed. */
  readonly untracked: Set<string>;
  readonly days: Set<string>;
  requests: number;
  replies: number;
  packets: number;
  bytes: number;
  last: number;
}

/** The inventory that the generator wrote, as the oracle reads it. */
export function oracleInventoryOf(out: string): OracleInventory {
  const list = <T>(name: string, member: string): T[] => {
    const file = readJson(out, `inventory/${name}.json`) as Record<string, T[]>;
    return file[member]!;
  };
  const lists = list<{ PrefixListId: string; AddressFamily: string }>('managed-prefix-lists', 'PrefixLists');
  const prefixLists = lists.map(({ PrefixListId, AddressFamily }): [string, OraclePrefixList] => {
    const path = `inventory/prefix-list-entries/${PrefixListId}.json`;
    if (!existsSync(join(out, path))) return [PrefixListId, { family: AddressFamily }];
    const { Entries } = readJson(out, path) as { Entries: { Cidr: string }[] };
    return [PrefixListId, { family: AddressFamily, entries: Entries.map(({ Cidr }) => Cidr) }];
  });
  return {
    securityGroups: list('security-groups', 'SecurityGroups'),
    securityGroupRules: list('security-group-rules', 'SecurityGroupRules'),
    networkInterfaces: list('network-interfaces', 'NetworkInterfaces'),
    prefixLists: Object.fromEntries(prefixLists),
    vpcs: list('vpcs', 'Vpcs'),
  };
}

/** Every record of every log against every rule; records of a duplicate flow log aside. */
export async function recount(out: string): Promise<Map<string, RecountedFlow>> {
  const inventory = oracleInventoryOf(out);
  const flows = new Map<string, RecountedFlow>();
  for (const { records, truths } of await logFiles(out)) {
    for (const [at, record] of records.entries()) {
      if (truths[at]!.setAside === 'duplicateLog') continue;
      const why = explainRecord(inventory, record).explanation;
      if (!why) continue;
      const { interfaceId, direction, protocol, peer, servicePort, admitting, could, possible, untracked, day } = why;
      const flow = [interfaceId, direction, protocol, peer, servicePort ?? 0].join(' ');
      let sum = flows.get(flow);
      if (!sum) {
        const sums = { requests: 0, replies: 0, packets: 0, bytes: 0, last: 0 };
        sum = { flow, admitting, could, possible: new Set(), untracked: new Set(), days: new Set(), ...sums };
        flows.set(flow, sum);
      }
      if (why.isLone && sum.admitting.length === 0) sum.admitting = admitting;
      const isOfLone = admitting.length === 0 && could.join() === sum.admitting.join();
      if (!isOfLone && sum.admitting.join() !== admitting.join())
        throw new Error(`${flow} is admitted now so and now so`);
      sum[why.hypothesis === 'request' ? 'requests' : 'replies']++;
      sum.packets += Number(record.packets);
      sum.bytes += Number(record.bytes);
      sum.last = Math.max(sum.last, Number(record.end));
      sum.days.add(day);
      for (const { rule } of possible) sum.possible.add(rule);
      for (const id of untracked) sum.untracked.add(id);
    }
  }
  return flows;
}
