import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Rule } from '../../../shared/inventory/inventory.ts';
import { namedError } from '../files/named-error.ts';
import { serviceText } from '../../../shared/text/rule-text.ts';

/** What is known of a rule, whether from an inventory or a report. */
export interface KnownRule {
  readonly ruleId: string;
  readonly groupId: string;
  readonly groupName: string;
  /** `in tcp 443 0.0.0.0/0` */
  readonly admits: string;
  readonly description: string;
}

/** What a report says of a rule besides. */
export interface ReportedRule extends KnownRule {
  readonly verdict: string;
  readonly why: string;
  readonly lastUsed: string | null;
  readonly lastPossible: string | null;
}

export function knownRule(rule: Rule): KnownRule {
  const { ruleId, groupId, groupName, description } = rule;
  return { ruleId, groupId, groupName, description, admits: admits(rule) };
}

function admits(rule: Pick<Rule, 'direction' | 'protocol' | 'ports' | 'icmp'> & { peer: { value: string } }): string {
  return `${rule.direction === 'ingress' ? 'in' : 'out'} ${serviceText(rule)} ${rule.peer.value}`;
}

const time = z.string().nullable();
const REPORT = z.object({
  schemaVersion: z.literal(1),
  rules: z.array(
    z.object({
      ruleId: z.string(),
      groupId: z.string(),
      groupName: z.string(),
      direction: z.enum(['ingress', 'egress']),
      protocol: z.string(),
      fromPort: z.int().nullable(),
      toPort: z.int().nullable(),
      peer: z.object({ value: z.string() }),
      description: z.string(),
      verdict: z.object({ kind: z.string() }),
      why: z.string(),
      lastUsed: time,
      lastPossible: time,
    }),
  ),
});

/**
 * The rules of a `usage.json`.
 *
 * @throws Error that names the file if it is none; one with the code `ENOENT` if it is not there
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
 * @throws Error that names it if it is none
 */
export function reportedRules(name: string, content: unknown): ReportedRule[] {
  const { success, data, error: cause } = REPORT.safeParse(content);
  if (!success) throw new Error(`${name}: no usage.json that this version reads`, { cause });
  return data.rules.map(({ verdict, fromPort, toPort, direction, protocol, peer, ...rule }) => {
    const ports = fromPort === null || toPort === null ? undefined : { from: fromPort, to: toPort };
    return { ...rule, verdict: verdict.kind, admits: admits({ direction, protocol, ports, icmp: undefined, peer }) };
  });
}
