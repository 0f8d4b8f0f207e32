import { COUNTERS, inColumns, REPORTED_COUNTERS } from '../usage/counters.ts';
import { ruleContent } from '../inventory/content.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { contentHash, parseRuleId } from '../inventory/versioned-rules.ts';
import type { UsageReport } from '../reports/schema.ts';
import { tableFile, type TableRow } from './table-file.ts';
import { RULE_DAYS, RULES } from './tables.ts';
import { ruleText } from '../text/rule-text.ts';
import type { AccountRegion } from '../inventory/snapshot-file.ts';

/**
 * The file of all rules of a report, used or not.
 *
 * @param inventory with the rules under the ids that the report has, with or without their content
 * @param place of all rules; by default of each what the report says
 * @throws Error that names a rule of the report that is not in the inventory
 */
export function rulesExport(
  report: UsageReport,
  inventory: Pick<Inventory, 'rules' | 'groups'>,
  place?: AccountRegion,
): Uint8Array {
  const rules = new Map(inventory.rules.map((rule) => [rule.ruleId, rule]));
  const rows = report.rules.map((one): TableRow<typeof RULES> => {
    const rule = rules.get(one.ruleId);
    if (!rule) throw new Error(`${one.ruleId}: a rule of the report, and of no inventory`);
    const { verdict } = one;
    return {
      as_of: seconds(report.asOf),
      window_days: report.windowDays,
      account_id: place?.accountId ?? one.accountId ?? '',
      region: place?.region ?? one.region ?? '',
      vpc_id: inventory.groups.get(one.groupId)?.vpcId ?? '',
      group_id: one.groupId,
      group_name: one.groupName,
      rule_id: parseRuleId(one.ruleId).ruleId,
      content: contentHash(ruleContent(rule)),
      direction: one.direction,
      protocol: one.protocol,
      from_port: one.fromPort,
      to_port: one.toPort,
      peer_type: one.peer.type,
      peer: one.peer.value,
      rule_text: ruleText(one),
      description: one.description,
      verdict: verdict.kind,
      reason: verdict.kind === 'notObserved' ? verdict.reason : null,
      why: one.why,
      ...inColumns(REPORTED_COUNTERS, COUNTERS, one),
      last_used: one.lastUsed === null ? null : seconds(one.lastUsed),
      last_possible: one.lastPossible === null ? null : seconds(one.lastPossible),
      distinct_peers: one.distinctPeers,
      rank_score: one.rank.score,
    };
  });
  return tableFile(RULES, rows);
}

/** The file of the days of all its rules. */
export function ruleDaysExport({ rules }: Pick<UsageReport, 'rules'>): Uint8Array {
  const rows = rules.flatMap(({ accountId = '', region = '', groupId, ruleId, history }) =>
    history.map(({ day, usedTimes, replyTimes, possibleTimes, bytes }): TableRow<typeof RULE_DAYS> => ({
      account_id: accountId,
      region,
      group_id: groupId,
      rule_id: ruleId,
      day,
      used_times: usedTimes,
      reply_times: replyTimes,
      possible_times: possibleTimes,
      bytes,
    })),
  );
  return tableFile(RULE_DAYS, rows);
}

function seconds(iso: string): number {
  return Date.parse(iso) / 1000;
}
