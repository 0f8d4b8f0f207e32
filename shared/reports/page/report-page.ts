import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { UsageReport } from '../schema.ts';
import { packRows } from './packed-rows.ts';
import { packReport, type ColumnReport } from './packed-report.ts';

/** A browser would end the script there, or read on in another state: https://html.spec.whatwg.org/#script-data-state */
const NOT_IN_A_SCRIPT = /<\/script|<!--|\r/i;

/**
 * `report.html`: the whole page in one text, which asks for nothing else. The report travels as base64, so no text of
 * others is ever read as markup; the policy lets run the page's own script, by its hash, and nothing else.
 *
 * @param script what `main.ts` is bundled to: see the command line's `page-script.ts`
 */
export function reportPage(report: UsageReport, script: string): string {
  const unsafe = NOT_IN_A_SCRIPT.exec(script);
  if (unsafe) throw new Error(`the script of the page holds ${JSON.stringify(unsafe[0])}, which ends it early`);
  const { rules, ...rest } = packReport(report);
  const packed: ColumnReport = { ...rest, rules: packRows(rules) };
  const data = gzipSync(JSON.stringify(packed)).toString('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<title>stale-sg</title>
</head>
<body>
<noscript>This report needs JavaScript. It runs within this file and asks no network for anything.</noscript>
<script type="application/gzip" id="report">${data}</script>
<script>${script}</script>
</body>
</html>
`;
}
