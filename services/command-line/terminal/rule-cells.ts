import type { RuleReport } from '../../../shared/reports/schema.ts';
import { nameAndId } from '../../../shared/text/name-and-id.ts';
import { shorten } from '../../../shared/text/plain.ts';
import { ruleText } from '../../../shared/text/rule-text.ts';

/** Of names, which AWS lets be 255 characters long; ids are shown whole. */
const NAME_SHOWN = 24;

/** The group of a rule, for a cell of a table. Text of others. */
export function groupCell({ groupName, groupId }: Pick<RuleReport, 'groupName' | 'groupId'>): string {
  return nameAndId(shorten(groupName, NAME_SHOWN), groupId);
}

/** What a rule admits, for a cell of a table. Text of others. */
export function admitsCell(rule: Parameters<typeof ruleText>[0]): string {
  const { name } = rule.peer;
  return ruleText(rule, { peerName: name ? shorten(name, NAME_SHOWN) : null });
}
