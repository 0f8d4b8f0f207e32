import type { UsageReport } from '../../../../shared/reports/schema.ts';
import type { DeploymentOptions } from '../../deployment/evidence-adapter.ts';
import { checkDeployedReport, writeDeployedReport } from '../../results/write-reports.ts';
import type { Day } from '../../../../shared/time.ts';

export interface ReportCommandOptions extends DeploymentOptions {
  readonly out: string;
  /** The last day that the report speaks of; by default that of the newest. */
  readonly day?: Day;
}

export interface FetchedReport {
  /** Where it was. */
  readonly name: string;
  readonly report: UsageReport;
  readonly written: readonly string[];
}

/**
 * Writes the files of a report that a deployment made into a folder.
 *
 * @throws Error of one line where there is none, or it cannot be read
 */
export async function fetchReport(options: ReportCommandOptions): Promise<FetchedReport> {
  await checkDeployedReport(options.out);
  // The SDK is loaded only when needed.
  const { openDeployment } = await import('../../deployment/evidence-adapter.ts');
  const deployment = await openDeployment(options);
  try {
    const { name, report } = await deployment.report(options.day);
    return { name, report, written: await writeDeployedReport(report, options.out) };
  } finally {
    deployment.close();
  }
}
