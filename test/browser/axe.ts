import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/**
 * Of what passes, axe names one element for each rule and no more: to describe them all takes it most of its time. Its
 * half megabyte is given to each page once.
 */
export async function runAxe(page: Page): Promise<AxeResults> {
  if (await page.evaluate<boolean>("typeof axe === 'undefined'")) await page.evaluate(axe.source);
  return page.evaluate<AxeResults>("axe.run({ resultTypes: ['violations'] })");
}
