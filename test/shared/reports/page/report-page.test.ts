import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { unpackRows } from '../../../../shared/reports/page/packed-rows.ts';
import {
  daysBetween,
  packReport,
  unpackHistory,
  type ColumnReport,
  type PageDay,
  type PageReport,
} from '../../../../shared/reports/page/packed-report.ts';
import type { DayReport, RuleReport } from '../../../../shared/reports/schema.ts';
import { reportPage } from '../../../../shared/reports/page/report-page.ts';
import { pageScript } from '../../../../services/command-line/results/page-script.ts';
import { HOSTILE, hostileReport } from '../../../browser/hostile-report.ts';
import { syntheticReport } from '../../../browser/synthetic-report.ts';

const SCRIPT = 'document.title="x"';

/** The report that a page holds. */
function unpacked(html: string): PageReport {
  const [, data = ''] = /<script type="application\/gzip" id="report">(.*?)<\/script>/.exec(html)!;
  const report = JSON.parse(gunzipSync(Buffer.from(data, 'base64')).toString()) as ColumnReport;
  return { ...report, rules: unpackRows(report.rules) as unknown as PageReport['rules'] };
}

/** A day as the page has it: its bytes are in `usage.json` alone. */
function inPage({ day, usedTimes, replyTimes, possibleTimes }: DayReport, from: string): PageDay {
  return { offset: daysBetween(from, day), usedTimes, replyTimes, possibleTimes };
}

describe('the page', () => {
  const report = syntheticReport(40, 90);
  const html = reportPage(report, SCRIPT);

  test('lets run its own script and nothing else, and may ask for nothing', () => {
    const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)!;
    const [, script = ''] = /<script>(.*)<\/script>/s.exec(html)!;
    const hash = createHash('sha256').update(script).digest('base64');
    expect(policy.split('; ').sort()).toEqual([
      "base-uri 'none'",
      "default-src 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      `script-src 'sha256-${hash}'`,
      'trusted-types default',
    ]);
  });

  test('names no other place', () => {
    expect(html).not.toMatch(/\b(src|href|url)\s*[=(]|@import|https?:/i);
  });

  test('is the same for the same report', () => {
    expect(reportPage(report, SCRIPT)).toBe(html);
  });

  test('holds the whole report', () => {
    const { rules, plan, ...rest } = unpacked(html);
    const { rules: given, plan: givenPlan, ...givenRest } = report;
    expect(rest).toEqual(givenRest);
    const shares = ({ score, exposure, idleness }: RuleReport['rank']) =>
      [score, exposure, idleness].map((share) => share.toFixed(2));
    expect(rules.map((rule) => ({ ...rule, history: unpackHistory(rule.history), rank: shares(rule.rank) }))).toEqual(
      given.map((rule) => ({
        ...rule,
        history: rule.history.map((day) => inPage(day, report.window.from)),
        rank: shares(rule.rank),
      })),
    );
    const removals = givenPlan!.stages.flatMap((stage) => stage.removals);
    expect(plan!.stages.flatMap((stage) => stage.removals)).toEqual(
      removals.map(({ rule, ...removal }) => ({ ...removal, ruleId: rule.ruleId, groupId: rule.groupId })),
    );
  });

  test.each(HOSTILE)('holds no text of others as it is: %s', (_why, text) => {
    const hostile = reportPage(hostileReport(), SCRIPT);
    // What is all letters and digits could be a run of base64.
    if (!/^[\w+/]*$/.test(text)) expect(hostile).not.toContain(text);
    expect(hostile.match(/<script/g)).toHaveLength(2);
    expect(unpacked(hostile).inventoryProblems).toContain(text);
  });

  test.each(['a</script>', 'a</SCRIPT >', '<!-- a', 'a\r\nb'])(
    'refuses a script that would end early: %j',
    (script) => {
      expect(() => reportPage(report, script)).toThrow(/ends it early/);
    },
  );

  test('a report of a version without the newest keys is shown as well', () => {
    const newest = ['days', 'findings', 'plan'];
    const old = Object.fromEntries(Object.entries(report).filter(([key]) => !newest.includes(key)));
    const { rules, plan } = unpacked(reportPage(old as unknown as typeof report, SCRIPT));
    expect([rules.length, plan]).toEqual([40, null]);
  });
});

describe('history', () => {
  test('days before the window and gaps survive packing', () => {
    const [rule] = syntheticReport(10, 3).rules.filter(({ history }) => history.length > 0);
    const at = (day: string) => ({ ...rule!.history[0]!, day });
    const history = [at('2025-12-30'), at('2026-01-01'), at('2026-02-28'), at('2026-03-01')];
    const report = { ...syntheticReport(4, 3), rules: [{ ...rule!, history }] };
    const [packed] = packReport(report).rules;
    expect(packed!.history.days).toEqual([-2, 0, 58, 59]);
    expect(unpackHistory(packed!.history)).toEqual(history.map((day) => inPage(day, '2026-01-01')));
  });
});

describe('the script of the page', () => {
  test('is bundled once, holds the chart library and can stand in a page', async () => {
    const script = await pageScript();
    expect(await pageScript()).toBe(script);
    expect(script.length).toBeGreaterThan(300_000);
    expect(script.length).toBeLessThan(700_000);
    expect(() => reportPage(syntheticReport(4, 1), script)).not.toThrow();
    expect(script).not.toContain(process.cwd());
    // ASCII: the same bytes whatever the encoding.
    expect(/^[\x00-\x7f]*$/.test(script)).toBe(true);
  });
});
