// Costs about 40 seconds.
/** Ten thousand rules with ninety days of history each: what the page weighs, and how long one waits. `npm run test:browser`. */
import { statSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser } from './chromium.ts';
import { elsewhere, open, picture, writePage } from './opened.ts';
import { ruleIdAt, syntheticReport } from './synthetic-report.ts';
import type { UsageReport } from '../../shared/reports/schema.ts';

const RULES = 10_000;
const DAYS = 90;
/** What still goes as an attachment, and opens at once. */
const MOST_BYTES = 2_500_000;

/** As a plan of so many rules has its stages: a canary, then four times as many each, unused rules before redundant ones. */
const STAGES = [5, 20, 80, 320, 1280, 3295, 5, 20, 80, 320, 1280, 3295];

function inPlan(report: UsageReport): UsageReport {
  const plan = report.plan!;
  const removals = plan.stages.flatMap((stage) => stage.removals);
  const stages = STAGES.map((size, i) => ({
    ...plan.stages[0]!,
    number: i + 1,
    removals: Array.from({ length: size }, (_, at) => removals[at % removals.length]!),
  }));
  // As many things to mind as a plan may well have.
  const caveats = Array.from({ length: 4 }, () => plan.caveats[0]!.repeat(2));
  return { ...report, plan: { ...plan, caveats, stages } };
}

describeInBrowser('a page of 10,000 rules', (browser) => {
  let path: string;
  let planned: string;
  let jsonBytes: number;

  beforeAll(async () => {
    const report = syntheticReport(RULES, DAYS);
    jsonBytes = JSON.stringify(report).length;
    planned = await writePage('planned', inPlan(report));
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
    // Asked once: to ask again and again, Playwright would have to evaluate text in the page, which that does not allow.
    const paintMs = await page.evaluate<number>(`new Promise((done) => {
      new PerformanceObserver((list, observer) => {
        const [paint] = list.getEntriesByName('first-contentful-paint');
        if (!paint) return;
        observer.disconnect();
        done(paint.startTime);
      }).observe({ type: 'paint', buffered: true });
    })`);
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
        `first paint ${ms([paintMs])} ms, open ${ms([openMs])} ms, table ${ms([viewMs])} ms, sort ${ms(sorts)} ms, filter ${ms(filters)} ms, detail ${ms([detailMs])} ms, maps ${ms([mapsMs])} ms\n`,
    );
    expect(bytes).toBeLessThan(jsonBytes / 5);
    expect(bytes).toBeLessThan(MOST_BYTES);
    expect(elements).toBeLessThan(20_000);
    expect(opened.complaints).toEqual([]);
    expect(elsewhere(opened)).toEqual([]);
    await page.context().close();
  });

  /** What is drawn of a place, and what it takes. */
  const drawn = (page: Page): Promise<{ elements: number; screens: number }> =>
    page.evaluate(`({
      elements: document.querySelectorAll('main *').length,
      screens: document.documentElement.scrollHeight / innerHeight,
    })`);

  test('its plan is one screen until something is opened, and then as much as is shown of that', async () => {
    const { page, complaints } = await open(browser(), planned);
    const ms = await timed(page, "location.hash = '#plan'");
    await picture(page, 'plan-10000', false);
    const closed = await drawn(page);
    expect(closed.screens).toBe(1);
    expect(closed.elements).toBeLessThan(200);
    expect(await page.locator('details.stage').count()).toBe(STAGES.length + 1);
    const openMs = await timedOpening(page, 'details.stage:nth-of-type(6) > summary');
    const opened = await drawn(page);
    expect(await page.locator('details[open] > ul > li').count()).toBe(200);
    expect(opened.elements).toBeLessThan(15_000);
    process.stdout.write(
      `a plan of ${String(RULES)} rules: view ${ms.toFixed(0)} ms, ${String(closed.elements)} elements; its largest stage opened ` +
        `${openMs.toFixed(0)} ms, ${String(opened.elements)} elements\n`,
    );
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  const timedOpening = (page: Page, selector: string): Promise<number> =>
    page.evaluate<number>(`new Promise((done) => {
      const start = performance.now();
      const summary = document.querySelector(${JSON.stringify(selector)});
      summary.parentElement.addEventListener('toggle', () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))), { once: true });
      summary.click();
    })`);

  test('grouped by owner it draws groups, and rules of those alone that are open', async () => {
    const { page, complaints } = await open(browser(), path, '#rules');
    const ms = await timed(page, "location.hash = '#rules?by=owner'");
    const closed = await drawn(page);
    expect(await page.locator('.group-row').count()).toBe(100);
    expect(closed.elements).toBeLessThan(4000);
    const openMs = await timed(page, "document.querySelector('.group-row button').click()");
    const more: number[] = [];
    for (let i = 1; i < 12; i++) {
      const next = "document.querySelector('.group-row button[aria-expanded=false]').click()";
      more.push(await timed(page, next));
    }
    const opened = await drawn(page);
    expect(await page.locator('.group-row [aria-expanded=true]').count()).toBe(10);
    expect(opened.elements).toBeLessThan(25_000);
    process.stdout.write(
      `${String(RULES)} rules by owner: ${ms.toFixed(0)} ms, ${String(closed.elements)} elements; a group opened ${openMs.toFixed(0)} ms, ` +
        `the tenth and later ${Math.max(...more.slice(8)).toFixed(0)} ms, ${String(opened.elements)} elements\n`,
    );
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('of a year, it opens, scrolls and draws its map by weeks', async () => {
    const year = await writePage('year', syntheticReport(RULES, 365));
    const start = performance.now();
    const { page, complaints } = await open(browser(), year, '#rules');
    const openMs = performance.now() - start;
    const mapsMs = await timed(page, "location.hash = '#maps'");
    await page.locator('.chart svg').first().waitFor();
    const scrollMs = await page.evaluate<number>(`new Promise((done) => {
      const start = performance.now();
      const steps = 20;
      const step = (i) => {
        scrollTo(0, (document.documentElement.scrollHeight * i) / steps);
        requestAnimationFrame(() => (i === steps ? done((performance.now() - start) / steps) : step(i + 1)));
      };
      step(1);
    })`);
    process.stdout.write(
      `${String(RULES)} rules, a year: report.html ${(statSync(year).size / 1e6).toFixed(1)} MB; open ${openMs.toFixed(0)} ms, maps ${mapsMs.toFixed(0)} ms, a step of scrolling ${scrollMs.toFixed(0)} ms\n`,
    );
    expect(await page.locator('.map .chart').first().getAttribute('aria-label')).toContain('rule by week from');
    expect(complaints).toEqual([]);
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
