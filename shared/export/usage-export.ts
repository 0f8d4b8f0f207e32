import { compareText } from '../text/compare.ts';
import { parseRuleId } from '../inventory/versioned-rules.ts';
import { byPort } from '../reports/usage-report.ts';
import type { RuleFacts } from '../usage/addition.ts';
import type { RuleDay, Usage } from '../usage/usage.ts';
import { tableFile, type Row } from './table-file.ts';
import { USAGE } from './tables.ts';
import type { Day } from '../time.ts';
import { protocolName } from '../protocols.ts';

/** Whose rules they are. */
export interface Place {
  readonly accountId: string;
  readonly region: string;
}

type UsageRow = Row<typeof USAGE>;
type Figures = Omit<UsageRow, 'account_id' | 'region' | 'group_id' | 'rule_id' | 'content' | 'direction'>;

const NOTHING: Omit<Figures, 'detail'> = {
  protocol: null,
  from_port: null,
  to_port: null,
  hour: null,
  used_times: null,
  sole_times: null,
  primary_times: null,
  inferred_times: null,
  reply_times: null,
  possible_times: null,
  untracked_replies: null,
  packets: null,
  bytes: null,
  last_used: null,
  last_possible: null,
  port_used_times: null,
  port_reply_times: null,
  hour_used_times: null,
};

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
  { accountId, region }: Place,
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
    return figuresOf(use).map((figures): UsageRow => ({ ...owner, ...figures }));
  });
  return tableFile(USAGE, rows);
}

function figuresOf(use: RuleDay): Figures[] {
  const ports = [...use.ports.values()].sort(byPort);
  return [
    {
      ...NOTHING,
      detail: 'day',
      used_times: use.usedTimes,
      sole_times: use.soleTimes,
      primary_times: use.primaryTimes,
      inferred_times: use.inferredTimes,
      reply_times: use.replyTimes,
      possible_times: use.possibleTimes,
      untracked_replies: use.untrackedReplies,
      packets: use.packets,
      bytes: use.bytes,
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
