import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { bundle } from '../../infra/bundle.ts';
import { pageScript } from '../../services/command-line/results/page-script.ts';

const folder = mkdtempSync(join(tmpdir(), 'stale-sg-bundle-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.each(['count-usage', 'snapshot-groups'])('the bundle of %s', (service) => {
  const { file, bytes } = bundle(service, join(folder, service));
  const text = readFileSync(file, 'utf8');

  test('is one file of at most 4 MB', () => {
    expect(bytes).toBe(statSync(file).size);
    expect(bytes).toBeLessThan(4e6);
  });

  test('takes nothing from the runtime but Node: with no package near it, it starts as far as its environment', () => {
    const env = { PATH: process.env.PATH, AWS_REGION: 'eu-central-1' };
    const { stderr } = spawnSync(process.execPath, [file], { env, encoding: 'utf8' });
    expect(stderr).toContain(`the environment of ${service} is wrong`);
  });

  test('has the same bytes when it is made again elsewhere', () => {
    const again = bundle(service, join(folder, 'elsewhere', service));
    expect(readFileSync(again.file, 'utf8')).toBe(text);
  });

  test('names nothing of the machine that made it', () => {
    expect(text).not.toContain(process.cwd());
  });

  test('keeps the names of functions for stack traces', () => {
    expect(text).toMatch(/\breadEnvironment\b/);
  });
});

test('what a service shows in a browser lies beside its bundle: the page of the command line, to the byte', async () => {
  const out = join(folder, 'with-page');
  bundle('send-report', out);
  expect(readFileSync(join(out, 'page.js'), 'utf8')).toBe(await pageScript());
  expect(readdirSync(join(folder, 'count-usage'))).toEqual(['index.mjs']);
});

test('a service that is not there has no bundle', () => {
  expect(() => bundle('no-such-service', join(folder, 'none'))).toThrow(/services\/no-such-service\/handler\.ts/);
});
