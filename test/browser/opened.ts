import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll } from '@jest/globals';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { reportPage } from '../../shared/reports/page/report-page.ts';
import { pageScript } from '../../services/command-line/results/page-script.ts';
import type { UsageReport } from '../../shared/reports/schema.ts';

/** A page and all that came of opening it. */
export interface Opened {
  readonly page: Page;
  readonly url: string;
  /** Errors and warnings of the console, and errors that nothing caught. */
  readonly complaints: readonly string[];
  /** Everything that was asked for, the file itself included. */
  readonly requests: readonly string[];
  /** Leaves the window empty for who comes next. */
  readonly close: () => Promise<void>;
}

const folder = mkdtempSync(join(tmpdir(), 'stale-sg-browser-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Writes the page of a report to disk, as a person would have it. */
export async function writePage(name: string, report: UsageReport): Promise<string> {
  const path = join(folder, `${name}.html`);
  writeFileSync(path, reportPage(report, await pageScript()));
  return path;
}

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** Windows that are closed, by their browser and what they were opened with: a new one costs a second of one processor. */
const closed = new WeakMap<Browser, Map<string, Page[]>>();

function closedLike(browser: Browser, options: BrowserContextOptions): Page[] {
  const byOptions = closed.get(browser) ?? new Map<string, Page[]>();
  closed.set(browser, byOptions);
  const key = JSON.stringify(options);
  const pages = byOptions.get(key) ?? [];
  byOptions.set(key, pages);
  return pages;
}

/** A window with nothing in it, with no network. */
async function blank(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const again = closedLike(browser, options).pop();
  if (again) return again;
  const context = await browser.newContext(options);
  await context.setOffline(true);
  return context.newPage();
}

/** Opens a file from disk, with no network, and waits until the report is shown. */
export async function open(
  browser: Browser,
  path: string,
  hash = '',
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const settings = { viewport: DESKTOP, reducedMotion: 'reduce', ...options } as const;
  const page = await blank(browser, settings);
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));
  const url = pathToFileURL(path).href;
  await page.goto(`${url}${hash}`);
  await page.locator('main h1').first().waitFor();
  const close = async (): Promise<void> => {
    page.removeAllListeners();
    await page.evaluate('localStorage.clear()');
    await page.goto('about:blank');
    await page.setViewportSize(settings.viewport ?? DESKTOP);
    await page.emulateMedia({ media: null });
    closedLike(browser, settings).push(page);
  };
  return { page, url, complaints, requests, close };
}

/** Into the folder that `STALE_SG_SCREENSHOTS` names, if it does: a picture of a whole page takes as long as axe. */
export async function picture(page: Page, name: string, fullPage = true): Promise<void> {
  const folder = process.env.STALE_SG_SCREENSHOTS;
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}

/**
 * How many there are, once there are at least so many. Charts, and tables that are filled when they are opened, come some
 * time after the event that asks for them.
 */
export async function countFrom(least: number, locator: Locator): Promise<number> {
  await locator.nth(least - 1).waitFor({ state: 'attached' });
  return locator.count();
}

/** Requests for anything but the file itself. */
export function elsewhere({ requests, url }: Opened): string[] {
  return requests.filter((request) => request.split('#')[0] !== url);
}

/** Texts of the cells of one column of the rules on screen. */
export async function column(page: Page, title: string): Promise<string[]> {
  return (await page.locator(`.rules td[data-title="${title}"]`).allInnerTexts()).map((text) => text.trim());
}
