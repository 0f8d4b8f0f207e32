import { unpackRows } from './packed-rows.ts';
import type { ColumnReport, PageReport } from './packed-report.ts';

/** Id of the element that holds the report: JSON, gzip, base64. */
const DATA_ID = 'report';

/** @throws where the page is cut short, or the browser cannot unpack it */
export async function readData(): Promise<PageReport> {
  const text = document.getElementById(DATA_ID)?.textContent;
  if (text === undefined) throw new Error('the page holds no report: it was cut short');
  const characters = atob(text.trim());
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const report = (await new Response(unpacked).json()) as ColumnReport;
  return { ...report, rules: unpackRows(report.rules) as unknown as PageReport['rules'] };
}
