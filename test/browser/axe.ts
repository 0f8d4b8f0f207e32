import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** Of what passes, axe names one element for each rule and no more: to describe them all takes it most of its time. */
export async function runAxe(page: Page): Promise<AxeResults> {
  await page.evaluate(axe.source);
  return page.evaluate<AxeResults>("axe.run({ resultTypes: ['violations'] })");
}
