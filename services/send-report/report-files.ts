import { candidatesCsv } from '../../shared/reports/candidates-csv.ts';
import { candidatesOf } from '../../shared/reports/candidates.ts';
import type { ReportFile } from '../../shared/reports/mail/fit-attachments.ts';
import type { UsageReport } from '../../shared/reports/schema.ts';
import { spreadsheetFile, usageCsv } from '../../shared/reports/usage-csv.ts';

/** The files of a report but its page. */
export function csvFiles(report: UsageReport): ReportFile[] {
  const contentType = 'text/csv; charset=utf-8';
  return [
    { name: 'candidates.csv', contentType, content: spreadsheetFile(candidatesCsv(candidatesOf(report))) },
    { name: 'rules.csv', contentType, content: spreadsheetFile(usageCsv(report.rules)) },
  ];
}

export function pageFile(markup: string): ReportFile {
  return { name: 'report.html', contentType: 'text/html; charset=utf-8', content: Buffer.from(markup, 'utf8') };
}
