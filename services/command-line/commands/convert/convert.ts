import manifest from '../../../../package.json' with { type: 'json' };
import { terraformJson } from '../../../../shared/code/terraform/changes.ts';
import { usageReport, type UsageReport } from '../../../../shared/reports/schema.ts';
import { usageCsv } from '../../../../shared/reports/usage-csv.ts';
import { asffOf } from '../../../../shared/security-findings/asff.ts';
import { findingsMarkdown } from '../../../../shared/security-findings/findings-markdown.ts';
import { junitXml } from '../../../../shared/security-findings/junit.ts';
import { ocsfOf } from '../../../../shared/security-findings/ocsf.ts';
import { sarifOf, type DeclaredAt } from '../../../../shared/security-findings/sarif.ts';
import { securityFindings, type SecurityFinding } from '../../../../shared/security-findings/security-finding.ts';
import { shown } from '../../../../shared/text/plain.ts';
import { readJson } from '../../terminal/json-file.ts';

export const FORMATS = ['csv', 'markdown', 'junit', 'ocsf', 'asff', 'sarif'] as const;
export type Format = (typeof FORMATS)[number];

export interface ConvertOptions {
  readonly report: string;
  readonly to: Format;
  /** `terraform.json` of a plan: in which file and line each rule is. */
  readonly terraform?: string;
  /** Where the report does not say it, of all rules. */
  readonly account?: string;
  readonly region?: string;
  /** Findings of less are left out. 0 to 100. */
  readonly minPriority: number;
}

export interface Converted {
  readonly text: string;
  readonly findings: readonly SecurityFinding[];
}

/** @throws Error of one line where a file is not what it ought to be, or a rule lacks what the format wants */
export async function convert(options: ConvertOptions): Promise<Converted> {
  const report = await readJson(options.report, usageReport, 'usage.json of version 1');
  const findings = securityFindings(report).filter(({ priority }) => priority >= options.minPriority);
  return { text: await textOf(report, findings, options), findings };
}

async function textOf(report: UsageReport, findings: readonly SecurityFinding[], options: ConvertOptions) {
  const { version } = manifest;
  const { asOf } = report;
  switch (options.to) {
    case 'csv':
      return usageCsv(report.rules);
    case 'markdown':
      return findingsMarkdown(report, findings);
    case 'junit':
      return junitXml(report, findings);
    case 'ocsf':
      return json(findings.map((finding) => ocsfOf(finding, { asOf, version })));
    case 'asff':
      return json(findings.map((finding) => asffOf(finding, placeOf(finding, options), asOf)));
    case 'sarif': {
      const places = await placesIn(options.terraform);
      return json(sarifOf(findings, { version, places, elsewhere: options.report }));
    }
  }
}

function placeOf({ rule }: SecurityFinding, { report, account, region }: ConvertOptions) {
  const place = { accountId: rule.accountId ?? account, region: rule.region ?? region };
  if (place.accountId === undefined || place.region === undefined) {
    throw new Error(
      `${report}: does not say the account and Region of ${shown(rule.ruleId)}, which this format wants: give --account and --region`,
    );
  }
  return { accountId: place.accountId, region: place.region };
}

async function placesIn(terraform: string | undefined): Promise<Map<string, DeclaredAt>> {
  if (terraform === undefined) return new Map();
  const { pullRequests } = await readJson(terraform, terraformJson, 'terraform.json of `stale-sg plan --terraform`');
  return new Map(
    pullRequests.flatMap(({ changes }) =>
      changes.flatMap(({ ruleId, code, call }) => {
        const place = code ?? call;
        return place ? [[ruleId, place] as const] : [];
      }),
    ),
  );
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
