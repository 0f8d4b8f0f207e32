import { compareText } from '../text/compare.ts';
import { parseRuleId } from '../inventory/versioned-rules.ts';
import { byPort } from '../reports/build-report.ts';
import type { RuleFacts } from '../usage/addition.ts';
import type { RuleDay, Usage } from '../usage/usage.ts';
import { namesIn, recordOf } from '../record-of.ts';
import { COUNTERS, inColumns, REPORTED_COUNTERS } from '../usage/counters.ts';
import { tableFile, type TableRow } from './table-file.ts';
import { USAGE } from './tables.ts';
import type { Day } from '../time.ts';
import { protocolName } from '../protocols.ts';
import type { AccountRegion } from '../inventory/snapshot-file.ts';

type UsageRow = TableRow<typeof USAGE>;
type Figures = Omit<UsageRow, 'account_id' | 'region' | 'group_id' | 'rule_id' | 'content' | 'direction'>;

const NOTHING = recordOf(namesIn(USAGE), () => null);

/**
 * The file of one day. The same usage makes the same bytes, in whatever order it was gathered.
 *
 * @param rules by the ids that `usage` has, which must name the rules' content: `sgr-…@…`
 * @throws Error that names a rule of which the group, or the content, is not known
 */
export function usageExport(
  day: Day,
  usage: Usage,
  rules: ReadonlyMap<string, RuleFacts>,
  { accountId, region }: AccountRegion,
): Uint8Array {
  const used = [...usage.rules].flatMap(([id, days]) => {
    const use = days.get(day);
    return use ? [{ id, use }] : [];
  });
  used.sort((a, b) => compareText(a.id, b.id));
  const rows = used.flatMap(({ id, use }) => {
    const { ruleId, content } = parseRuleId(id);
    const facts = rules.get(id);
    if (content === undefined || !facts) throw new Error(`${id}: a rule with usage, and nothing is known of it`);
    const { groupId, direction } = facts;
    const owner = { account_id: accountId, region, group_id: groupId, rule_id: ruleId, content, direction };
    return figuresOf(use).map((figures): UsageRow => ({ ...figures, ...owner }));
  });
  return tableFile(USAGE, rows);
}

function figuresOf(use: RuleDay): Figures[] {
  const ports = [...use.ports.values()].sort(byPort);
  return [
    {
      ...NOTHING,
      detail: 'day',
      ...inColumns(REPORTED_COUNTERS, COUNTERS, use),
      last_used: use.lastUsed < 0 ? null : use.lastUsed,
      last_possible: use.lastPossible < 0 ? null : use.lastPossible,
    },
    ...ports.map(({ protocol, bucket, usedTimes, replyTimes }) => ({
      ...NOTHING,
      detail: 'port',
      protocol: protocolName(protocol),
      from_port: bucket?.from ?? null,
      to_port: bucket?.to ?? null,
      port_used_times: usedTimes,
      port_reply_times: replyTimes,
    })),
    ...use.hours.flatMap((times, hour) =>
      times === 0 ? [] : [{ ...NOTHING, detail: 'hour', hour, hour_used_times: times }],
    ),
  ];
}
