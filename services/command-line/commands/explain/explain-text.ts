import { nameAndId } from '../../../../shared/text/name-and-id.ts';
import { formatAddress } from '../../../../shared/addresses/address.ts';
import type { FlowExplanation } from '../../../../shared/evidence/explain-flow.ts';
import type { FlowSums } from '../../../../shared/evidence/flow-sums.ts';
import { flowText } from '../../../../shared/evidence/flow-text.ts';
import { daysText, flowTable, plainLines } from '../../evidence/evidence-text.ts';
import { wrapped } from '../../terminal/wrapped.ts';
import { knownRule } from '../../evidence/evidence-rules.ts';
import type { ExplainedFlow, ExplainedRule } from './explain.ts';
import type { SampleRecord } from './explain-samples.ts';
import { isoTime } from '../../../../shared/time.ts';
import { isoDay } from '../../../../shared/time.ts';
import { sumJson, sumsJson } from '../../evidence/evidence-json.ts';
import { count, figure } from '../../../../shared/text/numbers.ts';

const INTERFACES_SHOWN = 10;

const GROUND: Readonly<Record<SampleRecord['ground'], string>> = {
  syn: 'its SYN shows who opened the connection',
  onlyOneAdmitted: 'the rules admit only this reading',
  fanOut: 'its port met several ports of the other end',
  moreSpecific: 'the rules for this reading are more specific',
  smallerPort: 'nothing but the smaller port tells so',
};

/** For a terminal. */
export function ruleExplanationText({
  rule,
  reported,
  interfaces,
  evidence,
  chosen,
  flows,
  worst,
}: ExplainedRule): string {
  const { admitted, sole, possible, unclear, untracked } = flows;
  const lines = [`${rule.ruleId}  ${rule.admits}`, `Group       ${nameAndId(rule.groupName, rule.groupId)}`];
  if (rule.description !== '') lines.push(`Described   ${rule.description}`);
  if (interfaces) {
    const some = interfaces.slice(0, INTERFACES_SHOWN).join(', ');
    const more = interfaces.length > INTERFACES_SHOWN ? ', …' : '';
    lines.push(`Carried by  ${count(interfaces.length, 'interface')}${some === '' ? '' : `: ${some}${more}`}`);
  }
  if (reported) {
    lines.push(...wrapped(`${reported.verdict}: ${reported.why}`, 'Verdict     '));
    const possible = reported.lastPossible;
    lines.push(`Last used   ${reported.lastUsed ?? 'never seen'}${possible === null ? '' : `; possibly ${possible}`}`);
  }
  lines.push('', daysText(evidence, chosen));
  const cut = untracked.totals.flows > 0 ? '; removing it cuts those that are open, at once' : '';
  const unclearText = `${sumText(unclear)}: those of which it may have admitted some records, were they read the wrong way`;
  lines.push(
    ...wrapped(sumText(admitted), 'Admitted    '),
    ...wrapped(sumText(sole), 'Alone       '),
    ...wrapped(`${sumText(possible)}: those that no known rule admits, and it could`, 'Perhaps     '),
    ...wrapped(unclearText, 'Unclear     '),
    ...wrapped(`${sumText(untracked)}: those whose replies pass by it${cut}`, 'Untracked   '),
  );
  if (worst.length > 0) {
    lines.push('', 'The rules in the last column admit the flow as well.', ...flowTable(worst.map(({ flow }) => flow)));
    for (const { flow, now } of worst) {
      if (now === undefined) continue;
      lines.push(`${flow.interfaceId} ${flowText(flow)}: ${primaryText(now)}`);
    }
    const left = admitted.totals.flows - worst.length;
    if (left > 0) lines.push(`… and ${figure(left)} more (--limit)`);
  }
  return plainLines(lines);
}

function sumText(sums: FlowSums): string {
  const { flows, requests, replies, last, isComplete } = sums.totals;
  if (flows === 0) return 'no service flow';
  const least = isComplete ? '' : 'more than ';
  return `${least}${count(flows, 'service flow')}, ${figure(requests)} requests, ${figure(replies)} replies, the last ${isoTime(last)}`;
}

function primaryText(now: FlowExplanation | string): string {
  if (typeof now === 'string') return `not known which rule is primary: ${now}`;
  const [first] = now.admitting;
  return first ? `primary is ${first.rule.ruleId}: ${now.because ?? ''}` : 'no rule admits it now';
}

export function flowExplanationText({ name, now, seen, samples }: ExplainedFlow): string {
  const lines = [`${name.interfaceId} ${flowText({ ...name, peer: formatAddress(name.peer) })}`, ''];
  if (typeof now === 'string') lines.push(`Rules: ${now}.`);
  else lines.push(...answer(now));
  if (seen) {
    lines.push('', daysText(seen.evidence, seen.chosen));
    if (seen.flow) lines.push('Seen, with the rules that admitted it and stand:', ...flowTable([seen.flow]));
    else lines.push('Never seen on these days; that is no proof that it never was.');
  }
  if (samples) {
    lines.push('', samples.length === 0 ? 'No record of it in these logs.' : 'Records of it:');
    for (const { file, line, record, opener, ground } of samples) {
      lines.push(`  ${file}:${line}: ${record}`, `    a ${opener}: ${GROUND[ground]}`);
    }
  }
  return plainLines(lines);
}

function answer({ groupIds, admitting, because, could, untrackedBy, names }: FlowExplanation): string[] {
  const lines = [
    `Groups of the interface: ${groupIds.map((id) => nameAndId(names.groups.get(id)?.groupName, id)).join(', ')}`,
  ];
  const [first] = admitting;
  if (first) {
    lines.push(`Admitted by ${count(admitting.length, 'rule')}, the best match first:`);
    for (const { rule, matched } of admitting) lines.push(`  ${ruleLine(rule, names)}, by ${matched}`);
    lines.push(`Primary, credited as such: ${first.rule.ruleId}, since ${because ?? ''}.`);
  } else {
    lines.push('No rule is known to admit it.');
  }
  if (could.length > 0) {
    lines.push(
      'Could be admitted by, as their peers are not all known:',
      ...could.map((rule) => `  ${ruleLine(rule, names)}`),
    );
  }
  if (untrackedBy.length > 0) {
    const ids = untrackedBy.map(({ ruleId }) => ruleId).join(', ');
    lines.push(`Its connections are not tracked: replies pass by ${ids}.`);
  }
  return lines;
}

function ruleLine(...rule: Parameters<typeof knownRule>): string {
  const { ruleId, admits, groupName, groupId } = knownRule(...rule);
  return `${ruleId}  ${admits}  of ${nameAndId(groupName, groupId)}`;
}

/** For programs. Version 1: keys may be added. */
export function ruleJson(explained: ExplainedRule, limit: number): string {
  const { rule, reported, interfaces, evidence, chosen, flows, worst } = explained;
  const sums = Object.entries(flows).map(([kind, sum]) => [kind, sumsJson(sum as FlowSums, limit)]);
  return json({
    schemaVersion: 1,
    rule,
    reported: reported ?? null,
    interfaces: interfaces ?? null,
    ...daysJson(evidence, chosen),
    flows: Object.fromEntries(sums) as unknown,
    worst: worst.map(({ flow, now }) => ({ flow: sumJson(flow), now: now === undefined ? null : answerJson(now) })),
  });
}

export function flowJson({ name, now, seen, samples }: ExplainedFlow): string {
  return json({
    schemaVersion: 1,
    flow: { ...name, peer: formatAddress(name.peer) },
    now: answerJson(now),
    seen: seen
      ? { ...daysJson(seen.evidence, seen.chosen), flow: seen.flow === undefined ? null : sumJson(seen.flow) }
      : null,
    samples: samples ?? null,
  });
}

function answerJson(now: FlowExplanation | string) {
  if (typeof now === 'string') return { unknown: now };
  const { groupIds, admitting, because = null, could, untrackedBy, names } = now;
  const known = (rule: Parameters<typeof knownRule>[0]) => knownRule(rule, names);
  return {
    groupIds,
    admitting: admitting.map(({ rule, matched }) => ({ ...known(rule), matched })),
    primary: admitting[0]?.rule.ruleId ?? null,
    because,
    could: could.map(known),
    untrackedBy: untrackedBy.map(known),
  };
}

function daysJson(evidence: string, { from, to, days, gaps }: ExplainedRule['chosen']) {
  const [first, last] = [isoDay(from), isoDay(to)];
  return { evidence, from: first, to: last, daysOfEvidence: days.length, daysWithout: gaps.map(isoDay) };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
