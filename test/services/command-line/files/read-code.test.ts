import { expect, test } from '@jest/globals';
import { App, Stack, Stage } from 'aws-cdk-lib';
import { CfnSecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import {
  readCodeJson,
  readStackFacts,
  readTerraformCode,
  readTerraformStates,
} from '../../../../services/command-line/files/read-code.ts';
import { stackOfRule } from '../../../../shared/code/cloudformation/stack-of-rule.ts';
import { FIXTURES, fixture } from '../../../terraform/terraform-files.ts';
import { scratch } from '../scratch.ts';

const folder = scratch();
const states = (...names: string[]) => readTerraformStates(names.map((name) => folder.path(name)));

test('several states, each under the name of its file; one in UTF-16 as PowerShell writes it, one that is empty', async () => {
  const text = JSON.stringify(fixture('before.json'));
  await folder.write({
    'a.json': text,
    'b.json': Buffer.from(`\uFEFF${text}`, 'utf16le'),
    'c.json': { format_version: '1.0' },
  });
  const read = await states('a.json', 'b.json', 'c.json');
  expect(read.map(({ name, resources }) => [name, resources.length])).toEqual([
    [folder.path('a.json'), 6],
    [folder.path('b.json'), 6],
    [folder.path('c.json'), 0],
  ]);
});

test('modules a hundred thousand deep are read', async () => {
  let module = '{"resources":[]}';
  module = `${'{"address":"m","child_modules":['.repeat(100_000)}${module}${']}'.repeat(100_000)}`;
  await folder.write({ 'deep.json': `{"format_version":"1.0","values":{"root_module":${module}}}` });
  expect((await states('deep.json'))[0]!.resources).toEqual([]);
});

test.each<[string, unknown, RegExp]>([
  ['raw', { version: 4, lineage: 'x', resources: [] }, /a raw state, .*: run 'terraform show -json > state.json'/],
  ['plan', fixture('plans/moved.json'), /a plan, not a state/],
  ['future', { format_version: '2.0', values: {} }, /its format_version is "2.0", and 1.x is known/],
  ['other', { Changes: [] }, /it has no format_version/],
  ['text', 'resource', /not JSON/],
  [
    'odd',
    {
      format_version: '1.0',
      values: {
        root_module: {
          resources: [
            { address: 'a.b', mode: 'managed', type: 'aws_security_group', name: 'b', values: { ingress: 'all' } },
          ],
        },
      },
    },
    /a.b: values.ingress: .*expected array/,
  ],
  ['modules', { format_version: '1.0', values: { root_module: { child_modules: [7] } } }, /a module is not what/],
])('%s is refused by name', async (name, content, message) => {
  await folder.write({ [`${name}.json`]: content });
  await expect(states(`${name}.json`)).rejects.toThrow(message);
  await expect(states(`${name}.json`)).rejects.toThrow(`${name}.json: `);
});

test('a file that is not there, and one that is too long, are named', async () => {
  await expect(readCodeJson(folder.path('none.json'))).rejects.toThrow(/none.json/);
  await folder.write({ 'long.json': '' });
  await truncate(folder.path('long.json'), 501 * 2 ** 20);
  await expect(readCodeJson(folder.path('long.json'))).rejects.toThrow(/long.json: 501 MiB, more than can be read/);
});

test('code: files below a folder by their paths in it, without what Terraform fetched', async () => {
  await folder.write({
    'code/main.tf': 'module "a" {\n  source = "./a"\n}\n',
    'code/a/more.tf.json': '{"resource": {"aws_security_group": {\n"d": {}}}}',
    'code/a/groups.tf': '\nresource "aws_security_group" "c" {\n}\n',
    'code/.terraform/modules/x/main.tf': 'resource "aws_security_group" "c" {}',
    'code/readme.md': '',
  });
  const code = await readTerraformCode(folder.path('code'));
  const [state] = await readTerraformStates([join(FIXTURES, 'before.json')]);
  const group = state!.resources.find(({ address }) => address === 'aws_security_group.c')!;
  expect(code.find('', { ...group, module: 'module.a' })).toMatchObject({ block: { file: 'a/groups.tf', line: 2 } });
  expect(code.find('', { ...group, name: 'd', module: 'module.a' })).toMatchObject({
    block: { file: 'a/more.tf.json', line: 2 },
  });
  await expect(readTerraformCode(folder.path('code/a/groups.tf'))).rejects.toThrow(/groups.tf/);
  await folder.write({ 'empty/x.txt': '' });
  await expect(readTerraformCode(folder.path('empty'))).rejects.toThrow(/no file \*\.tf or \*\.tf\.json below it/);
});

test('stacks: their resources, and the constructs of cdk.out, those of stages too', async () => {
  const app = new App({ outdir: folder.path('cdk.out') });
  for (const scope of [app, new Stage(app, 'Prod')]) {
    const stack = new Stack(scope, 'Net');
    new CfnSecurityGroup(stack, 'Web', { groupDescription: 'web' });
  }
  app.synth();
  const one = { LogicalResourceId: 'Web', PhysicalResourceId: 'sg-1', ResourceType: 'AWS::EC2::SecurityGroup' };
  await folder.write({ 'stack.json': { StackResources: [{ ...one, StackName: 'Prod-Net' }] }, 'other.json': [] });
  const facts = await readStackFacts([folder.path('stack.json')], folder.path('cdk.out'));
  const rule = { ruleId: 'sgr-1', groupId: 'sg-1', tags: {} };
  expect(stackOfRule(rule, undefined, facts)).toEqual({
    stack: 'Prod-Net',
    logicalId: 'Web',
    of: 'group',
    constructPath: 'Prod/Net/Web',
  });
  expect([...facts.paths!.values()]).toContain('Net/Web');
  await expect(readStackFacts([folder.path('other.json')])).rejects.toThrow(
    /other.json: StackResources: expected an array/,
  );
  await expect(readStackFacts([], folder.path('none'))).rejects.toThrow(/none/);
  await folder.write({ 'no-cdk/x.json': {} });
  await expect(readStackFacts([], folder.path('no-cdk'))).rejects.toThrow(
    /no-cdk: manifest.json: not what the CDK writes/,
  );
});
