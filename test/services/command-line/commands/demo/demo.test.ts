import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { runMain } from '../../program.ts';
import { scratch } from '../../scratch.ts';

const folder = scratch();

test('the sample is judged, its report written beside a copy of it, and the plan that is named can be made', async () => {
  const out = folder.path('shop');
  const { status, stdout, stderr } = await runMain(['demo', '--out', out]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('6 rules may go; nothing that was seen needs them:');
  expect(stdout).toContain(`Open ${out}/report.html in a browser.`);
  expect(readFileSync(folder.path('shop/report.html'), 'utf8')).toContain('<!doctype html>');
  const [, plan] = /^ {2}stale-sg (plan .*)$/m.exec(stdout)!;
  expect(await runMain(plan!.split(' '))).toMatchObject({ status: 0, stderr: '' });
  expect(existsSync(folder.path('shop/plan/stage-1.sh'))).toBe(true);
});

test('where nothing can be written, the folder is named', async () => {
  const { status, stderr } = await runMain(['demo', '--out', '/dev/null/shop']);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^stale-sg: .*\/dev\/null\/shop.*\n$/);
});
