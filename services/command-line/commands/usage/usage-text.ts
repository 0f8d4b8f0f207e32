import { admitsCell, groupCell } from '../../terminal/rule-cells.ts';
import { wrapped } from '../../terminal/wrapped.ts';
import { fittedTable } from '../../terminal/fitted-table.ts';
import { plainText } from '../../../../shared/text/plain.ts';
import { FATES } from '../../../../shared/usage/usage.ts';
import type { ShownUsage } from './usage.ts';
import { count, figure } from '../../../../shared/text/numbers.ts';

/** The counters for a terminal. Times count records, so they depend on the aggregation interval. */
export function usageText({ files, records, rules }: ShownUsage): string {
  const fates = FATES.filter((fate) => records[fate] > 0).map((fate) => `${figure(records[fate])} ${fate}`);
  const table = fittedTable({
    head: ['Rule', 'Group', 'Admits', 'Used', 'Sole', 'Replies', 'Possible', 'Bytes', 'Last used'],
    colAligns: ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'right', 'left'],
    lead: 3,
    rows: rules.map((rule) => [
      plainText(rule.ruleId),
      plainText(groupCell(rule)),
      plainText(admitsCell(rule)),
      ...[rule.usedTimes, rule.soleTimes, rule.replyTimes, rule.possibleTimes, rule.bytes].map(figure),
      rule.lastUsed ?? (rule.lastPossible === null ? 'never' : `possibly ${rule.lastPossible}`),
    ]),
  });
  const counted = `${count(files, 'file')}, ${count(records.total, 'record')}`;
  const lines = wrapped(`${counted}${fates.length === 0 ? '' : `: ${fates.join(', ')}`}`);
  return `${lines.join('\n')}\n\n${table.join('\n')}\n`;
}
