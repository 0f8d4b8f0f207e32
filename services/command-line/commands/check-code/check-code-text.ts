import type { FlowSum, FlowSums } from '../../../../shared/evidence/flow-sums.ts';
import type { Simulation } from '../../../../shared/evidence/simulate-removal.ts';
import { hasPorts, protocolName } from '../../../../shared/protocols.ts';
import { markdownCode, markdownRow } from '../../../../shared/text/markdown.ts';
import { nameAndId } from '../../../../shared/text/name-and-id.ts';
import { count, figure } from '../../../../shared/text/numbers.ts';
import { shorten } from '../../../../shared/text/plain.ts';
import { ruleText } from '../../../../shared/text/rule-text.ts';
import { isoTime } from '../../../../shared/time.ts';
import { daysText, plainLines } from '../../evidence/evidence-text.ts';
import { simulationReport, simulationText } from '../simulate/simulate-text.ts';
import type { CodeChecked } from './check-code.ts';

/** Flows shown of each kind, and rules, notes and what cannot be told, unless asked for others. */
export const CHECK_SHOWN = 20;

type CutKind = 'lost' | 'unsure' | 'possible' | 'unclear';
const CUT_KINDS: Readonly<Record<CutKind, string>> = {
  lost: 'would lose their last rule',
  unsure: 'would keep rules of which none is known to stand in for the removed ones',
  possible: 'no rule is known to admit, and the last that could would go',
  unclear: 'may have used a removed rule, were some of their records read the wrong way',
};

/** The answer, in a line. */
export function answerText({ isCut, untold, simulated }: CodeChecked): string {
  if (isCut) return `this change cuts, or may cut, what was seen: ${cutTotals(simulated!.simulation)}`;
  if (untold.length > 0) return `whether this change cuts anything cannot be told: ${count(untold.length, 'reason')}`;
  return simulated === undefined ? 'this change removes no rule' : 'nothing that was seen would be cut by this change';
}

function cutTotals(simulation: Simulation): string {
  return Object.entries(CUT_KINDS)
    .filter(([kind]) => simulation[kind as CutKind].totals.flows > 0)
    .map(([kind, what]) => `${flowsText(simulation[kind as CutKind])} ${what}`)
    .join('; ');
}

function flowsText({ totals }: FlowSums): string {
  return `${totals.isComplete ? '' : 'more than '}${count(totals.flows, 'service flow')}`;
}

/** For programs. */
export function checkJson(checked: CodeChecked, limit?: number): string {
  const { files, changes, simulated, untold, isCut } = checked;
  const report = {
    schemaVersion: 1,
    files,
    answer: answerText(checked),
    cuts: isCut,
    untold,
    removed: [...changes.removed].map(([ruleId, by]) => ({ ruleId, by })),
    added: changes.added.map((rule) => ({ groupId: rule.groupId, rule: ruleText(rule) })),
    notes: changes.notes,
    simulation: simulated === undefined ? null : simulationReport(simulated, limit),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** For a terminal. */
export function checkText(checked: CodeChecked, limit: number): string {
  const { changes, simulated, untold } = checked;
  const causes = [...changes.removed].map(([ruleId, by]) => `  ${ruleId}: by ${by.join(', ')}`);
  const head = plainLines([
    `${checked.files.join(', ')}: ${answerText(checked)}`,
    ...capped(causes, limit),
    ...(changes.added.length === 0 ? [] : [`It brings ${count(changes.added.length, 'rule')}:`]),
    ...capped(
      changes.added.map((rule) => `  ${ruleText(rule)} of ${rule.groupId}`),
      limit,
    ),
    ...capped(
      changes.notes.map((note) => `Note: ${note}`),
      limit,
    ),
    ...capped(
      untold.map((what) => `Cannot be told: ${what}`),
      limit,
    ),
  ]);
  return simulated ? `${head}\n${simulationText({ ...simulated, unseen: [] }, limit)}` : head;
}

/** For a comment on a pull request: text of others stands in code, where Markdown finds nothing to act on. */
export function checkMarkdown(checked: CodeChecked, limit: number): string {
  const { changes, simulated, untold, isCut } = checked;
  const sign = isCut ? 'Refused' : untold.length > 0 ? 'Not shown' : 'Passed';
  return [
    '### Security group rules: what this change would cut',
    '',
    `**${sign}:** ${answerText(checked)}.`,
    '',
    ...(simulated
      ? [
          `Nothing is told of what was not seen. ${markdownCode(daysText(simulated.evidence, simulated.chosen))}`,
          ...Object.entries(CUT_KINDS).flatMap(([kind, what]) =>
            flowLines(simulated.simulation[kind as CutKind], what, limit),
          ),
        ]
      : []),
    ...removedLines(checked, limit),
    ...listLines(
      'Rules that it brings',
      changes.added.map((rule) => `${markdownCode(ruleText(rule))} of ${markdownCode(rule.groupId)}`),
      limit,
    ),
    ...listLines('Cannot be told', untold.map(codeOf), limit),
    ...listLines('Mind', [...untrackedNotes(checked), ...changes.notes.map(codeOf)], limit),
    '',
  ].join('\n');
}

function flowLines(sums: FlowSums, what: string, limit: number): string[] {
  const flows = sums.flows();
  if (flows.length === 0) return [];
  const { requests, replies, bytes } = sums.totals;
  return [
    '',
    `**${flowsText(sums)} ${what}** (${figure(requests)} requests, ${figure(replies)} replies, ${figure(bytes)} bytes):`,
    '',
    '| interface | flow | peer | requests | last use | days | rules |',
    '| --- | --- | --- | ---: | --- | ---: | --- |',
    ...flows.slice(0, limit).map((flow) => markdownRow(flowCells(flow))),
    ...(flows.length > limit ? ['', `… and ${figure(flows.length - limit)} more.`] : []),
  ];
}

function flowCells({ interfaceId, direction, protocol, port, peer, requests, last, days, ruleIds }: FlowSum): string[] {
  const service = hasPorts(protocol) ? `${protocolName(protocol)} ${port}` : protocolName(protocol);
  return [
    markdownCode(interfaceId),
    `${direction} ${service}`,
    markdownCode(peer),
    figure(requests),
    isoTime(last),
    figure(days),
    ruleIds.map(markdownCode).join(' '),
  ];
}

function removedLines({ changes, simulated }: CodeChecked, limit: number): string[] {
  if (!simulated) return [];
  const rows = simulated.removed.map(({ ruleId, groupName, groupId, admits }) =>
    markdownRow([
      markdownCode(ruleId),
      codeOf(nameAndId(groupName, groupId)),
      codeOf(admits),
      (changes.removed.get(ruleId) ?? []).map(codeOf).join(' '),
    ]),
  );
  return [
    '',
    `**${count(rows.length, 'rule')} that ${rows.length === 1 ? 'goes' : 'go'} or read otherwise afterwards:**`,
    '',
    '| rule | group | admits | by |',
    '| --- | --- | --- | --- |',
    ...rows.slice(0, limit),
    ...(rows.length > limit ? ['', `… and ${figure(rows.length - limit)} more.`] : []),
  ];
}

function untrackedNotes({ simulated }: CodeChecked): string[] {
  return [...(simulated?.simulation.untracked ?? [])].flatMap(([ruleId, { totals }]) =>
    totals.flows === 0
      ? []
      : [
          `${markdownCode(ruleId)}: replies of ${count(totals.flows, 'untracked flow')} pass by it: open ones are cut once`,
        ],
  );
}

function listLines(title: string, items: readonly string[], limit: number): string[] {
  return items.length === 0
    ? []
    : [
        '',
        `**${title}:**`,
        '',
        ...capped(
          items.map((item) => `- ${item}`),
          limit,
          '- ',
        ),
      ];
}

function capped(lines: readonly string[], limit: number, before = '  '): string[] {
  const more = lines.length - limit;
  return more > 0 ? [...lines.slice(0, limit), `${before}… and ${figure(more)} more`] : [...lines];
}

/** Comments have a limit; a name need not be read to its end. */
function codeOf(text: string): string {
  return markdownCode(shorten(text, 200));
}
