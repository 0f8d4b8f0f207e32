import { gunzipSync, gzipSync } from 'node:zlib';
import { performance } from 'node:perf_hooks';
import { pageScript } from '../../services/command-line/results/page-script.ts';
import { reportPage } from '../../shared/reports/page/report-page.ts';
import { readReport } from '../../shared/aws/report-store.ts';
import { sendReport } from '../../services/send-report/send-report.ts';
import { lifelikeReport } from '../services/send-report/lifelike-report.ts';

/** The most that this program is meant for: rules, and days of history of each used one. */
const RULES = 10_000;
const DAYS = 365;
const MB = 1_000_000;

/**
 * A report of a year, written, read, drawn and mailed as in Lambda. The report is made in a process of its own: what is
 * measured is the memory of who sends it. `node test/bench/send-report.bench.ts`
 */
const [, , task] = process.argv;
if (task === 'make') {
  process.stdout.write(gzipSync(JSON.stringify(lifelikeReport(RULES, DAYS)), { level: 1 }));
} else {
  const { execFileSync } = await import('node:child_process');
  const packed = execFileSync(process.execPath, [import.meta.filename, 'make'], { maxBuffer: 2 ** 31 });
  const script = await pageScript();
  const started = performance.now();
  const sizes: string[] = [];
  let bytes = 0;
  await sendReport(
    { report: 'reports/2026-01-31/run1/report.json.gz' },
    {
      settings: {
        from: 'a@example.com',
        to: ['b@example.com'],
        replyTo: undefined,
        maxBytes: 7 * MB,
        bucket: 'bucket',
        place: { accountId: '111122223333', region: 'eu-west-1' },
      },
      readReport: (key) => {
        const text = gunzipSync(packed).toString('utf8');
        sizes.push(`report.json ${inMB(text.length)}, packed ${inMB(packed.length)}`);
        return Promise.resolve(readReport(key, text));
      },
      renderPage: (report) => reportPage(report, script),
      keep: (_key, { name, content }) => {
        sizes.push(`${name} ${inMB(content.length)}`);
        return Promise.resolve();
      },
      notes: {
        claim: () => Promise.resolve({ kind: 'ours', token: '', repeats: undefined }),
        noteSent: () => Promise.resolve(),
        release: () => Promise.resolve(),
      },
      send: (_to, mail) => {
        bytes = mail.length;
        return Promise.resolve('id');
      },
      now: () => new Date(),
      warn: (what, why) => {
        throw new Error(what, { cause: why });
      },
      report: () => undefined,
    },
  );
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const peak = inMB(process.resourceUsage().maxRSS * 1024);
  console.log(
    `${RULES} rules, ${DAYS} days: ${sizes.join(', ')}; mail ${inMB(bytes)}; ${seconds} s; at its peak ${peak}`,
  );
}

function inMB(size: number): string {
  return `${(size / MB).toFixed(1)} MB`;
}
