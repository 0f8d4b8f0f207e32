import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Inventory, Rule } from '../../../shared/inventory/inventory.ts';
import type { Verdict } from '../../../shared/verdicts/verdict.ts';
import { VERDICT_KINDS } from '../../../shared/verdicts/verdict.ts';
import { namedError } from '../files/named-error.ts';
import { secondsFromIso } from '../../../shared/time.ts';
import type { JudgedRule } from '../../../shared/advice/judged-rule.ts';
import { shown } from '../../../shared/text/plain.ts';

const count = z.number().nonnegative();
const port = z.int().nullable();

/** Of `usage.json`, what a plan rests on. Verdicts are taken at their word once their kind is known. */
const REPORT = z.object({
  schemaVersion: z.literal(1),
  asOf: z.iso.datetime(),
  windowDays: z.int().min(1).max(3650),
  rules: z.array(
    z.object({
      ruleId: z.string(),
      groupId: z.string(),
      direction: z.enum(['ingress', 'egress']),
      protocol: z.string(),
      fromPort: port,
      toPort: port,
      peer: z.object({ type: z.string(), value: z.string() }),
      usedTimes: count,
      soleTimes: count,
      replyTimes: count,
      possibleTimes: count,
      untrackedReplies: count,
      lastUsed: z.iso.datetime().nullable(),
      verdict: z
        .looseObject({ kind: z.enum(VERDICT_KINDS) })
        .refine(
          ({ kind, ageUnknown }) => !['stale', 'redundant'].includes(kind) || typeof ageUnknown === 'boolean',
          'stale and redundant rules need `ageUnknown`',
        )
        .refine(
          ({ kind, coveredBy }) => kind !== 'redundant' || z.array(z.string()).safeParse(coveredBy).success,
          'redundant rules need `coveredBy`',
        ),
      why: z.string(),
    }),
  ),
});

/** A rule as the report has it. */
export type RuleOfReport = z.output<typeof REPORT>['rules'][number];

export interface ParsedReport {
  /** For messages. */
  readonly name: string;
  /** UNIX seconds. */
  readonly asOf: number;
  readonly windowDays: number;
  readonly rules: readonly RuleOfReport[];
}

export interface PlanReport {
  /** UNIX seconds. */
  readonly asOf: number;
  readonly windowDays: number;
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
 * @throws Error of one line where the file is no report, or the inventory is another one
 */
export async function readReport(path: string, inventory: Inventory, folder: string): Promise<PlanReport> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw namedError(path, error);
  });
  const { asOf, windowDays, rules } = parseReport(path, jsonOf(path, text));
  const { same, edited, added, gone } = matchRules(rules, inventory);
  const strange = (what: string): Error =>
    new Error(`${folder}: not the inventory that ${path} was made from: ${what}. Give that one, or analyze anew`);
  if (gone[0]) throw strange(`it lacks the rule ${shown(gone[0].ruleId)}`);
  if (added[0]) throw strange(`the report lacks the rule ${shown(added[0].ruleId)}`);
  if (edited[0]) {
    const [{ rule, here, there }] = edited;
    throw strange(`the rule ${shown(rule.ruleId)} is ${shown(here)} there and ${shown(there)} in the report`);
  }
  return { asOf, windowDays, rules: same };
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
    else same.push({ rule, report: { ...reported, verdict: reported.verdict as Verdict } });
  }
  return { same, edited, added, gone: rules.filter(({ ruleId }) => !known.has(ruleId)) };
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path}: not JSON`, { cause: error });
  }
}

/** @throws Error of one line that names the report and what of it is wrong */
export function parseReport(name: string, content: unknown): ParsedReport {
  const result = REPORT.safeParse(content);
  if (result.success) return { ...result.data, name, asOf: secondsFromIso(result.data.asOf) };
  const [first] = result.error.issues;
  const where = first!.path.join('.');
  throw new Error(`${name}: no usage.json of version 1: ${where === '' ? '' : `${where}: `}${first!.message}`);
}

type Content = Pick<RuleOfReport, 'groupId' | 'direction' | 'protocol' | 'peer'> &
  Record<'fromPort' | 'toPort', number | null>;

function contentOf({ groupId, direction, protocol, ports, peer }: Rule): string {
  return reportedContent({
    groupId,
    direction,
    protocol,
    peer,
    fromPort: ports?.from ?? null,
    toPort: ports?.to ?? null,
  });
}

function reportedContent({ groupId, direction, protocol, fromPort, toPort, peer }: Content): string {
  const ports = fromPort === null ? '' : ` ${String(fromPort)}-${String(toPort)}`;
  return `${direction} ${protocol}${ports} ${peer.type} ${peer.value} of ${groupId}`;
}
