// Costs about 30 seconds.
/** Names that would be more than names: they are shown as the text they are, and do nothing. `npm run test:browser`. */
import { beforeAll, expect, test } from '@jest/globals';
import { visible } from '../../shared/reports/page/text.ts';
import { describeInBrowser } from './chromium.ts';
import { BETRAYAL, HOSTILE, hostileReport } from './hostile-report.ts';
import { elsewhere, open, writePage, type Opened } from './opened.ts';
import { ruleIdAt } from './synthetic-report.ts';

/** Elements that no view of a sound report has, or only as often as it has them. */
const FOREIGN =
  'document.querySelectorAll("script:not(body > script), img, iframe, object, embed, style, link, base, meta[http-equiv=refresh], main svg[onload], [onerror], a[href^=javascript]").length';

describeInBrowser('hostile names', (browser) => {
  const report = hostileReport();
  let path: string;
  /** Goes from rule to rule. */
  let rules: Opened;

  beforeAll(async () => {
    path = await writePage('hostile', report);
    rules = await open(browser(), path, '#rules?sort=rule.asc');
  });

  test.each(['overview', 'rules', 'plan', 'findings', 'maps', 'rejected', 'quality'])(
    'are inert in #%s',
    async (view) => {
      const opened = await open(browser(), path, `#${view}`);
      const { page, close } = opened;
      for (const summary of await page.locator('main details summary').all()) {
        if ((await summary.locator('xpath=..').getAttribute('open')) === null) await summary.click();
        await summary.locator('xpath=following-sibling::*').first().waitFor();
      }
      expect(await page.evaluate(`globalThis.${BETRAYAL}`)).toBeUndefined();
      expect(await page.evaluate(FOREIGN)).toBe(0);
      expect(opened.complaints).toEqual([]);
      expect(elsewhere(opened)).toEqual([]);
      await close();
    },
  );

  test.each(HOSTILE.map(([why, text], index) => [why, text, index] as const))(
    'are shown as text: %s',
    async (_why, text, index) => {
      const { page } = rules;
      await page.goto(`${rules.url}#rules?sort=rule.asc&rule=${ruleIdAt(index)}`);
      const cells = page.locator('.rules tbody tr').nth(index).locator('td[data-title=Group] bdi');
      expect(await cells.allTextContents()).toEqual([visible(text), visible(`sg-${text}`)]);
      const dialog = page.getByRole('dialog', { name: `Rule ${ruleIdAt(index)}` });
      expect(await dialog.locator('.summary bdi').textContent()).toContain(visible(text));
      await page.locator('dialog .chart svg').first().waitFor();
      expect(await page.evaluate(`globalThis.${BETRAYAL}`)).toBeUndefined();
      expect(await page.evaluate(FOREIGN)).toBe(0);
      expect(rules.complaints).toEqual([]);
      expect(elsewhere(rules)).toEqual([]);
    },
  );

  test('a tooltip of a heat map is drawn, not marked up', async () => {
    const { page, close } = await open(browser(), path, '#maps');
    const chart = page.locator('.chart').first();
    await chart.locator('svg').waitFor();
    const box = (await chart.boundingBox())!;
    for (let y = 40; y < 380; y += 22) await page.mouse.move(box.x + box.width * 0.9, box.y + y);
    for (let y = 40; y < 380; y += 22) await page.mouse.move(box.x + box.width * 0.6, box.y + y);
    expect(await page.evaluate(FOREIGN)).toBe(0);
    expect(await page.evaluate(`globalThis.${BETRAYAL}`)).toBeUndefined();
    await close();
  });

  test('a command with characters that do not show cannot be copied unseen', async () => {
    const { page, close } = await open(browser(), path, `#rules?rule=${ruleIdAt(7)}`);
    const command = page.getByRole('dialog').locator('.command', { hasText: 'Remove' });
    expect(await command.locator('code').innerText()).toContain('‹U+202E›');
    expect(await command.innerText()).toContain('type it by hand');
    expect(await command.getByRole('button').count()).toBe(0);
    await close();
  });

  test('an address cannot name what is not there, nor run', async () => {
    for (const hash of [
      '#__proto__',
      '#rules?sort=__proto__&verdict=constructor&page=-1',
      `#<img src=x onerror=globalThis.${BETRAYAL}=1>`,
      `#rules?rule=<script>globalThis.${BETRAYAL}=1</script>`,
      '#rules?page=1e99',
      '#%E0%A4%A',
    ]) {
      const { page, complaints, close } = await open(browser(), path, hash);
      expect(await page.evaluate(`globalThis.${BETRAYAL}`)).toBeUndefined();
      expect(await page.evaluate(FOREIGN)).toBe(0);
      expect(complaints).toEqual([]);
      await close();
    }
  });
});

describeInBrowser('the policy of the page', (browser) => {
  test.each([
    ['fetch', "fetch('https://example.com/').then(() => 'passed', (error) => error.name)", 'TypeError'],
    [
      'markup from text',
      "try { document.body.innerHTML = '<b>x</b>'; 'passed' } catch (error) { error.name }",
      'TypeError',
    ],
    [
      'an image',
      "new Promise((done) => { const i = new Image(); i.onload = () => done('passed'); i.onerror = () => done('refused'); i.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='; })",
      'refused',
    ],
    [
      'a script of another',
      `{ const s = document.createElement('script'); try { s.text = 'globalThis.${BETRAYAL}=1' } catch {} document.body.append(s); String(globalThis.${BETRAYAL}) }`,
      'undefined',
    ],
    ['text as code', "try { setTimeout('1'); 'passed' } catch (error) { 'refused' }", 'refused'],
    [
      'a form',
      "new Promise((done) => { document.addEventListener('securitypolicyviolation', (e) => done(e.effectiveDirective)); const f = document.createElement('form'); f.action = 'https://example.com/'; document.body.append(f); f.submit(); })",
      'form-action',
    ],
    ['a worker', "try { new Worker('data:text/javascript,1'); 'passed' } catch (error) { 'refused' }", 'refused'],
  ])('refuses %s', async (_what, attempt, outcome) => {
    const path = await writePage('policy', hostileReport());
    const opened = await open(browser(), path);
    expect(await opened.page.evaluate(attempt)).toBe(outcome);
    expect(elsewhere(opened).filter((url) => !url.startsWith('data:'))).toEqual([]);
    await opened.close();
  });
});
