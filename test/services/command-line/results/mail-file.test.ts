import { readFile } from 'node:fs/promises';
import { expect, jest, test } from '@jest/globals';
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
  expect(run.stdout).toContain(`and ${path}`);
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
