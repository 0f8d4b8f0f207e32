import type { RuleReport, UsageReport } from '../reports/schema.ts';
import { nameAndId } from '../text/name-and-id.ts';
import { ruleText } from '../text/rule-text.ts';
import type { SecurityFinding } from './security-finding.ts';

/** Nobody can say whether these hold: neither passed nor failed. */
const SKIPPED: ReadonlySet<string> = new Set(['notObserved', 'tooYoung', 'unattached', 'exempt']);

/**
 * JUnit's XML, as build servers read it: a suite for each group, a case for each rule, which fails where there is a finding, and
 * is skipped where nothing can be said.
 * https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
 */
export function junitXml({ rules }: Pick<UsageReport, 'rules'>, findings: readonly SecurityFinding[]): string {
  const byRule = Map.groupBy(findings, ({ rule }) => rule.ruleId);
  const suites = [...Map.groupBy(rules, ({ groupId }) => groupId).values()].map((some) => suiteOf(some, byRule));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="stale-sg">\n${suites.join('')}</testsuites>\n`;
}

function suiteOf(rules: readonly RuleReport[], byRule: ReadonlyMap<string, readonly SecurityFinding[]>): string {
  const [{ groupName, groupId }] = rules as [RuleReport];
  const suite = nameAndId(groupName, groupId);
  const failed = rules.filter(({ ruleId }) => byRule.has(ruleId)).length;
  const skipped = rules.filter(({ ruleId, verdict }) => !byRule.has(ruleId) && SKIPPED.has(verdict.kind)).length;
  const cases = rules.map((rule) => {
    const found = byRule.get(rule.ruleId) ?? [];
    const outcome = found.map(({ kind, detail, remedy }) => {
      return `      <failure type="${kind}" message="${xml(detail)}">${xml(remedy)}</failure>\n`;
    });
    if (found.length === 0 && SKIPPED.has(rule.verdict.kind)) {
      outcome.push(`      <skipped message="${xml(rule.why)}"/>\n`);
    }
    const opening = `    <testcase classname="${xml(suite)}" name="${xml(`${ruleText(rule)} (${rule.ruleId})`)}"`;
    return outcome.length === 0 ? `${opening}/>\n` : `${opening}>\n${outcome.join('')}    </testcase>\n`;
  });
  const counts = `tests="${String(rules.length)}" failures="${String(failed)}" errors="0" skipped="${String(skipped)}"`;
  return `  <testsuite name="${xml(suite)}" ${counts}>\n${cases.join('')}  </testsuite>\n`;
}

/** What XML 1.0 has no characters for, and what breaks a line, becomes `?`. https://www.w3.org/TR/xml/#charsets */
function xml(text: string): string {
  return text
    .replace(/[^\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
