import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, jest } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';

const EXECUTABLE = process.env.STALE_SG_CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const MOST_MILLISECONDS = 120_000;

/**
 * A `describe` with a Chromium of its own, which `browser()` gives inside of its tests and hooks. Without one its tests
 * are skipped, under a name that says why; with `CI` set they fail.
 */
export function describeInBrowser(name: string, tests: (browser: () => Browser) => void): void {
  jest.setTimeout(MOST_MILLISECONDS);
  let started: Browser | undefined;
  const browser = (): Browser => {
    if (!started) throw new Error('the browser runs in tests and hooks only');
    return started;
  };
  if (!existsSync(EXECUTABLE) && !process.env.CI) {
    describe.skip(`${name} [needs Chromium as ${EXECUTABLE}: apt-get install chromium]`, () => tests(browser));
    return;
  }
  describe(name, () => {
    beforeAll(async () => {
      started = await chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
    });
    afterAll(() => started?.close());
    tests(browser);
  });
}
