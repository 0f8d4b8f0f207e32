// Costs about 10 seconds, and half a minute the first time.
/**
 * What `stale-sg convert` writes is valid by the schemas that others have published, and these notice what is not.
 * `npm run test:published`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { installFromPypi, orWhyNot } from '../beds/from-pypi.ts';
import { runMain } from '../services/command-line/program.ts';

jest.setTimeout(300_000);

const { installed, missing } = orWhyNot(() =>
  join(installFromPypi('py-ocsf-models==0.10.0 xmlschema==4.3.2 jsonschema==4.25.1 botocore==1.40.0'), 'python3'),
);

type Outputs = Readonly<Record<string, string>>;

function problemsOf(outputs: Outputs): Record<string, string[]> {
  const schemas = join(import.meta.dirname, '../fixtures/published');
  const { stdout, stderr } = spawnSync(installed!, [join(import.meta.dirname, 'check.py'), schemas], {
    input: JSON.stringify(outputs),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, string[]>;
}

(installed === undefined ? describe.skip : describe)(`outputs, by their published schemas${missing}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'stale-sg-published-'));
  const outputs: Record<string, string> = {};
  beforeAll(async () => {
    expect(await runMain(['demo', '--no-open', '--out', folder])).toMatchObject({ status: 0 });
    for (const format of ['sarif', 'junit', 'ocsf', 'asff']) {
      const { status, stdout, stderr } = await runMain([
        'convert',
        '--report',
        join(folder, 'usage.json'),
        '--to',
        format,
        '--account',
        '111122223333',
        '--region',
        'eu-central-1',
      ]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      outputs[format] = stdout;
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('all are valid, of an account that has findings', () => {
    expect((JSON.parse(outputs.asff!) as unknown[]).length).toBeGreaterThan(5);
    expect(problemsOf(outputs)).toEqual({ sarif: [], junit: [], ocsf: [], asff: [] });
  });

  test.each([
    ['sarif', '"ruleIndex"', '"ruleindex"'],
    ['sarif', '"level": "', '"level": "very '],
    ['junit', '<failure type=', '<failing type='],
    ['junit', ' tests=', ' test='],
    ['ocsf', '"severity_id": ', '"severity_id": 7'],
    ['ocsf', '"finding_info"', '"finding_infos"'],
    ['asff', '"GeneratorId"', '"GeneratorID"'],
    ['asff', '"UpdatedAt": "', '"UpdatedOn": "'],
  ])('what is not is noticed: %s with %s in place of %s', (format, right, wrong) => {
    const broken = outputs[format]!.replaceAll(right, wrong).replaceAll(
      '</failure>',
      wrong.includes('failing') ? '</failing>' : '</failure>',
    );
    expect(broken).not.toBe(outputs[format]);
    expect(problemsOf({ [format]: broken })[format]).not.toEqual([]);
  });
});
