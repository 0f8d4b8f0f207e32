/** Ten thousand rules with ninety days of history each: what the page weighs, and how long one waits. `npm run test:browser`. */
import { statSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser } from './chromium.ts';
import { elsewhere, open, writePage } from './opened.ts';
import { ruleIdAt, syntheticReport } from './synthetic-report.ts';

const RULES = 10_000;
const DAYS = 90;

describeInBrowser('a page of 10,000 rules', (browser) => {
  let path: string;
  let jsonBytes: number;

  beforeAll(async () => {
    const report = syntheticReport(RULES, DAYS);
    jsonBytes = JSON.stringify(report).length;
    path = await writePage('large', report);
  });

  /** Runs a step in the page and waits until the next frame is drawn; milliseconds, as the page's own clock has them. */
  const timed = async (page: Page, step: string): Promise<number> =>
    page.evaluate<number>(`new Promise((done) => {
      const start = performance.now();
      addEventListener('hashchange', () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))), { once: true });
      ${step};
    })`);

  test('is far smaller than its data, holds few elements, and opens, sorts and filters without complaint', async () => {
    const bytes = statSync(path).size;
    const start = performance.now();
    const opened = await open(browser(), path);
    const { page } = opened;
    const openMs = performance.now() - start;
    const viewMs = await timed(page, "location.hash = '#rules'");
    const sorts: number[] = [];
    for (const key of ['used', 'group', 'peer', 'lastUsed', 'why']) {
      sorts.push(await timed(page, `document.querySelector('[data-sort=${key}]').click()`));
    }
    const filters: number[] = [];
    for (const text of ['s', 'service-1', 'service-1 tcp', 'no such thing', '']) {
      const type = `const field = document.querySelector('input[type=search]'); field.value = ${JSON.stringify(text)}; field.dispatchEvent(new Event('input', { bubbles: true }))`;
      filters.push(await timed(page, `{ ${type} }`));
    }
    const detailMs = await timed(page, `location.hash = '#rules?rule=${ruleIdAt(9)}'`);
    await page.getByRole('dialog').locator('.chart svg').first().waitFor();
    const mapsMs = await timed(page, "location.hash = '#maps'");
    const elements = await page.evaluate<number>('document.querySelectorAll("*").length');
    const ms = (times: readonly number[]): string => times.map((time) => time.toFixed(0)).join(', ');
    process.stdout.write(
      `${String(RULES)} rules, ${String(DAYS)} days: usage.json ${(jsonBytes / 1e6).toFixed(1)} MB, report.html ${(bytes / 1e6).toFixed(1)} MB; ` +
        `open ${ms([openMs])} ms, table ${ms([viewMs])} ms, sort ${ms(sorts)} ms, filter ${ms(filters)} ms, detail ${ms([detailMs])} ms, maps ${ms([mapsMs])} ms\n`,
    );
    expect(bytes).toBeLessThan(jsonBytes / 5);
    expect(elements).toBeLessThan(20_000);
    expect(opened.complaints).toEqual([]);
    expect(elsewhere(opened)).toEqual([]);
    await page.context().close();
  });

  test('a page of the table has a hundred rows, whatever fits, and the last page is reached', async () => {
    const { page } = await open(browser(), path, '#rules?page=100');
    expect(await page.locator('.rules tbody tr').count()).toBe(100);
    expect(await page.getByRole('status').first().innerText()).toBe('10,000 rules; rows 9,901 to 10,000');
    expect(await page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
    await page.context().close();
  });
});
