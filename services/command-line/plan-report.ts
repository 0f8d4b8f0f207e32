import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { JudgedRule } from '../../shared/advice/removal-candidates.ts';
import type { Inventory, Rule } from '../../shared/inventory/inventory.ts';
import { shown } from '../../shared/inventory/inventory-error.ts';
import type { Verdict } from '../../shared/verdicts/verdict.ts';
import { VERDICT_KINDS } from '../../shared/verdicts/verdict.ts';
import { namedError } from './named-error.ts';

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

export interface PlanReport {
  /** UNIX seconds. */
  readonly asOf: number;
  readonly windowDays: number;
  /** In the order of the inventory. */
  readonly rules: readonly JudgedRule[];
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
  const { asOf, windowDays, rules } = parse(path, text);
  const byId = new Map(rules.map((rule) => [rule.ruleId, rule]));
  const strange = (what: string): Error =>
    new Error(`${folder}: not the inventory that ${path} was made from: ${what}. Give that one, or analyze anew`);
  const known = new Set(inventory.rules.map(({ ruleId }) => ruleId));
  const gone = rules.find(({ ruleId }) => !known.has(ruleId));
  if (gone) throw strange(`it lacks the rule ${shown(gone.ruleId)}`);
  const judged = inventory.rules.map((rule): JudgedRule => {
    const report = byId.get(rule.ruleId);
    if (!report) throw strange(`the report lacks the rule ${shown(rule.ruleId)}`);
    const [here, there] = [contentOf(rule), reportedContent(report)];
    if (here !== there) {
      throw strange(`the rule ${shown(rule.ruleId)} is ${shown(here)} there and ${shown(there)} in the report`);
    }
    return { rule, report: { ...report, verdict: report.verdict as Verdict } };
  });
  return { asOf: Date.parse(asOf) / 1000, windowDays, rules: judged };
}

function parse(path: string, text: string): z.output<typeof REPORT> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${path}: not JSON`, { cause: error });
  }
  const result = REPORT.safeParse(value);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  const where = first!.path.join('.');
  throw new Error(`${path}: no usage.json of version 1: ${where === '' ? '' : `${where}: `}${first!.message}`);
}

type Content = Pick<z.output<typeof REPORT>['rules'][number], 'groupId' | 'direction' | 'protocol' | 'peer'> &
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
