/** The program's core on the oracle's inputs, its figures in the oracle's form. */
import { Attribution, type RecordOrigin } from '../../shared/attribution/attribution.ts';
import type { RecordSink } from '../../shared/flowlogs/record.ts';
import { TextReader } from '../../shared/flowlogs/text-reader.ts';
import { inventoryFromAws } from '../../shared/inventory/from-aws.ts';
import type { Inventory } from '../../shared/inventory/inventory.ts';
import type { JsonPage } from '../../shared/inventory/json-pages.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { emptyUsage, FATES, type Usage } from '../../shared/usage/usage.ts';
import { sumWithin } from '../../shared/usage/window.ts';
import { byProtocolAndPort } from './oracle.ts';
import type { OracleResult } from './types.ts';
import { isoDay } from '../../shared/time.ts';
import { protocolName } from '../../shared/protocols.ts';
import { noDuplicates } from '../../shared/attribution/duplicate-log.ts';

/** The inventory of a world's files, by their names in the inventory folder. */
export function inventoryOfFiles(files: Readonly<Record<string, unknown>>): Inventory {
  const pages = (name: string): JsonPage[] | undefined => {
    const value = files[`${name}.json`];
    return value === undefined ? undefined : [{ source: name, value: value as JsonPage['value'] }];
  };
  const entries = Object.keys(files).flatMap((file) => /^prefix-list-entries\/(.*)\.json$/.exec(file)?.[1] ?? []);
  return inventoryFromAws({
    securityGroups: pages('security-groups')!,
    securityGroupRules: pages('security-group-rules')!,
    networkInterfaces: pages('network-interfaces')!,
    managedPrefixLists: pages('managed-prefix-lists'),
    prefixListEntries: new Map(entries.map((listId) => [listId, pages(`prefix-list-entries/${listId}`)!])),
    flowLogs: pages('flow-logs'),
    vpcs: pages('vpcs'),
    securityGroupVpcAssociations: pages('security-group-vpc-associations'),
    staleSecurityGroups: pages('stale-security-groups'),
  });
}

/** Counts the text of one flow log file. */
export function countText(inventory: Inventory, text: string, file: Partial<RecordOrigin> = {}): Usage {
  const usage = emptyUsage();
  const attribution = new Attribution(new CompiledInventory(inventory), usage);
  const origin: RecordOrigin = { flowLogId: undefined, isDuplicate: noDuplicates, ...file };
  const sink: RecordSink = {
    record: (record) => attribution.add(record, origin),
    malformed: () => {
      attribution.malformed(origin, undefined);
    },
  };
  const reader = new TextReader(sink);
  reader.push(new TextEncoder().encode(text));
  reader.end();
  attribution.finish();
  return usage;
}

const EVER = { firstDay: 0, lastDay: Infinity, lastObservedDay: Infinity, days: Infinity };

export function asOracleResult(inventory: Inventory, usage: Usage): OracleResult {
  const total = FATES.reduce((sum, fate) => sum + usage.fates[fate], 0);
  const result: OracleResult = {
    records: { total, ...usage.fates, requests: usage.requests, replies: usage.replies },
    rules: {},
    admittingSets: {},
  };
  for (const { ruleId } of inventory.rules) {
    const use = sumWithin(usage.rules.get(ruleId), EVER);
    result.rules[ruleId] = {
      usedTimes: use.usedTimes,
      soleTimes: use.soleTimes,
      primaryTimes: use.primaryTimes,
      inferredTimes: use.inferredTimes,
      replyTimes: use.replyTimes,
      possibleTimes: use.possibleTimes,
      untrackedReplies: use.untrackedReplies,
      packets: use.packets,
      bytes: use.bytes,
      lastUsed: use.lastUsed < 0 ? null : use.lastUsed,
      lastPossible: use.lastPossible < 0 ? null : use.lastPossible,
      ports: [...use.ports.values()]
        .map(({ protocol, bucket, usedTimes, replyTimes }) => ({
          protocol: protocolName(protocol),
          fromPort: bucket?.from ?? null,
          toPort: bucket?.to ?? null,
          usedTimes,
          replyTimes,
        }))
        .sort(byProtocolAndPort),
    };
  }
  for (const { day, groupIds, ruleIds, requests, replies } of usage.admittingSets.values()) {
    const sets = ((result.admittingSets[groupIds.join(',')] ??= {})[isoDay(day)] ??= {});
    const times = (sets[ruleIds.join(',')] ??= { requests: 0, replies: 0 });
    times.requests += requests;
    times.replies += replies;
  }
  return result;
}
