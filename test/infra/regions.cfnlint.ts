// Costs about 20 seconds.
/**
 * The templates, held by cfn-lint to what CloudFormation says of resource types in each region: all that fit any region in all
 * regions that it knows, China and GovCloud among them. `npm run test:cfn-lint`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { parseConfig } from '../../shared/configuration/config.ts';
import { installFromPypi, orWhyNot } from '../beds/from-pypi.ts';
import { exampleOf, synthesizeExample, synthesizeWith, type Synthesized, type Template } from './synthesized.ts';
import { VARIANTS } from './variants.ts';

jest.setTimeout(300_000);

const { installed, missing } = orWhyNot(() => join(installFromPypi('cfn-lint==1.58.0'), 'cfn-lint'));

const templatesOf = ({ templates, logAccount }: Synthesized): Template[] => [
  ...Object.values(templates),
  ...(logAccount ? [logAccount] : []),
];

/** What cfn-lint finds, in one line each, sorted. Not where CDK says of a dependency what a reference says already (W3005). */
function findings(region: string, templates: readonly Template[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'stale-sg-lint-'));
  try {
    // CDK does not deploy what has no resources.
    const files = templates
      .filter((template) => 'Resources' in template)
      .map((template, i) => {
        const file = join(folder, `${i}.json`);
        writeFileSync(file, JSON.stringify(template));
        return file;
      });
    const args = ['--regions', region, '--ignore-checks', 'W3005', '--format', 'json', '--template', ...files];
    const { stdout, stderr } = spawnSync(installed!, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
    if (stdout === '') throw new Error(stderr);
    const found = JSON.parse(stdout) as { Rule: { Id: string }; Message: string }[];
    return [...new Set(found.map(({ Rule, Message }) => `${Rule.Id} ${Message}`))].sort();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

(installed === undefined ? describe.skip : describe)(`cfn-lint${missing}`, () => {
  test('finds nothing in what fits any region, in all regions', async () => {
    const [withMail, { templates }] = [await synthesizeExample('no-quicksight'), await synthesizeExample('new-bucket')];
    expect(findings('ALL_REGIONS', [...templatesOf(withMail), templates.data, templates.setup])).toEqual([]);
  });

  test('finds nothing in what is made for one region, or for a StackSet', async () => {
    const examples = ['everything', 'central-bucket-topic', 'stack-set'].map(synthesizeExample);
    const made = await Promise.all([...examples, synthesizeWith(VARIANTS.bounded)]);
    const { logAccount } = await synthesizeExample('central-bucket');
    expect(findings('eu-central-1', [...made.flatMap(templatesOf), logAccount!])).toEqual([]);
  });

  test.each([
    ['cn-north-1', VARIANTS.china],
    ['us-gov-west-1', VARIANTS.govCloud],
  ])('finds nothing in what is made for %s', async (region, variant) => {
    expect(findings(region, templatesOf(await synthesizeWith(variant)))).toEqual([]);
  });

  test('knows in China no more of SES and QuickSight than a configuration may ask for', async () => {
    const everything = await synthesizeExample('everything');
    const types = (region: string) =>
      findings(region, templatesOf(everything)).map(
        (line) => /^E3006 .*'AWS::(\w+)::\w+' does not exist/.exec(line)?.[1] ?? line,
      );
    for (const [region, without] of Object.entries({
      'cn-north-1': ['SES'],
      'cn-northwest-1': ['QuickSight', 'SES'],
    })) {
      expect([region, [...new Set(types(region))]]).toEqual([region, without]);
      const refused = () => parseConfig({ ...exampleOf('everything'), region, kmsKeyArn: undefined });
      expect(refused).toThrow('at report');
      (without.includes('QuickSight') ? expect(refused) : expect(refused).not).toThrow('at quicksight');
    }
  });
});
