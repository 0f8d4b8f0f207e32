import { markdownCode, markdownRow } from '../text/markdown.ts';
import { nameAndId } from '../text/name-and-id.ts';
import { count, percent } from '../text/numbers.ts';
import { ruleText } from '../text/rule-text.ts';
import type { UsageReport } from '../reports/schema.ts';
import { VERDICT_MEANING } from '../reports/verdict-text.ts';
import { VERDICT_KINDS } from '../verdicts/verdict.ts';
import { SECURITY_FINDING_KINDS, SECURITY_FINDINGS, type SecurityFinding } from './security-finding.ts';

/** Of each kind; what more there is, is in usage.json. A comment on GitHub holds 65,536 characters. */
const SHOWN = 40;

/** For a pull request or the summary of a job. */
export function findingsMarkdown(report: UsageReport, findings: readonly SecurityFinding[]): string {
  const { window, coverage, rules } = report;
  const verdicts = VERDICT_KINDS.map((kind) => ({
    kind,
    rules: rules.filter(({ verdict }) => verdict.kind === kind).length,
  }));
  const kinds = SECURITY_FINDING_KINDS.map((kind) => ({ kind, found: findings.filter((one) => one.kind === kind) }));
  return [
    `# Security group rules, ${window.from} to ${window.to}`,
    '',
    `${count(rules.length, 'rule')} over ${count(report.windowDays, 'day')}; ${
      coverage === null ? 'no accepted record' : `${percent(coverage)} of the accepted records are explained by rules`
    }.`,
    '',
    markdownRow(['verdict', 'rules', 'meaning']),
    markdownRow(['---', '---:', '---']),
    ...verdicts
      .filter(({ rules: number }) => number > 0)
      .map(({ kind, rules: number }) => markdownRow([kind, String(number), VERDICT_MEANING[kind]])),
    ...kinds
      .filter(({ found }) => found.length > 0)
      .flatMap(({ kind, found }) => [
        '',
        `## ${SECURITY_FINDINGS[kind].title}: ${String(found.length)}`,
        '',
        markdownRow(['priority', 'rule', 'group', 'why, and what to do']),
        markdownRow(['---:', '---', '---', '---']),
        ...found
          .slice(0, SHOWN)
          .map(({ priority, rule, detail, remedy }) =>
            markdownRow([
              priority.toFixed(0),
              `${markdownCode(ruleText(rule))} ${markdownCode(rule.ruleId)}`,
              markdownCode(nameAndId(rule.groupName, rule.groupId)),
              markdownCode(kind === 'stale' || kind === 'redundant' ? rule.why : kind === 'tooWide' ? remedy : detail),
            ]),
          ),
        ...(found.length > SHOWN ? ['', `… and ${String(found.length - SHOWN)} more.`] : []),
      ]),
    '',
  ].join('\n');
}
