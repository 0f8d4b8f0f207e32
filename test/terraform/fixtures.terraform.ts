// Costs two minutes where Go has to fetch what the provider is built from, else seconds.
/**
 * The files in `test/fixtures/terraform` are what Terraform prints. It runs a provider that has the resources of security
 * groups with the attributes of the AWS provider, and no account behind it. `npm run test:terraform`; with
 * `STALE_SG_WRITE=1` it writes them.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { orWhyNot } from '../beds/from-pypi.ts';
import { fixture, FIXTURES, installProvider, terraformFiles } from './terraform-files.ts';

jest.setTimeout(600_000);

const { installed, missing } = orWhyNot(installProvider);

(installed === undefined ? describe.skip : describe)(`fixtures of Terraform${missing}`, () => {
  afterAll(() => rmSync(dirname(installed!), { recursive: true }));

  test('are what it prints', () => {
    const files = terraformFiles(installed!);
    if (process.env.STALE_SG_WRITE === '1') {
      for (const [name, content] of files) {
        mkdirSync(dirname(join(FIXTURES, name)), { recursive: true });
        writeFileSync(join(FIXTURES, name), `${JSON.stringify(content, null, 1)}\n`);
      }
    }
    for (const [name, content] of files) expect([name, content]).toEqual([name, fixture(name)]);
  });
});
