// Costs about 40 seconds.
/** What `analyze` writes of real logs, opened: every view, nothing missing, nothing said of nothing. `npm run test:browser`. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { VIEWS } from '../../shared/reports/page/place.ts';
import type { UsageReport } from '../../shared/reports/schema.ts';
import { runMain, SAMPLE } from '../services/command-line/program.ts';
import { describeInBrowser } from './chromium.ts';
import { elsewhere, open } from './opened.ts';

const folder = mkdtempSync(join(tmpdir(), 'stale-sg-analyzed-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What a figure that is none, or an object, looks like on a page. */
const SAID_OF_NOTHING = /\b(NaN|undefined|null|Infinity)\b|\[object/;

describeInBrowser('report.html of analyze', (browser) => {
  const analyze = async (from: string, out: string): Promise<UsageReport> => {
    const inputs = ['--inventory', join(from, 'inventory'), '--logs', join(from, 'logs')];
    const { status, stderr } = await runMain([
      'analyze',
      ...inputs,
      '--out',
      join(folder, out),
      '--rules-known-since',
      '2025-01-01',
    ]);
    expect([status, stderr]).toEqual([0, '']);
    return JSON.parse(readFileSync(join(folder, out, 'usage.json'), 'utf8')) as UsageReport;
  };
  const made = async (): Promise<string> => {
    const out = join(folder, 'made');
    const { status } = await runMain([
      'generate',
      '--out',
      out,
      '--records',
      '20000',
      '--minutes',
      '1440',
      '--seed',
      '7',
    ]);
    expect(status).toBe(0);
    return out;
  };

  test.each([
    ['the sample', () => Promise.resolve(SAMPLE)],
    ['a generated account', made],
  ])('shows all views and rules of %s', async (_what, source) => {
    const report = await analyze(await source(), 'out');
    const path = join(folder, 'out', 'report.html');
    for (const view of VIEWS) {
      const opened = await open(browser(), path, `#${view}`);
      const text = await opened.page.locator('main').innerText();
      expect(text.length).toBeGreaterThan(100);
      expect(text).not.toMatch(SAID_OF_NOTHING);
      if (view === 'maps') await opened.page.locator('.chart svg').last().waitFor();
      expect(opened.complaints).toEqual([]);
      expect(elsewhere(opened)).toEqual([]);
      await opened.close();
    }
    const opened = await open(browser(), path, '#rules');
    const { page } = opened;
    await page.getByText(new RegExp(`^${String(report.rules.length)} rules`)).waitFor();
    // One rule of each verdict, and all that go their own way.
    const kinds = new Map(report.rules.map((rule) => [rule.verdict.kind, rule.ruleId]));
    for (const ruleId of kinds.values()) {
      await page.evaluate(`location.hash = '#rules?rule=${ruleId}'`);
      const dialog = page.getByRole('dialog', { name: `Rule ${ruleId}` });
      await dialog.waitFor();
      expect(await dialog.innerText()).not.toMatch(SAID_OF_NOTHING);
    }
    expect(kinds.size).toBeGreaterThan(3);
    expect(opened.complaints).toEqual([]);
    await opened.close();
  });
});
