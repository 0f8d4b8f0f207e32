// Costs about 40 seconds.
/** What axe finds in every view, in both schemes. `npm run test:browser`. */
import { beforeAll, expect, test } from '@jest/globals';
import { runAxe } from './axe.ts';
import { describeInBrowser } from './chromium.ts';
import { DESKTOP, open, PHONE, picture, writePage } from './opened.ts';
import { ruleIdAt, syntheticReport } from './synthetic-report.ts';

const GROUPED = 'rules?by=owner&open=team-1';
const PLACES = [
  'overview',
  'rules',
  GROUPED,
  'plan',
  'findings',
  'maps',
  'rejected',
  'quality',
  `rules?rule=${ruleIdAt(9)}`,
];
const SCHEMES = ['light', 'dark'] as const;
/** Enough for every verdict, finding and kind of rejection to be on the page; axe takes its time for each row. */
const whole = syntheticReport(30, 30);
const report = { ...whole, rejectedFlows: { ...whole.rejectedFlows, top: whole.rejectedFlows.top.slice(0, 15) } };
const SCREENS = { desktop: DESKTOP, phone: PHONE } as const;

describeInBrowser('the page for everyone', (browser) => {
  let path: string;

  beforeAll(async () => {
    path = await writePage('everyone', report);
  });

  test.each(SCHEMES.flatMap((scheme) => PLACES.map((place) => [place, scheme] as const)))(
    '#%s has no finding of axe, %s',
    async (place, colorScheme) => {
      const { page, close } = await open(browser(), path, `#${place}`, { colorScheme });
      if (place === 'maps') await page.locator('.chart svg').last().waitFor();
      for (const [screen, viewport] of Object.entries(SCREENS)) {
        await page.setViewportSize(viewport);
        await picture(
          page,
          `${place === GROUPED ? 'rules-grouped' : place.replace(/\W.*/, '-rule')}-${screen}-${colorScheme}`,
          !place.includes('rule='),
        );
        const { violations, passes } = await runAxe(page);
        expect(violations.map(({ id, nodes }) => [screen, id, nodes.slice(0, 3).map(({ html }) => html)])).toEqual([]);
        expect(passes.length).toBeGreaterThan(10);
      }
      await close();
    },
  );

  test('axe is listened to: text without contrast and a field without a name are found', async () => {
    const { page, close } = await open(browser(), path, '#rules');
    await page.evaluate(
      "document.querySelector('.status').style.color = '#ddd'; document.querySelector('.filters .wide').replaceWith(document.querySelector('.filters input'))",
    );
    const { violations } = await runAxe(page);
    expect(violations.map(({ id }) => id)).toEqual(expect.arrayContaining(['color-contrast']));
    await close();
  });
});
