import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { countFiles } from '../command-line/files/counted-files.ts';
import { findLogFiles } from '../../../services/command-line/files/find-log-files.ts';
import { readInventory } from '../../../services/command-line/files/read-inventory.ts';
import { ACCOUNT_ID, REGION } from '../../../services/generate-account/world/lay-out-network.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { snapshotText } from '../../../shared/inventory/snapshot-file.ts';
import { parseRuleId, withVersionedRules } from '../../../shared/inventory/versioned-rules.ts';
import { countedRule, countedReport } from '../../../shared/reports/build-report.ts';
import type { CountedUsage } from '../../../shared/usage/addition.ts';
import type { Usage } from '../../../shared/usage/usage.ts';
import { lastUse, sumWithin } from '../../../shared/usage/window.ts';
import { countedRejects } from '../../../services/command-line/commands/usage/usage.ts';
import { analyzed, type Expected } from '../command-line/watched.ts';
import { filesUnder, generated } from '../generate-account/generated.ts';
import { plainUsage } from '../../shared/usage/plain-usage.ts';
import { daysSpanned, windowOf } from '../../../shared/time.ts';

export const PLACE = { accountId: ACCOUNT_ID, region: REGION };

const DAY_SECONDS = 86_400;
/** One file in so many has a line that is none. */
const SPOILT_ONE_IN = 12;

/** A generated account whose logs reach over a midnight, lately enough to be counted; and what `analyze` says of them. */
export async function killedAccount(records: number, minutes: number, seed: number) {
  const today = Math.floor(Date.now() / 1000 / DAY_SECONDS) * DAY_SECONDS;
  const startSeconds = today - DAY_SECONDS - Math.floor(minutes / 20) * 600;
  const { out } = await generated({ records, minutes, seed, startSeconds });
  const [inventoryFolder, logs] = [join(out, 'inventory'), join(out, 'logs')];
  const files = filesUnder(logs);
  for (const [i, file] of files.entries()) if (i % SPOILT_ONE_IN === 0) spoil(join(logs, file));
  const inventory = await readInventory(inventoryFolder);
  return {
    logs,
    files,
    inventory,
    snapshot: snapshotOf(inventoryFolder),
    takenAt: new Date((startSeconds - DAY_SECONDS) * 1000),
    expected: await analyzed(inventoryFolder, logs, join(out, 'out')),
    /** All that there is to count, under the rule ids of the cloud. */
    expectedUsage: plainUsage(await usageOf(logs, withVersionedRules(inventory))),
  };
}

function spoil(path: string): void {
  writeFileSync(path, gzipSync(Buffer.concat([gunzipSync(readFileSync(path)), Buffer.from('no record\n')])));
}

async function usageOf(logs: string, inventory: Inventory): Promise<Usage> {
  const { usage } = await countFiles((await findLogFiles([logs])).files, inventory);
  return usage;
}

/** The inventory's files as snapshot-groups would have written them down. */
function snapshotOf(folder: string): string {
  const list = (file: string, name: string): object[] => {
    const lists = JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8')) as Record<string, object[]>;
    return lists[name]!;
  };
  const entries = filesUnder(join(folder, 'prefix-list-entries')).map((file): [string, object[]] => {
    const id = basename(file, '.json');
    return [id, list(join('prefix-list-entries', id), 'Entries')];
  });
  return snapshotText(PLACE, {
    groups: list('security-groups', 'SecurityGroups'),
    rules: list('security-group-rules', 'SecurityGroupRules'),
    interfaces: list('network-interfaces', 'NetworkInterfaces'),
    prefixLists: list('managed-prefix-lists', 'PrefixLists'),
    prefixListEntries: new Map(entries),
    flowLogs: list('flow-logs', 'FlowLogs'),
    vpcs: list('vpcs', 'Vpcs'),
    groupVpcAssociations: list('security-group-vpc-associations', 'SecurityGroupVpcAssociations'),
    staleGroups: [],
    problems: [],
  });
}

/** What the store says, as far as `analyze` says the same; objects by their names below `prefix`. */
export function shownCounters(
  { usage, malformedSamples }: CountedUsage,
  inventory: Inventory,
  prefix: string,
): Expected {
  const days = new Map([...usage.rules].map(([id, ofRule]) => [parseRuleId(id).ruleId, ofRule]));
  if (days.size !== usage.rules.size) throw new Error('two contents of one rule');
  const windowDays = daysSpanned(usage.firstEnd, usage.lastEnd);
  const window = windowOf(usage.lastEnd, windowDays);
  const counted = inventory.rules.map((rule) => {
    const ofRule = new Map([...(days.get(rule.ruleId) ?? [])].sort(([a], [b]) => a - b));
    return countedRule(
      { rule, days: ofRule, use: sumWithin(ofRule, window), ...lastUse(ofRule) },
      { ...inventory, prefixLists: new Map() },
    );
  });
  const input = { asOf: usage.lastEnd, windowDays, rulesKnownSince: undefined, observedBy: 'records', window } as const;
  const report = countedReport({ ...input, malformedSamples, inventoryProblems: [] }, usage);
  const { coverage, records, unknownInterfaces, rejectedFlows } = report;
  return {
    coverage,
    records,
    unknownInterfaces,
    rejectedFlows: countedRejects(rejectedFlows),
    malformedSamples: malformedSamples.map((sample) => ({ ...sample, file: sample.file.slice(prefix.length) })),
    rules: counted,
  };
}
