import type { ChosenDays } from '../../../shared/evidence/evidence-source.ts';
import type { FlowSum, ServiceSum } from '../../../shared/evidence/flow-sums.ts';
import { plainText } from '../../../shared/text/plain.ts';
import { fittedTable } from '../terminal/fitted-table.ts';

import { isoTime } from '../../../shared/time.ts';
import { hasPorts, protocolName } from '../../../shared/protocols.ts';
import { isoDay } from '../../../shared/time.ts';
import { count, figure } from '../../../shared/text/numbers.ts';

const GAPS_SHOWN = 5;

/** Of which days the evidence is, and of which there is none. */
export function daysText(evidence: string, { from, to, days, gaps }: ChosenDays): string {
  const range = `Evidence of ${count(days.length, 'day')}, ${isoDay(from)} to ${isoDay(to)} (${evidence})`;
  if (gaps.length === 0) return range;
  const some = gaps.slice(0, GAPS_SHOWN).map(isoDay).join(', ');
  return `${range}; none of ${count(gaps.length, 'day')} between: ${some}${gaps.length > GAPS_SHOWN ? ', …' : ''}`;
}

/** Its lines. */
export function flowTable(flows: readonly FlowSum[]): string[] {
  return fittedTable({
    head: ['Interface', 'Flow', 'Peer', 'Requests', 'Replies', 'Packets', 'Bytes', 'Last use', 'Days', 'Rules'],
    colAligns: ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'left', 'right', 'left'],
    lead: 3,
    rows: flows.map((flow) => {
      const sums = [flow.requests, flow.replies, flow.packets, flow.bytes].map(figure);
      const rest = [isoTime(flow.last), figure(flow.days), flow.ruleIds.join(' ')];
      return [flow.interfaceId, serviceOf(flow), flow.peer, ...sums, ...rest].map(plainText);
    }),
  });
}

/** Its lines. */
export function serviceTable(services: readonly ServiceSum[]): string[] {
  return fittedTable({
    head: ['Service', 'Flows', 'Interfaces', 'Peers', 'Requests', 'Replies', 'Bytes', 'Last use', 'Rules'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'left', 'left'],
    lead: 1,
    rows: services.map((service) => {
      const { flows, interfaces, peers, requests, replies, bytes, last, ruleIds } = service;
      const sums = [flows, interfaces, peers, requests, replies, bytes].map(figure);
      return [serviceOf(service), ...sums, isoTime(last), ruleIds.join(' ')].map(plainText);
    }),
  });
}

function serviceOf({ direction, protocol, port }: Pick<FlowSum, 'direction' | 'protocol' | 'port'>): string {
  const way = direction === 'ingress' ? 'in' : 'out';
  return `${way} ${protocolName(protocol)}${hasPorts(protocol) ? ` ${port}` : ''}`;
}

/** Names of others made harmless: none of them ends its line. */
export function plainLines(lines: readonly string[]): string {
  return `${lines.map(plainText).join('\n')}\n`;
}
