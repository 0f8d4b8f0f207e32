// Costs about a minute.
/** The report opened as a person does: from disk, in Chromium, without a network. `npm run test:browser`. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { FATES } from '../../shared/usage/usage.ts';
import { rulesByDay } from '../../shared/reports/page/map-data.ts';
import { packReport } from '../../shared/reports/page/packed-report.ts';
import { describeInBrowser } from './chromium.ts';
import { column, countFrom, elsewhere, open, PHONE, writePage, type Opened } from './opened.ts';
import { ruleIdAt, syntheticReport } from './synthetic-report.ts';
import { usageCsv } from '../../shared/reports/usage-csv.ts';

const RULES = 360;
const DAYS = 90;
const report = syntheticReport(RULES, DAYS);
const STALE = report.rules.filter(({ verdict }) => verdict.kind === 'stale').length;

/** A select by the first words of its label, which holds its options as well. */
const choice = (page: Page, label: string) =>
  page.locator(`//label[normalize-space(text())=${JSON.stringify(label)}]/select`);

/** Of the rules on screen, each below what it admits. */
const ruleIds = (page: Page) => page.locator('.rules td[data-title=Rule] small').allInnerTexts();

describeInBrowser('report.html', (browser) => {
  let path: string;
  const opened: Opened[] = [];
  const openAt = async (hash = '', options = {}): Promise<Page> => {
    const one = await open(browser(), path, hash, options);
    opened.push(one);
    return one.page;
  };

  beforeAll(async () => {
    path = await writePage('report', report);
  });
  // Whatever a test did, nothing was asked for but the file, and nothing complained.
  afterEach(async () => {
    for (const one of opened.splice(0)) {
      expect(elsewhere(one)).toEqual([]);
      expect(one.requests.length).toBeGreaterThan(0);
      expect(one.complaints).toEqual([]);
      await one.close();
    }
  });

  test('shows first what it speaks of, how well it was seen, and what to do', async () => {
    const page = await openAt();
    const text = await page.locator('main').innerText();
    for (const part of ['2026-01-01 to 2026-03-31', '90 of 90', '93.1 %', '36 Stale', '144 Active']) {
      expect(text).toContain(part);
    }
    expect(await page.locator('.steps li').count()).toBe(3);
    expect(await page.locator('.caveats li').allInnerTexts()).toEqual(
      expect.arrayContaining([
        expect.stringContaining('no flow-logs.json'),
        expect.stringContaining('2026-01-05 (fewer records than were streamed)'),
        expect.stringContaining('The plan leaves out 12 rules'),
      ]),
    );
  });

  test('while its window grows, says so first, and beside each verdict that waits', async () => {
    const grown = { watchedDays: 14, windowDays: 90, nextBetterDay: '2026-01-31', wholeOn: '2026-03-28' };
    const verdict = { kind: 'stale', ageUnknown: false, provisional: grown } as const;
    const growth = { days: 14, firstDay: '2026-01-01', verdictsOn: null, planOn: '2026-01-31', wholeOn: '2026-03-28' };
    const stale = report.rules.find((rule) => rule.verdict.kind === 'stale')!;
    const rules = report.rules.map((rule) => (rule === stale ? { ...rule, verdict } : rule));
    const one = await open(
      browser(),
      await writePage('grows', { ...report, rules, growth }),
      `#rules?verdict=stale&rule=${stale.ruleId}`,
    );
    opened.push(one);
    expect(await one.page.locator('dialog .provisional').innerText()).toBe('14 of 90 days');
    expect(await one.page.locator('dialog .provisional').getAttribute('title')).toMatch(/comes on 2026-01-31 if/);
    await one.page.keyboard.press('Escape');
    expect(await one.page.locator('.rules .provisional').allInnerTexts()).toEqual(['14 of 90 days']);
    await one.page.getByRole('link', { name: 'Overview' }).click();
    expect(await one.page.locator('main > .warning').innerText()).toBe(
      'Provisional: 14 of 90 days are there, the first is 2026-01-01. If every day from now on is watched, next come the first ' +
        'plan on 2026-01-31 and verdicts over the whole window on 2026-03-28.',
    );
  });

  test('every view opens from its link, and says so', async () => {
    const page = await openAt();
    for (const [name, heading] of [
      ['Rules', 'Rules'],
      ['Plan', 'Plan'],
      ['Findings', 'Findings'],
      ['Heat maps', 'Heat maps'],
      ['Rejected', 'Rejected traffic'],
      ['Data quality', 'Data quality'],
      ['Overview', '2026-01-01 to 2026-03-31'],
    ] as const) {
      await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name }).click();
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      expect(await page.locator('[aria-current=page]').innerText()).toBe(name);
    }
  });

  test('sorts by click and by key, tells the order, and keeps the focus', async () => {
    const page = await openAt('#rules');
    const used = page.getByRole('button', { name: 'Used', exact: true });
    const head = page.locator('th', { has: used });
    expect(await head.getAttribute('aria-sort')).toBe('none');
    await used.click();
    await page.locator('th[aria-sort=descending]', { hasText: 'Used' }).waitFor();
    const figures = (await column(page, 'Used')).map((text) => Number(text.replaceAll(',', '')));
    expect(figures[0]).toBe(Math.max(...report.rules.map(({ usedTimes }) => usedTimes)));
    expect(figures).toEqual([...figures].sort((a, b) => b - a));

    await page.keyboard.press('Enter');
    await page.locator('th[aria-sort=ascending]', { hasText: 'Used' }).waitFor();
    expect((await column(page, 'Used'))[0]).toBe('–');
    expect(await page.locator(':focus').innerText()).toBe('Used');
    expect(await page.locator('th[aria-sort=ascending], th[aria-sort=descending]').count()).toBe(1);
  });

  test('filters by verdict, text, group, direction, protocol, quiet and wide', async () => {
    const page = await openAt('#rules');
    const status = page.getByRole('status').first();
    const fits = async (predicate: (rule: (typeof report.rules)[number]) => boolean): Promise<void> => {
      const number = report.rules.filter(predicate).length;
      expect(number).toBeGreaterThan(0);
      await page.getByText(new RegExp(`^${String(number)} of ${String(RULES)} rules`)).waitFor();
    };
    // A form that is not yet cleared would keep what it had.
    const clear = async (): Promise<void> => {
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.getByText('360 rules; rows 1 to 100').waitFor();
    };
    expect(await status.innerText()).toBe('360 rules; rows 1 to 100');
    await choice(page, 'Verdict').selectOption('stale');
    await fits(({ verdict }) => verdict.kind === 'stale');
    expect(await page.locator('.rules .badge:not(.age)').allInnerTexts()).toEqual(Array<string>(STALE).fill('Stale'));
    await page.getByLabel('Direction').selectOption('egress');
    await fits(({ verdict, direction }) => verdict.kind === 'stale' && direction === 'egress');
    await clear();
    await page.getByLabel('Text').fill('SERVICE-17');
    await fits(({ groupName }) => groupName === 'service-17');
    await clear();
    await page.getByLabel('Protocol').selectOption('udp');
    await fits(({ protocol }) => protocol === 'udp');
    await clear();
    await choice(page, 'Group').selectOption(report.rules[0]!.groupId);
    await fits(({ groupId }) => groupId === report.rules[0]!.groupId);
    await clear();
    await page.getByLabel('Went quiet').check();
    await fits(({ wentQuiet }) => wentQuiet !== null);
    await clear();
    await page.getByLabel('Too wide').check();
    await fits(({ narrower }) => narrower !== null);
    await page.getByLabel('Text').fill('no such thing');
    await page.getByText('No rule of 360 fits.').waitFor();
  });

  test('groups by owner: closed at first, opened and closed by key, in the address, and an owner alone', async () => {
    const page = await openAt('#rules');
    await choice(page, 'Group by').selectOption('owner');
    const ownerOf = (rule: (typeof report.rules)[number]): string => rule.owner?.name ?? 'No owner told';
    const groups = Map.groupBy(report.rules, ownerOf);
    await page.getByText(`360 rules, ${String(groups.size)} owners`).waitFor();
    const heads = page.locator('.group-row');
    expect(await heads.count()).toBe(groups.size);
    expect(await page.locator('.rules .badge:not(.age)').count()).toBe(0);
    const untold = groups.get('No owner told')!;
    const number = (fits: (rule: (typeof untold)[number]) => boolean): number => untold.filter(fits).length;
    const head = heads.filter({ hasText: 'No owner told' });
    expect((await head.locator('td > *').allInnerTexts()).join(' ')).toBe(
      `No owner told ${String(untold.length)} rules ${String(number(({ verdict }) => verdict.kind === 'stale'))} stale ` +
        `${String(number(({ verdict }) => verdict.kind === 'redundant'))} redundant ${String(number(({ narrower }) => narrower !== null))} too wide`,
    );
    const opener = head.getByRole('button');
    expect(await opener.getAttribute('aria-expanded')).toBe('false');
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.locator('.rules .badge').first().waitFor();
    expect(await opener.getAttribute('aria-expanded')).toBe('true');
    expect(await page.locator(':focus').innerText()).toBe('No owner told');
    expect(await page.locator('.rules .badge:not(.age)').count()).toBe(25);
    expect(page.url()).toMatch(/by=owner&open=$/);
    await page.reload();
    await page.locator('.rules .badge').first().waitFor();
    await page.keyboard.press('Tab');
    await opener.focus();
    await page.keyboard.press('Space');
    await page.locator('.rules .badge').first().waitFor({ state: 'detached' });
    await opener.click();
    await page.getByRole('link', { name: `${String(untold.length - 25)} more: show these rules alone` }).click();
    await page.getByText(`${String(untold.length)} of 360 rules`).waitFor();
    expect(await page.locator('.rules .badge:not(.age)').count()).toBe(untold.length);
    expect(await choice(page, 'Owner').inputValue()).toBe(' ');
  });

  test.each([
    ['account', ({ accountId }: (typeof report.rules)[number]) => accountId],
    ['region', ({ region }: (typeof report.rules)[number]) => region],
    ['vpc', ({ vpcId }: (typeof report.rules)[number]) => vpcId],
    ['group', ({ groupId }: (typeof report.rules)[number]) => groupId],
    ['verdict', ({ verdict }: (typeof report.rules)[number]) => verdict.kind],
  ] as const)('groups by %s, and an opened one has its rules alone', async (by, of) => {
    const one = of(report.rules[3]!)!;
    const page = await openAt(`#rules?by=${by}&open=${one}`);
    const groups = Map.groupBy(report.rules, of);
    expect(await page.locator('.group-row').count()).toBe(groups.size);
    const ids = groups.get(one)!.map(({ ruleId }) => ruleId);
    const shown = await ruleIds(page);
    expect(shown.length).toBe(Math.min(25, ids.length));
    expect(shown.filter((id) => !ids.includes(id))).toEqual([]);
  });

  test('a place has an address: filter, order and page come back with it', async () => {
    const page = await openAt('#rules?q=service&sort=rule.desc&page=2');
    expect(await page.getByRole('status').first().innerText()).toBe('360 rules; rows 101 to 200');
    expect((await ruleIds(page))[0]).toBe(ruleIdAt(259));
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('rows 201 to 300').waitFor();
    await page.reload();
    await page.getByText('rows 201 to 300').waitFor();
    expect(page.url()).toContain('page=3');
  });

  test('shows the detail of a rule from its link, and closes by key', async () => {
    const page = await openAt('#rules?sort=rule.asc');
    await page.getByRole('link', { name: ruleIdAt(0) }).click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    const text = await dialog.innerText();
    for (const part of ['Stale', 'out tcp 22-122 to 10.0.0.0/24', '360 of 360 (100.0 %)', 'Plan: stage 1', 'Undo']) {
      expect(text).toContain(part);
    }
    expect(text).toContain(`--security-group-rule-ids ${ruleIdAt(0)}`);
    expect(text).toContain('Replies of untracked connections pass by this rule');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await page.waitForURL((url) => !url.hash.includes('rule='));
  });

  test('a rule has a permalink, and its neighbours are one step away', async () => {
    const page = await openAt(`#rules?sort=rule.asc&rule=${ruleIdAt(9)}`);
    const dialog = page.getByRole('dialog');
    await dialog.getByText('10 of 360').waitFor();
    expect(await countFrom(DAYS + 1, dialog.locator('.chart svg path'))).toBeGreaterThan(DAYS);
    const text = await dialog.innerText();
    for (const part of ['Use by day', 'Use by hour', 'Counters', 'Ports', 'Peers', '10.1.0.0/24', 'Evidence']) {
      expect(text).toContain(part);
    }
    await dialog.getByText('The figures as a table').first().click();
    expect(await countFrom(DAYS, dialog.locator('table', { hasText: 'Use by day' }).locator('tbody tr'))).toBe(DAYS);
    await dialog.getByRole('link', { name: 'Next' }).click();
    await dialog.getByText('11 of 360').waitFor();
    expect(await dialog.innerText()).toMatch(/Days not watched\s+\d{4}-\d\d-\d\d\s/);
    await page.goBack();
    await dialog.getByText('10 of 360').waitFor();
  });

  test.each([
    ['redundant: the rules that cover it', 2, ['at least one of these admitted the same', ruleIdAt(6)]],
    ['gone quiet', 3, ['Went quiet: used on 55 days until 2026-03-11, and not on the 20 days since']],
    ['too wide: what would do', 26, ['1 rule in its place', 'give up 99.8 %', '10.1.2.0/28']],
    ['left out of the plan, with the reason', 20, ['It stays: its age is unknown']],
    ['named by a finding', 1, ['SSH is open to every address']],
    ['nearly admitted what was rejected', 5, ['Rejected, and nearly admitted by it', '198.51.100.5', 'protocol']],
  ])('the detail tells of a rule %s', async (_what, index, parts) => {
    const page = await openAt(`#rules?rule=${ruleIdAt(index)}`);
    const text = await page.getByRole('dialog').innerText();
    for (const part of parts) expect(text).toContain(part);
  });

  test('an address of no rule says so', async () => {
    const page = await openAt('#rules?rule=sgr-none');
    await page.getByRole('dialog').getByText('This report knows no such rule.').waitFor();
  });

  test('draws its heat maps, with their figures beside them', async () => {
    const page = await openAt('#maps');
    const maps = page.locator('.map');
    await page.locator('.chart svg').last().waitFor();
    expect(await maps.count()).toBe(4);
    const coloursOf = async (index: number): Promise<Map<string, number>> => {
      const fills = await maps
        .nth(index)
        .locator('svg path')
        .evaluateAll((paths) =>
          paths.map((path) => (path as { getAttribute(name: string): string | null }).getAttribute('fill') ?? ''),
        );
      const counts = new Map<string, number>();
      for (const fill of fills.filter((known) => known.startsWith('#') || known.startsWith('rgb')))
        counts.set(fill, (counts.get(fill) ?? 0) + 1);
      return counts;
    };
    const hours = report.days.flatMap((day) => day.hours.filter((times) => times > 0)).length;
    const byDay = rulesByDay(packReport(report));
    expect(byDay.cells.filter(({ doubt }) => doubt === 'gap').length).toBeGreaterThan(5);
    for (const [index, least] of [byDay.cells.length, 9, 40, hours].entries()) {
      const colours = await coloursOf(index);
      expect(colours.size).toBeGreaterThan(2);
      expect([...colours.values()].reduce((sum, number) => sum + number, 0)).toBeGreaterThanOrEqual(least);
    }
    await maps.nth(3).getByText('The figures as a table').click();
    expect(await countFrom(hours, maps.nth(3).locator('tbody tr'))).toBe(hours);
    expect(await maps.nth(0).locator('.key').innerText()).toContain('× not watched');
    expect(await maps.nth(2).locator('.chart').getAttribute('aria-label')).toContain('rule by direction, the most');
  });

  test('tells what became of every record, and that it adds up', async () => {
    const page = await openAt('#quality');
    const rows = page.locator('table', { hasText: 'Fates of the records' }).locator('tbody tr');
    const figures = (await rows.locator('td:nth-child(2)').allInnerTexts()).map((text) =>
      Number(text.replaceAll(',', '')),
    );
    const total = figures.pop();
    expect(figures).toHaveLength(FATES.length);
    expect(figures.reduce((sum, number) => sum + number, 0)).toBe(total);
    expect(total).toBe(report.records.total);
    const text = await page.locator('main').innerText();
    for (const part of [
      'every record is in exactly one row',
      'logs/a.log.gz:28',
      'eni-0a',
      'prefix list pl-1',
      'reconciled',
    ]) {
      expect(text).toContain(part);
    }
  });

  test('shows rejected traffic with the rule that nearly matched, and links to it', async () => {
    const page = await openAt('#rejected');
    const row = page.locator('tbody tr').first();
    expect(await row.innerText()).toContain('its port differs');
    await row.getByRole('link').click();
    await page.getByRole('dialog').getByText('out tcp 22-122 to 10.0.0.0/24').waitFor();
    expect(page.url()).toContain('#rejected');
  });

  test('gives the commands of the plan, and copies them as they are', async () => {
    const page = await openAt('#plan', { permissions: ['clipboard-read', 'clipboard-write'] });
    expect(await page.locator('main').innerText()).toContain(
      `Stage 1: ${String(Math.ceil((2 * STALE) / 3 / 2))} stale rules`,
    );
    expect(await page.getByRole('button', { name: 'Copy: Remove' }).count()).toBe(0);
    await page.locator('main details.stage > summary').first().click();
    await page.getByRole('button', { name: 'Copy: Remove' }).first().click();
    await page.getByText('copied').first().waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(report.plan!.stages[0]!.removals[0]!.command);
  });

  test('lists the findings, the highest priority first', async () => {
    const page = await openAt('#findings');
    expect(await page.locator('.finding h2').allInnerTexts()).toEqual([
      'Open to the world',
      'Covered by other rules',
      'Duplicate rules',
      'Dangling reference',
      'Group on no interface',
    ]);
    await page.getByRole('link', { name: /^Rules of sg-/ }).click();
    await page.getByText('12 of 360 rules').waitFor();
  });

  test('everything is reached by the keyboard: skip link, views, table, rule', async () => {
    const page = await openAt('#rules');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.locator(':focus').getAttribute('id')).toBe('main');
    const reached: string[] = [];
    for (let i = 0; i < 28; i++) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.evaluate<string>('document.activeElement.tagName + " " + document.activeElement.className'),
      );
      const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
      expect([i, reached.at(-1), outline]).toEqual([i, reached.at(-1), 'solid']);
    }
    expect(reached).toEqual(expect.arrayContaining(['INPUT ', 'SELECT ', 'BUTTON ', 'A row-link']));
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
  });

  test('the theme follows the system until told otherwise, and charts follow it', async () => {
    const page = await openAt('#maps', { colorScheme: 'dark' });
    const paper = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const dark = await paper();
    await page.locator('.chart svg').last().waitFor();
    const before = await page.locator('.chart').first().innerHTML();
    await page.getByRole('button', { name: 'Theme: auto' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    expect(await paper()).not.toBe(dark);
    expect(await page.locator('.chart').first().innerHTML()).not.toBe(before);
    await page.getByRole('button', { name: 'Theme: light' }).click();
    await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
    expect(await paper()).toBe(dark);
  });

  test.each(['overview', 'rules', 'plan', 'findings', 'maps', 'rejected', 'quality', `rules?rule=${ruleIdAt(9)}`])(
    'on a phone nothing of #%s sticks out',
    async (hash) => {
      const page = await openAt(`#${hash}`, { viewport: PHONE });
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(PHONE.width);
      if (hash !== 'maps') {
        const wide =
          'Math.max(0, ...[...document.querySelectorAll(".table-holder")].map((e) => e.scrollWidth - e.clientWidth))';
        expect(await page.evaluate(wide)).toBe(0);
      }
    },
  );

  test('at 1,024 wide the reason is in sight, and names stand above ids that are not broken', async () => {
    const page = await openAt('#rules', { viewport: { width: 1024, height: 768 } });
    const holder = page.locator('.table-holder');
    expect(await holder.evaluate((one) => (one as unknown as { scrollWidth: number }).scrollWidth)).toBeLessThanOrEqual(
      await holder.evaluate((one) => (one as unknown as { clientWidth: number }).clientWidth),
    );
    expect(await page.locator('td[data-title=Why]').first().isVisible()).toBe(true);
    const group = page.locator('td[data-title=Group]').first();
    expect(await group.innerText()).toMatch(/^service-\d+\s+sg-[0-9a-f]{17}$/);
    expect((await group.locator('small').boundingBox())!.height).toBeLessThan(20);
  });

  test('all rules that fit become a file, ids and paper, however many the screen shows', async () => {
    const page = await openAt('#rules?verdict=active', { permissions: ['clipboard-read', 'clipboard-write'] });
    const fit = report.rules
      .filter(({ verdict }) => verdict.kind === 'active')
      .sort((a, b) => b.rank.score - a.rank.score);
    expect(fit.length).toBeGreaterThan(100);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ]);
    expect(file.suggestedFilename()).toBe(`stale-sg-rules-${report.window.to}.csv`);
    expect(readFileSync(await file.path(), 'utf8')).toBe(`\ufeff${usageCsv(fit)}`);
    await page.getByRole('button', { name: 'Copy ids' }).click();
    await page.getByText(`${String(fit.length)} ids copied`).waitFor();
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(copied.split('\n')).toEqual(fit.map(({ ruleId }) => ruleId));
    expect(await page.locator('.rules tbody tr').count()).toBe(100);
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await ruleIds(page)).toEqual(fit.map(({ ruleId }) => ruleId));
    expect(await page.getByRole('status').first().innerText()).toBe(`${String(fit.length)} of 360 rules`);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await page.locator('.rules tbody tr').count()).toBe(100);
    // The file is made in the page, and read by nobody else.
    const [one] = opened;
    expect(elsewhere(one!).every((request) => request.startsWith('blob:'))).toBe(true);
    (one!.requests as string[]).splice(1);
  });

  test('a slash leads to the search from every view, and is a slash where one types', async () => {
    const page = await openAt('#overview');
    await page.keyboard.press('/');
    await page.locator('input[type=search]:focus').waitFor();
    await page.keyboard.type('tcp/');
    await page.waitForURL((url) => url.hash.includes('q=tcp%2F'));
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.keyboard.press('/');
    await page.locator('input[type=search]:focus').waitFor();
    expect(await page.locator('input[type=search]').inputValue()).toBe('');
  });

  test('a rule leads to its group in the console of its Region, and tells how to keep it', async () => {
    const page = await openAt(`#rules?rule=${ruleIdAt(3)}`);
    const dialog = page.getByRole('dialog');
    const { groupId } = report.rules[3]!;
    const there = dialog.getByRole('link', { name: 'open in the AWS console' });
    expect(await there.getAttribute('href')).toBe(
      `https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1#SecurityGroup:groupId=${groupId}`,
    );
    expect(await there.getAttribute('rel')).toBe('noopener noreferrer');
    await dialog.getByText('Keep this rule on purpose').click();
    const text = await dialog.locator('.keep').innerText();
    expect(text).toContain(
      `aws ec2 create-tags --region us-east-1 --resources ${ruleIdAt(3)} --tags 'Key=stale-sg:keep,Value=WHY IT IS KEPT until 2027-03-31'`,
    );
    expect(text).toContain(`stale-sg exempt ${ruleIdAt(3)} --reason`);
  });

  test('prints the view and no controls', async () => {
    const page = await openAt('#rules');
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('search').isVisible()).toBe(false);
    expect(await page.getByRole('table').isVisible()).toBe(true);
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
  });
});
