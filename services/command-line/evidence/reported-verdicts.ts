import * as z from 'zod';
import type { Inventory, Rule } from '../../../shared/inventory/inventory.ts';
import { RULE_NAMING, dayQuality, ruleReport, usageReport } from '../../../shared/reports/schema.ts';
import { checkedJson, readJson } from '../terminal/json-file.ts';
import { dayFromIso, secondsFromIso, type Day } from '../../../shared/time.ts';
import type { JudgedRule } from '../../../shared/advice/judged-rule.ts';
import { shown } from '../../../shared/text/plain.ts';

/** Of `usage.json`, what a plan rests on. */
const REPORT = usageReport.pick({ schemaVersion: true, asOf: true, windowDays: true }).extend({
  days: z.array(dayQuality.pick({ day: true })),
  rules: z.array(
    ruleReport.pick({
      ...RULE_NAMING,
      usedTimes: true,
      soleTimes: true,
      replyTimes: true,
      possibleTimes: true,
      untrackedReplies: true,
      lastUsed: true,
      verdict: true,
      why: true,
      evidence: true,
      changes: true,
      rank: true,
      narrower: true,
    }),
  ),
});

const REPORT_NAME = 'usage.json of version 1';

/** A rule as the report has it. */
export type RuleOfReport = z.output<typeof REPORT>['rules'][number];

export interface ParsedReport {
  /** For messages. */
  readonly name: string;
  /** UNIX seconds. */
  readonly asOf: number;
  readonly windowDays: number;
  /** Of which anything was read, the oldest first. */
  readonly days: readonly Day[];
  readonly rules: readonly RuleOfReport[];
}

export interface PlanReport {
  /** UNIX seconds. */
  readonly asOf: number;
  readonly windowDays: number;
  /** Of which anything was read, the oldest first. */
  readonly days: readonly Day[];
  /** In the order of the inventory. */
  readonly rules: readonly JudgedRule[];
}

/** The rules of a report beside those of an inventory, by id. */
export interface MatchedRules {
  /** Of both, and of which both say the same. In the order of the inventory. */
  readonly same: readonly JudgedRule[];
  /** Of which they do not: here the inventory's content, there the report's. */
  readonly edited: readonly { rule: Rule; reported: RuleOfReport; here: string; there: string }[];
  /** Of the inventory alone. */
  readonly added: readonly Rule[];
  /** Of the report alone. */
  readonly gone: readonly RuleOfReport[];
}

/**
 * A report with the rules of the inventory it was made from.
 *
 * @throws Error of one line where the file is not a report, or the inventory is another one
 */
export async function readReportedVerdicts(path: string, inventory: Inventory, folder: string): Promise<PlanReport> {
  const { asOf, windowDays, days, rules } = await readReport(path);
  const { same, edited, added, gone } = matchRules(rules, inventory);
  const strange = (what: string): Error =>
    new Error(`${folder}: not the inventory that ${path} was made from: ${what}. Give that one, or analyze anew`);
  if (gone[0]) throw strange(`it lacks the rule ${shown(gone[0].ruleId)}`);
  if (added[0]) throw strange(`the report lacks the rule ${shown(added[0].ruleId)}`);
  if (edited[0]) {
    const [{ rule, here, there }] = edited;
    throw strange(`the rule ${shown(rule.ruleId)} is ${shown(here)} there and ${shown(there)} in the report`);
  }
  return { asOf, windowDays, days, rules: same };
}

/** Ids of rules that the report has with another content than the inventory: it judged what they were. */
export async function editedSince(path: string, inventory: Inventory): Promise<string[]> {
  const { rules } = await readReport(path);
  return matchRules(rules, inventory).edited.map(({ rule }) => rule.ruleId);
}

async function readReport(path: string): Promise<ParsedReport> {
  return parsedReport(path, await readJson(path, REPORT, REPORT_NAME));
}

export function matchRules(rules: readonly RuleOfReport[], inventory: Inventory): MatchedRules {
  const byId = new Map(rules.map((rule) => [rule.ruleId, rule]));
  const known = new Set(inventory.rules.map(({ ruleId }) => ruleId));
  const same: JudgedRule[] = [];
  const edited: MatchedRules['edited'][number][] = [];
  const added: Rule[] = [];
  for (const rule of inventory.rules) {
    const reported = byId.get(rule.ruleId);
    if (!reported) {
      added.push(rule);
      continue;
    }
    const [here, there] = [contentOf(rule), reportedContent(reported)];
    if (here !== there) edited.push({ rule, reported, here, there });
    else same.push({ rule, report: reported });
  }
  return { same, edited, added, gone: rules.filter(({ ruleId }) => !known.has(ruleId)) };
}

/** @throws Error of one line that names the report and what of it is wrong */
export function parseReport(name: string, content: unknown): ParsedReport {
  return parsedReport(name, checkedJson(name, content, REPORT, REPORT_NAME));
}

function parsedReport(name: string, report: z.output<typeof REPORT>): ParsedReport {
  const days = report.days.map(({ day }) => dayFromIso(day)!);
  return { ...report, name, asOf: secondsFromIso(report.asOf), days };
}

type Content = Pick<RuleOfReport, 'groupId' | 'direction' | 'protocol' | 'fromPort' | 'toPort' | 'icmp'> & {
  readonly peer: Pick<RuleOfReport['peer'], 'type' | 'value'>;
};

function contentOf({ groupId, direction, protocol, ports, icmp, peer }: Rule): string {
  return reportedContent({
    groupId,
    direction,
    protocol,
    peer,
    fromPort: ports?.from ?? null,
    toPort: ports?.to ?? null,
    icmp: icmp ?? null,
  });
}

function reportedContent({ groupId, direction, protocol, fromPort, toPort, icmp, peer }: Content): string {
  const ports = fromPort === null ? '' : ` ${String(fromPort)}-${String(toPort)}`;
  const kind = icmp === null ? '' : ` type ${String(icmp.type)} code ${String(icmp.code)}`;
  return `${direction} ${protocol}${ports}${kind} ${peer.type} ${peer.value} of ${groupId}`;
}
