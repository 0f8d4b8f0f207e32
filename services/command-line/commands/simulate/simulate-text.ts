import { nameAndId } from '../../../../shared/text/name-and-id.ts';
import type { FlowSums } from '../../../../shared/evidence/flow-sums.ts';
import { daysText, flowTable, plainLines, serviceTable } from '../../evidence/evidence-text.ts';
import type { Simulated } from './simulate.ts';
import { isoTime } from '../../../../shared/time.ts';
import { isoDay } from '../../../../shared/time.ts';
import { count, figure } from '../../../../shared/text/numbers.ts';
import { sumsJson } from '../../evidence/evidence-json.ts';

const SHOWN = 20;

/** For a terminal: what would be lost, what might be, and what that is worth. */
export function simulationText({ evidence, chosen, removed, simulation, unseen }: Simulated, limit = SHOWN): string {
  const { lost, possible, unclear, unsure, untracked } = simulation;
  const lines = [daysText(evidence, chosen), '', `Simulated removal of ${count(removed.length, 'rule')}`];
  for (const { ruleId, groupName, groupId, admits } of removed) {
    lines.push(`  ${ruleId}  ${admits}  of ${nameAndId(groupName, groupId)}`);
  }
  lines.push('', ...kind(lost, 'Would lose their last rule', limit));
  if (lost.totals.flows === 0) {
    lines.push(
      `Nothing seen would lose its last rule, over ${count(chosen.days.length, 'day')} of evidence; that is no proof ` +
        'for what was not seen.',
    );
  }
  lines.push(...kind(unsure, 'Rules that stay admit them, but none is known to stand in for the removed ones', limit));
  lines.push(...kind(possible, 'No rule is known to admit them, and the last that could would go', limit));
  lines.push(...kind(unclear, 'May have used a removed rule, were some of their records read the wrong way', limit));
  for (const [ruleId, flows] of untracked) {
    const { flows: found, replies, last } = flows.totals;
    if (found === 0) continue;
    lines.push(
      `${ruleId}: replies of untracked connections pass by it (${count(found, 'flow')}, ` +
        `${figure(replies)} replies, the last ${isoTime(last)}): removing it cuts those that are open, at once.`,
    );
  }
  lines.push(...unseen.map((what) => `Cannot be told: ${what}`));
  return plainLines(lines);
}

function kind(sums: FlowSums, what: string, limit: number): string[] {
  const { totals } = sums;
  if (totals.flows === 0) return [];
  const { requests, replies, bytes, last } = totals;
  const atLeast = totals.isComplete ? '' : 'more than ';
  const lines = [
    `${what}: ${atLeast}${count(totals.flows, 'service flow')}, ${figure(requests)} requests, ${figure(replies)} replies, ` +
      `${figure(bytes)} bytes, the last ${isoTime(last)}`,
  ];
  if (!totals.isComplete) lines.push('Only these are told apart below; the sums above are of all.');
  const flows = sums.flows();
  if (flows.length > limit) {
    const services = sums.services();
    lines.push(...serviceTable(services.slice(0, limit)));
    if (services.length > limit) lines.push(`… and ${count(services.length - limit, 'more service')}`);
  }
  lines.push(...flowTable(flows.slice(0, limit)));
  if (flows.length > limit) lines.push(`… and ${figure(flows.length - limit)} more (--limit)`);
  return [...lines, ''];
}

/** For programs; all flows unless limited. Version 1: keys may be added. */
export function simulationJson(simulated: Simulated, limit?: number): string {
  return `${JSON.stringify(simulationReport(simulated, limit), null, 2)}\n`;
}

export function simulationReport({ evidence, chosen, removed, simulation, unseen }: Simulated, limit = Infinity) {
  const { lost, possible, unclear, unsure, untracked } = simulation;
  return {
    schemaVersion: 1,
    evidence,
    from: isoDay(chosen.from),
    to: isoDay(chosen.to),
    daysOfEvidence: chosen.days.length,
    daysWithout: chosen.gaps.map(isoDay),
    removed: removed.map((rule) => {
      const { flows, replies, last } = untracked.get(rule.ruleId)!.totals;
      return { ...rule, untracked: flows === 0 ? null : { flows, replies, lastSeen: isoTime(last) } };
    }),
    lost: sumsJson(lost, limit),
    unsure: sumsJson(unsure, limit),
    possible: sumsJson(possible, limit),
    unclear: sumsJson(unclear, limit),
    unseen,
  };
}
