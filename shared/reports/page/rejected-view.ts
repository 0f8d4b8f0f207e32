import { el, name, plainTable, type Child } from './dom.ts';
import type { RejectedFlowReport } from '../schema.ts';
import type { PageReport, PageRule } from './packed-report.ts';
import type { Place } from './place.ts';
import { ruleLink } from './rules-table.ts';
import { groupText, moment } from './text.ts';
import { ruleText } from '../../text/rule-text.ts';
import { count, figure } from '../../text/numbers.ts';

const COLUMNS = [
  { title: 'Times', numeric: true },
  { title: 'Direction' },
  { title: 'Service' },
  { title: 'Peer' },
  { title: 'Interface' },
  { title: 'Last seen' },
  { title: 'Nearest rule' },
];

/** Traffic that was turned away, and the rule that nearly let it in: a mistyped port, a range too small. */
export function rejectedView({ rejectedFlows, rules, records }: PageReport, place: Place): Node[] {
  const heading = el('h1', {}, 'Rejected traffic');
  const { distinct, top } = rejectedFlows;
  if (top.length === 0) return [heading, el('p', {}, 'Nothing was rejected.')];
  const byId = new Map(rules.map((rule) => [rule.ruleId, rule]));
  const lines = top.map((flow) => [
    figure(flow.times),
    flow.direction === null ? 'unknown' : flow.direction === 'ingress' ? 'in' : 'out',
    name(flow.port === null ? flow.protocol : `${flow.protocol} ${String(flow.port)}`),
    name(flow.peer),
    name(flow.interfaceId),
    moment(flow.lastSeen),
    el('span', {}, ...nearestRule(flow, byId, place)),
  ]);
  return [
    heading,
    el(
      'p',
      { class: 'lead' },
      `${count(records.rejected, 'record')} of ${count(distinct, 'flow')} were rejected${top.length < distinct ? `; the most frequent ${figure(top.length)}` : ''}. ` +
        'Mostly scans, and now and then a rule that misses what it was meant for by a digit.',
    ),
    el('div', { class: 'table-holder' }, plainTable('Rejected flows', COLUMNS, lines)),
  ];
}

function nearestRule(
  { reason, nearest }: RejectedFlowReport,
  byId: ReadonlyMap<string, PageRule>,
  place: Place,
): Child[] {
  if (reason !== '') return [`no group decided: ${REASONS.get(reason) ?? reason}`];
  if (nearest === null) return ['none comes near'];
  const rule = byId.get(nearest.ruleId);
  const about = rule ? [' ', name(`${groupText(rule)}, ${ruleText(rule)}`)] : [];
  return [ruleLink(nearest.ruleId, place), ...about, `: its ${nearest.differsIn} differs`];
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html, `reject-reason`. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['BPA', 'VPC block public access'],
  ['EC', 'encryption control'],
]);
