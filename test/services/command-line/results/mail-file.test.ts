import { readFile } from 'node:fs/promises';
import { describe, expect, jest, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import type { UsageReport } from '../../../../shared/reports/schema.ts';
import { analyzeSample } from '../analyze-sample.ts';
import { runMain } from '../program.ts';
import { scratch } from '../scratch.ts';

// The page is bundled for it.
jest.setTimeout(120_000);

const folder = scratch();

test('--mail-to-file writes the mail of the sample, as mail programs open it', async () => {
  const path = folder.path('mails/report.eml');
  const run = await runMain(analyzeSample(folder.path('out'), ['--mail-to-file', path]));
  expect([run.status, run.stderr]).toEqual([0, '']);
  expect(run.stdout).toContain(path);
  const report = JSON.parse(await folder.read('out/usage.json')) as UsageReport;
  const mail = await PostalMime.parse(await readFile(path));
  const stale = report.rules.filter(({ verdict }) => ['stale', 'unattached'].includes(verdict.kind)).length;
  const removed = report.plan?.stages.flatMap(({ removals }) => removals).length;
  const rules = removed === undefined ? `${stale} rules unused` : `${removed} rules? to remove`;
  expect(mail.subject).toMatch(new RegExp(`^stale-sg: ${rules}, \\d+ went quiet, coverage 96\\.7 %$`));
  expect(mail.headers).toContainEqual(expect.objectContaining({ key: 'x-unsent', value: '1' }));
  expect(mail.attachments.map(({ filename }) => filename)).toEqual(['report.html', 'candidates.csv', 'rules.csv']);
  expect(mail.html).not.toContain('console.aws.amazon.com');
});

test('a folder in the way is told before anything is read', async () => {
  await folder.write({ 'there/file': '' });
  const run = await runMain(analyzeSample(folder.path('out'), ['--mail-to-file', folder.path('there')]));
  expect([run.status, run.stderr]).toEqual([1, `stale-sg: ${folder.path('there')}: a folder is in the way\n`]);
  expect(await folder.filesIn('out')).toEqual([]);
});

describe('--owner-mail-to', () => {
  const mails = async (): Promise<string[]> => (await folder.filesIn('owners')).map((name) => name);
  const run = (tag: string) =>
    runMain(analyzeSample(folder.path('out'), ['--owner-mail-to', folder.path('owners'), '--owner-tag', tag]));

  test('writes a mail for each owner, to nobody, of the own rules', async () => {
    const { status, stderr, stdout } = await run('service');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`${folder.path('owners')} (mails to owners: 1; of rules`);
    expect(await mails()).toEqual(['owner-shop.eml']);
    const report = JSON.parse(await folder.read('out/usage.json')) as UsageReport;
    const mail = await PostalMime.parse(await folder.read('owners/owner-shop.eml'));
    expect(mail.subject).toMatch(/^stale-sg shop: \d+ rules? to remove, /);
    expect(mail.to ?? []).toEqual([]);
    const [, csv] = mail.attachments.map(({ content }) => Buffer.from(content as ArrayBuffer).toString());
    const own = report.rules.filter(({ owner }) => owner?.name === 'shop');
    expect(own.length).toBeLessThan(report.rules.length);
    expect(
      csv!
        .trim()
        .split('\r\n')
        .slice(1)
        .map((line) => line.split(',')[0])
        .sort(),
    ).toEqual(own.map(({ ruleId }) => ruleId).sort());
    for (const { ruleId } of report.rules.filter((rule) => !own.includes(rule)))
      expect(mail.text).not.toContain(ruleId);

    // A mail of before would look like one of now.
    const again = await run('service');
    expect([again.status, again.stderr]).toEqual([
      1,
      `stale-sg: ${folder.path('owners')}: holds owner-shop.eml of another run; give a new folder\n`,
    ]);
  });

  test('where no tag names an owner it says so', async () => {
    const { status, stdout } = await run('nobody');
    expect([status, await mails()]).toEqual([0, []]);
    expect(stdout).toMatch(
      /mails\s+to\s+owners:\s+0;\s+of\s+rules\s+that\s+have\s+something\s+to\s+decide\s+and\s+no\s+owner:\s+\d+/,
    );
  });
});
