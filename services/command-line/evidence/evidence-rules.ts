import { peerName, type Names } from '../../../shared/inventory/peer-name.ts';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Rule } from '../../../shared/inventory/inventory.ts';
import { RULE_NAMING, ruleReport, usageReport } from '../../../shared/reports/schema.ts';
import { namedError } from '../../../shared/text/named-error.ts';
import { ruleText } from '../../../shared/text/rule-text.ts';

/** What is known of a rule, whether from an inventory or a report. */
export interface EvidenceRule {
  readonly ruleId: string;
  readonly groupId: string;
  readonly groupName: string;
  /** `in tcp 443 from 0.0.0.0/0` */
  readonly admits: string;
  readonly description: string;
}

/** What else a report says of a rule. */
export interface ReportedRule extends EvidenceRule {
  readonly verdict: string;
  readonly why: string;
  readonly lastUsed: string | null;
  readonly lastPossible: string | null;
}

/** @param names of the groups and lists that rules name */
export function knownRule(rule: Rule, names: Names): EvidenceRule {
  const { ruleId, groupId, groupName, description } = rule;
  const admits = ruleText(rule, { peerName: peerName(rule.peer, names) });
  return { ruleId, groupId, groupName, description, admits };
}

const REPORT = usageReport.pick({ schemaVersion: true }).extend({
  rules: z.array(
    ruleReport.pick({
      ...RULE_NAMING,
      description: true,
      verdict: true,
      why: true,
      lastUsed: true,
      lastPossible: true,
    }),
  ),
});

/**
 * The rules of a `usage.json`.
 *
 * @throws Error that names the file if it is not one; one with the code `ENOENT` if it is not there
 */
export async function readReportedRules(path: string): Promise<ReportedRule[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw Object.assign(namedError(path, error), { code: (error as NodeJS.ErrnoException).code });
  });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path}: no usage.json that this version reads`, { cause });
  }
  return reportedRules(path, content);
}

/**
 * The rules of a report.
 *
 * @throws Error that names it if it is not one
 */
export function reportedRules(name: string, content: unknown): ReportedRule[] {
  const { success, data, error: cause } = REPORT.safeParse(content);
  if (!success) throw new Error(`${name}: no usage.json that this version reads`, { cause });
  return data.rules.map((rule) => {
    const { ruleId, groupId, groupName, description, why, lastUsed, lastPossible } = rule;
    const known = { ruleId, groupId, groupName, description, admits: ruleText(rule) };
    return { ...known, verdict: rule.verdict.kind, why, lastUsed, lastPossible };
  });
}
